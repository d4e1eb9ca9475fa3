import Samples

/// Synapses as the arrays of an NPZ file.
package struct ConnectionArrays {
    /// Number of neurons.
    package var neurons: Int
    /// Number of input channels.
    package var inputs: Int
    /// Where the synapses of each source begin, and how many there are.
    package var indptr: [Int]
    /// Target of each synapse.
    package var indices: [Int32]
    /// Weight of each synapse.
    package var weights: [Int8]
    /// Weight of each synapse in single precision, in the place of `weights`.
    package var floatWeights: [Float]?

    /// Gathers arrays, which may contradict one another.
    ///
    /// - Parameters:
    ///   - neurons: Number of neurons.
    ///   - inputs: Number of input channels.
    ///   - indptr: Where the synapses of each source begin.
    ///   - indices: Target of each synapse.
    ///   - weights: Weight of each synapse.
    package init(
        neurons: Int,
        inputs: Int = 0,
        indptr: [Int],
        indices: [Int32],
        weights: [Int8]
    ) {
        self.neurons = neurons
        self.inputs = inputs
        self.indptr = indptr
        self.indices = indices
        self.weights = weights
    }

    /// Writes them as numpy does.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - missing: Arrays that are left out.
    /// - Throws: If the file cannot be written.
    package func write(to path: String, without missing: Set<String> = []) throws {
        let members: [(name: String, bytes: [UInt8])] = [
            ("n_neurons", Self.array("<i8", nil, [Int64(neurons)])),
            ("n_inputs", Self.array("<i8", nil, [Int64(inputs)])),
            ("indptr", Self.array("<i8", indptr.count, indptr.map { Int64($0) })),
            ("indices", Self.array("<i4", indices.count, indices)),
            (
                "weights",
                floatWeights.map { Self.array("<f4", $0.count, $0.map(\.bitPattern)) }
                    ?? Self.array("|i1", weights.count, weights)
            ),
        ]
        try ArchiveWriter.write(
            members.filter { !missing.contains($0.name) }.map {
                ArchiveWriter.Member(name: $0.name + ".npy", bytes: $0.bytes)
            },
            to: path
        )
    }

    /// An array in numpy's format; a number of its own has no shape.
    private static func array<T: FixedWidthInteger>(
        _ type: String,
        _ count: Int?,
        _ values: [T]
    ) -> [UInt8] {
        let shape = count.map { "(\($0),)" } ?? "()"
        var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
        while (header.utf8.count + 11) % 64 != 0 { header += " " }
        header += "\n"
        var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
        bytes += [UInt8(header.utf8.count & 0xFF), UInt8(header.utf8.count >> 8)]
        bytes += Array(header.utf8)
        for value in values {
            for shift in 0..<T.bitWidth / 8 {
                bytes.append(UInt8(truncatingIfNeeded: value >> (8 * shift)))
            }
        }
        return bytes
    }
}
