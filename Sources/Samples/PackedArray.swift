/// An array of whole numbers from an NPZ file, without a detour over doubles.
package enum PackedArray {
    /// Reads an array of whole numbers.
    ///
    /// - Parameters:
    ///   - path: Path of an `.npz` file.
    ///   - array: Name of the array in it.
    ///   - limit: Most elements.
    /// - Returns: Its elements in C order.
    /// - Throws: `SampleError`, also if an element does not fit an Int.
    package static func integers(
        path: String,
        array: String,
        limit: Int
    ) throws(SampleError) -> [Int] {
        var elements: [Int] = []
        try forEach(path, array, limit) { (position, type, bits) throws(SampleError) in
            guard let number = type.integer(bits) else {
                throw .badHeader(
                    source: path,
                    array: array,
                    reason: "element \(position) is \(type.text(bits)), which is out of range"
                )
            }
            elements.append(number)
        }
        return elements
    }

    private static func forEach(
        _ path: String,
        _ array: String,
        _ limit: Int,
        _ body: (_ position: Int, _ type: ElementType, _ bits: UInt64) throws(SampleError) -> Void
    ) throws(SampleError) {
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
        let member = try archive.open(index, as: array)
        let header = try ArrayHeader(from: member, allowing: "integers") { $0.isInteger }
        guard header.shape.count < 2 else {
            throw .badHeader(
                source: path,
                array: array,
                reason: "it has the shape \(header.shape); it must be a list of numbers"
            )
        }
        guard header.elementCount <= limit else {
            throw .tooLarge(
                source: path,
                array: array,
                what: "elements",
                count: header.elementCount,
                limit: limit
            )
        }
        var left = header.byteCount
        var position = 0
        while left > 0 {
            // Memory grows with what the archive holds, not with what it claims.
            let piece = min(left, 1 << 20)
            let bytes = try member.read(piece)
            guard bytes.count == piece else {
                throw .wrongLength(
                    source: path,
                    array: array,
                    declared: header.byteCount,
                    isShort: true
                )
            }
            for start in stride(from: 0, to: bytes.count, by: header.type.size) {
                try body(position, header.type, header.type.bits(in: bytes, at: start))
                position += 1
            }
            left -= piece
        }
    }
}
