import TDXMemory

extension SysfsDirectory {
  /// `/sys/firmware/memmap/N/{start,end,type}`: what firmware said, before the kernel's edits; in any order.
  func readFirmwareMemmap(
    _ path: String,
    _ names: [String]
  ) throws(InputError) -> Findings {
    var list = RangeList()
    for name in names {
      let entry = "\(path)/\(name)"
      let type = try line("\(entry)/type")
      guard type == "System RAM" else {
        if withCursor(type, { $0.trimmed.isSlip(of: "System RAM") || $0.trimmed.equals("System RAM") }) {
          throw InputError(
            kind: .badData,
            file: "\(entry)/type",
            line: 1,
            text: type,
            message: "this looks like `System RAM` and is not"
          )
        }
        continue
      }
      let first = try number("\(entry)/start") { $0.takeHex() }
      let last = try number("\(entry)/end") { $0.takeHex() }
      guard first <= last else {
        throw InputError(kind: .badData, file: entry, message: "the range ends before it starts")
      }
      list.append(ListedRange(range: AddressRange(unchecked: first, last.addingSaturated(1))))
    }
    var findings = Findings()
    findings.add(list, from: .firmwareMemmap, file: path)
    return findings
  }
}
