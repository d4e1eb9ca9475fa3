import Description
import Foundation
import NetworkIR
import Testing

/// Bounds of statistics are five standard errors of the closed form: a false alarm in 1.7 million each.
@Suite("Projections by distance")
struct KernelTests {
    private static let lif = "neuron: lif, tau: 10"
    private static let sheet = "a: { shape: [40, 40], \(lif), positions: { grid: 1 } }"

    /// Difference of two coordinates on a ring of 40.
    private static func wrapped(_ one: Int, _ other: Int) -> Int {
        let difference = abs(one - other)
        return min(difference, 40 - difference)
    }

    private static func squaredDistance(_ synapse: NetworkTexts.Synapse) -> Int {
        let x = wrapped(synapse.source / 40, synapse.target / 40)
        let y = wrapped(synapse.source % 40, synapse.target % 40)
        return x * x + y * y
    }

    @Test(
        "each distance has the share of its pairs that the kernel says",
        arguments: [
            "gaussian: 2, peak: 0.8, cutoff: 6", "exponential: 2, cutoff: 6", "disc: 3, peak: 0.5",
        ]
    )
    func shares(kernel: String) throws {
        func probability(_ squared: Double) -> Double {
            switch kernel.first {
            case "g": 0.8 * exp(-squared / 8)
            case "e": exp(-squared.squareRoot() / 2)
            default: squared <= 9 ? 0.5 : 0
            }
        }
        let network = try NetworkTexts.network(
            Self.sheet,
            "aa: { from: a, to: a, connect: { kernel: { \(kernel) } }, wrap: [40, 40], weights: 1 }"
        )
        let synapses = NetworkTexts.synapses(network, "aa")
        var found: [Int: Int] = [:]
        for synapse in synapses { found[Self.squaredDistance(synapse), default: 0] += 1 }
        // All pairs of one neuron and its surroundings, as often as there are neurons.
        var pairs: [Int: Int] = [:]
        for x in -20..<20 {
            for y in -20..<20 where (x, y) != (0, 0) { pairs[x * x + y * y, default: 0] += 1600 }
        }
        var (mean, variance) = (0.0, 0.0)
        for (squared, count) in pairs {
            let p = squared <= 36 ? probability(Double(squared)) : 0
            let n = Double(count)
            let seen = Double(found[squared] ?? 0)
            #expect(
                (seen - n * p).magnitude <= 5 * (n * p * (1 - p)).squareRoot() + 1e-9,
                "d² = \(squared)"
            )
            mean += n * p / 1600
            variance += n * p * (1 - p) / 1600
        }
        // Fan-in is a sum of independent draws: its mean over all neurons, and its variance from neuron to neuron.
        var fanIn = [Double](repeating: 0, count: 1600)
        for synapse in synapses { fanIn[synapse.target] += 1 }
        let average = fanIn.reduce(0, +) / 1600
        #expect((average - mean).magnitude < 5 * (variance / 1600).squareRoot())
        let spread = fanIn.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1600
        #expect((spread - variance).magnitude < 5 * variance * (2.2 / 1600).squareRoot())
    }

    /// Coordinates of the grids below, by hand.
    private static let wide: [[Double]] = (0..<63).map { neuron -> [Double] in
        [0.25 + 1.5 * Double(neuron / 7), -1 + 2 * Double(neuron % 7)]
    }
    private static let fine: [[Double]] = (0..<120).map { neuron -> [Double] in
        [Double(neuron / 10), Double(neuron % 10)]
    }

    @Test(
        "a disc or box of sure pairs holds those within reach and no others",
        arguments: [("disc", 0.7), ("disc", 2.6), ("disc", 100), ("box", 1.3), ("box", 3)],
        [[0.0, 0], [14, 0], [14, 15]]
    )
    func reach(shape: (String, Double), wrap: [Double]) throws {
        let network = try NetworkTexts.network(
            """
            a: { shape: [9, 7], \(Self.lif), positions: { grid: { spacing: [1.5, 2], origin: [0.25, -1] } } },
            b: { shape: [12, 10], \(Self.lif), positions: { grid: 1 } }
            """,
            "ab: { from: a, to: b, connect: { kernel: { \(shape.0): \(shape.1) } }, wrap: \(wrap), weights: 1 }"
        )
        var expected: [[Int]] = []
        for (target, place) in Self.fine.enumerated() {
            for (source, origin) in Self.wide.enumerated() {
                let differences = (0..<2).map { axis -> Double in
                    let difference = (place[axis] - origin[axis]).magnitude
                    return wrap[axis] > 0
                        ? min(difference, wrap[axis] - difference).magnitude : difference
                }
                let isNear =
                    shape.0 == "box"
                    ? differences.max() ?? 0 <= shape.1
                    : differences.reduce(0) { $0 + $1 * $1 } <= shape.1 * shape.1
                if isNear { expected.append([source, target]) }
            }
        }
        let found = NetworkTexts.synapses(network, "ab").map { [$0.source, $0.target] }
        #expect(found == expected)
    }

    @Test("lines, cubes and rings are spaces too")
    func spaces() throws {
        let line = try NetworkTexts.network(
            "a: { count: 50, \(Self.lif), positions: { grid: 2 } }",
            "aa: { from: a, to: a, connect: { kernel: { disc: 4 } }, wrap: [100], weights: 1 }"
        )
        #expect(NetworkTexts.synapses(line, "aa").count == 50 * 4)
        let cube = try NetworkTexts.network(
            "a: { shape: [5, 5, 5], \(Self.lif), positions: { grid: 1 } }",
            "aa: { from: a, to: a, connect: { kernel: { box: 1 } }, autapses: yes, weights: 1 }"
        )
        // Of 5 neighbours in a row 3, but 2 at the ends.
        #expect(NetworkTexts.synapses(cube, "aa").count == 13 * 13 * 13)
        let ring = try NetworkTexts.network(
            "a: { count: 12, \(Self.lif), positions: { ring: { radius: 2, center: [5, 5] } } }",
            """
            aa: { from: a, to: a, connect: { kernel: { disc: 5 } }, weights: { kernel: { exponential: 1 } } }
            """
        )
        for synapse in NetworkTexts.synapses(ring, "aa") {
            // The chord of so many twelfths of a circle.
            let chord = 4 * sin(Double.pi * Double(abs(synapse.source - synapse.target)) / 12)
            #expect((synapse.weight - exp(-chord)).magnitude < 1e-14)
        }
        #expect(NetworkTexts.synapses(ring, "aa").count == 132)
    }

    @Test("random positions fill their box evenly, and differ from seed to seed")
    func random() throws {
        let populations = """
            a: { count: 4000, neuron: input, positions: { random: { box: [10, 4], origin: [-5, 1] } } },
            b: { shape: [1, 1], \(Self.lif), positions: { grid: { spacing: 1, origin: [0, 3] } } }
            """
        let projection = "ab: { from: a, to: b, connect: { kernel: { disc: 2 } }, weights: 1 }"
        let first = try NetworkTexts.network(populations, projection)
        let second = try NetworkTexts.network(populations, projection, seed: 201)
        #expect(first.projections != second.projections)
        // The disc lies inside: its area over that of the box.
        let share = Double.pi * 4 / 40
        for network in [first, second] {
            let count = Double(NetworkTexts.synapses(network, "ab").count)
            #expect(
                (count - 4000 * share).magnitude < 5 * (4000 * share * (1 - share)).squareRoot()
            )
        }
    }

    @Test("weights and delays by distance are those of the formula, synapse by synapse")
    func formula() throws {
        let network = try NetworkTexts.network(
            Self.sheet,
            """
            aa: { from: a, to: a, connect: { kernel: { gaussian: 3, cutoff: 9 } }, wrap: [40, 40],
                  weights: { kernel: { exponential: 4, peak: -2 } },
                  delay: { distance: { velocity: 1.5, base: 2, high: 7 } } }
            """
        )
        let synapses = NetworkTexts.synapses(network, "aa")
        #expect(synapses.count > 10_000)
        for synapse in synapses {
            let distance = Double(Self.squaredDistance(synapse)).squareRoot()
            #expect((synapse.weight + 2 * exp(-distance / 4)).magnitude < 1e-14)
            #expect(synapse.delay == min(7, Int((2 + distance / 1.5).rounded())))
        }
        #expect(Set(synapses.map(\.delay)) == Set(3...7))
        #expect(network.projections.map(\.name) == (3...7).map { "aa[\($0)]" })
    }

    @Test("no synapse depends on the order of the file or on who draws at the same time")
    func order() async throws {
        let b = "b: { count: 30, \(Self.lif) }"
        let local =
            "aa: { from: a, to: a, connect: { kernel: { gaussian: 2, cutoff: 5 } }, "
            + "weights: { normal: { deviation: 1 } }, delay: { normal: { mean: 3, deviation: 1 } } }"
        let other =
            "ab: { from: a, to: b, connect: { probability: 0.1 }, weights: { uniform: [0, 1] } }"
        let forwards = try NetworkTexts.file("\(Self.sheet), \(b)", "\(local), \(other)")
        let backwards = try NetworkTexts.file("\(b), \(Self.sheet)", "\(other), \(local)")
        let expected = forwards.network(seed: 7)
        for name in ["aa", "ab"] {
            #expect(
                NetworkTexts.synapses(expected, name)
                    == NetworkTexts.synapses(backwards.network(seed: 7), name)
            )
            #expect(
                NetworkTexts.synapses(expected, name)
                    != NetworkTexts.synapses(forwards.network(seed: 8), name)
            )
        }
        await withTaskGroup(of: Network.self) { group in
            for _ in 0..<4 { group.addTask { forwards.network(seed: 7) } }
            for await network in group { #expect(network == expected) }
        }
    }
}
