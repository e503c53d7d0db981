extension KernelMessage {
  /// Messages of patches that are posted and in no release: the pool of the module's extensions (v1 and v2 of 2026).
  static let posted: [KernelMessage] = ["Module Extensions", "module extensions"].map { name in
    KernelMessage(
      .core,
      "% KB allocated for TDX \(name)",
      "posted in 2026, not merged",
      .tells,
      "what the module's extensions took: memory that never comes back, beside the PAMTs"
    )
  }
}
