import Foundation
import Testing

/// CONTRIBUTING.md leads a reader file by file. Expect every file that it names where it says.
@Suite struct HouseDocumentTests {
  private static let root = URL(filePath: #filePath).appending(path: "../../..").standardized

  private static let files: [String] = {
    let text = (try? String(contentsOf: root.appending(path: "CONTRIBUTING.md"), encoding: .utf8)) ?? ""
    return text.matches(of: /`([A-Za-z]+(?:\/[A-Za-z+]+)+\.swift)`/).map { String($0.1) }
  }()

  @Test func thereAreFiles() { #expect(Self.files.count > 20) }

  @Test(arguments: files) func isWhereItIsSaidToBe(file: String) {
    let places = ["", "Sources/"].map { Self.root.appending(path: $0 + file).path() }
    #expect(places.contains { FileManager.default.fileExists(atPath: $0) }, "\(file)")
  }
}
