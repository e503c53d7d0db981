import JSON
import MapReaders
import Questions

extension JSONWriter {
  /// `"kernel"` and `"module_version"`, each where the input or an option names it.
  mutating func appendProfiles(_ machine: Machine) {
    if let kernel = machine.kernelName { appendMember("kernel", kernel) }
    if let module = machine.moduleName { appendMember("module_version", module) }
  }
}
