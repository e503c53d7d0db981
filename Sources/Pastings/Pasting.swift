import CLZMA
import CZlib
import CZstd

/// What people's tools make of a text before they paste it, for tests and benchmarks of readers. Each leaves what the text
/// says as it is.
public enum Pasting: String, CaseIterable, Sendable {
  case colours, cursorMoves, returns, backspaces, serialLineEnds, shownEscapes
  case journal, journalBytes, journalPretty, dmesgJSON
  case quoted, quotedTwice, broken60, broken72, brokenAnywhere, quotedPrintable, html
  case gzip, xz, zstandard
  case syslog, kernelLevels, kernelRecords, receivedSyslog

  /// Those whose result is no text to be wrapped again.
  public var isCompression: Bool { self == .gzip || self == .xz || self == .zstandard }

  /// The text as the tool leaves it. O(n) in its bytes, and slow: it makes inputs, before anything is timed.
  ///
  /// - Parameter text: lines that end with a newline, in UTF-8.
  public func apply(to text: [UInt8]) -> [UInt8] {
    let lines = text.split(separator: 10, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    func each(_ change: (String) -> String) -> [UInt8] {
      var last = lines
      let end = last.last == "" ? [last.removeLast()] : []
      return Array((last.map(change) + end).joined(separator: "\n").utf8)
    }
    switch self {
    case .colours:
      return each { line in
        guard line.hasPrefix("["), let end = line.firstIndex(of: "]") else {
          return "\u{1b}]0;title\u{7}\u{1b}[1;31m\(line)\u{1b}(B\u{1b}[m"
        }
        let rest = line[line.index(after: end)...]
        guard let colon = rest.firstIndex(of: ":") else { return "\u{1b}[32m\(line[...end])\u{1b}[0m\(rest)" }
        return
          "\u{1b}[32m\(line[...end])\u{1b}[0m\u{1b}[33m\(rest[..<colon])\u{1b}[0m\(rest[colon...])\u{1b}[K"
      }
    case .cursorMoves: return each { "\u{1b}[?25l\u{1b}[2K\($0)\u{1b}[0K\u{1b}[?2004h" }
    case .returns: return each { "\($0.prefix($0.count / 2))\r\($0)" }
    case .backspaces:
      return each { line in
        let half = line.index(line.startIndex, offsetBy: line.count / 2)
        return "\(line[..<half])xy\u{8}\u{8}\(line[half...])|\u{8} \u{8}"
      }
    case .serialLineEnds: return each { "\($0)\r\r" }
    case .shownEscapes: return each { "^[[32m\($0)^[[0m" }
    case .journal, .journalBytes:
      return each { line in
        let message =
          self == .journal
          ? "\"\(Self.escaped(line))\"" : "[" + line.utf8.map(String.init).joined(separator: ",") + "]"
        return #"{"__CURSOR":"s=1;i=2","PRIORITY":"6","MESSAGE":\#(message),"_TRANSPORT":"kernel"}"#
      }
    case .journalPretty:
      return each { "{\n\t\"PRIORITY\" : \"6\",\n\t\"MESSAGE\" : \"\(Self.escaped($0))\"\n}" }
    case .dmesgJSON:
      let messages = lines.filter { $0 != "" }.map {
        "{\n         \"pri\": 6,\n         \"time\":      0.000000,\n         \"msg\": \"\(Self.escaped($0))\"\n      }"
      }
      return Array("{\n   \"dmesg\": [\n      \(messages.joined(separator: ","))\n   ]\n}\n".utf8)
    case .quoted: return each { "> \($0)" }
    case .quotedTwice: return each { ">> > \($0)" }
    case .broken60: return each { Self.broken($0, at: 60).joined(separator: "\n> ") }
    case .broken72: return each { Self.broken($0, at: 72).joined(separator: "\n") }
    case .brokenAnywhere:
      return each { line in
        guard line.utf8.count > 60 else { return line }
        let place = line.index(line.startIndex, offsetBy: 60)
        return "\(line[..<place])\n\(line[place...])"
      }
    case .quotedPrintable: return each(Self.quotedPrintable)
    case .html:
      return each {
        "&gt; "
          + $0.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
          .replacing("\"", with: "&#34;")
      }
    case .gzip: return Self.gzip(text)
    case .xz: return Self.xz(text)
    case .zstandard: return Self.zstandard(text)
    case .syslog: return each { "Nov 29 08:00:00 host kernel: \($0)" }
    case .kernelLevels: return each { "<6>\($0)" }
    case .kernelRecords: return each { #"6,12,0,-;\#($0)"#.replacing("\t", with: #"\x09"#) }
    case .receivedSyslog: return each { "Nov 29 08:00:00 host kernel: \($0)".replacing("\t", with: "#011") }
    }
  }

  private static func escaped(_ line: String) -> String {
    line.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\t", with: "\\t")
      .replacing("\u{1b}", with: "\\u001b").replacing("\u{8}", with: "\\b").replacing(
        "\u{7}",
        with: "\\u0007"
      ).replacing("\r", with: "\\r")
  }

  /// At blanks and behind hyphens, as mailers break: no part is longer than `width`, unless it is one word.
  static func broken(_ line: String, at width: Int) -> [String] {
    var parts: [String] = []
    var rest = line[...]
    while rest.count > width {
      let limit = rest.index(rest.startIndex, offsetBy: width)
      guard let blank = rest[..<limit].lastIndex(where: { $0 == " " || $0 == "-" }), blank > rest.startIndex,
        rest[..<blank].contains(where: { $0 != " " && $0 != ">" })
      else { break }
      let isHyphen = rest[blank] == "-"
      parts.append(String(isHyphen ? rest[...blank] : rest[..<blank]))
      rest = rest[rest.index(after: blank)...]
    }
    return parts + [String(rest)]
  }

  private static func quotedPrintable(_ line: String) -> String {
    var result = ""
    var width = 0
    for (index, byte) in line.utf8.enumerated() {
      let isLast = index == line.utf8.count - 1
      let needsCode =
        byte == 61 || byte > 126 || byte < 32 && byte != 9 || isLast && (byte == 32 || byte == 9)
      let hex = String(byte, radix: 16, uppercase: true)
      let text = needsCode ? "=" + (hex.count < 2 ? "0" : "") + hex : String(UnicodeScalar(byte))
      if width + text.count > 75 {
        result += "=\n"
        width = 0
      }
      result += text
      width += text.count
    }
    return result
  }

  // MARK: Compression

  private static func gzip(_ text: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(
      &stream,
      6,
      Z_DEFLATED,
      15 + 16,
      8,
      Z_DEFAULT_STRATEGY,
      ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size)
    )
    defer { deflateEnd(&stream) }
    var text = text
    var output = [UInt8](repeating: 0, count: text.count + text.count / 100 + 1000)
    let capacity = output.count
    text.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { room in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = room.baseAddress
        stream.avail_out = UInt32(room.count)
        deflate(&stream, Z_FINISH)
      }
    }
    return Array(output[..<(capacity - Int(stream.avail_out))])
  }

  private static func xz(_ text: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: lzma_stream_buffer_bound(text.count))
    var count = 0
    lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nil, text, text.count, &output, &count, output.count)
    return Array(output[..<count])
  }

  private static func zstandard(_ text: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: ZSTD_compressBound(text.count))
    let count = ZSTD_compress(&output, output.count, text, text.count, 3)
    return Array(output[..<count])
  }
}
