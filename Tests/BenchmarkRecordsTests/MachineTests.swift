import BenchmarkKit
import BenchmarkRecords
import Foundation
import Testing

/// The files of a machine, in a folder in place of the root.
private func withMachine<Result>(_ files: [String: String], _ body: (MachineFacts) throws -> Result) throws
  -> Result
{
  try withFolder { root in
    for (path, text) in files {
      let url = URL(fileURLWithPath: root).appendingPathComponent(path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(),
        withIntermediateDirectories: true
      )
      try Data(text.utf8).write(to: url)
    }
    return try body(MachineFacts(root: root))
  }
}

/// /proc/cpuinfo of `sockets` sockets with `cores` cores of two threads each.
private func cpuInfo(sockets: Int, cores: Int, flags: String) -> String {
  var text = ""
  for index in 0..<sockets * cores * 2 {
    let core = index % (sockets * cores)
    text += """
      processor\t: \(index)
      vendor_id\t: GenuineIntel
      model name\t: INTEL(R) XEON(R) PLATINUM 8580
      cpu MHz\t\t: 2300.125
      physical id\t: \(core / cores)
      core id\t\t: \(core % cores)
      flags\t\t: fpu \(flags) sse2
      power management:


      """
  }
  return text
}

@Suite("what a machine tells of itself") struct MachineTests {
  @Test("a server of two sockets")
  func server() throws {
    let cache = "sys/devices/system/cpu/cpu0/cache"
    let files = [
      "proc/cpuinfo": cpuInfo(sockets: 2, cores: 60, flags: "vmx"),
      "proc/meminfo": "MemTotal:       1056000000 kB\nMemFree: 5 kB\n",
      "proc/loadavg": "0.52 1.00 2.25 3/1234 5678\n",
      "proc/sys/kernel/osrelease": "6.8.0-45-generic\n",
      "etc/os-release": "NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
      "sys/devices/system/node/online": "0-1\n",
      "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "performance\n",
      "\(cache)/index0/level": "1\n", "\(cache)/index0/type": "Data\n", "\(cache)/index0/size": "48K\n",
      "\(cache)/index0/shared_cpu_list": "0,120\n",
      "\(cache)/index10/level": "3\n", "\(cache)/index10/type": "Unified\n",
      "\(cache)/index10/size": "300M\n",
      "\(cache)/index10/shared_cpu_list": "0-59,120-179\n",
      "\(cache)/index2/level": "2\n", "\(cache)/index2/type": "Unified\n",
      "\(cache)/index2/size": "nonsense\n",
    ]
    try withMachine(files) { machine in
      #expect(machine.processor == "INTEL(R) XEON(R) PLATINUM 8580")
      #expect(machine.logicalProcessors == 240)
      #expect(machine.cores == 120)
      #expect(machine.sockets == 2)
      #expect(machine.nodes == 2)
      #expect(machine.megahertz == 2300.125)
      #expect(machine.memoryBytes == 1_056_000_000 << 10)
      #expect(machine.load == [0.52, 1, 2.25])
      #expect(machine.kernel == "6.8.0")
      #expect(machine.system == "Debian GNU/Linux 12 (bookworm)")
      #expect(machine.governor == "performance")
      #expect(machine.hypervisor == "none")
      #expect(
        machine.caches == [
          MachineFacts.Cache(level: 1, type: "Data", bytes: 48 << 10, sharedBy: 2),
          MachineFacts.Cache(level: 3, type: "Unified", bytes: 300 << 20, sharedBy: 120),
        ]
      )
      #expect(machine.slug == "intel-xeon-platinum-8580")
    }
  }

  @Test("a virtual machine. Expect the hypervisor's name, or that it has none")
  func hypervisor() throws {
    let info = cpuInfo(sockets: 1, cores: 1, flags: "hypervisor")
    try withMachine(["proc/cpuinfo": info]) { #expect($0.hypervisor == "unnamed") }
    try withMachine(["proc/cpuinfo": info, "sys/class/dmi/id/sys_vendor": "QEMU\n"]) {
      #expect($0.hypervisor == "QEMU")
    }
    try withMachine(["proc/cpuinfo": info, "sys/hypervisor/type": "xen\n"]) {
      #expect($0.hypervisor == "xen")
    }
  }

  @Test("nothing, or nonsense. Expect that nothing is known, and no trap")
  func nonsense() throws {
    let paths = [
      "proc/cpuinfo", "proc/meminfo", "proc/loadavg", "proc/sys/kernel/osrelease", "etc/os-release",
      "sys/devices/system/node/online", "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
    ]
    let nonsense = [
      "", "\n", "\n\n\n", ":", "processor\n", "processor :\n", "MemTotal:\n", "MemTotal: -5 kB\n",
      "MemTotal: 99999999999999999999 kB", "MemTotal: 9223372036854775807 kB", "0-\n", "-\n", "5-2",
      "0-99999999999",
      "nan inf -1", "1e999 1 1", "1 2", "PRETTY_NAME=", String(repeating: "\u{0}", count: 300),
      "\u{fffd}: \u{fffd}", "processor : 0\nflags :\nmodel name :\n",
    ]
    for text in nonsense {
      try withMachine(Dictionary(uniqueKeysWithValues: paths.map { ($0, text) })) { machine in
        #expect(machine.logicalProcessors >= 1)
        #expect(machine.memoryBytes == nil)
        #expect(machine.load.isEmpty)
        #expect(machine.nodes == nil)
        #expect(!machine.slug.isEmpty)
        _ = Report.emptyJSON(on: machine)
      }
    }
    let nowhere = MachineFacts(root: "/nowhere/at/all")
    #expect(nowhere.processor == nil && nowhere.caches.isEmpty && nowhere.hypervisor == nil)
  }

  @Test(
    "a processor's name as part of a folder's",
    arguments: [
      ("Intel(R) Xeon(R) Processor @ 2.80GHz", "intel-xeon-processor-2.80ghz"),
      ("AMD EPYC 9654 96-Core Processor", "amd-epyc-9654-96-core-processor"),
      ("13th Gen Intel(R) Core(TM) i7-1365U CPU", "13th-gen-intel-core-i7-1365u"),
      ("../../etc/passwd", "etc-passwd"), ("..", "unknown"), ("", "unknown"), ("ünïcödé", "n-c-d"),
      (String(repeating: "x", count: 99), "unknown"),
    ]
  )
  func slug(name: String, slug: String) {
    var machine = MachineFacts.example
    machine.processor = name
    #expect(machine.slug == slug)
  }

  @Test("this machine. Expect neither its name nor a path in what is kept")
  func privacy() throws {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count)
    let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let run = RunFacts(arguments: [
      "/home/me/tdxbench", "run", "--json", "/home/me/x.json", "--csv=/home/me/y.csv", "--record", "~/me/r",
      "--filter", "construct/linux", "../me/z",
    ])
    #expect(run.commandLine == "tdxbench run --json x.json --csv=y.csv --record r --filter construct/linux z")
    let json = Report.emptyJSON(on: MachineFacts())
    #expect(host.count < 4 || !json.contains(host))
    #expect(!json.contains("/home/") && !json.contains(NSHomeDirectory() + "/"))
  }

  @Test("a command line with blanks and quotes. Expect it as a shell would take it")
  func quoting() {
    #expect(
      RunFacts(arguments: ["tdxbench", "a b", "it's'", ""]).commandLine
        == #"tdxbench 'a b' 'it'\''s'\''' ''"#
    )
  }
}
