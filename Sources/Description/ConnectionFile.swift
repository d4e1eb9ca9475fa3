import Diagnostics
public import NetworkIR
import Samples

/// A network of integrate-and-fire neurons from a list of synapses in an NPZ file.
///
/// Arrays: `n_neurons` and `n_inputs` (one number each), `indptr` (sources + 1), `indices` (target neuron
/// of each synapse) and `weights`: compressed rows of sources, as scipy writes them. Sources
/// 0..<n_neurons are neurons, the rest are input channels. Every entry is a synapse, one of weight 0 too.
public struct ConnectionFile {
    /// Most synapses, neurons and inputs that are read.
    private static let mostSynapses = 1 << 28
    private static let mostNeurons = 1 << 24

    /// Reads a network.
    ///
    /// Neurons form the population `neurons`, inputs the population `input`; a spike takes one step from neuron
    /// to neuron. A neuron adds its weights up and spikes above its threshold, which it then subtracts.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - name: Name of the network.
    ///   - threshold: Threshold of all neurons, above 0.
    /// - Returns: The network.
    /// - Throws: `SampleError` for what is wrong with the arrays, `DescriptionError` for what is wrong
    ///   between them.
    public static func network(path: String, name: String, threshold: Double) throws -> Network {
        let neurons = try count("n_neurons", path, 1...mostNeurons)
        let inputs = try count("n_inputs", path, 0...mostNeurons)
        var indptr = try PackedArray.integers(
            path: path,
            array: "indptr",
            as: Int.self,
            limit: neurons + inputs + 1
        )
        guard indptr.count == neurons + inputs + 1 else {
            throw fault(
                path,
                "indptr",
                "has \(indptr.count) entries, but \(neurons) neurons and \(inputs) inputs need "
                    + "\(neurons + inputs + 1)."
            )
        }
        var indices = try PackedArray.integers(
            path: path,
            array: "indices",
            as: Int32.self,
            limit: mostSynapses
        )
        var weights = try PackedArray.floats(path: path, array: "weights", limit: mostSynapses)
        guard weights.count == indices.count, indptr.last == indices.count else {
            throw fault(
                path,
                "weights",
                "has \(weights.count) entries, indices has \(indices.count), and indptr ends at "
                    + "\(indptr.last ?? 0). All three must agree."
            )
        }
        // Rows must ascend before they can be taken apart.
        if let row = indptr.indices.dropFirst().first(where: { indptr[$0] < indptr[$0 - 1] }) {
            throw fault(path, "indptr", "falls from entry \(row - 1) to entry \(row).")
        }
        let ownRows = indptr[neurons]
        var populations: [Population] = []
        if inputs > 0 {
            populations.append(Population(path: "input", shape: [inputs], dynamics: .input))
        }
        let ones = [Double](repeating: 1, count: neurons)
        let firing = Firing(
            threshold: [Double](repeating: threshold, count: neurons),
            reset: [Double](repeating: 0, count: neurons)
        )
        populations.append(
            Population(
                path: "neurons",
                shape: [neurons],
                dynamics: .integrateAndFire(IntegrateAndFire(r: ones, firing: firing))
            )
        )
        var projections: [Projection] = []
        func add(_ source: Int, _ rows: [Int], _ columns: [Int32], from first: Int) throws {
            guard !columns.isEmpty else { return }
            let sparse: SparseWeights
            do {
                sparse = try SparseWeights(indptr: rows, indices: columns, targets: neurons) {
                    Double(weights[first + $0])
                }
            } catch {
                throw fault(path, "indices", "is wrong: \(error)")
            }
            let target = populations.count - 1
            var projection = Projection(
                source: source,
                target: target,
                delay: source == target ? 1 : 0,
                connectivity: .sparse(sparse)
            )
            projection.keepsZeroWeights = true
            projections.append(projection)
        }
        if inputs > 0 {
            let rows = indptr[neurons...].map { $0 - ownRows }
            try add(0, rows, Array(indices[ownRows...]), from: ownRows)
            indices.removeLast(indices.count - ownRows)
            indptr.removeLast(inputs)
        }
        try add(populations.count - 1, indptr, indices, from: 0)
        weights = []
        return Network(
            name: name,
            timeStep: 1,
            reset: .subtractThreshold,
            populations: populations,
            projections: projections,
            outputs: [
                NetworkOutput(name: "output", population: populations.count - 1, shape: [neurons])
            ]
        )
    }

    private static func count(
        _ array: String,
        _ path: String,
        _ range: ClosedRange<Int>
    ) throws -> Int {
        let values = try PackedArray.integers(path: path, array: array, as: Int.self, limit: 1)
        guard let value = values.first, range.contains(value) else {
            throw fault(
                path,
                array,
                "is \(values.first.map { "\($0)" } ?? "empty"). It must lie in \(range)."
            )
        }
        return value
    }

    private static func fault(_ path: String, _ key: String, _ what: String) -> DescriptionError {
        DescriptionError(
            code: .descriptionConnections,
            file: path,
            line: 0,
            column: 0,
            key: key,
            what: what,
            advice: "Write the arrays as scipy.sparse.csr_array holds them.",
            arm: nil
        )
    }
}
