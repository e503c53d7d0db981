import Mustache
import Pictures

extension Scene {
  /// The drawing as a file of its own: with its colours, light and dark, and without any script or address.
  public var svg: String { Templates.render("picture", SceneValues(scene: self, standalone: true)) }
}

/// A scene as a template sees it. Names are looked up by hand, because there are thousands of them.
struct SceneValues: MustacheParent {
  let scene: Scene
  let standalone: Bool

  func child(named name: String) -> Any? {
    switch name {
    case "name": scene.name
    case "width": coordinate(scene.width)
    case "height": coordinate(scene.height)
    case "title": scene.title
    case "summary": scene.summary
    case "layers": scene.layers
    case "standalone": standalone
    default: nil
    }
  }
}

extension Scene.Layer: MustacheParent {
  public func child(named name: String) -> Any? {
    switch name {
    case "boxes": boxes
    case "paths": paths
    case "dots": dots
    case "labels": labels
    default: nil
    }
  }
}

extension Scene.Box: MustacheParent {
  public func child(named name: String) -> Any? {
    switch name {
    case "kind": kind
    case "x": coordinate(x)
    case "y": coordinate(y)
    case "width": coordinate(width)
    case "height": coordinate(height)
    case "tip": tip.isEmpty ? false as Any : tip
    default: nil
    }
  }
}

extension Scene.Path: MustacheParent {
  public func child(named name: String) -> Any? {
    switch name {
    case "kind": kind
    case "data": data
    case "tip": tip.isEmpty ? false as Any : tip
    default: nil
    }
  }
}

extension Scene.Dot: MustacheParent {
  public func child(named name: String) -> Any? {
    switch name {
    case "kind": kind
    case "x": coordinate(x)
    case "y": coordinate(y)
    case "radius": coordinate(radius)
    case "tip": tip.isEmpty ? false as Any : tip
    default: nil
    }
  }
}

extension Scene.Label: MustacheParent {
  public func child(named name: String) -> Any? {
    switch name {
    case "kind": kind
    case "x": coordinate(x)
    case "y": coordinate(y)
    case "anchor": anchor.rawValue
    case "text": text
    default: nil
    }
  }
}
