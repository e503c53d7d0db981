/// The id of a global metadata field of the module, as TDH.SYS.RD takes it in RDX.
///
/// Bits 23:0 are the field code, 33:32 the size of an element (2^n bytes), 54:52 the context (0 is the whole
/// platform), 61:56 the class; bit 63 tells fields that the module's implementation defines (`md_field_id_t`).
public struct MetadataField: Hashable, Sendable {
  public let id: UInt64

  public init(_ id: UInt64) { self.id = id }

  public var fieldCode: UInt32 { UInt32(id & 0xff_ffff) }
  public var elementBytes: Int { 1 << Int(id >> 32 & 3) }
  public var contextCode: UInt8 { UInt8(id >> 52 & 7) }
  public var classCode: UInt8 { UInt8(id >> 56 & 0x3f) }

  /// What the class of a platform-wide field is about; nil where it is not in the table.
  public var className: String? { contextCode == 0 ? Self.classes[classCode] : nil }

  /// The field's name, with an index where it is one of several; nil where it is not in the table.
  public var name: String? {
    guard contextCode == 0 else { return nil }
    // The size and the numbers of elements and fields say how much is read, not what.
    let wanted = Key(classCode: classCode, fieldCode: fieldCode)
    if let entry = Self.names[wanted] { return entry.count > 1 ? "\(entry.name)[0]" : entry.name }
    for (key, entry) in Self.names where key.classCode == classCode && entry.count > 1 {
      if key.fieldCode < fieldCode, fieldCode - key.fieldCode < entry.count {
        return "\(entry.name)[\(fieldCode - key.fieldCode)]"
      }
    }
    return nil
  }

  struct Key: Hashable {
    var classCode: UInt8
    var fieldCode: UInt32
  }
}

extension MetadataField: CustomStringConvertible {
  /// `MAX_TDMRS (class 0x11, TDMRs; field 0x8)`.
  public var description: String {
    let about = className.map { ", \($0)" } ?? ""
    let place = "class \(hexText(UInt64(classCode)))\(about); field \(hexText(UInt64(fieldCode)))"
    return "\(name ?? "a field that is not in the table") (\(place))"
  }
}
