/// What to say where nothing tells the CMRs.
public enum MissingCMRs {
  /// Why they are missed, and where they can come from. Mainline kernels do not log them.
  public static let sentence =
    "not known, and the module's verdict needs them. TDX kernels of distributions log them (`sudo dmesg | grep -i cmr`), "
    + "mainline does not; `cmrs` in a JSON map tell them, too"
}
