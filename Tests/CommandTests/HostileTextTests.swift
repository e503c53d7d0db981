import Foundation
import TestSupport
import Testing

/// What no text of this program may have in it, wherever it comes from: see `fitForTerminal`.
private func steering(in text: String) -> [String] {
  text.unicodeScalars.filter { scalar in
    switch scalar.value {
    case 0x0a, 0x09: false
    case 0..<0x20, 0x7f...0x9f, 0x061c, 0x200b...0x200f, 0x2028...0x202e, 0x2066...0x2069, 0xfdd0...0xfdef,
      // What is no UTF-8, such as a control in one byte.
      0xfffd:
      true
    default: false
    }
  }.map { $0.escaped(asASCII: true) }
}

@Suite("nothing that steers a terminal leaves the program, whoever said it") struct HostileTextTests {
  /// A title, a clear screen in one character, marks of direction, an invisible one, a line separator, a colour, and a mark
  /// that stands for a colour inside the program.
  private static let hostile =
    "\u{1b}]0;owned\u{7}\u{9b}2J\u{202e}\u{2066}\u{200f}\u{61c}\u{200b}\u{2028}\u{1b}[31mred\(Unicode.Scalar(0xfdd2 as UInt32)!)"

  /// A folder with logs, scripts, records, baselines and programs that are hostile in their names and all that they say; `x`
  /// is the hostile text in lines of a shell.
  private func withHostileFolder(_ body: (URL) throws -> Void) throws {
    try withFolder { folder in
      func write(_ text: String, _ name: String, isProgram: Bool = false) throws {
        let url = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(
          at: url.deletingLastPathComponent(),
          withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: url)
        if isProgram {
          try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path)
        }
      }
      let x = Self.hostile
      let memory = "BIOS-e820: [mem 0x0000000000100000-0x000000007fffffff] usable\n"
      let log = """
        Linux version 6.16.\(x) (a@b)
        \(memory)virt/tdx: BIOS enabled: private KeyID range [32, 64)
        virt/tdx: initialization failed: \(x)
        virt/tdx: SEAMCALL (35) failed: 0xc000050500000000 \(x)
        virt/tdx: SEAMCALL (0x23\(x)) failed: 0xc000050500000000
        tdx: \(x)
        kvm_intel: \(x)

        """
      try write(log, "log\(x)")
      try write(log, "fleet/a\(x)/log")
      try write("nothing \(x)", "fleet/b\(x)")
      try write(memory, "map")
      try write("BIOS-e820: [mem 0x1-0x0] \(x) usable\n", "broken\(x)")
      try write("offline 0x0 # \(x)\nexpect ok\n", "bad\(x)")
      try write("offline 0x100000000 -> ok # \(x)\noffline 0x0 -> ok\nadd 0x1 0x2 0 -> ok\n", "script\(x)")
      // A build that answers, and says what it likes.
      let words = "$(printf 'a/\\033]0;owned\\007\\302\\233\\342\\200\\256')"
      try write(
        """
        #!/bin/sh
        echo tdxbench-turns 1 release
        while read -r word rest; do
          case $word in
            list) echo "workload \(words) small"; echo "workload b/\(words) small"; echo "workload c small"; echo end ;;
            prepare) case $rest in
              a*) echo "wrong \(words)" ;;
              b*) echo "\(words)" >&2; exit 3 ;;
              *) echo "ready 1 1 1 - - \(words)$$" ;;
              esac ;;
            *) echo "\(words)" ;;
          esac
        done

        """,
        "build\(x)",
        isProgram: true
      )
      try write(
        #"{"format": 1, "conditions": {"toolchain": "\u001b[31m\u009b", "processor": "\u202e"}, "workloads": {"gone/\u001b[31m\u009b\u202e\nx": {"result": "\u001b[31m"}, "validate/server-2s-1tib": {"result": "\u001b]0;x\u0007\u202e"}}}"#,
        "baselines\(x)/validate.json"
      )
      let record = try Self.record()
      for (name, text) in record {
        // Wherever a record has a string of its own, such as the processor's and the compiler's name.
        let spoiled = text.replacing(
          /("(?:processor|kernel|compiler|commit|system|architecture|expectation)" ?: ?")/
        ) {
          String($0.output.1) + #"\u001b]0;owned\u0007\u009b2J\u202e"#
        }
        try write(spoiled, "records/2026-01-01.1-\(x)/\(name)")
        try write(text, "records/2026-01-02.1-m/\(name)")
      }
      try body(folder)
    }
  }

  /// The files of a record of one workload, made once.
  private static func record() throws -> [(String, String)] {
    try withFolder { folder in
      _ = try Command("run", "--filter", "validate/server-2s-1tib", "--time", "0.01", "--record", folder.path)
      let name = try #require(FileManager.default.contentsOfDirectory(atPath: folder.path).first)
      let record = folder.appendingPathComponent(name)
      return try FileManager.default.contentsOfDirectory(atPath: record.path).map {
        ($0, try String(contentsOf: record.appendingPathComponent($0), encoding: .utf8))
      }
    }
  }

  /// A line of a shell each; `$x` is the hostile text.
  static let lines = [
    "plan log$x", "plan log$x map", "plan broken$x", "plan nothing$x", "plan log$x --policy $x",
    "plan log$x -o no/$x",
    "plan --jsonl nothing$x", "plan --jsonl $x map", "plan log$x --kernel $x", "plan log$x --$x",
    "plan log$x --svg no/$x",
    "plan log$x --write-map no/$x", "plan map broken$x", "plan map --slack $x",
    "advise log$x", "advise broken$x", "explain log$x", "explain map$x", "explain log$x --all",
    "hotplug log$x", "hotplug map --script script$x", "hotplug map --script bad$x",
    "hotplug map --block-size $x",
    "hotplug map --blocks", "policy log$x", "policy map --membind $x", "policy map --nodeset $x",
    "policy map --qemu-object memory-backend-ram,id=$x,host-nodes=0,policy=bind",
    "policy map -- numactl --membind=0 a$x",
    "policy map -- numactl --$x", "policy map --qemu-object $x", "validate map$x", "validate log$x map",
    "fleet fleet", "fleet nothing$x", "fleet fleet --output no/$x/y", "report log$x -o no/$x",
    "report broken$x records -o page",
    "generate $x", "generate laptop --size $x", "collect -o $x", "list $x", "run --filter $x",
    "run --profile cpu $x",
    "run --json no/$x", "run --record map/$x", "$x", "help $x", "--$x",
    "compare records/2026-01-01.1-$x records/2026-01-02.1-m",
    "compare records/2026-01-02.1-m records/2026-01-01.1-$x",
    "compare nothing$x map", "compare fleet records/2026-01-01.1-$x",
    "compare --build build$x --build build$x --time 0.1",
    "compare --build build$x --build build$x --time 0.1 --markdown", "compare --base $x --build build$x",
    "compare --build build$x --build build$x --filter $x", "compare --build nothing$x --build build$x",
    "history validate/server-2s-1tib --results records", "history $x --results records",
    "history a --results $x",
    "check --baselines baselines$x --filter validate/server-2s-1tib --time 0.1",
    "check --baselines baselines$x --time 0.1 --filter gone --markdown", "check --baselines $x",
    "turns --plant $x",
  ]

  @Test("hostile names, logs, scripts, records, baselines and builds. Expect text that shows them")
  func everyCommand() throws {
    try withHostileFolder { folder in
      for line in Self.lines {
        let script = "x=$1; $tdxbench \(line.replacing("$x", with: "\"$x\"")) </dev/null"
        let run = try Command(shell: "set -- \"$(cat text)\"; \(script)", in: try prepared(folder))
        let found = Set(steering(in: run.output) + steering(in: run.errors))
        #expect(
          found.isEmpty,
          "\(line): \(found.sorted()) in \(run.output.debugDescription)\(run.errors.debugDescription)"
        )
        #expect(run.status != 124, "\(line) hangs")
        #expect(run.status != 70 && run.status < 128, "\(line): \(run.status) \(run.errors)")
      }
    }
  }

  /// The text in a file, since an argument of a shell's line would have to be quoted twice.
  private func prepared(_ folder: URL) throws -> URL {
    let text = folder.appendingPathComponent("text")
    if !FileManager.default.fileExists(atPath: text.path) { try Data(Self.hostile.utf8).write(to: text) }
    return folder
  }

  @Test(
    "JSON, CSV, pages and Markdown on a terminal. Expect the same of them there, and JSON that still parses"
  )
  func terminal() throws {
    try withHostileFolder { folder in
      _ = try prepared(folder)
      for line in [
        "plan \"log$x\" --format json", "advise \"log$x\" --format json", "explain \"log$x\" --format json",
        "plan \"log$x\" --svg -", "plan \"log$x\"",
      ] {
        // script(1) gives its command a terminal, and turns line ends into CR LF.
        let run = try Command(
          shell: "export x=\"$(cat text)\" TERM=xterm; script -qec '$tdxbench \(line)' /dev/null </dev/null",
          in: folder
        )
        let text = run.output.replacing("\r\n", with: "\n").replacing(/\u{1b}\[\d+m/, with: "")
        #expect(steering(in: text).isEmpty, "\(line): \(Set(steering(in: text)))")
        #expect(!run.output.contains("\u{1b}[31mred"))
        if line.hasSuffix("json") {
          #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(text.utf8)) }
        }
      }
    }
  }

  @Test("a mistyped word that is near a command for no person. Expect it not to be offered")
  func hiddenCommands() throws {
    for word in ["turn", "tuns", "count-instruction", "turnss"] {
      let run = try Command(word)
      #expect(run.status == 64)
      #expect(!run.errors.contains("did you mean"), "\(run.errors)")
    }
    // One that is shown still is.
    #expect(try Command("plna").errors.contains("did you mean plan?"))
  }
}
