import TDXMemory

/// What a plan is for: this kernel, or a second one that is started from it by kexec.
public struct AfterKexec: Hashable, Sendable {
  /// `--after-kexec`.
  public var isAsked: Bool
  /// The areas that are handed over, `--kho-scratch`: of whole pages, in any order.
  public var areas: [AddressRange]

  public init(isAsked: Bool = false, areas: [AddressRange] = []) {
    (self.isAsked, self.areas) = (isAsked, areas)
  }
}
