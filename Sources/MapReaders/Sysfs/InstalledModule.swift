import TDXMessages

/// What /sys/devices/faux/tdx_host says of the module and its loader.
public struct InstalledModule: Hashable, Sendable {
  public var version: ModuleVersion?
  /// The P-SEAMLDR's.
  public var loader: ModuleVersion?
  /// How often the module can be updated before the next boot.
  public var remainingUpdates: UInt64?
  /// Where it was read.
  public var source: String

  /// What can be said of updates, as a sentence; nil where the folder does not tell.
  public var note: String? {
    guard let remainingUpdates else { return nil }
    let loader = loader.map { ", by the P-SEAMLDR \($0)" } ?? ""
    return remainingUpdates == 0
      ? "\(source): the module cannot be updated any more before the next boot\(loader)."
      : "\(source): the module can be updated \(remainingUpdates) times before the next boot\(loader)."
  }
}

extension SysfsDirectory {
  /// `version`, `seamldr_version`, `num_remaining_updates`: a line each (drivers/virt/coco/tdx-host/tdx-host.c). The last
  /// two only where the kernel can update the module.
  ///
  /// - Throws: `badData` where a file is not what its name says. A version that cannot be read is left out: its kernel
  ///   answers ENXIO once an update has failed.
  func readInstalledModule(_ path: String, _ names: [String]) throws(InputError) -> Findings {
    var module = InstalledModule(source: path)
    func version(_ name: String) throws(InputError) -> ModuleVersion? {
      guard names.contains(name) else { return nil }
      let text = try line("\(path)/\(name)")
      guard let version = ModuleVersion(named: text.utf8) else {
        throw InputError(
          kind: .badData,
          file: "\(path)/\(name)",
          line: 1,
          text: text,
          message: "this is no version: three numbers with dots between them"
        )
      }
      return version
    }
    module.version = try version("version")
    module.loader = try version("seamldr_version")
    if names.contains("num_remaining_updates") {
      let file = "\(path)/num_remaining_updates"
      let text = try line(file)
      guard let number = UInt64(text) else {
        throw InputError(
          kind: .badData,
          file: file,
          line: 1,
          text: text,
          message: "this is no number of updates"
        )
      }
      module.remainingUpdates = number
    }
    var findings = Findings()
    findings.installedModule = module
    if let note = module.note { findings.notes.append(note) }
    return findings
  }
}
