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
        let indptr = try PackedArray.integers(
            path: path,
            array: "indptr",
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
        if indptr[0] != 0 {
            throw fault(path, "indptr", "begins with \(indptr[0]). It must begin with 0.")
        }
        // Rows must ascend before they can be taken apart.
        if let row = indptr.indices.dropFirst().first(where: { indptr[$0] < indptr[$0 - 1] }) {
            throw fault(path, "indptr", "falls from entry \(row - 1) to entry \(row).")
        }
        let (own, fromInputs) = try matrices(path, neurons: neurons, inputs: inputs, indptr)
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
        let target = populations.count - 1
        var projections: [Projection] = []
        for (source, matrix) in [(0, fromInputs), (target, own)] where matrix.count > 0 {
            var projection = Projection(
                source: source,
                target: target,
                delay: source == target ? 1 : 0,
                connectivity: .sparse(matrix)
            )
            projection.keepsZeroWeights = true
            projections.append(projection)
        }
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

    /// The synapses of the neurons and those of the inputs.
    ///
    /// The list is read twice, piece by piece, to be counted and to be put in its place: it never lies in
    /// memory beside what becomes of it.
    private static func matrices(
        _ path: String,
        neurons: Int,
        inputs: Int,
        _ indptr: [Int]
    ) throws -> (own: SparseWeights, fromInputs: SparseWeights) {
        let (first, second) = (try stream("indices", path), try stream("indices", path))
        let weights = try stream("weights", path)
        guard first.isInteger else {
            throw fault(path, "indices", "holds no whole numbers.")
        }
        let synapses = indptr.last ?? 0
        // A file that changes meanwhile may differ the second time.
        guard weights.count == first.count, synapses == first.count, second.count == first.count,
            second.isInteger
        else {
            throw fault(
                path,
                "weights",
                "has \(weights.count) entries, indices has \(first.count), and indptr ends at "
                    + "\(synapses). All three must agree."
            )
        }
        let ownSynapses = indptr[neurons]
        do {
            var own = try SparseWeightsBuilder<Float>(sources: neurons, targets: neurons)
            var fromInputs = try SparseWeightsBuilder<Float>(sources: inputs, targets: neurons)
            var piece = Piece()
            while let range = try piece.next(of: first) {
                for (k, target) in zip(range, piece.integers) {
                    if k < ownSynapses {
                        try own.count(target: Int(target))
                    } else {
                        try fromInputs.count(target: Int(target))
                    }
                }
            }
            own.allocate()
            fromInputs.allocate()
            var values = Piece()
            var source = 0
            while let range = try piece.next(of: second), try values.next(of: weights) != nil {
                for (index, k) in range.enumerated() {
                    while k >= indptr[source + 1] { source += 1 }
                    let target = Int(piece.integers[index])
                    let weight = Float(values.numbers[index])
                    guard weight.isFinite else {
                        throw fault(path, "weights", "holds \(values.numbers[index]) at \(k).")
                    }
                    if source < neurons {
                        try own.place(source: source, target: target, weight: weight)
                    } else {
                        try fromInputs.place(
                            source: source - neurons,
                            target: target,
                            weight: weight
                        )
                    }
                }
            }
            return (try own.finished(), try fromInputs.finished())
        } catch let wrong as SparseWeightsFault {
            throw fault(path, "indices", "is wrong: \(wrong)")
        }
    }

    private static func stream(_ array: String, _ path: String) throws -> NumberStream {
        let stream = try NumberStream(path: path, array: array)
        guard stream.count <= mostSynapses else {
            throw SampleError.tooLarge(
                source: path,
                array: array,
                what: "elements",
                count: stream.count,
                limit: mostSynapses
            )
        }
        return stream
    }

    private static func count(
        _ array: String,
        _ path: String,
        _ range: ClosedRange<Int>
    ) throws -> Int {
        let values = try PackedArray.integers(path: path, array: array, limit: 1)
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

/// Elements of a list that is read piece by piece.
private struct Piece {
    private(set) var numbers: [Double] = []
    private(set) var integers: [Int64] = []
    private var position = 0
    private static let length = 1 << 13

    /// Reads the next elements; nil where there are none.
    mutating func next(of stream: NumberStream) throws -> Range<Int>? {
        guard position < stream.count else {
            position = 0
            return nil
        }
        try stream.next(Self.length, values: &numbers, integers: &integers)
        defer { position += numbers.count }
        return position..<position + numbers.count
    }
}
