import Glibc
import SystemIO

extension InputError {
  /// What the system said about a file.
  public init(_ error: SystemError) {
    let file = error.path ?? Input.standardInputName
    if error.operation == .read, error.code == EFBIG {
      self.init(kind: .badData, file: file, message: "more than 1 GiB comes through a pipe or a device")
      return
    }
    let isMissing = [ENOENT, ENOTDIR, ENAMETOOLONG].contains(error.code)
    self.init(kind: isMissing ? .notFound : .io, file: file, message: error.reason)
  }
}

/// Does what the system may refuse, its refusal being the input's error.
func reading<Result>(_ body: () throws(SystemError) -> Result) throws(InputError) -> Result {
  do throws(SystemError) { return try body() } catch { throw InputError(error) }
}

/// The bytes of a file that is no folder.
func bytes(of path: String) throws(InputError) -> InputBytes {
  try reading { () throws(SystemError) in try InputBytes.open(path) }
}

func standardInput() throws(InputError) -> InputBytes {
  try reading { () throws(SystemError) in
    try InputBytes.read(STDIN_FILENO, name: Input.standardInputName)
  }
}
