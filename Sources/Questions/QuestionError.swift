/// Why a question about a machine has no answer.
public enum QuestionError: Error, Hashable, Sendable {
  /// The machine is not one that can be asked about.
  case machine(String)
  /// What is asked does not make sense.
  case question(String)
}

extension QuestionError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .machine(let message), .question(let message): message
    }
  }
}
