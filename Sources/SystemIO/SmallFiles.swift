/// A tree of folders with small files, as /sys is one.
package protocol SmallFiles {
  /// What lies in a folder, without `.` and `..`, in no order.
  func names(in folder: String) throws(SystemError) -> [String]

  /// The bytes of a file, one more than `limit` of a longer one; nil where something other than a file is there.
  func bytes(of file: String, limit: Int) throws(SystemError) -> [UInt8]?
}

/// The files of the system.
package struct SystemFiles: SmallFiles {
  package init() {}

  package func names(in folder: String) throws(SystemError) -> [String] { try namesInFolder(folder) }

  package func bytes(of file: String, limit: Int) throws(SystemError) -> [UInt8]? {
    try bytesOfSmallFile(file, limit: limit)
  }
}
