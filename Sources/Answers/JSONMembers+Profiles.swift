import JSON
import MapReaders

extension JSONWriter {
  /// `"kernel"` and `"module_version"`, each where the input or an option names it.
  mutating func appendProfiles(_ machine: Machine) {
    if machine.kernel.isNamed { appendMember("kernel", machine.kernel.release.text) }
    if let module = machine.module { appendMember("module_version", module.version.description) }
  }
}
