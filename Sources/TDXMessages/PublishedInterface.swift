/// What the tables of this module were taken from. Each row that comes from elsewhere says so itself.
public enum PublishedInterface {
  /// Leaf functions, status codes, operand ids and global metadata fields.
  public static let module =
    "TDX module 2.0, published source (github.com/intel/tdx-module, commit 1666adc494db)"
  /// The persistent loader of the module.
  public static let loader = "P-SEAMLDR, published source (pseamldr_api_defs.h)"
  /// Messages, and the statuses that Linux makes up itself.
  public static let linux = "Linux 6.8 to 7.3, arch/x86/virt/vmx/tdx and arch/x86/kvm/vmx"

  /// The tables in a line, for those who ask what is decoded.
  public static var summary: String {
    "\(TDXLeaf.host.count) host and \(TDXLeaf.guest.count) guest leaves, \(StatusCode.names.count) status codes, "
      + "\(OperandID.names.count) operands and \(MetadataField.names.count) global fields of the \(module); "
      + "\(KernelMessage.all.count) messages of \(linux)"
  }
}
