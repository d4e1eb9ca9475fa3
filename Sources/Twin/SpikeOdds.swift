import FixedPoint

/// Probabilities of a recorded spike and of none, as tables over the distance to the threshold.
///
/// The soma spikes with probability Φ(x), the normal distribution, x the distance of v above the threshold
/// in standard deviations of the noise. A spike is lost from the recording with probability `lost`, and one
/// that the model does not expect (its input was lost, say) is there in a step with probability `stray`:
/// P(recorded) = (1 − lost) · Φ(x) + stray · (1 − Φ(x)), P(none) = 1 − P(recorded).
struct SpikeOdds: Sendable {
    /// Beyond this distance a table's end holds.
    static let reach = 8.0
    private static let perUnit = 64.0
    /// Φ at multiples of 1/64.
    private static let normal: [Double] = {
        // Simpson's rule; Φ(−8) is 6.2e-16, less than any odds.
        func density(_ x: Double) -> Double {
            0.398_942_280_401_432_7 * PortableMath.exp(-x * x / 2)
        }
        let step = 1 / perUnit
        var table = [0.0]
        for index in 0..<Int(2 * reach * perUnit) {
            let x = Double(index) * step - reach
            let area = step / 6 * (density(x) + 4 * density(x + step / 2) + density(x + step))
            table.append(min(1, table[index] + area))
        }
        table.append(table[table.count - 1])
        return table
    }()

    /// The normal density at multiples of 1/64.
    private static let densities: [Double] = (0...Int(2 * reach * perUnit) + 1).map {
        let x = Double($0) / perUnit - reach
        return 0.398_942_280_401_432_7 * PortableMath.exp(-x * x / 2)
    }

    /// Φ(x) and its density; x is brought into ±8.
    @inline(__always)
    static func normal(_ x: Double) -> (probability: Double, density: Double) {
        let place = (min(max(x, -reach), reach) + reach) * perUnit
        let index = Int(place)
        let rest = place - Double(index)
        return (
            normal[index] + rest * (normal[index + 1] - normal[index]),
            densities[index] + rest * (densities[index + 1] - densities[index])
        )
    }

    let lost: Double
    let stray: Double

    init(lost: Double, stray: Double) {
        self.lost = lost
        self.stray = stray
    }

    /// Calls a body with the table of Φ, which stays in place meanwhile.
    static func withTable<R>(_ body: (Table) -> R) -> R {
        unsafe normal.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else {
                preconditionFailure("the table has entries")
            }
            return unsafe body(Table(base))
        }
    }

    /// The table of Φ in place.
    @safe
    struct Table {
        private let base: UnsafePointer<Double>

        fileprivate init(_ base: UnsafePointer<Double>) { unsafe self.base = base }

        /// Φ(x), within 2·10⁻⁵ of itself near 0; x is brought into ±8.
        @inline(__always)
        func probability(_ x: Double) -> Double {
            let place =
                (min(max(x, -SpikeOdds.reach), SpikeOdds.reach) + SpikeOdds.reach)
                * SpikeOdds.perUnit
            let index = Int(place)
            let rest = place - Double(index)
            // −8...8 is 0...1024, and the table has 1026 entries.
            let low = unsafe base[index]
            return unsafe low + rest * (base[index + 1] - low)
        }
    }
}
