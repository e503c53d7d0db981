import CLeftovers
import Glibc

/// A folder, and those above it, made where they were not there.
///
/// Those that were made are gone again if nothing was put into them: once `removeEmpty` is asked for, and where a signal
/// ends the process (SIGINT, SIGTERM, SIGHUP) while this is there.
package struct MadeFolders: ~Copyable {
  /// The outermost first.
  private var paths: [String] = []
  /// By what a signal finds them.
  private var leftovers: [Int32] = []

  package init(_ path: String) throws(SystemError) {
    var folder = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      folder += part
      if !part.isEmpty {
        if mkdir(folder, 0o777) == 0 {
          paths.append(folder)
          leftovers.append(remove_empty_at_signal(folder))
        } else if errno != EEXIST {
          let error = SystemError(.write, folder)
          removeEmpty()
          throw error
        }
      }
      folder += "/"
    }
  }

  deinit { for leftover in leftovers { keep_at_signal(leftover) } }

  /// Removes those of the folders that are empty.
  package func removeEmpty() { for path in paths.reversed() { rmdir(path) } }
}
