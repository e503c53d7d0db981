import MapReaders

/// Boot logs of real machines; where each comes from stands in its first lines.
enum CapturedMap {
  /// An Emerald Rapids host whose firmware leaves too many small holes below 2 GiB.
  static var emrIssue135: Machine {
    get throws {
      try readMachine(texts: [("tdx-emr-2024-issue135.log", PackageResources.tdx_emr_2024_issue135_log)])
    }
  }
}
