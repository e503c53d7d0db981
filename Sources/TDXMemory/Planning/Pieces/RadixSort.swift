/// What can be sorted by a 64-bit key.
protocol RadixSortable: BitwiseCopyable {
  var key: UInt64 { get }
}

/// A 64-bit key and where it came from.
struct KeyedIndex: RadixSortable {
  var key: UInt64
  var index: Int
}

/// Sorts by key, stably, in O(n) with a byte of the key per round; rounds in which all keys agree are skipped, and
/// all of them where the keys ascend already.
///
/// - Parameter spare: as long as `elements`; its content is lost.
/// - Returns: the sorted elements, in the one buffer or the other.
func radixSorted<Element: RadixSortable>(
  _ elements: UnsafeMutableBufferPointer<Element>,
  spare: UnsafeMutableBufferPointer<Element>
) -> UnsafeMutableBufferPointer<Element> {
  guard elements.count > 32 else {
    insertionSort(elements)
    return elements
  }
  var (differing, previous): (UInt64, UInt64) = (0, 0)
  var ascending = true
  for element in elements {
    differing |= element.key ^ elements[0].key
    ascending = ascending && previous <= element.key
    previous = element.key
  }
  guard !ascending else { return elements }
  var (from, to) = (elements, spare)
  for shift in stride(from: UInt64(0), to: 64, by: 8) where (differing >> shift) & 0xff != 0 {
    var counts = [256 of Int](repeating: 0)
    for element in from { counts[digit(element, shift)] += 1 }
    var position = 0
    for digit in counts.indices { (counts[digit], position) = (position, position + counts[digit]) }
    for element in from {
      let digit = digit(element, shift)
      to[counts[digit]] = element
      counts[digit] += 1
    }
    swap(&from, &to)
  }
  return from
}

private func digit(_ element: some RadixSortable, _ shift: UInt64) -> Int {
  Int((element.key >> shift) & 0xff)
}

private func insertionSort(_ elements: UnsafeMutableBufferPointer<some RadixSortable>) {
  for end in elements.indices.dropFirst() {
    let element = elements[end]
    var hole = end
    while hole > 0, elements[hole - 1].key > element.key {
      elements[hole] = elements[hole - 1]
      hole -= 1
    }
    elements[hole] = element
  }
}
