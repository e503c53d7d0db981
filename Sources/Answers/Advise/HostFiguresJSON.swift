import JSON
import Questions

extension JSONWriter {
  /// The members of a host's row, `null` where something is not known or not needed.
  ///
  /// - Parameter figures: nil of a host that could not be read.
  mutating func appendFigures(_ figures: HostFigures?) {
    appendMember("outcome", known: figures?.outcome)
    appendMember("reason", known: figures?.reason)
    appendMember("tdmrs", known: figures?.tdmrs)
    appendMember("most_areas", known: figures?.mostAreas)
    appendMember("pamt_kib", known: figures?.pamtKiB)
    appendMember("optimal_pamt_kib", known: figures?.optimalPAMTKiB)
    appendMember("dynamic_pamt_kib", known: figures?.dynamicPAMTKiB)
    appendMember("remedy", known: figures?.remedy)
    appendMember("remedy_bytes", known: figures?.remedyBytes)
    appendMember("group", known: figures?.group.description)
  }
}
