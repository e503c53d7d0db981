import Foundation
import TestSupport
import Testing

/// Inputs that never end, are something else than they seem, or change: what the command says.
@Suite struct BoundedInputTests {
  /// A shell line, `$T` in it the program.
  private func shell(_ line: String) throws -> (status: Int32, errors: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", line]
    var environment = Command.environment
    environment["T"] = productsFolder.appendingPathComponent("tdxbench").path
    process.environment = environment
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus, text)
  }

  @Test("a folder of /sys with a pipe, and one with a device, in place of a file. Expect 65 at once")
  func copiedSysfs() throws {
    try withFolder { folder in
      let file = folder.appending(path: "block_size_bytes").path
      #expect(mkfifo(file, 0o600) == 0)
      for _ in 0..<2 {
        let command = try Command("plan", folder.path)
        #expect(command.status == 65)
        #expect(command.errors.contains("block_size_bytes: this is no file, as those of /sys are"))
        unlink(file)
        #expect(symlink("/dev/zero", file) == 0)
      }
    }
  }

  @Test("a file of 4 TiB without a byte in it, for all who read one. Expect 65, and the limit")
  func sparseFile() throws {
    try withFolder { folder in
      let file = folder.appending(path: "sparse").path
      try Data().write(to: URL(filePath: file))
      try #require(truncate(file, 4 << 40) == 0)
      let map = folder.appending(path: "map").path
      try "0: 0x0000000100000000..0x000000017fffffff 0 NONE\n".write(
        toFile: map,
        atomically: true,
        encoding: .utf8
      )
      for arguments in [["plan"], ["validate"], ["advise"], ["explain"], ["hotplug", map, "--script"]] {
        let command = try Command(arguments + [file])
        #expect(command.status == 65)
        #expect(command.errors.contains("iB, the most that is read"), "\(arguments): \(command.errors)")
      }
    }
  }

  /// Of a system that gives less than the input takes, for what is read into pages and for what Swift allocates.
  @Test("less memory than there is to read. Expect 70 and a sentence")
  func outOfMemory() throws {
    // The address sanitizer needs terabytes of addresses.
    guard Command.environment["ASAN_OPTIONS"] == nil else { return }
    let pipe = try shell("ulimit -v 600000; head -c 1000000000 /dev/zero | \"$T\" plan -")
    #expect(pipe.status == 70)
    #expect(pipe.errors.contains("out of memory"))
    let line = "0: 0x0000000100000000..0x000000017fffffff 0 NONE"
    let text = try shell(
      "ulimit -v 250000; yes '\(line)' | head -c 60000000 | \"$T\" plan --jsonl -; exit $?"
    )
    #expect(text.status == 65)
    let lists = try shell(
      "ulimit -v 200000; seq 1 900000 | awk '{printf \"%d: 0x%x000000..0x%x7fffff 0 NONE\\n\", $1, $1, $1}' | \"$T\" plan -"
    )
    #expect(lists.status == 70, "\(lists.errors)")
    #expect(lists.errors.contains("out of memory"))
  }

  /// A packed map, and somebody who shortens it, writes over it and puts it back.
  @Test("a .tdxmap that changes while it is read, again and again. Expect answers or errors, and no trap")
  func changingMap() throws {
    try withFolder { folder in
      let (map, copy) = (folder.appending(path: "a.tdxmap").path, folder.appending(path: "b.tdxmap").path)
      for file in [map, copy] {
        #expect(
          try Command("generate", "fragmented", "--size", "1TiB", "--regions", "20000", "-o", file).status
            == 0
        )
      }
      let stop = folder.appending(path: "stop").path
      let writer = Process()
      writer.executableURL = URL(filePath: "/bin/sh")
      writer.arguments = [
        "-c",
        """
        while [ ! -e '\(stop)' ]; do
          cat '\(copy)' > '\(map)'
          head -c 100000 /dev/urandom | dd of='\(map)' conv=notrunc bs=1000 seek=1 2>/dev/null
          truncate -s 5000 '\(map)'
        done
        """,
      ]
      try writer.run()
      defer {
        try? Data().write(to: URL(filePath: stop))
        writer.waitUntilExit()
      }
      for _ in 0..<25 {
        let command = try Command("plan", map, "--max-tdmrs", "100000", "--max-reserved", "100000")
        #expect([0, 1, 65].contains(command.status), "\(command.status): \(command.errors)")
      }
    }
  }

  @Test("3,000 inputs and an option. Expect the plan of the last, of all of them")
  func manyArguments() throws {
    try withFolder { folder in
      let file = folder.appending(path: "map").path
      try "0: 0x0000000000100000..0x000000017fffffff 0 NONE\n".write(
        toFile: file,
        atomically: true,
        encoding: .utf8
      )
      let other = folder.appending(path: "other").path
      try "0: 0x0000000000100000..0x00000001bfffffff 0 NONE\n".write(
        toFile: other,
        atomically: true,
        encoding: .utf8
      )
      let many = Array(repeating: file, count: 3000)
      let command = try Command(
        ["plan", "--policy", "linux"] + many + ["--one-machine", other, "--format", "json"]
      )
      #expect(command.status == 0)
      // Their names differ, and nothing else.
      let two = try Command("plan", file, other, "--one-machine", "--format", "json")
      let plans = [command, two].map { $0.output.components(separatedBy: "\"policy\"").last }
      #expect(plans[0] == plans[1])
      #expect(try Command(["plan"] + many + ["--polic", "linux"]).status == 64)
    }
  }
}
