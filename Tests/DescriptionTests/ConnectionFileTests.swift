import Description
import Foundation
import NetworkIR
import Samples
import TestSupport
import Testing

@Suite("Synapses in NPZ files")
struct ConnectionFileTests {
    private let folder = FileManager.default.temporaryDirectory

    /// Reads a network from arrays.
    private func network(
        _ arrays: ConnectionArrays,
        without missing: Set<String> = []
    ) throws -> Network {
        let path = folder.appendingPathComponent("synapses-\(UUID().uuidString).npz").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try arrays.write(to: path, without: missing)
        return try ConnectionFile.network(path: path, name: "x", threshold: 50)
    }

    /// Three neurons and two inputs.
    private var small: ConnectionArrays {
        ConnectionArrays(
            neurons: 3,
            inputs: 2,
            indptr: [0, 2, 2, 3, 4, 6],
            indices: [0, 2, 1, 2, 0, 1],
            weights: [5, -7, 0, 9, 127, -127]
        )
    }

    @Test("neurons and inputs become two projections, every entry a synapse")
    func reads() throws {
        let network = try network(small)
        #expect(network.populations.map(\.path) == ["input", "neurons"])
        #expect(network.populations.map(\.count) == [2, 3])
        #expect(network.projections.count == 2)
        #expect(network.projections.allSatisfy { $0.keepsZeroWeights })
        let sparse = network.projections.map { projection -> SparseWeights? in
            guard case .sparse(let sparse) = projection.connectivity else { return nil }
            return sparse
        }
        // By target: input 0 reaches neuron 2; input 1 reaches 0 and 1.
        #expect(sparse[0]?.offsets == [0, 1, 2, 3])
        #expect(sparse[0]?.sources == [1, 1, 0])
        #expect(sparse[0]?.weights == [127, -127, 9])
        #expect(sparse[1]?.offsets == [0, 1, 2, 3])
        #expect(sparse[1]?.sources == [0, 2, 0])
        #expect(sparse[1]?.weights == [5, 0, -7])
        #expect(network.projections[1].delay == 1)
    }

    @Test("a network without inputs has one projection")
    func withoutInputs() throws {
        let arrays = ConnectionArrays(
            neurons: 2,
            indptr: [0, 1, 2],
            indices: [1, 0],
            weights: [3, 4]
        )
        let network = try network(arrays)
        #expect(network.populations.map(\.path) == ["neurons"])
        #expect(network.projections.map(\.source) == [0])
    }

    @Test("refuses arrays that contradict one another, naming the array")
    func refuses() throws {
        let edits: [(array: String, edit: (inout ConnectionArrays) -> Void)] = [
            ("indptr", { $0.indptr.removeLast() }),
            ("indptr", { $0.indptr[1] = 5 }),
            ("weights", { $0.weights.removeLast() }),
            ("weights", { $0.indptr[5] = 5 }),
            ("indices", { $0.indices[0] = 3 }),
            ("indices", { $0.indices[0] = -1 }),
            ("indices", { $0.indices[1] = 0 }),
            ("weights", { $0.floatWeights = [1, 2, 3, .nan, 5, 6] }),
            ("indptr", { $0.indptr[0] = 1 }),
            ("n_neurons", { $0.neurons = 0 }),
            ("n_inputs", { $0.inputs = -1 }),
        ]
        for (number, (array, edit)) in edits.enumerated() {
            var arrays = small
            edit(&arrays)
            let error = #expect(throws: DescriptionError.self, "edit \(number)") {
                _ = try network(arrays)
            }
            #expect(error?.key == array, "edit \(number)")
        }
    }

    @Test("refuses a file without one of the arrays")
    func missing() {
        for array in ["n_neurons", "n_inputs", "indptr", "indices", "weights"] {
            #expect(throws: SampleError.self) { try network(small, without: [array]) }
        }
    }
}
