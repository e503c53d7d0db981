import TDXMemory

/// Answers requests of `plan --jsonl`, one after the other, in memory that grows only to the largest.
public final class PlanResponder {
  private let defaults: PlanOptions
  private let defaultKeyIDBits: Int
  private let request = PlanRequest()
  private let session = PlanSession()

  /// - Parameters:
  ///   - defaults: what members that a request does not have are taken from.
  ///   - defaultKeyIDBits: the same for `keyid_bits`, 0 to 52.
  public init(defaults: PlanOptions, defaultKeyIDBits: Int) {
    self.defaults = defaults
    self.defaultKeyIDBits = defaultKeyIDBits
  }

  /// Appends the answer to a line: the plan, with the module's verdict where CMRs are given, or what is wrong.
  ///
  /// - Returns: false where the line is no request.
  public func answer(_ line: UnsafeRawBufferPointer, into writer: inout JSONWriter) -> Bool {
    do throws(RequestError) {
      try request.decode(line, defaults: defaults, defaultKeyIDBits: defaultKeyIDBits)
    } catch {
      writer.appendError(id: request.id, message: error.description)
      return false
    }
    let (plan, verdict) = session.plan(
      UnsafeBufferPointer(request.regions),
      convertible: request.hasConvertible ? UnsafeBufferPointer(request.convertible) : nil,
      options: request.options,
      keyIDBits: request.keyIDBits
    )
    writer.appendPlan(plan, id: request.id, options: request.options, verdict: verdict)
    return true
  }
}

/// Answers requests of `validate --jsonl`, one after the other, in memory that grows only to the largest.
public final class ValidateResponder {
  private let defaults: PlanOptions
  private let defaultKeyIDBits: Int
  private let request = ValidateRequest()
  private let rules = ModuleRules()

  /// - Parameters: as in `PlanResponder`; `policy` and `placement` do not matter.
  public init(defaults: PlanOptions, defaultKeyIDBits: Int) {
    self.defaults = defaults
    self.defaultKeyIDBits = defaultKeyIDBits
  }

  /// Appends the answer to a line: the module's verdict, or what is wrong.
  ///
  /// - Returns: false where the line is no request.
  public func answer(_ line: UnsafeRawBufferPointer, into writer: inout JSONWriter) -> Bool {
    do throws(RequestError) {
      try request.decode(line, defaults: defaults, defaultKeyIDBits: defaultKeyIDBits)
    } catch {
      writer.appendError(id: request.id, message: error.description)
      return false
    }
    writer.appendVerdict(rules.verdict(on: request.configuration), id: request.id)
    return true
  }
}

extension ValidateRequest {
  /// What the module's rules are asked about; valid until the next `decode`.
  public var configuration: ModuleConfiguration {
    ModuleConfiguration(
      tdmrs: tdmrs,
      cmrs: convertible,
      keyIDBits: keyIDBits,
      dynamicPAMT: dynamicPAMT,
      limits: limits
    )
  }
}
