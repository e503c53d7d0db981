import JSON
import TDXMemory

extension JSONWriter {
  /// `{"id":…,"status":"0x…","name":…}` and a newline, with `tdmr` and `level` where the refusal is about one, and
  /// `"op":"validate"` at its end.
  public mutating func appendVerdict(_ verdict: ModuleVerdict, id: UnsafeRawBufferPointer) {
    appendID(id)
    append(",")
    appendStatus(verdict)
    if let tdmr = verdict.tdmr {
      append(#","tdmr":"#)
      append(UInt64(tdmr))
    }
    if let level = verdict.level {
      append(#","level":"#)
      appendString(level.name)
    }
    appendVerb("validate")
    append("}\n")
  }

  /// `"status":"0x…","name":…`.
  mutating func appendStatus(_ verdict: ModuleVerdict) {
    append(#""status":""#)
    appendHex(verdict.status)
    append(#"","name":"#)
    appendString(verdict.name)
  }
}
