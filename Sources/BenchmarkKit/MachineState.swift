import CAllocationHooks
import Glibc
import SystemIO

/// What the machine tells about itself that makes times doubtful. What cannot be read is nil, and not complained
/// about.
struct MachineState {
  /// The frequency governor of the first processor: `performance`, `powersave`.
  var governor: String?
  /// Whether the processor may run faster for a while than it can for long.
  var hasTurbo: Bool?
  /// The processors that other programs kept busy during the run, on average: see ``ProcessorTime``.
  var busyElsewhere: Double?
  /// The processors that are online.
  var processors: Int
  /// What the clock is read from: `tsc`, `kvm-clock`.
  var clockSource: String?
  /// Whether a hypervisor lies below.
  var isVirtual: Bool?
  /// Whether another allocator than tcmalloc serves this process, as a sanitizer's does.
  var isAllocatorForeign: Bool
  /// Whether the measuring itself was compiled without optimisation.
  var isDebugBuild: Bool

  /// Reads the state now.
  ///
  /// - Parameter root: where /proc and /sys are.
  init(root: String = "") {
    func contents(_ path: String) -> String? { SystemFile.contents(root + path) }
    let cpu = "/sys/devices/system/cpu"
    governor = contents("\(cpu)/cpu0/cpufreq/scaling_governor")
    hasTurbo =
      contents("\(cpu)/intel_pstate/no_turbo").map { $0 == "0" }
      ?? contents("\(cpu)/cpufreq/boost").map { $0 == "1" }
    processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    clockSource = contents("/sys/devices/system/clocksource/clocksource0/current_clocksource")
    isVirtual = contents("/proc/cpuinfo").flatMap { text in
      text.split(separator: "\n").first { $0.hasPrefix("flags") }.map {
        $0.split(separator: " ").contains("hypervisor")
      }
    }
    isAllocatorForeign = !AllocationCounter.isLive
    #if DEBUG
      isDebugBuild = true
    #else
      isDebugBuild = false
    #endif
  }
}
