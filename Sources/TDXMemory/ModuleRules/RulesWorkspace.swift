/// What a verdict works with: the CMRs, and the PAMTs by address.
struct RulesWorkspace: ~Copyable {
  var runs = ConvertibleRuns()
  /// Three for each TDMR.
  var pamts = Scratch<PAMTSpan>()
  var sparePAMTs = Scratch<PAMTSpan>()

  init() {}

  mutating func refusal(of configuration: ModuleConfiguration) -> ModuleRefusal? {
    let addresses = AddressLimit(keyIDBits: configuration.keyIDBits)
    guard runs.build(configuration.cmrs, addresses) else { return .cmrListInvalid }
    if configuration.managementRanges != SystemManagementRanges(),
      let refusal = configuration.managementRanges.refusal(beside: configuration.cmrs)
    {
      return refusal
    }
    let tdmrs = configuration.tdmrs.limitingReserved(to: configuration.limits.maxReserved)
    guard UInt64(tdmrs.count) <= configuration.limits.maxTDMRs, !tdmrs.isEmpty else {
      return .tdmrCountInvalid
    }
    if let refusal = configuration.call.refusal { return refusal }
    let leastKeyIDBits = configuration.dynamicPAMT ? ModuleConfiguration.leastKeyIDBitsWithDynamicPAMT : 0
    guard configuration.keyIDBits >= leastKeyIDBits else { return .keyIDBitsInvalid }

    // The first TDMR that is wrong by itself ends the module's loop; conflicts with others are looked for up to
    // there. They come after the checks of shape and before those against CMRs.
    var sound = 0
    var first: ModuleRefusal?
    while sound < tdmrs.count, first == nil {
      first = shapeRefusal(sound, tdmrs, configuration, addresses)
      guard first == nil else { break }
      first = convertibleRefusal(sound, tdmrs[sound])
      sound += 1
    }
    return (sound > 0 ? firstConflict(tdmrs, count: sound) : nil) ?? first
  }
}
