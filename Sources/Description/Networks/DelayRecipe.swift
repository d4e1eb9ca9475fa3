import FixedPoint

/// Delay of a projection, or how each synapse comes by its own.
enum DelayRecipe: Sendable, Equatable {
    case fixed(Int)
    case uniform(ClosedRange<Int>)
    /// Rounded to steps; draws beyond the range are set to its nearer end.
    case normal(mean: Double, deviation: Double, range: ClosedRange<Int>)
    /// base + distance / velocity, rounded to steps and kept in the range.
    case distance(base: Double, velocity: Double, range: ClosedRange<Int>)
    /// One a synapse, in the order in which its pairs are given.
    case given([Int])

    /// Delays that can be had.
    static let steps = 1...62

    var isFixed: Bool { if case .fixed = self { true } else { false } }
    var needsDistance: Bool { if case .distance = self { true } else { false } }

    /// The delay of a synapse.
    ///
    /// - Parameters:
    ///   - draws: Random numbers of the projection.
    ///   - pair: Number of the pair.
    ///   - entry: Place in the order in which pairs are given.
    ///   - distance: From source to target, where it is needed.
    /// - Returns: Steps.
    func value(_ draws: ProjectionDraws, pair: Int, entry: Int, distance: Double) -> Int {
        func kept(_ steps: Double, in range: ClosedRange<Int>) -> Int {
            let low = Double(range.lowerBound)
            let high = Double(range.upperBound)
            return Int(min(max(steps.rounded(), low), high))
        }
        switch self {
        case .fixed(let steps): return steps
        case .uniform(let range):
            let share = draws.uniform(pair, Parameter.delay)
            return min(range.upperBound, range.lowerBound + Int(share * Double(range.count)))
        case .normal(let mean, let deviation, let range):
            return kept(mean + deviation * draws.normal(pair, Parameter.delay), in: range)
        case .distance(let base, let velocity, let range):
            return kept(base + distance / velocity, in: range)
        case .given(let steps): return steps[entry]
        }
    }
}

/// What random numbers of a network are for: third word of their address.
enum Parameter {
    /// One number an axis.
    static let position: UInt32 = 6
    static let weight: UInt32 = 10
    static let delay: UInt32 = 20
    static let probability: UInt32 = 100
    static let inDegree: UInt32 = 101
    static let outDegree: UInt32 = 102
    static let gaps: UInt32 = 103
    static let inPicks: UInt32 = 104
    static let outPicks: UInt32 = 105
}

/// Random numbers of a projection: functions of the seed, its name, what they are for, and the pair.
struct ProjectionDraws: Sendable {
    let stream: RandomStream
    let id: UInt32

    /// Pairs are numbered target · sources + source; what lies beyond 32 bits goes beside the parameter.
    func uniform(_ pair: Int, _ parameter: UInt32) -> Double {
        stream.uniform(
            UInt32(truncatingIfNeeded: pair),
            id,
            parameter | UInt32(truncatingIfNeeded: pair >> 32) << 8
        )
    }

    func normal(_ pair: Int, _ parameter: UInt32) -> Double {
        stream.normal(
            UInt32(truncatingIfNeeded: pair),
            id,
            parameter | UInt32(truncatingIfNeeded: pair >> 32) << 8
        )
    }

    /// The draw of a number within a row of the matrix.
    func uniform(_ number: Int, row: Int, _ parameter: UInt32) -> Double {
        stream.uniform(
            UInt32(truncatingIfNeeded: number),
            id,
            parameter + UInt32(truncatingIfNeeded: row) << 8
        )
    }

    /// The key of a candidate within a row, and the candidate.
    func key(_ candidate: Int, row: Int, _ parameter: UInt32) -> (UInt64, Int) {
        let words = stream.words(
            UInt32(truncatingIfNeeded: candidate),
            id,
            parameter + UInt32(truncatingIfNeeded: row) << 8
        )
        return (UInt64(words.0) << 32 | UInt64(words.1), candidate)
    }
}
