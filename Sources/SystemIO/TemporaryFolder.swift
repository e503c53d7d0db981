import Glibc

/// A folder of this process alone, removed with what lies in it when the last reference goes.
package final class TemporaryFolder: Sendable {
  /// Always of the same length, so that it moves nothing where it lies on a stack.
  package let path: String

  /// - Returns: nil where none can be made in ``temporaryFolderPath``; errno says why.
  package init?() {
    guard let template = strdup("\(temporaryFolderPath)/tdxbench-XXXXXX") else { return nil }
    defer { free(template) }
    guard mkdtemp(template) != nil else { return nil }
    path = String(cString: template)
  }

  deinit {
    removeFiles { _ in true }
    rmdir(path)
  }

  /// Removes the files in the folder whose name `isChosen`.
  package func removeFiles(where isChosen: (String) -> Bool) {
    for name in (try? namesInFolder(path)) ?? [] where isChosen(name) { unlink("\(path)/\(name)") }
  }
}

/// Where temporary files go: TMPDIR, as mkdtemp(3) does not look for it itself.
package var temporaryFolderPath: String {
  let path = getenv("TMPDIR").map { String(cString: $0) } ?? ""
  return path.isEmpty ? "/tmp" : path
}
