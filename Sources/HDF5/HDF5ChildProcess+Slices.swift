extension HDF5ChildProcess: HDF5SliceSource {
    private var nonsense: HDF5Error { .readerFailed(file: file, failure: .garbled) }

    private func group(_ arguments: [String]) throws(HDF5Error) -> HDF5Group {
        var answer = ByteReader(
            try run(arguments, answerLimit: 4 << 20, seconds: timeLimit)
        )
        guard try WireFormat.status(&answer, file: file, program: program) == .structure,
            let group = answer.group(), answer.isAtEnd
        else { throw nonsense }
        return group
    }

    /// Shape and kind of an array, also of kinds that `structure` does not read.
    ///
    /// - Parameter path: Absolute path in the file.
    /// - Returns: What it is.
    /// - Throws: `HDF5Error`.
    public func layout(_ path: String) throws(HDF5Error) -> HDF5Layout {
        guard let layout = HDF5Layout(try group(["layout", file, path])) else { throw nonsense }
        return layout
    }

    /// The attributes of a group or an array: numbers and texts of at most 256 elements.
    ///
    /// - Parameter path: Absolute path in the file; `/` for the root.
    /// - Returns: Attributes by name; those of other kinds are left out.
    /// - Throws: `HDF5Error`.
    public func attributes(_ path: String) throws(HDF5Error) -> [String: HDF5Contents] {
        var attributes: [String: HDF5Contents] = [:]
        for (name, object) in try group(["attributes", file, path]).members {
            guard case .dataset(let dataset) = object, let contents = dataset.contents else {
                throw nonsense
            }
            attributes[name] = contents
        }
        return attributes
    }

    /// A block of a numeric array, widened to Double.
    ///
    /// - Parameters:
    ///   - path: Absolute path in the file.
    ///   - start: Index of its first element, one number a dimension.
    ///   - shape: Extents of the block, at most 2²² elements together.
    /// - Returns: The elements of the block, C order.
    /// - Throws: `HDF5Error`.
    public func block(
        _ path: String,
        start: [Int],
        shape: [Int]
    ) throws(HDF5Error) -> [Double] {
        let count = HDF5Dataset(shape: shape, element: .float).count
        guard count <= HDF5Layout.blockLimit else {
            throw .blockTooLarge(file, path, "\(count) elements")
        }
        let numbers = (start + shape).map(String.init)
        let values = try arrays(["block", file, path] + numbers, rows: 1, elements: count)[0]
        guard values.count == count else { throw nonsense }
        return values
    }

    /// Rows of a list of lists of numbers, widened to Double.
    ///
    /// - Parameters:
    ///   - path: Absolute path in the file.
    ///   - range: Rows, at most 1024; together at most 2²² elements.
    /// - Returns: The elements of each row.
    /// - Throws: `HDF5Error`.
    public func rows(_ path: String, _ range: Range<Int>) throws(HDF5Error) -> [[Double]] {
        guard !range.isEmpty else { return [] }
        return try arrays(
            ["rows", file, path, "\(range.lowerBound)", "\(range.count)"],
            rows: range.count,
            elements: HDF5Layout.blockLimit
        )
    }

    private func arrays(
        _ arguments: [String],
        rows: Int,
        elements: Int
    ) throws(HDF5Error) -> [[Double]] {
        var answer = ByteReader(
            try run(
                arguments,
                answerLimit: 8 * elements + 32 * rows + (64 << 10),
                seconds: timeLimit + elements / (4 << 20)
            )
        )
        var arrays: [[Double]] = []
        for _ in 0..<rows {
            guard try WireFormat.status(&answer, file: file, program: program) == .values,
                let count = answer.word().flatMap({ Int(exactly: $0) }),
                let values = answer.doubles(count)
            else { throw nonsense }
            arrays.append(values)
        }
        guard answer.isAtEnd else { throw nonsense }
        return arrays
    }
}
