import JSON
import Questions

extension JSONWriter {
  /// A host of a fleet as an object and a newline; `null` where something is not known or not needed.
  public mutating func appendRow(_ row: HostRow) {
    append("{")
    appendMember("host", row.host)
    switch row.result {
    case .success(let figures):
      appendFigures(figures)
      appendMember("error", known: nil as String?)
    case .failure(let error):
      appendFigures(nil)
      appendMember("error", error.message)
    }
    appendMember("kernel", known: row.kernel)
    appendMember("module_version", known: row.moduleVersion)
    append("}\n")
  }
}

extension HostRow {
  /// The head of ``csv``.
  public static let csvHead =
    "host,outcome,reason,tdmrs,most_areas,pamt_kib,optimal_pamt_kib,dynamic_pamt_kib,remedy,remedy_bytes,group,error,"
    + "kernel,module_version\n"

  /// The members of the JSON row, in their order; what is not known is empty.
  public var csv: String {
    let figures = try? result.get()
    var error = ""
    if case .failure(let failure) = result { error = failure.message }
    func text(_ number: UInt64?) -> String { number.map { "\($0)" } ?? "" }
    return CSVRow.text([
      host, figures?.outcome ?? "", figures?.reason ?? "", text(figures?.tdmrs), text(figures?.mostAreas),
      text(figures?.pamtKiB), text(figures?.optimalPAMTKiB), text(figures?.dynamicPAMTKiB),
      figures?.remedy ?? "", text(figures?.remedyBytes), figures?.group.description ?? "", error,
      kernel ?? "", moduleVersion ?? "",
    ])
  }
}
