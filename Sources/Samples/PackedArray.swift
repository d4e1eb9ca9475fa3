/// An array from an NPZ file in a type of one's own choice, without a detour over doubles.
package enum PackedArray {
    /// Reads an array of whole numbers.
    ///
    /// - Parameters:
    ///   - path: Path of an `.npz` file.
    ///   - array: Name of the array in it.
    ///   - type: What its elements become.
    ///   - limit: Most elements.
    /// - Returns: Its elements in C order.
    /// - Throws: `SampleError`, also if an element does not fit the type.
    package static func integers(
        path: String,
        array: String,
        as type: Int.Type,
        limit: Int
    ) throws(SampleError) -> [Int] {
        try elements(path, array, limit)
    }

    /// Reads an array of whole numbers of 32 bits.
    ///
    /// - Parameters:
    ///   - path: Path of an `.npz` file.
    ///   - array: Name of the array in it.
    ///   - type: What its elements become.
    ///   - limit: Most elements.
    /// - Returns: Its elements in C order.
    /// - Throws: `SampleError`, also if an element does not fit the type.
    package static func integers(
        path: String,
        array: String,
        as type: Int32.Type,
        limit: Int
    ) throws(SampleError) -> [Int32] {
        try elements(path, array, limit)
    }

    // Generic within the module only: across modules it would not be specialised.
    private static func elements<Element: FixedWidthInteger>(
        _ path: String,
        _ array: String,
        _ limit: Int
    ) throws(SampleError) -> [Element] {
        var elements: [Element] = []
        try forEach(path, array, limit, "integers", { $0.isInteger }) {
            (position, type, bits) throws(SampleError) in
            guard let number = type.integer(bits), let element = Element(exactly: number) else {
                throw .badHeader(
                    source: path,
                    array: array,
                    reason: "element \(position) is \(type.text(bits)), which is out of range"
                )
            }
            elements.append(element)
        }
        return elements
    }

    /// Reads an array of numbers in single precision.
    ///
    /// - Parameters:
    ///   - path: Path of an `.npz` file.
    ///   - array: Name of the array in it.
    ///   - limit: Most elements.
    /// - Returns: Its elements in C order, all finite.
    /// - Throws: `SampleError`.
    package static func floats(
        path: String,
        array: String,
        limit: Int
    ) throws(SampleError) -> [Float] {
        var elements: [Float] = []
        let allowed = "integers or floating-point numbers"
        try forEach(path, array, limit, allowed, { $0.kind != "b" }) {
            (position, type, bits) throws(SampleError) in
            let element = Float(type.number(bits))
            guard element.isFinite else {
                throw .badHeader(
                    source: path,
                    array: array,
                    reason: "element \(position) is \(type.text(bits))"
                )
            }
            elements.append(element)
        }
        return elements
    }

    private static func forEach(
        _ path: String,
        _ array: String,
        _ limit: Int,
        _ allowed: String,
        _ isAllowed: (ElementType) -> Bool,
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
        let header = try ArrayHeader(from: member, allowing: allowed, where: isAllowed)
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
