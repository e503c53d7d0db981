import ArgumentParser
import BenchmarkKit
import Pictures
import Reports
import TerminalText

extension Profile: ExpressibleByArgument {}

/// A profile of one workload in place of a run.
struct ProfileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write a profile of WORKLOAD for google-pprof, in place of a run: cpu or heap.",
      discussion:
        "Where google-pprof is installed, prints what costs most and draws a flame graph, an SVG beside the profile."
    )
  )
  var profile: Profile?

  @Option(help: ArgumentHelp("The profile's file (default: tdxbench-WORKLOAD.KIND.prof).", valueName: "file"))
  var profileOutput: String?

  @Argument(help: "The workload to profile: with --profile only.")
  var workload: String?

  func validate() throws {
    if profile == nil, let workload {
      throw ValidationError(
        "'\(workload)' is no command; a workload to measure is named with --filter, one to profile with --profile."
      )
    }
    if profile == nil, profileOutput != nil {
      throw ValidationError("--profile-output goes with --profile.")
    }
    if profile != nil, workload == nil {
      throw ValidationError("--profile goes with the name of a workload.")
    }
  }

  /// Makes the profile, if one is wanted.
  ///
  /// - Returns: whether one was.
  func run() throws -> Bool {
    guard let profile, let name = workload else { return false }
    let workload = try workloadNamed(name)
    let slug = name.map { $0.isLetter || $0.isNumber || "-_.".contains($0) ? $0 : "-" }
    let file = profileOutput ?? "tdxbench-\(String(slug)).\(profile.rawValue).prof"
    do throws(ProfileError) {
      let calls = try profile.record(workload, to: file)
      complain("\(calls) calls of \(name), profile in \(file)")
    } catch {
      throw Failure(error.description, .ioError)
    }
    let stacks: StackProfile
    do throws(ProfileError) {
      stacks = try profile.stacks(of: file)
    } catch {
      // The profile is there all the same.
      complain("\(error)")
      return true
    }
    try OutputTarget(nil).write(stacks.table())
    try draw(stacks, of: name, to: Self.pictureName(file))
    return true
  }

  /// The flame graph of the profile, beside it.
  private func draw(_ stacks: StackProfile, of workload: String, to file: String) throws {
    guard stacks.cost > 0 else { return complain("no stack is of \(workload): there is nothing to draw") }
    let scene = FlameGraph.scene(
      of: stacks.stacks.map { ($0.frames, $0.cost) },
      name: workload,
      title: "\(workload): \(stacks.profile == .cpu ? "time" : "memory that was asked for")",
      text: stacks.text
    )
    try OutputTarget(file).write(data: scene.svg)
    complain("flame graph in \(file)")
  }

  /// `x.svg` of `x.prof`.
  private static func pictureName(_ file: String) -> String {
    (file.hasSuffix(".prof") ? String(file.dropLast(5)) : file) + ".svg"
  }
}

/// The workload of the suite with this name.
///
/// - Throws: `Failure` where there is none.
func workloadNamed(_ name: String) throws -> Workload {
  let all = try allWorkloads()
  guard let workload = all.first(where: { $0.name == name }) else {
    let names = all.map(\.name)
    let nearest = NameFilter.nearest(to: name, among: names).joined(separator: ", ")
    let meant =
      suggestion(for: name, among: names).map { "did you mean \($0)?" } ?? "the nearest are \(nearest)"
    throw Failure(
      "no workload is named \(fitForTerminal(name)); \(meant)\nUsage: tdxbench run --profile cpu|heap <workload>; `tdxbench list` "
        + "has all names",
      .wrongUsage
    )
  }
  return workload
}
