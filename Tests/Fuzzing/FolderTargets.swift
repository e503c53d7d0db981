import Archives
import BenchmarkRecords
import Glibc
import MapReaders
import PairedRuns
import SystemIO

/// A copy of a folder of /sys: a line for each file, its path, a blank and what it holds; a path that ends with a slash is a
/// folder. It lies in memory, one input of 64 on the file system, which costs more than to read it.
struct SysfsTarget: FuzzTarget {
  private let folder = FuzzFolder()

  func run(_ input: UnsafeRawBufferPointer) {
    if input.count.isMultiple(of: 64) {
      defer { folder.empty() }
      for (path, text) in Self.files(input) { folder.add(path, text) }
      _ = try? readMachine([.file(folder.path)])
      _ = try? readTDXLogs([.file(folder.path)])
    } else {
      var tree = FileTree()
      for (path, text) in Self.files(input) { tree.add(path, text) }
      _ = try? readMachine(folder: FileTree.root, in: tree)
    }
  }

  private static func files(_ input: UnsafeRawBufferPointer) -> [(path: String, text: String)] {
    input.split(separator: 10).prefix(64).compactMap { line in
      let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 1)
      guard let path = parts.first else { return nil }
      let text = parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : ""
      return (String(decoding: path, as: UTF8.self), text)
    }
  }
}

/// One file of a record's folder, or a baseline; the first byte says which. The others are as they should be.
final class RecordTarget: FuzzTarget {
  private let record = FuzzFolder()
  private let baselines = FuzzFolder()
  private let workload: String
  private let sound: [String]
  private let files: [KeptFile]
  private let baseline: KeptFile
  /// The file that the last input lies in.
  private var spoiled: Int?

  init() {
    let seeds = getenv("TDXBENCH_FUZZ_RECORD").map { String(cString: $0) } ?? "."
    let names = ["samples.json", "machine.json", "summary.csv"]
    for name in ["summary.json", "README.md"] { record.add(name, "") }
    sound = names.map { (try? textOfFile("\(seeds)/\($0)")) ?? "" }
    files = names.map { [record] in KeptFile("\(record.path)/\($0)") }
    baseline = KeptFile("\(baselines.path)/group.json")
    for (file, text) in zip(files, sound) { file.hold(text) }
    workload = (try? RecordSummary.workloads(record.path).first) ?? ""
  }

  func run(_ input: UnsafeRawBufferPointer) {
    let (choice, rest) = input.split
    let index = choice % 4
    guard index < files.count else {
      baseline.hold(rest)
      _ = try? BaselineFolder(baselines.path).load()
      return
    }
    if let spoiled, spoiled != index { files[spoiled].hold(sound[spoiled]) }
    spoiled = index
    files[index].hold(rest)
    switch index {
    case 0:
      guard let record = try? Record.load(record.path) else { return }
      for workload in record.samples.workloads { _ = RecordSummary(record, of: workload) }
    case 1: _ = try? RecordSummary.load(record.path, workload: workload)
    default:
      for name in ((try? RecordSummary.workloads(record.path)) ?? []).prefix(4) {
        _ = try? RecordSummary.load(record.path, workload: name)
      }
    }
  }
}

/// A tar archive, packed or not, read to its end.
struct ArchiveTarget: FuzzTarget {
  private let file = KeptFile("\(FuzzFolder().path)/archive")

  func run(_ input: UnsafeRawBufferPointer) {
    file.hold(input)
    guard let source = try? ByteSource(file.path) else { return }
    let reader = TarReader(source)
    var contents = 0
    while let member = try? reader.next() {
      if let bytes = try? reader.content(limit: 1 << 20) {
        require(bytes.count == member.size, "\(member) has \(bytes.count) bytes")
        contents += bytes.count
      }
    }
    require(contents < 300 << 20, "\(input.count) bytes hold \(contents)")
  }
}

/// What a build that takes turns answers, line by line, through a pipe.
struct TurnTarget: FuzzTarget {
  func run(_ input: UnsafeRawBufferPointer) {
    for line in input.split(separator: 10) {
      let line = String(decoding: line, as: UTF8.self)
      require(
        TurnAnswers.survive(line),
        "an answer is not itself when it is written again: \(line.debugDescription)"
      )
    }
  }
}

/// Files and folders in memory.
struct FileTree: SmallFiles {
  static let root = "/copy"

  private var folders: [String: [String]] = [root: []]
  private var files: [String: [UInt8]] = [:]

  /// A file with the folders that lead there, or, where the name ends with a slash, a folder. What is there already stays.
  mutating func add(_ name: String, _ text: String) {
    var place = Self.root
    let parts = name.split(separator: "/").prefix(8)
    for (index, part) in parts.enumerated() {
      let isFile = index == parts.count - 1 && !name.hasSuffix("/")
      let path = "\(place)/\(part)"
      if folders[path] == nil {
        guard files[path] == nil else { return }
        folders[place]!.append(String(part))
        if isFile { files[path] = Array(text.utf8) } else { folders[path] = [] }
      }
      place = path
    }
  }

  func names(in folder: String) throws(SystemError) -> [String] {
    guard let names = folders[folder] else { throw SystemError(.read, folder, code: ENOENT) }
    return names
  }

  func bytes(of file: String, limit: Int) throws(SystemError) -> [UInt8]? {
    if folders[file] != nil { return nil }
    guard let bytes = files[file] else { throw SystemError(.read, file, code: ENOENT) }
    return Array(bytes.prefix(limit + 1))
  }
}

/// A file that is written again and again, and never made anew.
struct KeptFile {
  let path: String
  private let descriptor: Int32

  init(_ path: String) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { fatalError("no file \(path)") }
  }

  func hold(_ bytes: UnsafeRawBufferPointer) {
    guard pwrite(descriptor, bytes.baseAddress, bytes.count, 0) == bytes.count,
      ftruncate(descriptor, bytes.count) == 0
    else { fatalError("\(path) cannot be written") }
  }

  func hold(_ text: String) {
    Array(text.utf8).withUnsafeBytes { hold($0) }
  }
}

/// A folder of this process, in memory where the system has such.
struct FuzzFolder {
  let path: String

  init() {
    let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    let template = strdup("\(parent)/tdxbench-fuzz-XXXXXX")!
    defer { free(template) }
    guard mkdtemp(template) != nil else { fatalError("no folder in \(parent)") }
    path = String(cString: template)
  }

  /// A file below the folder, with the folders that lead there. Names that would lead out of it are left out.
  func add(_ name: String, _ text: String) {
    let parts = name.split(separator: "/").filter { $0 != "." && $0 != ".." && !$0.utf8.contains(0) }.prefix(
      8
    )
    guard let last = parts.last, parts.allSatisfy({ $0.utf8.count < 100 }) else { return }
    var place = path
    for part in name.hasSuffix("/") ? parts : parts.dropLast() {
      place += "/\(part)"
      mkdir(place, 0o700)
    }
    if !name.hasSuffix("/") { Self.write(text, to: "\(place)/\(last)") }
  }

  private static func write(_ text: String, to path: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    _ = Array(text.utf8).withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
  }

  func empty() {
    Self.removeContents(of: path)
  }

  private static func removeContents(of folder: String) {
    for name in (try? namesInFolder(folder)) ?? [] {
      let path = "\(folder)/\(name)"
      if unlink(path) == 0 { continue }
      removeContents(of: path)
      rmdir(path)
    }
  }
}
