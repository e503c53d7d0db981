import ArgumentParser
import Requests
import Streams
import TDXMemory

struct PlanCommand: StreamingCommand {
  typealias Request = PlanRequest

  static let name = "plan"

  static let configuration = CommandConfiguration(
    commandName: name,
    abstract: "Turns a memory map into TDMRs, PAMTs and reserved areas.",
    discussion: """
      Reads boot logs (e820, early node ranges, CMRs), dumps of memblock, /proc/iomem, lsmem -J, and maps that \
      tdxbench wrote; the kind of each line is recognised by itself. Exit status 0 where the plan fits and the \
      module would accept it, 1 where not.
      """
  )

  @OptionGroup var input: InputArguments

  @Option(help: "How TDMRs and holes are chosen: as Linux does, or with the least memory lost.")
  var policy = Policy.linux

  @Option(help: "Where the kernel's allocator is taken to place PAMTs; optimal places them itself.")
  var placement = Placement.firstFit

  @Flag(
    help: "Where there is no optimal plan, give up the least memory that makes one possible, and name it."
  )
  var giveUp = false

  @OptionGroup var module: ModuleArguments

  @OptionGroup var profile: ProfileArguments

  @Flag(help: "Plan for a second kernel that is started from this one by kexec.")
  var afterKexec = false

  @Option(
    help: ArgumentHelp(
      "With --after-kexec: memory that is handed over to the second kernel (repeat for more).",
      valueName: "range"
    )
  )
  var khoScratch: [MemoryRangeArgument] = []

  @Option(help: "tdmr-info: the bytes that TDH.SYS.CONFIG would be handed.")
  var format = PlanFormat.text

  @Option(name: .shortAndLong, help: ArgumentHelp("Write to a file, whole or not at all.", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp("Also write the map that was read: .json, .tdxmap, else text.", valueName: "file")
  )
  var writeMap: String?

  @Option(
    help: ArgumentHelp(
      "Also draw the memory and the plan: a picture that any browser shows.",
      valueName: "file"
    )
  )
  var svg: String?

  @OptionGroup var stream: StreamArguments

  @OptionGroup var terminal: TerminalArguments

  var keyIDBits: Int? { module.keyIDBits }

  var optionsOfOneAnswer: KeyValuePairs<String, Bool> {
    ["--write-map": writeMap != nil, "--give-up": giveUp, "--svg": svg != nil]
  }

  var profiles: NamedProfiles { profile.named(module) }

  func makeRequest() -> () -> PlanRequest {
    let kexec = kexec
    return { PlanRequest(afterKexec: kexec) }
  }

  private var kexec: AfterKexec { AfterKexec(isAsked: afterKexec, areas: khoScratch.map(\.range)) }

  var options: PlanOptions {
    PlanOptions(
      policy: policy,
      placement: placement,
      dynamicPAMT: module.dynamicPAMT,
      limits: module.limits
    )
  }

  private var question: PlanQuestion {
    PlanQuestion(
      inputs: input.inputs,
      options: options,
      keyIDBits: module.keyIDBits,
      profiles: profiles,
      afterKexec: kexec,
      givesUp: giveUp,
      format: format,
      output: output,
      writeMap: writeMap,
      svg: svg
    )
  }

  func validate() throws {
    guard !giveUp || policy == .optimal else {
      throw ValidationError("--give-up goes with --policy optimal")
    }
    guard khoScratch.isEmpty || afterKexec else {
      throw ValidationError("--kho-scratch goes with --after-kexec")
    }
    let files = [output, writeMap, svg].compactMap { $0 }.filter { $0 != "-" }
    guard Set(files).count == files.count else {
      throw ValidationError("--output, --write-map and --svg name the same file")
    }
    try validateStream()
  }

  func run() throws {
    if stream.jsonl { try answerStream() } else { try question.answer() }
  }
}

extension PlanFormat: ExpressibleByArgument {}
