import Description
import NetworkIR
import Testing

/// Known answers come from an implementation of its own of Philox4x32-10, FNV-1a and the normal quantile.
@Suite("Networks drawn from a seed")
struct DrawingTests {
    private static let lif = "neuron: lif, tau: 10"
    private static let two = "lower: { count: 4, \(lif) }, upper: { count: 3, \(lif) }"

    private static func near(_ values: [Double], _ expected: [Double]) -> Bool {
        values.count == expected.count
            && zip(values, expected).allSatisfy { ($0 - $1).magnitude < 1e-12 }
    }

    @Test("normal weights are those of the known answers")
    func weights() throws {
        let forward =
            "forward: { from: lower, to: upper, weights: { normal: { deviation: 0.2, "
            + "clip: 0.6 } } }"
        let network = try Texts.network(Self.two, forward)
        let weights = try #require(network.projection("forward")).weights
        let expected = [
            -0.03688384643925723, -0.040233926270247106, 0.1876991678531958,
            -0.14166278439080926, 0.1322980432495548, 0.004134069808102326,
        ]
        #expect(Self.near(Array(weights.prefix(6)), expected))
    }

    @Test("all 64 bits of a seed count")
    func wideSeed() throws {
        let forward = "forward: { from: lower, to: upper, weights: { normal: { deviation: 0.2 } } }"
        let network = try Texts.network(Self.two, forward, seed: 1 << 40 | 7)
        let weights = try #require(network.projection("forward")).weights
        let expected = [0.16924703226164617, -0.17001984634583941, -0.24743068224513462]
        #expect(Self.near(Array(weights.prefix(3)), expected))
    }

    @Test("a weight depends on the names and the pair, not on what else is in the network")
    func independence() throws {
        let forward = "forward: { from: lower, to: upper, weights: { uniform: [-1, 1] } }"
        let alone = try Texts.network(Self.two, forward)
        let more = try Texts.network(
            "first: { count: 5, \(Self.lif) }, " + Self.two,
            "other: { from: first, to: upper, weights: { uniform: [0, 1] } }, " + forward
        )
        #expect(alone.projection("forward")?.weights == more.projection("forward")?.weights)
    }

    @Test("a synapse that learns keeps the sign that its projection names, and draws have it")
    func signs() throws {
        let rule = "rule: { name: r, x1: { impulse: 1 }, dw: eta*y0*x1 }"
        let network = try Texts.network(
            Self.two,
            """
            up: { from: lower, to: upper, sign: excitatory, \(rule),
                  weights: { normal: { deviation: 1, low: 0, high: 2 } } },
            down: { from: upper, to: lower, sign: inhibitory, weights: { uniform: [-1, 0] } }
            """
        )
        let up = try #require(network.projection("up"))
        #expect(up.plasticity?.sign == .excitatory && up.weights.allSatisfy { $0 >= 0 })
        #expect(up.weights.contains(0))
        let down = try #require(network.projection("down"))
        #expect(down.plasticity == nil && down.weights.allSatisfy { $0 <= 0 })
    }

    @Test("parameters of neurons are those of the known answers")
    func parameters() throws {
        let network = try Texts.network(
            """
            lower: { count: 4, neuron: lif, bias: { uniform: [-1, 1] },
                     tau: { normal: { mean: 10, deviation: 1, low: 1, high: 20 } } }
            """
        )
        let lower = network.populations[0]
        #expect(
            Self.near(
                lower.bias,
                [-0.4622989128517039, 0.7133663303918756, -0.7327017513015297, -0.6093205395170391]
            )
        )
        guard case .noisy(let neuron) = lower.dynamics else {
            Issue.record("a LIF neuron is a noisy one")
            return
        }
        #expect(
            Self.near(
                neuron.membraneTau,
                [10.252717387634096, 11.523215689941747, 7.895050321873287, 9.587618574306784]
            )
        )
    }

    @Test(
        "pairs are those of the known answers",
        arguments: [
            // [target][source], 3 × 4.
            ("{ probability: 0.5 }", [0, 1, 0, 0, 1, 0, 0, 1, 1, 1, 0, 1]),
            ("{ inDegree: 2 }", [0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 1, 0]),
            ("{ outDegree: 1 }", [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0]),
            ("allToAll", [Int](repeating: 1, count: 12)),
        ]
    )
    func pairs(connect: String, expected: [Int]) throws {
        let network = try Texts.network(
            Self.two,
            "forward: { from: lower, to: upper, weights: 1, connect: \(connect) }"
        )
        #expect(network.matrix("forward")?.map { Int($0) } == expected)
    }

    @Test("delays drawn from a range split a projection: each synapse is in one part")
    func delays() throws {
        let network = try Texts.network(
            Self.two,
            "forward: { from: lower, to: upper, weights: 1, delay: { uniform: [1, 4] } }"
        )
        var found = [Int](repeating: 0, count: 12)
        for projection in network.projections {
            #expect(projection.name == "forward[\(projection.delay)]")
            for (pair, weight) in network.matrix(projection).enumerated() where weight != 0 {
                #expect(found[pair] == 0)
                found[pair] = projection.delay
            }
        }
        #expect(found == [3, 2, 3, 2, 3, 3, 3, 3, 1, 4, 2, 4])
    }

    @Test("one-to-one projections hold one weight a neuron, that of the pair (k, k)")
    func oneToOne() throws {
        let two = "lower: { count: 3, \(Self.lif) }, upper: { count: 3, \(Self.lif) }"
        let weights = "weights: { normal: { deviation: 0.2 } }"
        let one = try Texts.network(
            two,
            """
            forward: { from: lower, to: upper, connect: oneToOne, \(weights) },
            back: { from: upper, to: lower, feedbackOf: forward, weights: 1 }
            """
        )
        let all = try Texts.network(two, "forward: { from: lower, to: upper, \(weights) }")
        let dense = try #require(all.projection("forward")).weights
        #expect(
            one.projection("forward")?.connectivity == .oneToOne([dense[0], dense[4], dense[8]])
        )
        #expect(one.projection("back")?.connectivity == .oneToOne([1, 1, 1]))
        // Most neurons that a network may have; all pairs would be 2^40.
        let wide = try Texts.network(
            "a: { count: 500000, neuron: input }, b: { count: 500000, \(Self.lif) }",
            "ab: { from: a, to: b, connect: oneToOne, weights: 1 }"
        )
        #expect(wide.projection("ab")?.weights.count == 500_000)
    }

    @Test("autapses are off unless they are asked for")
    func autapses() throws {
        func diagonal(_ more: String) throws -> [Double] {
            let network = try Texts.network(
                "a: { count: 3, \(Self.lif) }",
                "loop: { from: a, to: a, weights: 1\(more) }"
            )
            let weights = try #require(network.projection("loop")).weights
            #expect(weights.reduce(0, +) == (more.isEmpty ? 6 : 9))
            return [weights[0], weights[4], weights[8]]
        }
        #expect(try diagonal("") == [0, 0, 0])
        #expect(try diagonal(", autapses: yes") == [1, 1, 1])
    }

    @Test("a feedback has the pairs of its forward projection, transposed")
    func mirrored() throws {
        let network = try Texts.network(
            Self.two,
            """
            back: { from: upper, to: lower, feedbackOf: forward, weights: 0, fullScale: 1 },
            forward: { from: lower, to: upper, weights: 1, connect: { probability: 0.5 } }
            """
        )
        let forward = try #require(network.matrix("forward")).map { $0 == 1 }
        let projection = try #require(network.projection("back"))
        guard case .sparse(let back) = projection.connectivity else {
            Issue.record("pairs that are not all of them are stored as a list")
            return
        }
        #expect(projection.plasticity?.isPresent == nil)
        for target in 0..<3 {
            for source in 0..<4 {
                let isThere = back.index(ofSource: target, target: source) != nil
                #expect(isThere == forward[target * 4 + source])
            }
        }
        let index = try #require(network.projection("back")?.feedbackOf)
        #expect(network.projections[index].name == "forward")
    }

    @Test("arrays of a file are weights and parameters, [target][source]")
    func arrays() throws {
        let network = try Texts.network(
            """
            a: { count: 3, \(Self.lif), bias: { file: arrays.npz, array: bias } },
            b: { count: 2, \(Self.lif) }
            """,
            "ab: { from: a, to: b, weights: { file: arrays.npz, array: W } }"
        )
        let weights = try #require(network.projection("ab")).weights
        #expect(zip(weights, [-0.2, -0.1, 0, 0.1, 0.2, 0.3]).allSatisfy { abs($0 - $1) < 1e-7 })
        #expect(network.populations[0].bias == [0.1, 0.2, 0.3])
        // As many weights, but the other way round.
        let error = #expect(throws: DescriptionError.self) {
            try Texts.network(
                "a: { count: 3, \(Self.lif) }, b: { count: 2, \(Self.lif) }",
                "ab: { from: a, to: b, weights: { file: arrays.npz, array: T } }"
            )
        }
        #expect(error?.what.contains("array 'T' of 3 × 2. It must be 2 × 3") == true)
    }

    @Test("shared noise takes its share of the variance, under one name in all populations")
    func sharedNoise() throws {
        let network = try Texts.network(
            """
            a: { count: 1, \(Self.lif), noise: { deviation: 0.5, share: 0.36 } },
            b: { like: a, noise: { deviation: 1 } },
            c: { like: b, noise: { share: 1, source: room } },
            d: { like: a, noise: { deviation: 0 } }
            """
        )
        let noise = network.populations.map { population in
            if case .noisy(let neuron) = population.dynamics {
                neuron.noise
            } else {
                [NoiseSource]()
            }
        }
        #expect(noise[0].map(\.stationaryDeviation) == [0.4, 0.3])
        #expect(noise[0].map(\.shared) == [nil, "common"])
        #expect(noise[1].map(\.stationaryDeviation) == [0.8, 0.6])
        #expect(noise[2] == [NoiseSource(stationaryDeviation: 1, shared: "room")])
        #expect(noise[3] == [])
    }

    @Test("sampling neurons, compartments and shapes come as they are written")
    func models() throws {
        let network = try Texts.network(
            """
            a: { shape: [2, 3], neuron: sampling, refractory: 10, compartments: { basal: 1, apical: 0.25 } },
            b: { count: 1, neuron: sampling, refractory: 10, psp: { alpha: 3.5 } },
            c: { count: 1, neuron: sampling, refractory: 255, psp: { rectangular: 20 } },
            d: { like: c, psp: { exponential: 5 } }
            """,
            "ba: { from: b, to: a, weights: 1, compartment: apical }"
        )
        #expect(network.populations.map(\.count) == [6, 1, 1, 1])
        let psp = network.populations.map { population -> PostsynapticPotential? in
            if case .sampling(let neuron) = population.dynamics { neuron.psp } else { nil }
        }
        let expected: [PostsynapticPotential] = [
            .rectangular(steps: 10), .alpha(tau: 3.5), .rectangular(steps: 20),
            .exponential(tau: 5),
        ]
        #expect(psp == expected)
        #expect(network.populations[0].compartments.map(\.gain) == [1, 0.25])
        #expect(network.projection("ba")?.compartment == 1)
    }

    // MARK: Statistics. Bounds are five standard errors: one false alarm in 1.7 million.

    @Test("normal weights have the mean, the deviation and the clipped share that are asked for")
    func normalStatistics() throws {
        let network = try Texts.network(
            "a: { count: 200, neuron: input }, b: { count: 200, \(Self.lif) }",
            "ab: { from: a, to: b, weights: { normal: { mean: 0.1, deviation: 0.2, low: -0.3, high: 9 } } }"
        )
        let weights = try #require(network.projection("ab")).weights
        let n = Double(weights.count)
        // Median and the share within one deviation do not see the clip at −2 σ.
        let below = Double(weights.count { $0 < 0.1 })
        #expect((below - n / 2).magnitude < 5 * (n / 4).squareRoot())
        let within = Double(weights.count { ($0 - 0.1).magnitude < 0.2 })
        #expect((within - 0.682_689_5 * n).magnitude < 5 * (0.216_62 * n).squareRoot())
        let clipped = Double(weights.count { $0 == -0.3 })
        #expect((clipped - 0.022_750_1 * n).magnitude < 5 * (0.022_232 * n).squareRoot())
        #expect(weights.min() == -0.3)
    }

    @Test("uniform weights have the mean and the variance of their range")
    func uniformStatistics() throws {
        let network = try Texts.network(
            "a: { count: 200, neuron: input }, b: { count: 200, \(Self.lif) }",
            "ab: { from: a, to: b, weights: { uniform: [-1, 3] } }"
        )
        let weights = try #require(network.projection("ab")).weights
        let n = Double(weights.count)
        let mean = weights.reduce(0, +) / n
        // Variance 16/12; of the squared deviation: fourth moment 2^4/5 less (16/12)^2.
        #expect((mean - 1).magnitude < 5 * (16 / 12 / n).squareRoot())
        let variance = weights.reduce(0) { $0 + ($1 - 1) * ($1 - 1) } / n
        #expect((variance - 16 / 12).magnitude < 5 * ((16.0 / 5 - 256.0 / 144) / n).squareRoot())
        #expect(weights.allSatisfy { (-1...3).contains($0) })
    }

    @Test("pairs have the probability or the degree that is asked for")
    func pairStatistics() throws {
        let populations = "a: { count: 200, neuron: input }, b: { count: 100, \(Self.lif) }"
        func weights(_ connect: String) throws -> [Double] {
            let network = try Texts.network(
                populations,
                "ab: { from: a, to: b, weights: 1, connect: { \(connect) } }"
            )
            return try #require(network.matrix("ab"))
        }
        let count = try weights("probability: 0.1").reduce(0, +)
        #expect((count - 2000).magnitude < 5 * 1800.0.squareRoot())
        #expect(try weights("probability: 0").allSatisfy { $0 == 0 })
        #expect(try weights("probability: 1").allSatisfy { $0 == 1 })
        let inDegree = try weights("inDegree: 7")
        for target in 0..<100 {
            #expect(inDegree[(target * 200)..<(target * 200 + 200)].reduce(0, +) == 7)
        }
        // Each source is drawn by 3.5 targets in the mean, binomially: none by more than 20.
        let perSource = (0..<200).map { source in
            (0..<100).reduce(0.0) { $0 + inDegree[$1 * 200 + source] }
        }
        #expect(perSource.allSatisfy { $0 <= 20 })
        let outDegree = try weights("outDegree: 5")
        for source in 0..<200 {
            #expect((0..<100).reduce(0.0) { $0 + outDegree[$1 * 200 + source] } == 5)
        }
    }
}
