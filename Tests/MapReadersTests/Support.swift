import Foundation
import TDXMemory

import struct TestSupport.Log

@testable import MapReaders

/// The machine that a text describes.
func read(_ text: String, name: String = "log") throws(InputError) -> Machine {
  try readMachine(texts: [(name, Array(text.utf8))])
}

/// The error of a text that is to be refused; nil where it is read.
func refusal(_ text: String, name: String = "log") -> InputError? {
  do throws(InputError) {
    _ = try read(text, name: name)
    return nil
  } catch {
    return error
  }
}

/// All that comes of a text, for two that are to come to the same.
func outcome(_ text: String) -> String {
  do throws(InputError) {
    let machine = try read(text)
    return "\(Array(machine.map)) \(machine.source) \(machine.notes)"
  } catch {
    return error.message + " \(error.line ?? 0)"
  }
}

/// The path of a captured log.
func log(_ name: String) -> String { Log.path(name) }

/// The text of a captured log.
func logText(_ name: String) throws -> String { String(decoding: try Log.named(name).bytes, as: UTF8.self) }

/// `[start, end)` with a node.
func region(_ start: UInt64, _ end: UInt64, node: UInt32 = 0, _ flags: MemoryFlags = []) -> MemoryRegion {
  MemoryRegion(start: start, end: end, node: node, flags: flags)
}

/// `[start, end)`.
func range(_ start: UInt64, _ end: UInt64) -> AddressRange { AddressRange(unchecked: start, end) }

/// A directory that is removed when the object goes.
final class TemporaryDirectory {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "/map-readers-\(UInt64.random(in: .min ... .max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file below the directory and gives its path.
  func file(_ name: String, _ text: String) throws -> String {
    let url = URL(fileURLWithPath: path).appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(),
      withIntermediateDirectories: true
    )
    try Data(text.utf8).write(to: url)
    return url.path
  }

  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
}

extension Machine {
  /// The regions as a list, for comparison.
  var regions: [MemoryRegion] { Array(map) }

  func hasNote(_ text: String) -> Bool { notes.contains { $0.contains(text) } }
}
