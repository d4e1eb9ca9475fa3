import ChipImage
import ChipSpec
import FixedPoint

/// The exact posterior of a neuron in a recording without noise or loss.
///
/// Where a spike sets v to the reset potential, the path of v along the recorded spikes does not depend on the
/// threshold. So for each pair of decay registers one pass tells which thresholds are possible: not below any
/// v without spike, below every v with one. Pairs that leave none are out; the others are neighbours, and are
/// found from one another. What is left of the prior is the posterior.
struct SharpPosterior: Sendable {
    /// Decays as `SolitarySoma` uses them, and the thresholds that they leave.
    struct Cell: Hashable, Sendable {
        var membrane: Int64
        var current: Int64
    }

    /// Thresholds that a cell leaves: `low...(high - 1)`.
    struct Thresholds: Sendable {
        var low: Int64
        var high: Int64
        var gap: Int64 { high - low }
    }

    private let evidence: NeuronEvidence
    private let parameters: [MismatchParameter]
    private let steps: Int
    private let nominal: Cell
    /// Registers from one cell to the next.
    private var stride: Int64 = 1
    private let movesMembrane: Bool
    private let movesCurrent: Bool
    /// Cells with thresholds left, in the order of their discovery.
    private(set) var cells: [(cell: Cell, thresholds: Thresholds)] = []

    /// Most cells: more are left by neurons of which next to nothing is known.
    static let mostCells = 600
    /// A potential that no register reaches.
    private static let never = Int64(1) << 40

    /// Looks for the cells; nil where there is none near, or too many, or the path depends on more.
    ///
    /// - Parameters:
    ///   - evidence: The recording.
    ///   - parameters: What varies.
    ///   - start: Factors near the likeliest ones.
    ///   - steps: How many, from the first.
    init?(
        _ evidence: NeuronEvidence,
        _ parameters: [MismatchParameter],
        near start: SomaFactors,
        steps: Int
    ) {
        guard !evidence.soma.subtracts, !parameters.contains(.bias) else { return nil }
        self.evidence = evidence
        self.parameters = parameters
        self.steps = steps
        let soma = evidence.soma
        let offset: Int64 = soma.isLoihi ? 1 : 0
        nominal = Cell(
            membrane: Int64(evidence.tables.membraneDecay[evidence.slot]),
            current: Int64(evidence.tables.currentDecay[evidence.slot]) + offset
        )
        movesMembrane = parameters.contains(.membraneTau)
        movesCurrent = parameters.contains(.currentTau)
        let registers = soma.registers(evidence.tables, slot: evidence.slot, start)
        let top = Int64(1) << Int64(soma.decayBits)
        let first = Cell(
            membrane: top - registers.membraneFactor,
            current: top - registers.currentFactor
        )
        guard let found = climb(from: first) else { return nil }
        // Where little is known, many cells are left: then every third, ninth … stands for its neighbours.
        while !spread(from: found) {
            stride *= 3
            guard stride < 100 else { return nil }
        }
    }

    /// Goes to the neighbour that leaves most thresholds until one leaves any.
    private func climb(from first: Cell) -> Cell? {
        var here = first
        guard var best = thresholds(here, least: -Self.never)?.gap else { return nil }
        var reach: Int64 = 1
        while best <= 0 {
            var next: Cell?
            for cell in neighbours(of: here, reach: reach) {
                guard let gap = thresholds(cell, least: best)?.gap, gap > best else { continue }
                best = gap
                next = cell
            }
            if let next {
                here = next
                reach = 1
            } else if reach < 4 {
                reach += 1
            } else {
                return nil
            }
        }
        return here
    }

    /// Lists all cells that hang together with one; whether they are not too many.
    private mutating func spread(from first: Cell) -> Bool {
        cells = []
        var known: Set<Cell> = [first]
        var front = [first]
        while let cell = front.popLast() {
            guard let found = thresholds(cell, least: 0), found.gap > 0 else { continue }
            cells.append((cell, found))
            guard cells.count <= Self.mostCells else { return false }
            for other in neighbours(of: cell, reach: 2, stride) where known.insert(other).inserted {
                front.append(other)
            }
        }
        return true
    }

    private func neighbours(of cell: Cell, reach: Int64, _ stride: Int64 = 1) -> [Cell] {
        let top = Int64(1) << Int64(evidence.soma.decayBits)
        var result: [Cell] = []
        for a in movesMembrane ? -reach...reach : 0...0 {
            for b in movesCurrent ? -reach...reach : 0...0 where a != 0 || b != 0 {
                let other = Cell(
                    membrane: cell.membrane + a * stride,
                    current: cell.current + b * stride
                )
                if movesMembrane, other.membrane < 1 || other.membrane >= top { continue }
                if movesCurrent, other.current < 1 || other.current >= top { continue }
                result.append(other)
            }
        }
        return result
    }

    /// Thresholds that a cell leaves; nil as soon as they are `least` or fewer.
    private func thresholds(_ cell: Cell, least: Int64) -> Thresholds? {
        let soma = evidence.soma
        let top = Int64(1) << Int64(soma.decayBits)
        var registers = soma.registers(evidence.tables, slot: evidence.slot, SomaFactors())
        registers.membraneFactor = top - cell.membrane
        registers.currentFactor = top - cell.current
        var (low, high) = (-Self.never / 2, Self.never / 2)
        var state = soma.initial(registers)
        var untilReset = 0
        var asleep = 0
        return unsafe evidence.inputs.withUnsafeBufferPointer { inputs in
            unsafe evidence.spikes.withUnsafeBufferPointer { spikes in
                for step in 0..<steps {
                    if untilReset == 0 {
                        state = soma.initial(registers)
                        untilReset = evidence.stepsPerReset
                        asleep = soma.depth
                    }
                    untilReset &-= 1
                    if asleep > 0 {
                        asleep &-= 1
                        continue
                    }
                    unsafe soma.advance(&state, Int64(inputs[step]), registers)
                    if unsafe spikes[step] != 0 {
                        if state.v < high {
                            high = state.v
                            if high - low <= least { return nil }
                        }
                        soma.spike(&state, registers)
                    } else if state.v > low {
                        low = state.v
                        if high - low <= least { return nil }
                    }
                }
                return Thresholds(low: low, high: high)
            }
        }
    }

    // MARK: Draws

    /// A range of the logarithm of a factor, with what the prior says of it.
    private struct Slice {
        var low: Double
        var high: Double
        let spread: PopulationPrior.Spread

        /// Ends in standard deviations of the prior; what is beyond 6 does not count.
        private var ends: (Double, Double) {
            let a = (low - spread.mean) / spread.deviation
            let b = (high - spread.mean) / spread.deviation
            return (min(max(a, -6), 6), min(max(b, -6), 6))
        }

        private var isNarrow: Bool { ends.1 - ends.0 < 0.2 }

        /// Share of the prior.
        var mass: Double {
            let (a, b) = ends
            guard !isNarrow else {
                let middle = (a + b) / 2
                return 0.398_942_280_401_432_7 * PortableMath.exp(-middle * middle / 2) * (b - a)
            }
            return SpikeOdds.withTable { $0.probability(b) - $0.probability(a) }
        }

        /// The point below which a share u of the slice lies.
        func point(_ u: Double) -> Double {
            guard !isNarrow else { return low + u * (high - low) }
            let (a, b) = ends
            let (p, q) = SpikeOdds.withTable { ($0.probability(a), $0.probability(b)) }
            let share = min(max(p + u * (q - p), 1e-12), 1 - 1e-12)
            return spread.mean + spread.deviation * PortableMath.normalQuantile(share)
        }
    }

    /// Draws points, logarithms of factors in the order of the parameters.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - prior: Of the parameters.
    ///   - stream: Random numbers.
    ///   - neuron: Addresses them.
    /// - Returns: Points, `[draw][parameter]`.
    func draws(
        _ count: Int,
        prior: PopulationPrior,
        stream: RandomStream,
        neuron: UInt32
    ) -> [[Double]] {
        let slices = cells.map { entry in
            parameters.map { slice($0, entry.cell, entry.thresholds, prior.spread($0)) }
        }
        let masses = slices.map { $0.reduce(1) { $0 * $1.mass } }
        let total = masses.reduce(0, +)
        guard total > 0 else { return [] }
        var sums: [Double] = []
        for mass in masses { sums.append((sums.last ?? 0) + mass / total) }
        return (0..<UInt32(count)).map { number in
            // Cells are taken at even distances, so that no luck is in their numbers.
            let share = (Double(number) + 0.5) / Double(count)
            let cell = min(sums.firstIndex { $0 >= share } ?? 0, slices.count - 1)
            return slices[cell].enumerated().map { index, slice in
                slice.point(stream.uniform(UInt32(index), neuron, number))
            }
        }
    }

    private func slice(
        _ parameter: MismatchParameter,
        _ cell: Cell,
        _ thresholds: Thresholds,
        _ spread: PopulationPrior.Spread
    ) -> Slice {
        func logarithm(_ value: Double) -> Double {
            PortableMath.log(min(max(value, 1e-3), 1e3))
        }
        switch parameter {
        case .threshold:
            let nominal = Double(evidence.tables.threshold[evidence.slot])
            return Slice(
                low: logarithm((Double(thresholds.low) - 0.5) / nominal),
                high: logarithm((Double(thresholds.high) - 0.5) / nominal),
                spread: spread
            )
        default:
            let isMembrane = parameter == .membraneTau
            let from = Double(isMembrane ? nominal.membrane : nominal.current)
            let to = Double(isMembrane ? cell.membrane : cell.current)
            return Slice(
                low: logarithm(from / (to + 0.5 * Double(stride))),
                high: logarithm(from / max(0.25, to - 0.5 * Double(stride))),
                spread: spread
            )
        }
    }
}
