import BenchmarkKit
import BenchmarkRecords
import Foundation
import Testing

@Suite("the formats that others read") struct FormatTests {
  let report = Report(
    rows: [
      row(
        "construct/a",
        [100, 110, 120, 130],
        ratios: [ratio(.reference, "c/a", 0.5), ratio(.memcpy, "memcpy/a", 8)],
        instructions: 9763
      ),
      wrongRow("parse/b", "expected 5 TDMRs, got 4"),
    ],
    warnings: ["The load is 3.2: wait."]
  )

  func google(_ report: Report) throws -> (context: [String: Any], benchmarks: [[String: Any]]) {
    let json = try parsed(report.googleBenchmarkJSON(machine: .example, build: .example, run: .example))
    let object = try #require(json as? [String: Any])
    return (
      try #require(object["context"] as? [String: Any]),
      try #require(object["benchmarks"] as? [[String: Any]])
    )
  }

  @Test("Google Benchmark JSON: repetitions, then aggregates, with our counters beside them")
  func googleBenchmark() throws {
    let (context, benchmarks) = try google(report)
    #expect(context["json_schema_version"] as? Int == 1)
    #expect(context["host_name"] as? String == "")
    #expect(context["date"] as? String == "2026-03-01T12:00:00Z")
    #expect(context["command"] as? String == "tdxbench run --json y.json")
    #expect(context["warnings"] as? [String] == ["The load is 3.2: wait."])
    let names = benchmarks.map { $0["name"] as? String }
    let aggregates = ["mean", "median", "stddev", "cv"]
    #expect(
      names == Array(repeating: "construct/a", count: 4) + aggregates.map { "construct/a_\($0)" } + [
        "parse/b"
      ]
    )
    #expect(benchmarks.allSatisfy { $0["time_unit"] as? String == "ns" })
    #expect(benchmarks.prefix(8).allSatisfy { $0["run_name"] as? String == "construct/a" })
    #expect(benchmarks.prefix(4).map { $0["repetition_index"] as? Int } == [0, 1, 2, 3])
    #expect(benchmarks.prefix(8).map { $0["real_time"] as? Double }.prefix(4) == [10, 11, 12, 13])
    #expect(benchmarks.prefix(8).allSatisfy { $0["real_time"] as? Double == $0["cpu_time"] as? Double })
    #expect(benchmarks[4...].prefix(4).map { $0["aggregate_name"] as? String } == aggregates)
    #expect(benchmarks[4]["real_time"] as? Double == 11.5)
    #expect(benchmarks[5]["real_time"] as? Double == 11.5)
    // The sample's: the square root of (2.25 + 0.25 + 0.25 + 2.25) / 3.
    #expect(abs((benchmarks[6]["real_time"] as? Double ?? 0) - 1.2909944487) < 1e-9)
    #expect(benchmarks[7]["aggregate_unit"] as? String == "percentage")
    #expect(abs((benchmarks[7]["real_time"] as? Double ?? 0) - 0.1122603868) < 1e-9)
    let first = benchmarks[0]
    #expect(first["iterations"] as? Int == 10)
    #expect(first["items_per_second"] as? Double == 8e8)
    #expect(first["bytes_per_second"] as? Double == 192e8)
    #expect(first["allocations"] as? Int == 2)
    #expect(first["frees"] as? Int == 1)
    #expect(first["allocated_bytes"] as? Int == 64)
    #expect(first["peak_bytes"] as? Int == 48)
    #expect(first["instructions"] as? Int == 9763)
    #expect(first["ratio_to_reference"] as? Double == 0.5)
    #expect(first["ratio_to_memcpy"] as? Double == 8)
    let wrong = benchmarks[8]
    #expect(wrong["error_occurred"] as? Bool == true)
    #expect(wrong["error_message"] as? String == "expected 5 TDMRs, got 4")
    #expect(wrong["real_time"] as? Double == 0)
  }

  @Test("1,000 samples. Expect 10 repetitions of 100 rounds each, and the median of all")
  func manySamples() throws {
    let report = Report(rows: [row("a", (0..<1000).map { 1000 + $0 }, calls: 1, allocations: .unavailable)])
    let (_, benchmarks) = try google(report)
    #expect(benchmarks.count == 14)
    #expect(benchmarks[0]["repetitions"] as? Int == 10)
    #expect(benchmarks[0]["iterations"] as? Int == 100)
    #expect(benchmarks[0]["real_time"] as? Double == 1049.5)
    #expect(benchmarks[9]["real_time"] as? Double == 1949.5)
    #expect(benchmarks[11]["real_time"] as? Double == 1499.5)
    #expect(benchmarks[0]["allocations"] == nil)
    #expect(benchmarks[0]["instructions"] == nil)
  }

  @Test("several threads. Expect them in the name, and the rate of all together")
  func threads() throws {
    let (_, benchmarks) = try google(Report(rows: [row("a", [100], calls: 1, threads: 4)]))
    #expect(benchmarks[0]["name"] as? String == "a/threads:4")
    #expect(benchmarks[0]["threads"] as? Int == 4)
    #expect(benchmarks[0]["items_per_second"] as? Double == 32e7)
  }

  @Test("CSV, a golden example")
  func csv() {
    // Samples of which every statistic has few digits.
    let ratios = [ratio(.reference, "c/a", 0.5), ratio(.memcpy, "memcpy/a", 8)]
    let report = Report(rows: [
      row("construct/a", [100, 100, 100, 100], ratios: ratios, instructions: 9763),
      wrongRow("parse/b", "expected 5 TDMRs, got 4"),
    ])
    #expect(
      report.csv() == """
        name,error,threads,samples,calls_per_sample,median_ns,median_low_ns,median_high_ns,mad_ns,min_ns,p90_ns,\
        p99_ns,max_ns,items_per_second,bytes_per_second,allocations,frees,allocated_bytes,peak_bytes,\
        allocations_exact,instructions,ratio_to_reference,ratio_to_reference_low,ratio_to_reference_high,\
        ratio_to_memcpy,ratio_to_memcpy_low,ratio_to_memcpy_high,ratio_to_sum,ratio_to_sum_low,\
        ratio_to_sum_high,ratio_to_memchr,ratio_to_memchr_low,ratio_to_memchr_high\r
        construct/a,,1,4,10,10.0,10.0,10.0,0.0,10.0,10.0,10.0,10.0,800000000.0,19200000000.0,2,1,64,48,true,\
        9763,0.5,0.25,1.0,8.0,4.0,16.0,,,,,,\r
        parse/b,"expected 5 TDMRs, got 4",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\r

        """
    )
  }

  @Test("Markdown, a golden example")
  func markdown() {
    #expect(
      report.markdown(items: "regions") == """
        | workload | per call | 95 % interval | regions/s | bytes/s | × reference | × memcpy | allocations | instructions |
        | --- | --: | --: | --: | --: | --: | --: | --: | --: |
        | `construct/a` | 11.5 ns | 10.0 ns … 13.0 ns | 696 M | 16.7 GB | 0.50x | 8.00x | 2 | 9763 |
        | `parse/b` | **wrong** |  |  |  |  |  |  |  |

        * wrong: `parse/b`: expected 5 TDMRs, got 4
        * warning: The load is 3.2: wait.

        """
    )
  }

  @Test("Bencher Metric Format, a golden example")
  func bencher() {
    #expect(
      report.bencherJSON() == """
        {
          "construct/a": {
            "latency": {
              "value": 11.5,
              "lower_value": 10.0,
              "upper_value": 13.0
            },
            "ratio_to_reference": {
              "value": 0.5,
              "lower_value": 0.25,
              "upper_value": 1.0
            },
            "ratio_to_memcpy": {
              "value": 8.0,
              "lower_value": 4.0,
              "upper_value": 16.0
            },
            "allocations": {
              "value": 2
            },
            "frees": {
              "value": 1
            },
            "allocated_bytes": {
              "value": 64
            },
            "peak_bytes": {
              "value": 48
            },
            "instructions": {
              "value": 9763
            }
          }
        }

        """
    )
  }

  @Test("github-action-benchmark: time, allocations, instructions")
  func gitHubAction() throws {
    let entries = try #require(try parsed(report.gitHubActionJSON()) as? [[String: Any]])
    #expect(
      entries.map { $0["name"] as? String } == [
        "construct/a", "construct/a allocations", "construct/a instructions",
      ]
    )
    #expect(entries.map { $0["unit"] as? String } == ["ns", "allocations", "instructions"])
    #expect(entries.map { $0["value"] as? Double } == [11.5, 2, 9763])
    #expect(entries[0]["range"] as? String == "10.0 … 13.0")
  }

  @Test("names and complaints with all that formats give a meaning to. Expect them back as they were")
  func escaping() throws {
    let report = Report(rows: [row(nasty), wrongRow("\(nasty)2", nasty)], warnings: [nasty])
    let (context, benchmarks) = try google(report)
    #expect(context["warnings"] as? [String] == [nasty])
    #expect(benchmarks.first?["name"] as? String == nasty)
    #expect(benchmarks.last?["error_message"] as? String == nasty)
    let metrics = try #require(try parsed(report.bencherJSON()) as? [String: Any])
    #expect(Array(metrics.keys) == [nasty])
    let entries = try #require(try parsed(report.gitHubActionJSON()) as? [[String: Any]])
    #expect(entries.first?["name"] as? String == nasty)
    #expect(report.csv().contains("\r\n\"" + nasty.replacing("\"", with: "\"\"") + "\",,1,3,"))
    let lines = report.markdown(items: "items").split(separator: "\n")
    #expect(lines.count == 2 + 2 + 2)
    #expect(lines[2].hasPrefix("| a\"b\\\\c,d\\|e\\`f"))
    // Nine cells' worth of bars in each line of the table: none came from a name.
    for line in lines.prefix(4) { #expect(line.replacing("\\|", with: "").count { $0 == "|" } == 7) }
  }

  @Test("no rows. Expect what each format has for nothing")
  func empty() throws {
    let (_, benchmarks) = try google(Report(rows: []))
    #expect(benchmarks.isEmpty)
    #expect(Report(rows: []).bencherJSON() == "{}\n")
    #expect(Report(rows: []).gitHubActionJSON() == "[]\n")
    #expect(Report(rows: []).csv().split(separator: "\r\n").count == 1)
    #expect(Report(rows: []).markdown(items: "items").split(separator: "\n").count == 2)
  }

  @Test("an interrupted run, and a workload without samples. Expect rows without a time")
  func interrupted() throws {
    let report = Report(
      rows: [Row(workload: workload("a"), outcome: .notReached), row("b", [])],
      isComplete: false
    )
    let (context, benchmarks) = try google(report)
    #expect(context["complete"] as? Bool == false)
    #expect(benchmarks.allSatisfy { $0["error_occurred"] as? Bool == true })
    #expect(report.bencherJSON() == "{}\n")
    let markdown = report.markdown(items: "items")
    #expect(markdown.contains("| `b` | not measured |") && !markdown.contains("`a`"))
    #expect(markdown.contains("incomplete: interrupted before the end; 1 workload was not reached"))
  }

  @Test("times of zero, as a clock too coarse would tell. Expect no rates, and JSON all the same")
  func zero() throws {
    let (_, benchmarks) = try google(Report(rows: [row("a", [0, 0])]))
    #expect(benchmarks.count == 6)
    #expect(benchmarks[0]["items_per_second"] == nil)
  }
}
