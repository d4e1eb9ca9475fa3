internal import CHDF5
internal import Synchronization

extension HDF5File: HDF5SliceSource {
    private func locked<Value>(
        _ body: (Handle) throws(HDF5Error) -> Value
    ) throws(HDF5Error) -> Value where Value: Sendable {
        let result = Self.library.withLock { _ in
            Result { () throws(HDF5Error) in try body(open()) }
        }
        return try result.get()
    }

    private func refused(_ path: String, _ reason: String) -> HDF5Error {
        .unreadableObject(file: self.path, path: path, reason: reason)
    }

    private func object(_ path: String, in file: Handle) throws(HDF5Error) -> Handle {
        guard
            let object = Handle(
                unsafe H5Oopen(file.id, path, sl_H5P_DEFAULT()),
                closedBy: { H5Oclose($0) }
            )
        else { throw refused(path, "there is no such object. Export the file again.") }
        return object
    }

    private func dataset(_ path: String, in file: Handle) throws(HDF5Error) -> Handle {
        let object = try object(path, in: file)
        guard H5Iget_type(object.id) == H5I_DATASET else {
            throw refused(path, "there is no such data set. Export the file again.")
        }
        return object
    }

    /// Shape and kind of an array, also of kinds that `structure` does not read.
    ///
    /// - Parameter path: Absolute path in the file.
    /// - Returns: What it is.
    /// - Throws: `HDF5Error`.
    public func layout(_ path: String) throws(HDF5Error) -> HDF5Layout {
        try locked { (file) throws(HDF5Error) in try layout(of: dataset(path, in: file), path) }
    }

    private func layout(of dataset: Handle, _ path: String) throws(HDF5Error) -> HDF5Layout {
        guard let type = Handle(H5Dget_type(dataset.id), closedBy: { H5Tclose($0) }),
            let space = Handle(H5Dget_space(dataset.id), closedBy: { H5Sclose($0) })
        else { throw refused(path, damagedData()) }
        if case .unreadable(let reason) = DatasetDescription(storageOf: dataset) {
            throw refused(path, reason)
        }
        let rank = H5Sget_simple_extent_ndims(space.id)
        guard (0...32).contains(rank) else { throw refused(path, damagedData()) }
        var lengths = [hsize_t](repeating: 0, count: Int(rank))
        guard unsafe rank == 0 || H5Sget_simple_extent_dims(space.id, &lengths, nil) == rank else {
            throw refused(path, damagedData())
        }
        if let reason = emptiness(of: dataset, lengths, H5Tget_size(type.id)) {
            throw refused(path, reason)
        }
        let kind: HDF5Layout.Kind
        switch H5Tget_class(type.id) {
        case H5T_INTEGER: kind = .integer
        case H5T_FLOAT: kind = .float
        case H5T_ENUM: kind = .enumeration
        case H5T_VLEN:
            guard let base = Handle(H5Tget_super(type.id), closedBy: { H5Tclose($0) }) else {
                throw refused(path, damagedData())
            }
            let element = H5Tget_class(base.id)
            kind = element == H5T_INTEGER || element == H5T_FLOAT ? .lists : .other
        default: kind = .other
        }
        return HDF5Layout(shape: lengths.map { Int(clamping: $0) }, kind: kind)
    }

    /// Why an array is not read whose elements are hardly any of them in the file; nil if they are.
    ///
    /// Where an array has a shape and no data, the library makes elements up: 2⁶⁰ of them from a small file. Data that
    /// are there shrink 1,032-fold at the most when deflated.
    private func emptiness(of dataset: Handle, _ lengths: [hsize_t], _ size: Int) -> String? {
        let shape = lengths.map { Int(clamping: $0) } + [size]
        let claimed = HDF5Dataset(shape: shape, element: .float).count
        let stored = Int(clamping: H5Dget_storage_size(dataset.id))
        guard claimed > 1 << 24, claimed / Self.mostShrinking > stored else { return nil }
        return
            "its shape is that of \(claimed) bytes, but the file holds \(stored) of them. Export it "
            + "with all its data."
    }

    /// Bytes of an array that one byte of the file stands for, at most.
    private static let mostShrinking = 4096

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
        try locked { (file) throws(HDF5Error) in
            let dataset = try dataset(path, in: file)
            let layout = try layout(of: dataset, path)
            guard layout.kind != .lists, layout.kind != .other else {
                throw refused(path, "it holds no numbers.")
            }
            let count = HDF5Dataset(shape: shape, element: .float).count
            guard count <= HDF5Layout.blockLimit else {
                throw HDF5Error.blockTooLarge(self.path, path, "\(count) elements")
            }
            guard start.count == layout.shape.count, shape.count == start.count, !start.isEmpty,
                zip(start, zip(shape, layout.shape)).allSatisfy({ start, lengths in
                    start >= 0 && lengths.0 >= 0 && start <= lengths.1
                        && lengths.0 <= lengths.1 - start
                })
            else { throw refused(path, "a block outside its shape was asked for.") }
            guard count > 0 else { return [] }
            guard
                let values = read(dataset, start, shape, into: Double.self, sl_H5T_NATIVE_DOUBLE())
            else { throw refused(path, damagedData()) }
            return values
        }
    }

    private func read(
        _ dataset: Handle,
        _ start: [Int],
        _ shape: [Int],
        into _: Double.Type,
        _ type: hid_t
    ) -> [Double]? {
        guard let (space, memory) = spaces(dataset, start, shape) else { return nil }
        var values = [Double](repeating: 0, count: shape.reduce(1, *))
        let status = unsafe values.withUnsafeMutableBytes {
            unsafe H5Dread(
                dataset.id,
                type,
                memory.id,
                space.id,
                sl_H5P_DEFAULT(),
                $0.baseAddress
            )
        }
        return status < 0 ? nil : values
    }

    private func spaces(
        _ dataset: Handle,
        _ start: [Int],
        _ shape: [Int]
    ) -> (file: Handle, memory: Handle)? {
        let begin = start.map { hsize_t($0) }
        let lengths = shape.map { hsize_t($0) }
        guard let space = Handle(H5Dget_space(dataset.id), closedBy: { H5Sclose($0) }),
            unsafe H5Sselect_hyperslab(space.id, H5S_SELECT_SET, begin, nil, lengths, nil) >= 0,
            let memory = Handle(
                unsafe H5Screate_simple(CInt(lengths.count), lengths, nil),
                closedBy: { H5Sclose($0) }
            )
        else { return nil }
        return (space, memory)
    }

    /// Rows of a list of lists of numbers, widened to Double.
    ///
    /// - Parameters:
    ///   - path: Absolute path in the file.
    ///   - range: Rows, at most 1024; together at most 2²² elements.
    /// - Returns: The elements of each row.
    /// - Throws: `HDF5Error`.
    public func rows(_ path: String, _ range: Range<Int>) throws(HDF5Error) -> [[Double]] {
        try locked { (file) throws(HDF5Error) in
            let dataset = try dataset(path, in: file)
            let layout = try layout(of: dataset, path)
            guard layout.kind == .lists, layout.shape.count == 1, range.lowerBound >= 0,
                range.upperBound <= layout.shape[0], range.count <= HDF5Layout.rowLimit
            else { throw refused(path, "rows that it does not have were asked for.") }
            guard !range.isEmpty else { return [] }
            guard let (space, memory) = spaces(dataset, [range.lowerBound], [range.count]),
                let type = Handle(
                    H5Tvlen_create(sl_H5T_NATIVE_DOUBLE()),
                    closedBy: { H5Tclose($0) }
                )
            else { throw refused(path, damagedData()) }
            var lists = unsafe [hvl_t](repeating: hvl_t(), count: range.count)
            let status = unsafe lists.withUnsafeMutableBytes {
                unsafe H5Dread(
                    dataset.id,
                    type.id,
                    memory.id,
                    space.id,
                    sl_H5P_DEFAULT(),
                    $0.baseAddress
                )
            }
            guard status >= 0 else { throw refused(path, damagedData()) }
            defer {
                unsafe lists.withUnsafeMutableBytes {
                    _ = unsafe H5Dvlen_reclaim(
                        type.id,
                        memory.id,
                        sl_H5P_DEFAULT(),
                        $0.baseAddress
                    )
                }
            }
            let total = unsafe lists.reduce(0) { unsafe $0 &+ $1.len }
            guard total >= 0, total <= HDF5Layout.blockLimit else {
                throw HDF5Error.blockTooLarge(self.path, path, "rows of \(total) elements")
            }
            return unsafe lists.map { list in
                // The library filled each list with as many doubles as it says.
                guard let start = unsafe list.p else { return [] }
                let numbers = unsafe UnsafeBufferPointer(
                    start: start.assumingMemoryBound(to: Double.self),
                    count: list.len
                )
                return unsafe Array(numbers)
            }
        }
    }

    /// The attributes of a group or an array: numbers and texts of at most 256 elements.
    ///
    /// - Parameter path: Absolute path in the file; `/` for the root.
    /// - Returns: Attributes by name; those of other kinds are left out.
    /// - Throws: `HDF5Error`.
    public func attributes(_ path: String) throws(HDF5Error) -> [String: HDF5Contents] {
        try locked { (file) throws(HDF5Error) in
            let object = try object(path, in: file)
            let count = H5Aget_num_attrs(object.id)
            guard (0...4096).contains(count) else { throw refused(path, damagedData()) }
            var attributes: [String: HDF5Contents] = [:]
            for index in 0..<count {
                guard
                    let attribute = Handle(
                        unsafe H5Aopen_by_idx(
                            object.id,
                            ".",
                            H5_INDEX_NAME,
                            H5_ITER_INC,
                            hsize_t(index),
                            sl_H5P_DEFAULT(),
                            sl_H5P_DEFAULT()
                        ),
                        closedBy: { H5Aclose($0) }
                    )
                else { throw refused(path, damagedData()) }
                var name = [CChar](repeating: 0, count: 257)
                _ = unsafe H5Aget_name(attribute.id, 256, &name)
                let text = String(
                    decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
                    as: UTF8.self
                )
                attributes[text] = contents(ofAttribute: attribute)
            }
            return attributes
        }
    }

    private func contents(ofAttribute attribute: Handle) -> HDF5Contents? {
        guard let type = Handle(H5Aget_type(attribute.id), closedBy: { H5Tclose($0) }),
            let space = Handle(H5Aget_space(attribute.id), closedBy: { H5Sclose($0) })
        else { return nil }
        let count = Int(H5Sget_simple_extent_npoints(space.id))
        guard (1...HDF5Dataset.inlineLimit).contains(count) else { return nil }
        switch H5Tget_class(type.id) {
        case H5T_INTEGER, H5T_ENUM:
            var values = [Int64](repeating: 0, count: count)
            let status = unsafe values.withUnsafeMutableBytes {
                unsafe H5Aread(attribute.id, sl_H5T_NATIVE_INT64(), $0.baseAddress)
            }
            return status < 0 ? nil : .integers(values)
        case H5T_FLOAT:
            var values = [Double](repeating: 0, count: count)
            let status = unsafe values.withUnsafeMutableBytes {
                unsafe H5Aread(attribute.id, sl_H5T_NATIVE_DOUBLE(), $0.baseAddress)
            }
            return status < 0 ? nil : .floats(values)
        case H5T_STRING where H5Tis_variable_str(type.id) > 0:
            guard count == 1 else { return nil }
            var pointer: UnsafeMutablePointer<CChar>?
            guard let memory = Handle(H5Tcopy(type.id), closedBy: { H5Tclose($0) }),
                unsafe H5Aread(attribute.id, memory.id, &pointer) >= 0, let text = unsafe pointer
            else { return nil }
            defer { _ = unsafe H5free_memory(text) }
            return unsafe String(validatingCString: text).map { .texts([$0]) }
        case H5T_STRING:
            let size = H5Tget_size(type.id)
            guard count == 1, (1...4096).contains(size) else { return nil }
            var bytes = [UInt8](repeating: 0, count: size)
            let status = unsafe bytes.withUnsafeMutableBytes {
                unsafe H5Aread(attribute.id, type.id, $0.baseAddress)
            }
            guard status >= 0 else { return nil }
            return String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self).map { .texts([$0]) }
        default: return nil
        }
    }
}
