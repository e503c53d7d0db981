import ArgumentParser
import BenchmarkKit

extension Profile: ExpressibleByArgument {}

/// A profile of one workload in place of a run.
struct ProfileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write a profile of WORKLOAD for google-pprof, in place of a run: cpu or heap.",
      discussion: "Prints the functions at the top of it where google-pprof is installed."
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
    let top: String
    do throws(ProfileError) {
      top = try profile.topFunctions(of: file)
    } catch {
      // The profile is there all the same.
      complain("\(error)")
      return true
    }
    try OutputTarget(nil).write(top)
    return true
  }
}

/// The workload of the suite with this name.
///
/// - Throws: `Failure` where there is none.
func workloadNamed(_ name: String) throws -> Workload {
  let all = try allWorkloads()
  guard let workload = all.first(where: { $0.name == name }) else {
    let nearest = NameFilter.nearest(to: name, among: all.map(\.name)).joined(separator: ", ")
    throw Failure("no workload is named \(name); the nearest are \(nearest)", .wrongUsage)
  }
  return workload
}
