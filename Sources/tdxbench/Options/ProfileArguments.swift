import ArgumentParser
import Requests
import TDXMessages

/// The options that say which kernel and which module an answer is about.
struct ProfileArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Linux as of this release, 6.8 to 7.4 (default: the log's own, else the newest).",
      valueName: "release"
    )
  )
  var kernel: KernelRelease?

  @Option(
    name: .customLong("module"),
    help: ArgumentHelp("The TDX module, 1.0 to 2.0.18 (default: the input's).", valueName: "version")
  )
  var moduleVersion: ModuleVersion?

  /// - Parameter module: has what the processor is like.
  func named(_ module: ModuleArguments) -> NamedProfiles {
    NamedProfiles(kernel: kernel, module: moduleVersion, physBits: module.physBits)
  }

  func validate() throws {
    if let kernel, !KernelProfile.knows(kernel) {
      throw ValidationError(
        "--kernel must be \(KernelProfile.oldest) to \(KernelProfile.newest), not \(kernel)"
      )
    }
    if let moduleVersion, !moduleVersion.isKnown {
      throw ValidationError("--module must be 1.0 to \(ModuleProfile.newest), not \(moduleVersion)")
    }
  }
}

extension KernelRelease: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension ModuleVersion: ExpressibleByArgument {
  public init?(argument: String) { self.init(named: argument.utf8) }
}
