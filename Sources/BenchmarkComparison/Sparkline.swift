import BenchmarkKit

/// A series as a line of characters, its least value lowest.
struct Sparkline {
  let text: String
  /// The column that each value went into.
  let columns: [Int]

  /// - Parameters:
  ///   - width: the most characters; more values than that share one, which shows their median.
  ///   - isUnicode: blocks of eight heights, or else four ASCII characters.
  init(_ values: [Double], width: Int, isUnicode: Bool) {
    let levels = isUnicode ? Array("▁▂▃▄▅▆▇█") : Array("_.-'")
    let count = min(values.count, max(width, 1))
    columns = values.indices.map { $0 * count / max(values.count, 1) }
    let heights = (0..<count).map { column -> Double in
      let first = (column * values.count + count - 1) / count
      let end = ((column + 1) * values.count + count - 1) / count
      return Distribution(Array(values[first..<end]))?.median ?? 0
    }
    let (low, high) = (heights.min() ?? 0, heights.max() ?? 0)
    text = String(
      heights.map { height in
        // A flat series lies in the middle.
        guard high > low else { return levels[levels.count / 2] }
        return levels[min(levels.count - 1, Int((height - low) / (high - low) * Double(levels.count)))]
      }
    )
  }
}
