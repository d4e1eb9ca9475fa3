/// Weights in the precision in which they came, read in double precision.
@frozen
public enum WeightValues: Sendable, RandomAccessCollection, ExpressibleByArrayLiteral {
    /// Weights in double precision: 8 bytes each.
    case double([Double])
    /// Weights in single precision: 4 bytes each.
    case single([Float])

    /// Makes weights in double precision.
    ///
    /// - Parameter elements: The weights.
    public init(arrayLiteral elements: Double...) { self = .double(elements) }

    /// Index of the first weight.
    @inlinable public var startIndex: Int { 0 }

    /// Number of weights.
    @inlinable public var endIndex: Int {
        switch self {
        case .double(let weights): weights.count
        case .single(let weights): weights.count
        }
    }

    /// A weight.
    ///
    /// - Parameter position: Its index.
    @inlinable public subscript(position: Int) -> Double {
        @inline(__always) get {
            switch self {
            case .double(let weights): weights[position]
            case .single(let weights): Double(weights[position])
            }
        }
    }
}

extension WeightValues: Equatable {
    /// Whether the numbers are the same, in whichever precision they are held.
    public static func == (one: Self, other: Self) -> Bool {
        switch (one, other) {
        case (.double(let one), .double(let other)): one == other
        case (.single(let one), .single(let other)): one == other
        default: one.elementsEqual(other)
        }
    }
}

extension Connectivity {
    /// All weights: of each target in turn, its sources ascending.
    package var weights: WeightValues {
        switch self {
        case .dense(let weights), .oneToOne(let weights): .double(weights)
        case .sparse(let sparse): sparse.weights
        }
    }
}

/// A precision in which weights can be held.
public protocol WeightPrecision: BinaryFloatingPoint {
    /// Holds weights.
    ///
    /// - Parameter weights: The weights.
    /// - Returns: The same weights.
    static func values(_ weights: [Self]) -> WeightValues
}

extension Double: WeightPrecision {
    /// Holds weights in double precision.
    ///
    /// - Parameter weights: The weights.
    /// - Returns: The same weights.
    public static func values(_ weights: [Double]) -> WeightValues { .double(weights) }
}

extension Float: WeightPrecision {
    /// Holds weights in single precision.
    ///
    /// - Parameter weights: The weights.
    /// - Returns: The same weights.
    public static func values(_ weights: [Float]) -> WeightValues { .single(weights) }
}
