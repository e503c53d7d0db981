extension MachineState {
  /// A sentence for each doubt, and what to do about it.
  var warnings: [String] {
    var warnings: [String] = []
    if isDebugBuild {
      warnings.append("A debug build: these are not the times of the code. Build with -c release.")
    }
    if isAllocatorForeign {
      warnings.append(
        "tcmalloc does not serve this process, as under a sanitizer: times are not those of the code, and allocations "
          + "are not counted. Build without --sanitize."
      )
    }
    if let governor, governor != "performance" {
      warnings.append(
        "The frequency governor is \(governor), so the clock rate follows the load. Set it: cpupower frequency-set "
          + "-g performance."
      )
    }
    if hasTurbo == true {
      warnings.append(
        "Turbo is on, so the clock rate falls as the processor warms up. Compare ratios, or turn it off in "
          + "intel_pstate/no_turbo or cpufreq/boost."
      )
    }
    if let busyElsewhere, busyElsewhere + 1 > Double(processors) {
      warnings.append(
        "Other programs kept \(Figures.decimal(busyElsewhere)) of \(processors) processors busy, which left none for the "
          + "run alone. Wait until other work is done, or compare ratios only."
      )
    }
    if let clockSource, !Self.fastClockSources.contains(clockSource) {
      warnings.append(
        "The clock is read from \(clockSource), by a system call. Boot with clocksource=tsc where the processor's counter "
          + "is reliable."
      )
    }
    if isVirtual == true {
      warnings.append(
        "A hypervisor lies below, and its other guests do not show in the load. Compare ratios, or measure on a machine "
          + "of its own."
      )
    }
    return warnings
  }

  /// Those that are read without a system call.
  private static let fastClockSources = [
    "tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter",
  ]
}

extension Report {
  /// A sentence for each doubt that the samples themselves raise.
  var warningsAboutSamples: [String] {
    let measured = rows.compactMap { row in row.outcome.measurement.map { (row.name, $0) } }
    var warnings: [String] = []
    let wide = measured.filter { ($0.1.relativeSpread ?? 0) > Self.widestSpread }
    if !wide.isEmpty {
      warnings.append(
        "\(wide.count) of \(measured.count) rows spread by more than \(Figures.percent(Self.widestSpread)), most of all "
          + "\(wide.max { ($0.1.relativeSpread ?? 0) < ($1.1.relativeSpread ?? 0) }?.0 ?? ""). Stop what else runs, or "
          + "trust ratios only."
      )
    }
    let few = measured.filter { $0.1.batches.count < Self.fewestSamples }
    if let first = few.first {
      warnings.append(
        "\(few.count) of \(measured.count) rows have fewer than \(Self.fewestSamples) samples, such as \(first.0). Give them "
          + "more --time, or choose fewer with --filter."
      )
    }
    return warnings
  }

  /// A row that spreads by more is doubtful.
  private static let widestSpread = 0.05
  /// A row with fewer samples has a wide interval, and one disturbance may decide it.
  private static let fewestSamples = 15
}
