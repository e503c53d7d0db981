import Archives
import BenchmarkRecords
import Glibc
import MapReaders
import PairedRuns
import SystemIO

/// A copy of a folder of /sys: a line for each file, its path, a blank and what it holds; a path that ends with a slash is a
/// folder.
struct SysfsTarget: FuzzTarget {
  private let root = FuzzFolder()

  func run(_ input: UnsafeRawBufferPointer) {
    defer { root.empty() }
    for line in input.split(separator: 10).prefix(64) {
      let parts = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 1)
      guard let path = parts.first else { continue }
      root.add(String(path), parts.count > 1 ? String(parts[1]) : "")
    }
    _ = try? readMachine([.file(root.path)])
    _ = try? readTDXLogs([.file(root.path)])
  }
}

/// One file of a record's folder, or a baseline; the first byte says which. The others are as they should be.
struct RecordTarget: FuzzTarget {
  private let folder: String
  private let names = ["samples.json", "machine.json", "summary.csv", "baseline.json"]

  init() {
    let record = FuzzFolder()
    folder = record.path
    let seeds = getenv("TDXBENCH_FUZZ_RECORD").map { String(cString: $0) } ?? "."
    for name in names + ["summary.json", "README.md"] {
      record.add(name, (try? textOfFile("\(seeds)/\(name)")) ?? "")
    }
  }

  func run(_ input: UnsafeRawBufferPointer) {
    let (choice, rest) = input.split
    let name = names[choice % names.count]
    if name == "baseline.json" {
      let baselines = FuzzFolder()
      defer { baselines.remove() }
      baselines.add("group.json", rest.text)
      _ = try? BaselineFolder(baselines.path).load()
      return
    }
    let before = try! textOfFile("\(folder)/\(name)")
    defer { FuzzFolder.write(before, to: "\(folder)/\(name)") }
    FuzzFolder.write(rest.text, to: "\(folder)/\(name)")
    if let record = try? Record.load(folder) {
      for workload in record.samples.workloads { _ = RecordSummary(record, of: workload) }
    }
    for workload in (try? RecordSummary.workloads(folder)) ?? [] {
      _ = try? RecordSummary.load(folder, workload: workload)
    }
  }
}

/// A tar archive, packed or not, read to its end.
struct ArchiveTarget: FuzzTarget {
  func run(_ input: UnsafeRawBufferPointer) {
    let file = try! TemporaryFile(Array(input))
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

  static func write(_ text: String, to path: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    _ = Array(text.utf8).withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
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

  func empty() {
    Self.removeContents(of: path)
  }

  func remove() {
    empty()
    rmdir(path)
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
