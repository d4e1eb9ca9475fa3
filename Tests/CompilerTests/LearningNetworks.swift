import ChipImage
import ChipSpec
import NetworkIR
import TestSupport

/// Networks that learn, for tests.
enum LearningNetworks {
    /// A population of noisy LIF neurons with the figures of set-up R.
    static func noisy(
        _ path: String,
        _ count: Int,
        tau: Double = 10,
        tauSyn: Double? = 5,
        reset: Double = 0,
        refractory: Double = 3,
        noise: [NoiseSource] = [NoiseSource(stationaryDeviation: 0.2)],
        bias: Double = 0.5
    ) -> Population {
        func all(_ value: Double) -> [Double] { [Double](repeating: value, count: count) }
        return Population(
            path: path,
            shape: [count],
            dynamics: .noisy(
                NoisyNeuron(
                    membraneTau: all(tau),
                    currentTau: tauSyn.map(all) ?? [],
                    firing: Firing(threshold: all(1), reset: all(reset)),
                    refractory: refractory,
                    noise: noise
                )
            ),
            bias: all(bias)
        )
    }

    /// A population of sampling neurons.
    static func sampling(
        _ path: String,
        _ count: Int,
        refractory: Int = 10,
        psp: PostsynapticPotential = .rectangular(steps: 10),
        bias: Double = 0
    ) -> Population {
        Population(
            path: path,
            shape: [count],
            dynamics: .sampling(SamplingNeuron(refractorySteps: refractory, psp: psp)),
            bias: [Double](repeating: bias, count: count)
        )
    }

    /// A rule whose text does not matter here.
    static let rule = LearningRule(
        name: "sal",
        file: "sal.yaml",
        entries: [LearningRuleEntry(key: "dw", text: "eta*x1*y0 - eta*y1*x0", line: 1, column: 5)]
    )

    /// What a rule compiler makes of it.
    static let program = RuleProgram(
        name: "sal",
        source: ["dw: eta*x1*y0 - eta*y1*x0"],
        traces: [
            TraceProgram(register: .x1, impulse: 32, tau: 10),
            TraceProgram(register: .y1, impulse: 32, tau: 10),
        ],
        products: [
            RuleProduct(
                trigger: .y0,
                mantissa: 1,
                exponent: -5,
                amplitude: 0,
                factors: [RuleFactor(.x1)]
            ),
            RuleProduct(
                trigger: .x0,
                mantissa: -1,
                exponent: -5,
                amplitude: 0,
                factors: [RuleFactor(.y1)]
            ),
        ],
        windows: [],
        amplitudes: ["eta"]
    )

    /// Set-up R: two populations, dense both ways, the way back plastic.
    static func reciprocal(_ count: Int, seed: UInt64 = 1, fullScale: Double = 0.6) -> Network {
        reciprocal(noisy("pre", count), noisy("post", count), seed: seed, fullScale: fullScale)
    }

    /// Two populations, dense both ways, the way back plastic.
    static func reciprocal(
        _ pre: Population,
        _ post: Population,
        seed: UInt64 = 1,
        fullScale: Double = 0.6
    ) -> Network {
        var random = SplitMix64(seed: seed)
        func projection(_ source: Int, _ target: Int, _ name: String, rule: Int?) -> Projection {
            let weights = (0..<pre.count * post.count).map { _ in
                random.double(-1.3 * fullScale...1.3 * fullScale)
            }
            var projection = Projection(
                source: source,
                target: target,
                delay: 1,
                connectivity: .dense(weights)
            )
            projection.name = name
            projection.plasticity = Plasticity(rule: rule, fullScale: fullScale)
            return projection
        }
        var network = TestNetworks.network(
            [pre, post],
            [projection(0, 1, "w", rule: nil), projection(1, 0, "b", rule: 0)]
        )
        network.projections[1].feedbackOf = 0
        network.rules = [rule]
        return network
    }
}
