/// What an operation comes to: what the kernel returns, or what a query finds.
public enum HotplugOutcome: String, CaseIterable, Sendable {
  case ok
  case notPermitted = "EPERM"
  case notFound = "ENOENT"
  case ioError = "EIO"
  case noMemory = "ENOMEM"
  case busy = "EBUSY"
  case exists = "EEXIST"
  case invalid = "EINVAL"
  case noSpace = "ENOSPC"
  /// Inside one entry of the snapshot.
  case entry
  /// Inside several entries that touch.
  case union
  /// Some of it is TDX memory and some is not.
  case partly
  /// None of it is TDX memory.
  case outside
}
