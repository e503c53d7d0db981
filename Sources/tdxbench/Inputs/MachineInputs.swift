import Glibc
import MapReaders

/// What describes one machine: files together, `-` for standard input, and perhaps this machine itself.
struct MachineInputs {
  var files: [String]
  var host = false
  /// Whether somebody says that they are one machine's, whatever they contradict.
  var areOneMachine = false

  /// What the input is called in an answer.
  var name: String { (files + (host ? ["--host"] : [])).joined(separator: " ") }

  /// The inputs one by one, this machine last.
  var all: [Input] {
    files.map { $0 == "-" ? .standardInput : .file($0) } + (host ? [.host] : [])
  }

  /// Reads the machine that the inputs describe together, and says so where that takes long.
  func machine() throws -> Machine {
    ProgressWatch.beginReading(files, name: name)
    return try read()
  }

  /// The same where somebody else says what is done.
  func read() throws -> Machine {
    do throws(InputError) {
      return try readMachine(all, areOneMachine: areOneMachine)
    } catch {
      throw Failure(error)
    }
  }
}

extension Failure {
  /// A file that could not be opened.
  init(opening file: String, _ code: Int32) {
    let missing = code == ENOENT || code == ENOTDIR
    self.init("\(file): \(String(cString: strerror(code)))", missing ? .noInput : .ioError)
  }
}
