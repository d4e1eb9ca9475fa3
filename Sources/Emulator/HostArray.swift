/// A fixed-size array at a stable address, for tables and state that kernels walk by pointer.
///
/// The owner keeps it alive for as long as kernels run. Kernels index it within `0..<count`; the
/// loader proves the indices when it builds the tables.
@safe
final class HostArray<Element: BitwiseCopyable>: @unchecked Sendable {
    /// First element.
    let base: UnsafeMutablePointer<Element>
    /// Number of elements.
    let count: Int

    init(repeating value: Element, count: Int) {
        unsafe base = .allocate(capacity: max(count, 1))
        unsafe base.initialize(repeating: value, count: max(count, 1))
        self.count = count
    }

    convenience init(_ elements: [Element], else value: Element) {
        self.init(repeating: value, count: elements.count)
        for index in elements.indices { unsafe base[index] = elements[index] }
    }

    deinit { unsafe base.deallocate() }

    subscript(index: Int) -> Element {
        get {
            precondition(index >= 0 && index < count, "index inside the array")
            return unsafe base[index]
        }
        set {
            precondition(index >= 0 && index < count, "index inside the array")
            unsafe base[index] = newValue
        }
    }

    func fill(_ value: Element) { unsafe base.update(repeating: value, count: max(count, 1)) }
}
