/// The Markov chain of a few neurons that spike at random, each a small automaton of its own.
///
/// In a step every neuron that may spike does so with a probability that depends on which neurons
/// drive the others, independently of the others given that. Exact: no state is lumped or sampled.
package struct SpikingChain: Sendable {
    /// What a neuron remembers of its own spikes.
    ///
    /// State 0 is rest: no spike in memory.
    package struct Automaton: Sendable {
        /// Whether the neuron may spike in a state.
        package var maySpike: [Bool]
        /// Whether its postsynaptic potentials are on in a state.
        package var drives: [Bool]
        /// State after a step without a spike.
        package var afterSilence: [Int]
        /// State after a step with a spike; not read where it may not spike.
        package var afterSpike: [Int]

        /// Makes an automaton.
        ///
        /// - Parameters:
        ///   - maySpike: By state.
        ///   - drives: By state.
        ///   - afterSilence: By state.
        ///   - afterSpike: By state.
        package init(
            maySpike: [Bool],
            drives: [Bool],
            afterSilence: [Int],
            afterSpike: [Int]
        ) {
            self.maySpike = maySpike
            self.drives = drives
            self.afterSilence = afterSilence
            self.afterSpike = afterSpike
        }

        var count: Int { maySpike.count }
    }

    /// Most states a chain may have: beyond that its table takes gigabytes.
    package static let stateLimit = 1 << 22

    /// Steps after which a chain counts as nearly periodic.
    package static let patience = 2048

    /// Number of states; neuron 0 varies fastest.
    package let stateCount: Int
    /// Which neurons drive others in a state: bit k is neuron k.
    package let driveMasks: [Int]
    // Transitions of state s: offsets[s] ..< offsets[s + 1].
    private let offsets: [Int]
    private let targets: [Int]
    private let probabilities: [Double]
    // Bit k: neuron k spikes on the way.
    private let spikes: [Int]

    /// Lays out the transitions of a chain.
    ///
    /// - Parameters:
    ///   - automata: One a neuron.
    ///   - spikeProbability: Of a neuron that may spike, given which neurons drive (bit k: neuron k).
    /// - Throws: `AnalysisError` if there are too many states or a probability is none.
    package init(
        automata: [Automaton],
        spikeProbability: (_ neuron: Int, _ drives: Int) -> Double
    ) throws {
        var count = 1
        for automaton in automata {
            let (product, overflow) = count.multipliedReportingOverflow(by: automaton.count)
            guard !overflow, product <= Self.stateLimit else {
                throw AnalysisError.outOfRange(
                    name: "The number of states of the chain",
                    value: overflow ? .max : product,
                    limit: 1...Self.stateLimit,
                    advice: "Take fewer neurons, or shorter refractory times and delays."
                )
            }
            count = product
        }
        stateCount = count
        let table = try Self.table(neurons: automata.count, spikeProbability)

        var masks: [Int] = []
        var offsets = [0]
        var targets: [Int] = []
        var probabilities: [Double] = []
        var spikes: [Int] = []
        var local = Array(repeating: 0, count: automata.count)
        for _ in 0..<count {
            var mask = 0
            for (k, automaton) in automata.enumerated() where automaton.drives[local[k]] {
                mask |= 1 << k
            }
            masks.append(mask)
            let first = targets.count
            targets.append(0)
            probabilities.append(1)
            spikes.append(0)
            var stride = 1
            for (k, automaton) in automata.enumerated() {
                let state = local[k]
                let p = automaton.maySpike[state] ? table[k][mask] : 0
                for branch in first..<targets.count {
                    if p > 0, p < 1 {
                        targets.append(targets[branch] + stride * automaton.afterSpike[state])
                        probabilities.append(probabilities[branch] * p)
                        spikes.append(spikes[branch] | 1 << k)
                    }
                    let next = p < 1 ? automaton.afterSilence[state] : automaton.afterSpike[state]
                    targets[branch] += stride * next
                    if p < 1 {
                        probabilities[branch] *= 1 - p
                    } else {
                        spikes[branch] |= 1 << k
                    }
                }
                stride *= automaton.count
            }
            offsets.append(targets.count)
            for k in automata.indices {
                local[k] += 1
                if local[k] < automata[k].count { break }
                local[k] = 0
            }
        }
        driveMasks = masks
        self.offsets = offsets
        self.targets = targets
        self.probabilities = probabilities
        self.spikes = spikes
    }

    private static func table(
        neurons: Int,
        _ spikeProbability: (Int, Int) -> Double
    ) throws -> [[Double]] {
        try (0..<neurons).map { neuron in
            try (0..<1 << neurons).map { mask in
                let p = spikeProbability(neuron, mask)
                guard p >= 0, p <= 1 else {
                    throw AnalysisError.invalidNumber(
                        name: "The spike probability of neuron \(neuron)",
                        value: "\(p)",
                        limit: "a number from 0 to 1"
                    )
                }
                return p
            }
        }
    }

    /// Moves weight on states one step ahead, along chosen transitions only.
    ///
    /// - Parameters:
    ///   - weight: Weight of each state.
    ///   - mask: Neurons that are looked at: bit k is neuron k.
    ///   - pattern: Which of these must spike, the others must not.
    /// - Returns: Weight of each state after the step.
    package func advanced(
        _ weight: [Double],
        where mask: Int = 0,
        is pattern: Int = 0
    ) -> [Double] {
        var result = Array(repeating: 0.0, count: stateCount)
        for state in 0..<stateCount where weight[state] != 0 {
            for k in offsets[state]..<offsets[state + 1] where spikes[k] & mask == pattern {
                result[targets[k]] += weight[state] * probabilities[k]
            }
        }
        return result
    }

    /// Weight that leaves in one step by transitions of each spike pattern.
    ///
    /// - Parameter weight: Weight of each state.
    /// - Returns: By pattern; bit k is neuron k. The bits beyond the neurons are never set.
    package func flux(_ weight: [Double]) -> [Double] {
        var result = Array(repeating: 0.0, count: 1 << 3)
        for state in 0..<stateCount where weight[state] != 0 {
            for k in offsets[state]..<offsets[state + 1] {
                result[spikes[k]] += weight[state] * probabilities[k]
            }
        }
        return result
    }

    /// What is expected of a function of the state one step later.
    ///
    /// - Parameter values: Value in each state.
    /// - Returns: Mean after a step, from each state.
    package func expected(_ values: [Double]) -> [Double] {
        (0..<stateCount).map { state in
            var sum = 0.0
            for k in offsets[state]..<offsets[state + 1] {
                sum += probabilities[k] * values[targets[k]]
            }
            return sum
        }
    }

    /// The distribution over states after a long time, from rest.
    ///
    /// Power iteration. The distribution after T steps is compared with that after 2 T: where the error
    /// falls geometrically, their distance is the error at T, and the error at 2 T is far smaller.
    /// A chain that is nearly periodic, as of neurons that spike whenever they may, does not settle soon;
    /// then half of the weight stays where it is in each step, which damps rotations and has the same
    /// stationary distribution.
    ///
    /// - Parameters:
    ///   - tolerance: Sum of absolute changes between T and 2 T at which to stop.
    ///   - stepLimit: Steps after which to give up.
    /// - Throws: `AnalysisError.noConvergence`.
    /// - Returns: Probability of each state.
    package func stationaryDistribution(
        tolerance: Double = 1e-13,
        stepLimit: Int = 1 << 20
    ) throws -> [Double] {
        var now = Array(repeating: 0.0, count: stateCount)
        now[0] = 1
        var steps = 0
        var block = 64
        var change = 1.0
        while steps < stepLimit {
            let before = now
            let isLazy = steps >= Self.patience
            for _ in 0..<block {
                let next = advanced(now)
                if isLazy {
                    for state in now.indices { now[state] = 0.5 * (now[state] + next[state]) }
                } else {
                    now = next
                }
            }
            let sum = now.reduce(0, +)
            for state in now.indices { now[state] /= sum }
            steps += block
            block = steps
            change = zip(before, now).reduce(0) { $0 + ($1.0 - $1.1).magnitude }
            if change <= tolerance { return now }
        }
        throw AnalysisError.noConvergence(steps: steps, change: change)
    }
}
