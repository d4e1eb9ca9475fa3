/// An array of numbers from a file: weights, spikes, parameters.
package struct NumberArray: Sendable, Equatable {
    /// Extents, C order.
    package var shape: [Int]
    /// Elements in C order.
    package var values: [Double]

    /// Largest array that is read, in elements.
    package static let limit = 1 << 27

    /// Makes an array.
    ///
    /// - Parameters:
    ///   - shape: Extents, C order.
    ///   - values: Elements, as many as the shape has.
    package init(shape: [Int], values: [Double]) {
        self.shape = shape
        self.values = values
    }

    /// Reads an array.
    ///
    /// - Parameters:
    ///   - path: Path of an `.npz` file.
    ///   - array: Name of the array in it.
    /// - Throws: `SampleError`.
    package init(path: String, array: String) throws(SampleError) {
        let archive = try ArchiveReader(path: path)
        guard let index = archive.names.firstIndex(of: array + ".npy") else {
            throw .unreadableArray(
                source: path,
                array: array,
                reason: "the archive has no array of that name"
            )
        }
        let member = try archive.open(index, as: array)
        let header = try ArrayHeader(
            from: member,
            allowing: "integers or floating-point numbers",
            where: { $0.kind != .boolean }
        )
        guard header.elementCount <= Self.limit, !header.isFortranOrder || header.shape.count < 2
        else {
            throw .badHeader(
                source: path,
                array: array,
                reason: header.isFortranOrder
                    ? "it is in Fortran order; save it in C order"
                    : "it has \(header.elementCount) elements, more than \(Self.limit)"
            )
        }
        shape = header.shape
        values = []
        var left = header.byteCount
        while left > 0 {
            // Memory grows with what the archive holds, not with what it claims.
            let bytes = try member.read(min(left, 1 << 20))
            guard bytes.count == min(left, 1 << 20) else {
                throw .unreadableArray(source: path, array: array, reason: "it ends early")
            }
            for start in stride(from: 0, to: bytes.count, by: header.type.size) {
                values.append(header.type.number(header.type.bits(in: bytes, at: start)))
            }
            left -= bytes.count
        }
        guard values.allSatisfy(\.isFinite) else {
            throw .badHeader(source: path, array: array, reason: "it holds infinite numbers or NaN")
        }
    }
}
