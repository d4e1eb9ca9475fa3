import NetworkIR
import TestSupport

/// Networks for tests.
enum TestNetworks {
    /// A LIF population with one set of parameters for all neurons.
    static func lif(
        _ path: String,
        _ count: Int,
        tau: Double = 10,
        r: Double = 1,
        leak: Double = 0,
        threshold: Double = 1,
        reset: Double = 0,
        bias: [Double] = []
    ) -> Population {
        Population(
            path: path,
            shape: [count],
            dynamics: .leakyIntegrateAndFire(
                leaky(count, tau: tau, r: r, leak: leak),
                firing(count, threshold: threshold, reset: reset)
            ),
            bias: bias
        )
    }

    /// A CubaLIF population.
    static func cubaLIF(
        _ path: String,
        _ count: Int,
        tauSyn: Double = 4,
        tau: Double = 10,
        leak: Double = 0,
        threshold: Double = 1,
        reset: Double = 0,
        bias: [Double] = []
    ) -> Population {
        Population(
            path: path,
            shape: [count],
            dynamics: .currentBased(
                SynapticFilter(
                    tau: [Double](repeating: tauSyn, count: count),
                    inputGain: [Double](repeating: 2, count: count)
                ),
                leaky(count, tau: tau, r: 3, leak: leak),
                firing(count, threshold: threshold, reset: reset)
            ),
            bias: bias
        )
    }

    /// An IF population.
    static func integrateAndFire(
        _ path: String,
        _ count: Int,
        threshold: Double = 1,
        reset: Double = 0,
        bias: [Double] = []
    ) -> Population {
        Population(
            path: path,
            shape: [count],
            dynamics: .integrateAndFire(
                IntegrateAndFire(
                    r: [Double](repeating: 1, count: count),
                    firing: firing(count, threshold: threshold, reset: reset)
                )
            ),
            bias: bias
        )
    }

    /// An LI population.
    static func leakyIntegrator(_ path: String, _ count: Int, tau: Double = 10) -> Population {
        Population(
            path: path,
            shape: [count],
            dynamics: .leakyIntegrator(leaky(count, tau: tau, r: 1, leak: 0))
        )
    }

    /// An input.
    static func input(_ count: Int, _ path: String = "input") -> Population {
        Population(path: path, shape: [count], dynamics: .input)
    }

    /// A fully connected projection.
    static func dense(
        _ source: Int,
        _ target: Int,
        _ weights: [Double],
        delay: Int = 0
    ) -> Projection {
        Projection(source: source, target: target, delay: delay, connectivity: .dense(weights))
    }

    /// The pairs of a matrix that a condition on their index picks.
    static func sparse(
        _ weights: [Double],
        sources: Int,
        isPresent: (Int) -> Bool = { _ in true }
    ) -> SparseWeights {
        var offsets = [0]
        var present: [Int] = []
        for target in 0..<weights.count / sources {
            present += (target * sources..<(target + 1) * sources).filter(isPresent)
            offsets.append(present.count)
        }
        return SparseWeights(
            offsets: offsets,
            sources: present.map { Int32($0 % sources) },
            weights: present.map { weights[$0] }
        )
    }

    /// A network whose last population is its output.
    static func network(
        _ populations: [Population],
        _ projections: [Projection],
        reset: ResetRule = .toResetPotential,
        threshold: ThresholdRule = .greater
    ) -> Network {
        let last = populations.count - 1
        return Network(
            name: "test",
            timeStep: 1,
            reset: reset,
            threshold: threshold,
            populations: populations,
            projections: projections,
            outputs: [
                NetworkOutput(name: "output", population: last, shape: populations[last].shape)
            ]
        )
    }

    /// The digits network's shape, 64-96-10 LIF, with random weights in single precision.
    static func digits(seed: UInt64) -> Network {
        var random = SplitMix64(seed: seed)
        return network(
            [input(64), lif("lif1", 96, r: 10), lif("lif2", 10, r: 10)],
            [
                dense(0, 1, randomWeights(64 * 96, -0.35...0.5, &random)),
                dense(1, 2, randomWeights(96 * 10, -0.35...0.4, &random)),
            ]
        )
    }

    /// Single-precision weights, a tenth of them 0.
    static func randomWeights(
        _ count: Int,
        _ range: ClosedRange<Double>,
        _ random: inout SplitMix64
    ) -> [Double] {
        (0..<count).map { _ in
            let weight = Double(Float(random.double(range)))
            return random.chance(0.1) ? 0 : weight
        }
    }

    private static func leaky(
        _ count: Int,
        tau: Double,
        r: Double,
        leak: Double
    ) -> LeakyIntegrator {
        LeakyIntegrator(
            tau: [Double](repeating: tau, count: count),
            r: [Double](repeating: r, count: count),
            leak: [Double](repeating: leak, count: count)
        )
    }

    private static func firing(_ count: Int, threshold: Double, reset: Double) -> Firing {
        Firing(
            threshold: [Double](repeating: threshold, count: count),
            reset: [Double](repeating: reset, count: count)
        )
    }
}
