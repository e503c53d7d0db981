import Requests
import SystemIO
import TDXMemory

/// Where the description of a machine comes from.
public enum Input: Sendable, Hashable {
  /// A file, or a directory of /sys or a copy of one.
  case file(String)
  case standardInput
  /// The machine that this runs on.
  case host

  static let standardInputName = "standard input"

  fileprivate var name: String {
    switch self {
    case .file(let path): path
    case .standardInput: Self.standardInputName
    case .host: Host.name
    }
  }
}

/// Reads the description of one machine from all the inputs together. The kind of each line and of each file is
/// recognised by itself.
///
/// - Parameter areOneMachine: whether somebody says that they are; otherwise inputs that contradict each other are refused.
/// - Throws: `InputError`: a missing file, data that is wrong, no memory in any input, or inputs of several machines.
public func readMachine(_ inputs: [Input], areOneMachine: Bool = false) throws(InputError) -> Machine {
  try machine(inputs.map(\.name), areOneMachine: areOneMachine) { (index) throws(InputError) in
    switch inputs[index] {
    case .file(let path):
      if isFolder(path) { return try SysfsDirectory().read(path) }
      return try findings(in: try bytes(of: path), file: path)
    case .standardInput:
      return try findings(in: try standardInput(), file: Input.standardInputName)
    case .host:
      return Host.findings()
    }
  }
}

/// The bytes of one input, for those who look for something other than a machine.
///
/// - Parameter limit: the most bytes.
/// - Precondition: it is a file or standard input.
public func readBytes(
  of input: Input,
  limit: Int = InputBytes.readLimit
) throws(InputError) -> InputBytes {
  switch input {
  case .file(let path): try bytes(of: path, limit: limit)
  case .standardInput: try standardInput(limit: limit)
  case .host: preconditionFailure("a host is not one input")
  }
}

/// The same for bytes in memory.
public func readMachine(
  texts: [(name: String, bytes: [UInt8])],
  areOneMachine: Bool = false
) throws(InputError) -> Machine {
  try machine(texts.map(\.name), areOneMachine: areOneMachine) { (index) throws(InputError) in
    try texts[index].bytes.withRawBytes { (bytes) throws(InputError) in
      try findings(in: bytes, owner: nil, file: texts[index].name)
    }
  }
}

/// The same for bytes that lie in somebody's memory and are said to be of one machine; nothing of them is kept.
public func readMachine(
  texts: [(name: String, bytes: UnsafeRawBufferPointer)]
) throws(InputError) -> Machine {
  try machine(texts.map(\.name), areOneMachine: true) { (index) throws(InputError) in
    try findings(in: texts[index].bytes, owner: nil, file: texts[index].name)
  }
}

/// The same for a folder of /sys that lies in a tree of files.
package func readMachine(folder: String, in files: any SmallFiles) throws(InputError) -> Machine {
  try machine([folder], areOneMachine: true) { (_) throws(InputError) in
    try SysfsDirectory(in: files).read(folder)
  }
}

/// The machine that a request describes: its `regions`, or what its logs tell; `cmrs`, `keyid_bits` and, where the
/// request reads it, `block_size` of the request count more than what the logs say.
public func readMachine(_ request: PlanRequest) throws(InputError) -> Machine {
  guard request.hasRegions else {
    var machine = try readMachine(texts: request.logs)
    if request.hasConvertible { machine.convertible = Array(request.convertible) }
    machine.keyIDBits = request.givenKeyIDBits ?? machine.keyIDBits
    machine.blockSize = request.blockSize ?? machine.blockSize
    return machine
  }
  return try JSONMap.findings(of: request, file: "regions").machine()
}

private func machine(
  _ names: [String],
  areOneMachine: Bool,
  _ findings: (Int) throws(InputError) -> Findings
) throws(InputError) -> Machine {
  var all = Findings()
  var check = OneMachineCheck()
  for index in names.indices {
    let found = try findings(index)
    if !areOneMachine && names.count > 1 { try check.add(found, name: names[index]) }
    all.merge(found)
    if names.count > 1 && found.isEmpty {
      all.notes.append("\(names[index]) holds nothing about memory that is known here.")
    }
  }
  all.notes += check.notes
  guard all.hasMemory || !all.deadEnds.isEmpty else {
    var message = all.observed?.refusalWithoutMap(keyIDBits: all.keyIDBits) ?? Findings.nothingFound
    if !all.hints.isEmpty { message = "no memory map: " + all.hints.joined(separator: "; ") }
    if !all.notes.isEmpty { message += ". " + all.notes.joined(separator: " ") }
    throw InputError(kind: .badData, file: names.joined(separator: ", "), message: message)
  }
  return try all.machine()
}

private func findings(in input: InputBytes, file: String) throws(InputError) -> Findings {
  try input.withBytes { (bytes) throws(InputError) in
    try findings(in: bytes, owner: input, file: file)
  }
}

/// What a compressed file holds, which may be compressed again.
private func unpackedFindings(
  in bytes: UnsafeRawBufferPointer,
  _ compression: Compression,
  file: String
) throws(InputError) -> Findings {
  var unpacked = try compression.unpack(bytes, file: file)
  var notes = unpacked.notes
  for _ in 0..<Compression.mostLayers {
    guard let next = unpacked.bytes.withRawBytes({ Compression($0) }) else { break }
    unpacked = try unpacked.bytes.withRawBytes { (bytes) throws(InputError) in
      try next.unpack(bytes, file: file)
    }
    notes += unpacked.notes
  }
  var found = try unpacked.bytes.withRawBytes { (bytes) throws(InputError) in
    guard Compression(bytes) == nil else {
      throw InputError(
        kind: .badData,
        file: file,
        message: "the file is compressed more often than anyone would"
      )
    }
    return try findings(in: bytes, owner: nil, file: file)
  }
  found.notes = notes + found.notes
  return found
}

/// Recognises the kind of a file by its first bytes.
///
/// - Parameter owner: keeps the bytes alive for a map over them; nil where nobody does.
private func findings(
  in bytes: UnsafeRawBufferPointer,
  owner: InputBytes?,
  file: String
) throws(InputError) -> Findings {
  guard !bytes.isEmpty else { throw InputError(kind: .badData, file: file, message: "the file is empty") }
  if TDXMapFile.isRecognized(bytes) || file.hasSuffix(".tdxmap") {
    let contents = try TDXMapFile.read(bytes, owner: owner, file: file)
    var findings = Findings()
    findings.packed = (contents.map, file)
    findings.convertible = contents.convertible.map { Findings.Convertible(ranges: $0, file: file) }
    findings.keyIDBits = contents.keyIDBits
    return findings
  }
  if let compression = Compression(bytes) {
    return try unpackedFindings(in: bytes, compression, file: file)
  }
  if JSONInput.isRecognized(bytes) { return try JSONInput.read(bytes, file: file) }
  return try LogReader.read(bytes, file: file)
}
