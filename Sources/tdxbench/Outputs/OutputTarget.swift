import Answers
import Glibc
import JSON
import MapReaders
import SystemIO
import TDXMemory
import TerminalText

/// Where a result goes: standard output, or a file that appears whole or not at all.
struct OutputTarget {
  private let path: String?

  /// - Parameter path: nil or `-` for standard output.
  init(_ path: String?) { self.path = path == "-" ? nil : path }

  var isTerminal: Bool { path == nil && isatty(STDOUT_FILENO) == 1 }

  /// The columns of the terminal, at least those that everything is written for; those elsewhere.
  var columns: Int {
    var size = winsize()
    guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 else { return screenWidth }
    return max(screenWidth, Int(size.ws_col))
  }

  /// Colour only on a terminal, and never where NO_COLOR is set; block characters where the locale has them.
  var style: Style {
    let wantsColor = environment("NO_COLOR") == nil && environment("TERM") != "dumb"
    let locale = environment("LC_ALL") ?? environment("LC_CTYPE") ?? environment("LANG") ?? ""
    let isUnicode = ["UTF-8", "utf-8", "UTF8", "utf8"].contains { locale.contains($0) }
    return Style(color: isTerminal && wantsColor, unicode: isUnicode, columns: isTerminal ? columns : nil)
  }

  /// Writes lines for people: fit for a terminal wherever they go, because a file is looked at on one later.
  func write(_ lines: String) throws(Failure) {
    let lines = fit(lines)
    try write { (writer) throws(SystemError) in try writer.write(lines) }
  }

  /// Lines for people as they leave, for who writes them piece by piece.
  func fit(_ lines: String) -> String { linesFitForTerminal(lines, style: style) }

  /// Writes what programs read: CSV, pages, pictures, Markdown.
  func write(data text: String) throws(Failure) {
    let text = data(text)
    try write { (writer) throws(SystemError) in try writer.write(text) }
  }

  /// What programs read stays as it is, but on a terminal, where people look at it.
  func data(_ text: String) -> String { isTerminal ? linesFitForTerminal(text) : text }

  func write(json text: String) throws(Failure) {
    let text = isTerminal ? jsonFitForTerminal(text) : text
    try write { (writer) throws(SystemError) in try writer.write(text) }
  }

  func write(_ json: borrowing JSONWriter) throws(Failure) {
    if isTerminal { return try write(json: String(decoding: json.bytes, as: UTF8.self)) }
    let bytes = json.bytes
    try write { (writer) throws(SystemError) in try writer.write(bytes) }
  }

  /// Writes the TDMR_INFO array as TDH.SYS.CONFIG takes it: entries of equal size, with room for `maxReserved`
  /// areas each.
  func write(_ tdmrs: TDMRInfoTable, maxReserved: UInt64) throws(Failure) {
    guard !isTerminal else {
      throw Failure("TDMR_INFO is bytes, and a terminal takes lines: name a file with --output", .wrongUsage)
    }
    let largest = 1 << 34
    guard let stride = TDMRInfo.stride(maxReserved: maxReserved), stride <= largest / max(tdmrs.count, 1)
    else {
      throw Failure("\(tdmrs.count) entries with \(maxReserved) reserved areas each take over 16 GiB", .no)
    }
    try write { (writer) throws(SystemError) in
      for tdmr in tdmrs {
        // A planned entry has 512 bytes or as many as its areas need, whichever is more; the module's may differ.
        let used = UnsafeRawBufferPointer(rebasing: tdmr.bytes.prefix(stride))
        try writer.write(used)
        try writer.writeZeros(stride - used.count)
      }
    }
  }

  /// Writes piece by piece.
  func write(_ body: (inout FileWriter) throws(SystemError) -> Void) throws(Failure) {
    if isTerminal { ProgressWatch.end() }
    do throws(SystemError) {
      try AtomicFile.write(to: path ?? "/dev/stdout", body)
    } catch {
      endWhereReaderHasGone(error)
      // Also where a folder is missing: it is no input.
      throw Failure(InputError(error).description, .ioError)
    }
  }
}

/// Ends this process without a word, as SIGPIPE ends other programs, where the reader of what was written has gone.
///
/// The signal is ignored until then, because children that are compared may go, too, and that is an answer.
func endWhereReaderHasGone(_ error: SystemError) {
  guard error.operation == .write, error.code == EPIPE else { return }
  signal(SIGPIPE, SIG_DFL)
  raise(SIGPIPE)
  // Where the signal is blocked: the status that a shell would have reported.
  exit(128 + SIGPIPE)
}

/// Finds out before a minute of measuring what would fail after it.
///
/// - Parameter files: paths of results to be; `-` is standard output.
/// - Throws: `Failure` where a file has no folder that can be written to.
func checkWritable(_ files: [String]) throws(Failure) {
  for file in files where file != "-" {
    do throws(SystemError) { try AtomicFile.checkWritable(file) } catch {
      throw Failure(InputError(error).description, .ioError)
    }
  }
}

/// An environment variable that is set and not empty.
private func environment(_ name: String) -> String? {
  guard let value = getenv(name), value.pointee != 0 else { return nil }
  return String(cString: value)
}

/// Writes a machine's map as its file name says: `.json`, `.tdxmap`, anything else as text.
func writeMapFile(_ machine: Machine, to path: String) throws(Failure) {
  do throws(SystemError) {
    if path.hasSuffix(".tdxmap") {
      try TDXMapFile.write(
        machine.map,
        convertible: machine.convertible,
        keyIDBits: machine.keyIDBits,
        to: path
      )
    } else {
      try AtomicFile.write(to: path) { (writer) throws(SystemError) in
        if path.hasSuffix(".json") {
          try JSONMap.write(
            machine.map,
            convertible: machine.convertible,
            keyIDBits: machine.keyIDBits,
            to: &writer
          )
        } else {
          try MemblockText.write(machine.map, convertible: machine.convertible, to: &writer)
        }
      }
    }
  } catch {
    throw Failure(InputError(error).description, .ioError)
  }
}
