import Glibc

/// A pipe that no program started later inherits. Its ends are the owner's to close.
package struct Pipe {
  package let reading: Int32
  package let writing: Int32

  package init() throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw SystemError(.read) }
    // No other thread of this program starts one between the two steps.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    reading = ends[0]
    writing = ends[1]
  }
}
