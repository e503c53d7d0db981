import Mustache
import TerminalText

/// The templates, which lie in the program. All that a page or a picture says goes through them, and they escape it.
enum Templates {
  static let library: MustacheLibrary = {
    let sources: [(String, [UInt8])] = [
      ("picture", PackageResources.picture_mustache), ("patterns", PackageResources.patterns_mustache),
      ("colours", PackageResources.colours_mustache), ("drawing", PackageResources.drawing_mustache),
      ("charts", PackageResources.charts_mustache), ("style", PackageResources.style_mustache),
      ("page", PackageResources.page_mustache), ("overview", PackageResources.overview_mustache),
      ("machine", PackageResources.machine_mustache), ("records", PackageResources.records_mustache),
      ("script", PackageResources.script_mustache),
    ]
    var library = MustacheLibrary()
    for (name, bytes) in sources {
      do {
        try library.register(String(decoding: bytes, as: UTF8.self), named: name)
      } catch {
        preconditionFailure("the template \(name) cannot be read: \(error)")
      }
    }
    return library
  }()

  /// The text has no control characters, whoever said them: XML has none, and a file may be a terminal.
  ///
  /// - Precondition: there is such a template.
  static func render(_ name: String, _ object: Any) -> String {
    guard let text = library.render(object, withTemplate: name) else {
      preconditionFailure("there is no template \(name)")
    }
    return linesFitForTerminal(text)
  }
}
