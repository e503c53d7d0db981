import BenchmarkKit
import JSON

extension Record {
  /// The files of a record's folder, by name.
  ///
  /// - Parameter items: what the items of the workloads are, in the plural.
  static func files(_ record: Record, _ report: Report, items: String) -> [(name: String, text: String)] {
    [
      ("samples.json", record.samples.json.text),
      (
        "summary.json",
        report.googleBenchmarkJSON(machine: record.machine, build: record.build, run: record.run)
      ),
      ("summary.csv", report.csv()),
      ("machine.json", record.machineJSON.text),
      ("README.md", record.readme(report, items: items)),
    ]
  }

  /// The file machine.json: machine, build and run.
  private var machineJSON: JSONValue {
    .object([
      ("format", .integer(Samples.currentFormat)),
      ("machine", machine.json),
      (
        "build",
        .object([
          ("compiler", .string(build.compiler)),
          ("configuration", .string(build.configuration)),
          ("flags", .string(build.flags)),
          ("commit", .known(build.commit)),
          ("modified", build.isModified.map(JSONValue.bool) ?? .null),
        ])
      ),
      (
        "run",
        .object([("date", .string(run.date)), ("command", .array(run.command.map(JSONValue.string)))])
      ),
    ])
  }

  private func readme(_ report: Report, items: String) -> String {
    let commit = build.commit.map { $0 + (build.isModified == true ? ", with changes" : "") }
    let caches = machine.caches.map { "L\($0.level) \($0.type.lowercased()) \($0.bytes >> 10) KiB" }
    let facts: [(String, String?)] = [
      ("processor", machine.processor),
      ("logical processors", "\(machine.logicalProcessors)"),
      ("caches", caches.isEmpty ? nil : caches.joined(separator: ", ")),
      ("memory", machine.memoryBytes.map { "\($0 >> 20) MiB" }),
      ("hypervisor", machine.hypervisor),
      ("kernel", machine.kernel),
      ("system", machine.system),
      ("governor", machine.governor),
      ("load", machine.load.isEmpty ? nil : machine.load.map { "\($0)" }.joined(separator: " ")),
      ("compiler", "\(build.compiler), \(build.configuration) (\(build.flags))"),
      ("commit", commit),
      ("seed", "\(samples.seed)"),
    ]
    var text = "# \(run.date)\n\n"
    text += "`\(run.commandLine)`\n\n"
    text += report.markdown(items: items)
    text += "\n## Measured on\n\n| | |\n| --- | --- |\n"
    for (name, value) in facts { text += "| \(name) | \(value ?? "not told") |\n" }
    text += "\nWhat the files are: see the README beside this folder.\n"
    return text
  }
}

extension MachineFacts {
  fileprivate var json: JSONValue {
    .object([
      ("processor", .known(processor)),
      ("architecture", .string(architecture)),
      ("logical_processors", .integer(logicalProcessors)),
      ("cores", .known(cores)),
      ("sockets", .known(sockets)),
      ("nodes", .known(nodes)),
      ("megahertz", megahertz.map(JSONValue.number) ?? .null),
      (
        "caches",
        .array(
          caches.map { cache in
            .object([
              ("level", .integer(cache.level)), ("type", .string(cache.type)),
              ("bytes", .integer(cache.bytes)), ("shared_by", .integer(cache.sharedBy)),
            ])
          }
        )
      ),
      ("memory_bytes", .known(memoryBytes)),
      ("kernel", .known(kernel)),
      ("system", .known(system)),
      ("governor", .known(governor)),
      ("load", .array(load.map(JSONValue.number))),
      ("hypervisor", .known(hypervisor)),
    ])
  }
}
