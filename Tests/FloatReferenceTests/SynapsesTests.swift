import FloatReference
import NetworkIR
import TestSupport
import Testing

@Suite("Synapses of the float reference machine")
struct SynapsesTests {
    private static func network(_ connectivity: Connectivity) -> Network {
        let count = 12
        let firing = Firing(
            threshold: [Double](repeating: 1, count: count),
            reset: [Double](repeating: 0, count: count)
        )
        let gain = [Double](repeating: 1, count: count)
        return Network(
            name: "sparse",
            timeStep: 1,
            populations: [
                Population(path: "in", shape: [9], dynamics: .input),
                Population(
                    path: "n",
                    shape: [count],
                    dynamics: .integrateAndFire(IntegrateAndFire(r: gain, firing: firing))
                ),
            ],
            projections: [Projection(source: 0, target: 1, delay: 1, connectivity: connectivity)],
            outputs: []
        )
    }

    @Test("sparse weights give the potentials of the whole matrix, to the bit")
    func sparseEqualsDense() throws {
        var random = SplitMix64(seed: 11)
        let matrix = (0..<12 * 9).map { _ in random.chance(0.3) ? random.double(-0.4...0.8) : 0 }
        let offsets = (0...12).map { target in matrix.prefix(target * 9).count { $0 != 0 } }
        let present = matrix.indices.filter { matrix[$0] != 0 }
        let sparse = SparseWeights(
            offsets: offsets,
            sources: present.map { Int32($0 % 9) },
            weights: present.map { matrix[$0] }
        )
        var one = try FloatMachine(Self.network(.dense(matrix)))
        var other = try FloatMachine(Self.network(.sparse(sparse)))
        var spikes = 0
        for _ in 0..<100 {
            let input = [(0..<9).filter { _ in random.chance(0.3) }]
            try one.step(inputSpikes: input)
            try other.step(inputSpikes: input)
            #expect(one.values(of: 1) == other.values(of: 1))
            #expect(one.spikes(of: 1) == other.spikes(of: 1))
            spikes += one.spikes(of: 1).count
        }
        #expect(spikes > 50)
    }

    @Test("sparse weights that contradict themselves are refused with the entry")
    func malformed() {
        let weights = SparseWeights(
            offsets: [0] + [Int](repeating: 1, count: 12),
            sources: [9],
            weights: [1]
        )
        #expect(
            throws: FloatReferenceError.malformedWeights(
                network: "sparse",
                source: "in",
                target: "n",
                fault: .outOfRange(entry: 0, neuron: 9, count: 9)
            )
        ) { try FloatMachine(Self.network(.sparse(weights))) }
    }
}
