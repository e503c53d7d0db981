import Answers
import Foundation
import JSON
import TDXMemory
import Testing

@testable import Requests

extension Array where Element == UInt8 {
  init(_ text: String) { self = Array(text.utf8) }

  var text: String { String(decoding: self, as: UTF8.self) }
}

extension UnsafeRawBufferPointer {
  var text: String { String(decoding: self, as: UTF8.self) }
}

/// Whether a text is one JSON value.
func isJSON(_ text: String) -> Bool {
  Array(text).withUnsafeBytes { bytes in
    var scanner = JSONScanner(bytes)
    do throws(JSONError) {
      try scanner.skip()
      try scanner.end()
      return true
    } catch {
      return false
    }
  }
}

/// What a plan request came out as.
struct Decoded: Equatable {
  var id: String
  var options = PlanOptions()
  var keyIDBits = 6
  var regions: [MemoryRegion] = []
  var convertible: [AddressRange]?
  var error: String?
}

func decodePlan(
  _ line: [UInt8],
  into request: PlanRequest = PlanRequest(),
  defaults: PlanOptions = PlanOptions()
) -> Decoded {
  line.withUnsafeBytes { bytes in
    do throws(RequestError) {
      try request.decode(bytes, defaults: defaults, defaultKeyIDBits: 6)
    } catch {
      return Decoded(id: request.id.text, error: error.description)
    }
    return Decoded(
      id: request.id.text,
      options: request.options,
      keyIDBits: request.keyIDBits,
      regions: Array(request.regions),
      convertible: request.hasConvertible ? Array(request.convertible) : nil
    )
  }
}

func decodePlan(_ line: String, defaults: PlanOptions = PlanOptions()) -> Decoded {
  decodePlan(Array(line), defaults: defaults)
}

/// The error of a validate request; nil where there is none.
func decodeValidate(_ line: [UInt8], into request: ValidateRequest) -> String? {
  line.withUnsafeBytes { bytes in
    do throws(RequestError) {
      try request.decode(bytes, defaults: PlanOptions(), defaultKeyIDBits: 6)
      return nil
    } catch {
      return error.description
    }
  }
}

/// The lines of one of the vector files that all test modules share: `linux` or `tdx-module`.
func vectorLines(_ name: String) throws -> [[UInt8]] {
  let vectors = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../TestSupport/Vectors")
  return try Data(contentsOf: vectors.appending(path: "\(name).jsonl")).split(separator: 0x0a).map {
    Array($0)
  }
}

/// Some vectors that are short enough to mutate thousands of times.
func shortVectorLines(_ name: String) throws -> [[UInt8]] {
  Array(try vectorLines(name).filter { $0.count < 1000 }.prefix(20))
}

/// The members of a line that is a JSON object.
func object(_ line: [UInt8]) throws -> [String: Any] {
  try #require(JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
}

/// The answer that a vector expects: its `expect`, with members that are repeated from the request.
func expected(_ line: [UInt8], with repeated: [String]) throws -> NSDictionary {
  let vector = try object(line)
  var answer = try #require(vector["expect"] as? [String: Any])
  for name in repeated { answer[name] = vector[name] }
  return NSDictionary(dictionary: answer)
}
