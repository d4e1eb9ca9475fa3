/// What a soma kernel computes with: one 64-bit integer, or eight 32-bit integers side by side.
///
/// The kernels are written once for both. Eight lanes are used where the loader proved that no
/// sum leaves 31 bits; the arithmetic is the same, so the results are.
protocol Lanes {
    /// Integer of the soma's input.
    associatedtype Input: FixedWidthInteger & SignedInteger
    /// Neurons that one value holds.
    static var count: Int { get }

    init(every value: Int64)
    /// Reads `count` registers.
    static func load(_ source: UnsafePointer<Int32>) -> Self
    /// Reads `count` inputs.
    static func load(input source: UnsafePointer<Input>) -> Self
    /// Writes `count` registers.
    func store(_ target: UnsafeMutablePointer<Int32>)

    static func &+ (a: Self, b: Self) -> Self
    static func &- (a: Self, b: Self) -> Self
    static func &* (a: Self, b: Self) -> Self
    static func &>> (a: Self, b: Self) -> Self
    static func &<< (a: Self, b: Self) -> Self
    static func & (a: Self, b: Self) -> Self
    static func | (a: Self, b: Self) -> Self
    static func ^ (a: Self, b: Self) -> Self

    func clamped(_ low: Self, _ high: Self) -> Self
    /// −1 where this is above the threshold, else 0.
    func mask(above threshold: Self) -> Self
    /// −1 where this is not 0, else 0.
    var maskOfNonzero: Self { get }
    /// Whether any lane is not 0.
    var hasAny: Bool { get }
    /// Sum of the lanes.
    var total: Int { get }
    /// Whether a lane is not 0.
    func isSet(_ lane: Int) -> Bool
}

extension Lanes {
    /// This where the mask is 0, the other where it is −1.
    @inline(__always)
    func replaced(by other: Self, where mask: Self) -> Self { self ^ ((self ^ other) & mask) }
}

/// One neuron in 64 bits.
struct OneLane: Lanes {
    private var value: Int64

    static var count: Int { 1 }

    @inline(__always)
    init(every value: Int64) { self.value = value }

    @inline(__always)
    static func load(_ source: UnsafePointer<Int32>) -> Self {
        unsafe Self(every: Int64(source.pointee))
    }

    @inline(__always)
    static func load(input source: UnsafePointer<Int64>) -> Self {
        unsafe Self(every: source.pointee)
    }

    @inline(__always)
    func store(_ target: UnsafeMutablePointer<Int32>) {
        unsafe target.pointee = Int32(truncatingIfNeeded: value)
    }

    @inline(__always)
    static func &+ (a: Self, b: Self) -> Self { Self(every: a.value &+ b.value) }
    @inline(__always)
    static func &- (a: Self, b: Self) -> Self { Self(every: a.value &- b.value) }
    @inline(__always)
    static func &* (a: Self, b: Self) -> Self { Self(every: a.value &* b.value) }
    @inline(__always)
    static func &>> (a: Self, b: Self) -> Self { Self(every: a.value &>> b.value) }
    @inline(__always)
    static func &<< (a: Self, b: Self) -> Self { Self(every: a.value &<< b.value) }
    @inline(__always)
    static func & (a: Self, b: Self) -> Self { Self(every: a.value & b.value) }
    @inline(__always)
    static func | (a: Self, b: Self) -> Self { Self(every: a.value | b.value) }
    @inline(__always)
    static func ^ (a: Self, b: Self) -> Self { Self(every: a.value ^ b.value) }

    @inline(__always)
    func clamped(_ low: Self, _ high: Self) -> Self {
        Self(every: min(max(value, low.value), high.value))
    }

    @inline(__always)
    func mask(above threshold: Self) -> Self { Self(every: value > threshold.value ? -1 : 0) }

    @inline(__always)
    var maskOfNonzero: Self { Self(every: value != 0 ? -1 : 0) }

    @inline(__always)
    var hasAny: Bool { value != 0 }

    @inline(__always)
    var total: Int { Int(value) }

    @inline(__always)
    func isSet(_ lane: Int) -> Bool { value != 0 }
}

/// Eight neurons in 32 bits each.
struct EightLanes: Lanes {
    private var value: SIMD8<Int32>

    static var count: Int { 8 }

    @inline(__always)
    init(_ value: SIMD8<Int32>) { self.value = value }

    @inline(__always)
    init(every value: Int64) {
        self.value = SIMD8(repeating: Int32(truncatingIfNeeded: value))
    }

    @inline(__always)
    static func load(_ source: UnsafePointer<Int32>) -> Self {
        unsafe Self(UnsafeRawPointer(source).loadUnaligned(as: SIMD8<Int32>.self))
    }

    @inline(__always)
    static func load(input source: UnsafePointer<Int32>) -> Self { unsafe load(source) }

    @inline(__always)
    func store(_ target: UnsafeMutablePointer<Int32>) {
        unsafe UnsafeMutableRawPointer(target).storeBytes(of: value, as: SIMD8<Int32>.self)
    }

    @inline(__always)
    static func &+ (a: Self, b: Self) -> Self { Self(a.value &+ b.value) }
    @inline(__always)
    static func &- (a: Self, b: Self) -> Self { Self(a.value &- b.value) }
    @inline(__always)
    static func &* (a: Self, b: Self) -> Self { Self(a.value &* b.value) }
    @inline(__always)
    static func &>> (a: Self, b: Self) -> Self { Self(a.value &>> b.value) }
    @inline(__always)
    static func &<< (a: Self, b: Self) -> Self { Self(a.value &<< b.value) }
    @inline(__always)
    static func & (a: Self, b: Self) -> Self { Self(a.value & b.value) }
    @inline(__always)
    static func | (a: Self, b: Self) -> Self { Self(a.value | b.value) }
    @inline(__always)
    static func ^ (a: Self, b: Self) -> Self { Self(a.value ^ b.value) }

    /// A comparison as the integers it is made of: −1 for true, 0 for false.
    @inline(__always)
    private static func integers(_ mask: SIMDMask<SIMD8<Int32>>) -> Self {
        unsafe Self(unsafeBitCast(mask, to: SIMD8<Int32>.self))
    }

    @inline(__always)
    func clamped(_ low: Self, _ high: Self) -> Self {
        let raised = replaced(by: low, where: low.mask(above: self))
        return raised.replaced(by: high, where: raised.mask(above: high))
    }

    @inline(__always)
    func mask(above threshold: Self) -> Self { Self.integers(value .> threshold.value) }

    @inline(__always)
    var maskOfNonzero: Self { Self.integers(value .!= SIMD8(repeating: 0)) }

    @inline(__always)
    var hasAny: Bool {
        let words = unsafe unsafeBitCast(value, to: SIMD4<UInt64>.self)
        return words[0] | words[1] | words[2] | words[3] != 0
    }

    @inline(__always)
    var total: Int { (0..<8).reduce(0) { $0 + Int(value[$1]) } }

    @inline(__always)
    func isSet(_ lane: Int) -> Bool { value[lane] != 0 }
}
