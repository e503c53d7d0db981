import ArgumentParser
import MapReaders
import MemoryHotplug

extension HotplugScript {
  /// The most bytes of a script: a million operations.
  private static let longest = 64 << 20

  /// The text of a script; `-` is standard input.
  static func text(of file: String) throws -> String {
    do throws(InputError) {
      return try readBytes(of: file == "-" ? .standardInput : .file(file), limit: longest).withBytes {
        String(decoding: $0, as: UTF8.self)
      }
    } catch {
      throw Failure(error)
    }
  }

  /// Reads a script; `-` is standard input.
  init(file: String) throws {
    let text = try Self.text(of: file)
    do throws(ScriptError) {
      try self.init(text)
    } catch {
      throw Failure(
        InputError(
          kind: .badData,
          file: file == "-" ? "standard input" : file,
          line: error.line,
          text: error.text,
          message: error.reason.description
        )
      )
    }
  }
}
