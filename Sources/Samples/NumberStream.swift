/// A list of numbers from an NPZ file, read piece by piece.
package final class NumberStream {
    /// Elements that the file claims.
    package let count: Int
    /// Whether the elements are whole numbers.
    package let isInteger: Bool
    private let member: ArchiveMember
    private let header: ArrayHeader
    private var position = 0

    /// Names of the arrays of a file.
    ///
    /// - Parameter path: Path of an `.npz` file.
    /// - Returns: Names without their ending.
    /// - Throws: `SampleError`.
    package static func names(in path: String) throws(SampleError) -> [String] {
        try ArchiveReader(path: path).names.filter { $0.hasSuffix(".npy") }.map {
            String($0.dropLast(4))
        }
    }

    /// Opens an array of one dimension.
    ///
    /// - Parameters:
    ///   - path: Path of an `.npz` file.
    ///   - array: Name of the array in it.
    /// - Throws: `SampleError`.
    package init(path: String, array: String) throws(SampleError) {
        let archive = try ArchiveReader(path: path)
        guard let index = archive.names.firstIndex(of: array + ".npy") else {
            throw .missingArray(
                source: path,
                name: array,
                present: archive.names.filter { $0.hasSuffix(".npy") }.map {
                    String($0.dropLast(4))
                }
            )
        }
        member = try archive.open(index, as: array)
        header = try ArrayHeader(from: member, allowing: "numbers or Booleans") { _ in true }
        guard header.shape.count < 2 else {
            throw .badHeader(
                source: path,
                array: array,
                reason: "it has the shape \(header.shape); it must be a list of numbers"
            )
        }
        count = header.elementCount
        isInteger = header.type.kind != .float
    }

    /// Reads the next elements.
    ///
    /// - Parameters:
    ///   - wanted: How many, at most.
    ///   - values: Their values as doubles, replaced.
    ///   - integers: Their values as whole numbers where the array has such, replaced; one that does not
    ///     fit 64 bits becomes the nearest that does.
    /// - Throws: `SampleError`, also if the array ends before its claimed length.
    package func next(
        _ wanted: Int,
        values: inout [Double],
        integers: inout [Int64]
    ) throws(SampleError) {
        values.removeAll(keepingCapacity: true)
        integers.removeAll(keepingCapacity: true)
        let wanted = min(wanted, count - position)
        let bytes = try member.read(wanted * header.type.size)
        guard bytes.count == wanted * header.type.size else {
            throw .wrongLength(
                source: member.source,
                array: member.array,
                declared: header.byteCount,
                isShort: true
            )
        }
        for start in stride(from: 0, to: bytes.count, by: header.type.size) {
            let bits = header.type.bits(in: bytes, at: start)
            values.append(header.type.number(bits))
            if isInteger { integers.append(header.type.integer(bits).map { Int64($0) } ?? .max) }
        }
        position += wanted
    }
}
