import ChipImage
import ChipSpec
import Compiler
import NetworkIR
import TestSupport
import Testing

@Suite("Sparse networks")
struct SparseNetworksTests {
    private typealias Nets = TestNetworks

    /// The network with whole matrices in place of sparse weights.
    private static func dense(_ network: Network) -> Network {
        var network = network
        for (index, projection) in network.projections.enumerated() {
            guard case .sparse(let sparse) = projection.connectivity else { continue }
            let sources = network.populations[projection.source].count
            network.projections[index].connectivity = .dense(sparse.dense(sources: sources))
        }
        return network
    }

    @Test("compile to the image of their dense twins, byte for byte", arguments: 0..<24)
    func sameImage(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let isLoihi = seed % 3 == 2
        var chip = try isLoihi ? TestChips.loihi() : TestChips.pilot()
        if seed % 2 == 1 { chip.core.neurons = random.int(5...12) }
        let network = RandomNetworks.network(
            &random,
            models: isLoihi ? [.lif, .integrateAndFire, .cubaLIF] : RandomNetworks.Model.allCases,
            reset: .toResetPotential,
            sparse: 0.8
        )
        let twin = Self.dense(network)
        #expect(twin != network)
        let one = try Compiler.compile(network, for: chip)
        let other = try Compiler.compile(twin, for: chip)
        #expect(one.image == other.image)
        #expect(try one.image.encoded() == other.image.encoded())
        #expect(one.report == other.report)
        let quantised = try one.quantisedNetwork()
        #expect(try Self.dense(quantised) == other.quantisedNetwork())
        #expect(quantised.projections.map(\.connectivity.isSparse).contains(true))
    }

    @Test("that learn hold exactly their entries as synapses, weights of 0 too")
    func learning() throws {
        var random = SplitMix64(seed: 3)
        var network = LearningNetworks.reciprocal(12)
        var twin = network
        for index in network.projections.indices {
            guard case .dense(var weights) = network.projections[index].connectivity else {
                continue
            }
            let isPresent = weights.map { _ in random.chance(0.4) }
            for k in weights.indices where !isPresent[k] || random.chance(0.2) { weights[k] = 0 }
            twin.projections[index].connectivity = .dense(weights)
            twin.projections[index].plasticity?.isPresent = isPresent
            network.projections[index].connectivity = .sparse(
                Nets.sparse(weights, sources: 12) { isPresent[$0] }
            )
        }
        let chip = try TestChips.pilot()
        let rules = [LearningNetworks.program]
        let one = try Compiler.compile(network, for: chip, rules: rules)
        let other = try Compiler.compile(twin, for: chip, rules: rules)
        #expect(one.image == other.image)
        guard case .sparse(let sparse) = network.projections[1].connectivity else { return }
        // The compiler sorts projections by target.
        #expect(one.image.synapses(ofProjection: 0).count == sparse.count)
        #expect(sparse.weights.contains(0))
    }

    @Test("keep hand-written weights exact, however many there are")
    func exact() throws {
        // 90 by 90 quarters in 70 sizes, and one weight that is none at the very end.
        var random = SplitMix64(seed: 5)
        var weights = (0..<8100).map { _ in Double(random.int(-35...35)) * 0.25 }
        // The finest scale, 25/127, is not the one at which all are whole.
        weights[0] = 25
        func network(_ weights: [Double]) -> Network {
            Nets.network(
                [Nets.input(90), Nets.integrateAndFire("n", 90)],
                [
                    Projection(
                        source: 0,
                        target: 1,
                        delay: 0,
                        connectivity: .sparse(Nets.sparse(weights, sources: 90))
                    )
                ]
            )
        }
        let chip = try TestChips.pilot()
        #expect(
            try Pipeline.quantised(network(weights), for: chip).projections[0].error.squares == 0
        )
        weights[8099] += 0.1
        #expect(
            try Pipeline.quantised(network(weights), for: chip).projections[0].error.squares > 0
        )
        // More sizes than are gathered, each a whole number of quarters within the tolerance.
        for k in weights.indices.dropFirst() {
            weights[k] = Double(random.int(-35...35)) * 0.25 * (1 + Double(k) * 1e-11)
        }
        #expect(Set(weights).count > 5000)
        let many = try Pipeline.quantised(network(weights), for: chip).projections[0]
        #expect(many.scale == 0.25)
        #expect(many.error.largest < 1e-6)
        weights[8099] += 0.1
        #expect(try Pipeline.quantised(network(weights), for: chip).projections[0].scale < 0.2)
    }

    @Test("with contradictory arrays are refused with the index")
    func malformed() throws {
        let chip = try TestChips.pilot()
        func refusal(_ offsets: [Int], _ sources: [Int32], _ weights: [Double]) throws -> String {
            let network = Nets.network(
                [Nets.input(3), Nets.lif("x", 2)],
                [
                    Projection(
                        source: 0,
                        target: 1,
                        delay: 0,
                        connectivity: .sparse(
                            SparseWeights(offsets: offsets, sources: sources, weights: weights)
                        )
                    )
                ]
            )
            do {
                _ = try Compiler.compile(network, for: chip)
                return ""
            } catch let error as CompilerError {
                return error.description
            }
        }
        #expect(try refusal([0, 2, 3], [0, 2, 1], [1, 1, 1]) == "")
        let faults: [(text: String, part: String)] = [
            (try refusal([0, 2, 3], [0, 2, 1], [1, 1]), "2 weights for 3 entries"),
            (try refusal([0, 3], [0, 1, 2], [1, 1, 1]), "2 offsets, which must be 3"),
            (try refusal([0, 4, 3], [0, 1, 2], [1, 1, 1]), "offset 3 at 2"),
            (try refusal([0, 2, 2], [0, 1, 2], [1, 1, 1]), "2 as its last offset"),
            (try refusal([0, 2, 3], [0, 3, 1], [1, 1, 1]), "neuron 3 of 3 at entry 1"),
            (try refusal([0, 2, 3], [2, 2, 1], [1, 1, 1]), "source 2 of target 0 at entry 1"),
            (try refusal([0, 2, 3], [0, 2, 1], [1, .nan, 1]), "weights, at 1"),
        ]
        for (text, part) in faults {
            #expect(text.contains(part), "\(text)")
            #expect(text.contains("'input' → 'x'"))
        }
    }
}

extension Connectivity {
    fileprivate var isSparse: Bool { if case .sparse = self { true } else { false } }
}
