import TDXMemory

/// What to change so that TDX initialises on a machine, or what its plan costs and how near its limits it is.
public struct Advice: Sendable {
  /// Every policy and placement, with static and with Dynamic PAMT.
  public let results: [PlanResult]
  /// What comes of the machine as it is: Linux, first-fit, the PAMT that was asked about.
  public let today: PlanResult
  /// Where it fails under some placement: what to withhold, or why that does not help.
  public let withholding: Withholding?
  public let hopelessness: Hopelessness?
  /// Whether a search was given up before everything was tried: less may help then than what was found, or something
  /// where nothing was.
  public let isSearchGivenUp: Bool
  /// What Dynamic PAMT costs beside static PAMTs; nil where Linux has no plan.
  public let bill: DynamicPAMTBill?
  /// Where it succeeds.
  public let outlook: Outlook?

  /// The steps that its searches took; for tests.
  let steps: Int

  /// Whether Linux succeeds as it is, on an idle machine.
  public var succeeds: Bool { today.initializes }

  /// - Parameters:
  ///   - convertible: the CMRs, ascending and disjoint; nil where they are not known.
  ///   - options: the module's limits, and the kind of PAMT that is asked about; the policy does not matter.
  ///   - keyIDBits: 0 to 52.
  ///   - slack: where memory is withheld, the areas to keep free in each TDMR for PAMTs that land there in no model.
  ///   - tdMemory: the memory of TDs, in bytes, that the bill is for.
  public init(
    _ map: MemoryMap,
    convertible: [AddressRange]?,
    options: PlanOptions,
    keyIDBits: Int,
    slack: Int = 0,
    tdMemory: UInt64 = 0
  ) {
    let subject = Subject(map, convertible, options, keyIDBits: keyIDBits)
    results = Self.table(subject)
    bill = DynamicPAMTBill(results, of: map, placement: options.placement, tdMemory: tdMemory)
    let asIs = results.filter { $0.policy == .linux && $0.dynamicPAMT == options.dynamicPAMT }
    today = asIs.first { $0.placement == options.placement }!
    outlook = today.initializes ? subject.outlook(today) : nil
    var (withholding, hopelessness): (Withholding?, Hopelessness?)
    if !asIs.allSatisfy(\.initializes) {
      do throws(WithholdingFailure) {
        withholding = try subject.leastToWithhold(slack: slack, succeedsToday: today.initializes)
      } catch {
        hopelessness = error.reason
      }
    }
    (self.withholding, self.hopelessness) = (withholding, hopelessness)
    (isSearchGivenUp, steps) = (subject.budget.isExceeded, subject.budget.taken)
  }

  private static func table(_ subject: Subject) -> [PlanResult] {
    [false, true].flatMap { dynamicPAMT in
      var options = subject.options
      options.dynamicPAMT = dynamicPAMT
      let policies: [Policy] = subject.convertible == nil ? [.linux] : [.linux, .linuxCMR]
      let asLinux = policies.flatMap { policy in
        Placement.allCases.map { placement in
          options.policy = policy
          options.placement = placement
          return subject.result(nil, options)
        }
      }
      options.policy = .optimal
      return asLinux + [subject.result(nil, options)]
    }
  }
}
