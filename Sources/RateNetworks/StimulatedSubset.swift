import FixedPoint

/// Units of a layer that are stimulated together, drawn anew block by block.
struct StimulatedSubset {
    /// Units that are stimulated at present.
    private(set) var members: [Int] = []
    private let count: Int
    private var order: [Int]

    /// A fifth of a layer, one unit at least.
    ///
    /// - Parameter units: Of the layer.
    init(units: Int) {
        count = max(1, (units + 2) / 5)
        order = Array(0..<units)
    }

    /// Draws the members of a block.
    ///
    /// - Parameters:
    ///   - stream: Purpose `stimulus`.
    ///   - block: Number of the block.
    ///   - phase: Number of the phase.
    mutating func draw(_ stream: RandomStream, block: UInt32, phase: UInt32) {
        for index in order.indices { order[index] = index }
        for place in 0..<count {
            let word = stream.words(UInt32(place), block, phase).0
            let left = UInt64(order.count - place)
            order.swapAt(place, place + Int((UInt64(word) * left) >> 32))
        }
        members = Array(order[..<count])
    }
}

extension WeightMatrix {
    /// Root of the mean square of the kept weights.
    var rootMeanSquare: Double {
        let sum = weights.reduce(0.0) { $0 + Double($1) * Double($1) }
        return (sum / Double(max(1, rows * columns))).squareRoot()
    }

    /// Takes over estimates whose scale means nothing, brought to a root mean square.
    ///
    /// - Parameters:
    ///   - estimates: `[post][pre]`; all 0 or not finite: nothing happens.
    ///   - rootMeanSquare: The scale wanted.
    mutating func setWeights(_ estimates: [Double], rootMeanSquare: Double) {
        let sum = estimates.reduce(0.0) { $0 + $1 * $1 }
        let factor = rootMeanSquare / (sum / Double(max(1, estimates.count))).squareRoot()
        guard factor.isFinite, sum.isFinite else { return }
        setWeights(estimates.map { Float($0 * factor) })
    }
}
