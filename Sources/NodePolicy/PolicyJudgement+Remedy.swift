extension PolicyJudgement {
  /// The request that works instead; nil where none does.
  public var remedy: PolicyRequest? {
    if verdict == .ok { return request.mode == .preferred ? firstPreferred : request }
    let others = situation.allowed.intersection(situation.capable)
    guard !others.isEmpty else { return nil }
    var better = request
    better.isRelative = false
    let left = mask.intersection(situation.capable)
    better.nodes = [.default, .local].contains(request.mode) ? [] : left.isEmpty ? others : left
    if request.mode == .preferred { better.nodes = NodeSet(better.nodes.nodes.prefix(1)) }
    if fits(better) { return better }
    // All capable nodes, where those of the mask are too small.
    if !better.nodes.isEmpty { better.nodes = others }
    if request.mode == .preferred { better.mode = request.form == .libvirt ? .bind : .preferredMany }
    if fits(better) { return better }
    better.memory = situation.capacity(of: others)
    return better
  }

  /// The kernel prefers the first of several nodes; programs take one.
  private var firstPreferred: PolicyRequest {
    guard request.nodes.count > 1 else { return request }
    var first = request
    first.nodes = today.nodes
    first.isRelative = false
    return first
  }

  private func fits(_ request: PolicyRequest) -> Bool {
    PolicyJudgement(request, in: situation).verdict == .ok
  }
}
