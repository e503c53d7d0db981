import Glibc
import SystemIO
import TDXMemory

extension InputError {
  /// What the system said about a file.
  ///
  /// - Parameter limit: the most bytes that were to be read.
  public init(_ error: SystemError, limit: Int = InputBytes.readLimit) {
    let file = error.path ?? Input.standardInputName
    if error.operation == .read, error.code == EFBIG {
      let most = ByteCount(UInt64(limit))
      self.init(kind: .badData, file: file, message: "it has more than \(most), the most that is read")
      return
    }
    if error.code == ENOMEM {
      self.init(kind: .noMemory, file: file, message: "out of memory: what it holds does not fit")
      return
    }
    let isMissing = [ENOENT, ENOTDIR, ENAMETOOLONG].contains(error.code)
    self.init(kind: isMissing ? .notFound : .io, file: file, message: error.reason)
  }
}

/// Does what the system may refuse, its refusal being the input's error.
func reading<Result>(
  limit: Int = InputBytes.readLimit,
  _ body: () throws(SystemError) -> Result
) throws(InputError) -> Result {
  do throws(SystemError) { return try body() } catch { throw InputError(error, limit: limit) }
}

/// The bytes of a file that is no folder.
func bytes(of path: String, limit: Int = InputBytes.readLimit) throws(InputError) -> InputBytes {
  try reading(limit: limit) { () throws(SystemError) in try InputBytes.open(path, limit: limit) }
}

func standardInput(limit: Int = InputBytes.readLimit) throws(InputError) -> InputBytes {
  try reading(limit: limit) { () throws(SystemError) in
    try InputBytes.read(STDIN_FILENO, name: Input.standardInputName, limit: limit)
  }
}
