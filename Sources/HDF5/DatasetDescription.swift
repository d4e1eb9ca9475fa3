internal import CHDF5

/// What an open data set is: shape and type, or why it is not read.
enum DatasetDescription {
    case readable(shape: [Int], type: ElementType)
    case unreadable(String)

    /// Element type of a data set that can be read.
    struct ElementType {
        var element: HDF5Element
        /// The type in the file.
        var handle: Handle
    }

    /// Looks at a data set; reads none of its elements.
    init(of dataset: Handle) {
        do {
            let type = try Self.type(of: dataset)
            try Self.checkStorage(of: dataset)
            self = .readable(shape: try Self.shape(of: dataset), type: type)
        } catch {
            self = .unreadable(error.reason)
        }
    }

    /// Looks only at where a data set is stored and how; readable ones come without shape.
    init(storageOf dataset: Handle) {
        do {
            try Self.checkStorage(of: dataset)
            self = .readable(shape: [], type: ElementType(element: .float, handle: dataset))
        } catch {
            self = .unreadable(error.reason)
        }
    }

    private struct Refusal: Error {
        var reason: String
        init(_ reason: String) { self.reason = reason }
    }

    private static func type(of dataset: Handle) throws(Refusal) -> ElementType {
        guard let type = Handle(H5Dget_type(dataset.id), closedBy: { H5Tclose($0) }) else {
            throw Refusal(damagedData())
        }
        let name: String
        switch H5Tget_class(type.id) {
        case H5T_INTEGER: return ElementType(element: .integer, handle: type)
        case H5T_FLOAT: return ElementType(element: .float, handle: type)
        case H5T_STRING: return ElementType(element: .text, handle: type)
        case H5T_COMPOUND: name = "compound (complex numbers, for example)"
        case H5T_ENUM: name = "enumerated (booleans, for example)"
        case H5T_OPAQUE: name = "opaque"
        case H5T_BITFIELD: name = "bit field"
        case H5T_REFERENCE: name = "reference"
        case H5T_VLEN: name = "variable-length array"
        case H5T_ARRAY: name = "array"
        default: name = "unknown"
        }
        throw Refusal(
            "its elements are of \(name) type. Only integers, floating point numbers and text are "
                + "read: convert it before the export."
        )
    }

    private static func shape(of dataset: Handle) throws(Refusal) -> [Int] {
        guard let space = Handle(H5Dget_space(dataset.id), closedBy: { H5Sclose($0) }) else {
            throw Refusal(damagedData())
        }
        switch H5Sget_simple_extent_type(space.id) {
        case H5S_SCALAR: return []
        case H5S_SIMPLE: break
        default: throw Refusal("it holds nothing (a null data space). Export the file again.")
        }
        let rank = H5Sget_simple_extent_ndims(space.id)
        guard (0...32).contains(rank) else { throw Refusal(damagedData()) }
        var lengths = [hsize_t](repeating: 0, count: Int(rank))
        guard unsafe rank == 0 || H5Sget_simple_extent_dims(space.id, &lengths, nil) == rank else {
            throw Refusal(damagedData())
        }
        return lengths.map { Int(clamping: $0) }
    }

    /// Refuses storage outside the file and filters that this build does not have.
    private static func checkStorage(of dataset: Handle) throws(Refusal) {
        guard
            let list = Handle(H5Dget_create_plist(dataset.id), closedBy: { H5Pclose($0) })
        else { throw Refusal(damagedData()) }
        guard H5Pget_layout(list.id) != H5D_VIRTUAL, H5Pget_external_count(list.id) <= 0 else {
            throw Refusal(
                "its data lie in another file. Other files are not read: copy the data into this one."
            )
        }
        for index in 0..<max(0, H5Pget_nfilters(list.id)) {
            var flags: UInt32 = 0
            var count = 0
            let filter = unsafe H5Pget_filter2(
                list.id,
                UInt32(index),
                &flags,
                &count,
                nil,
                0,
                nil,
                nil
            )
            guard filter >= 0 else { throw Refusal(damagedData()) }
            guard H5Zfilter_avail(filter) <= 0 else { continue }
            let name = filter == 32000 ? "lzf (filter 32000)" : "filter \(filter)"
            throw Refusal(
                "it is compressed with \(name), which the HDF5 library here does not have. Rewrite "
                    + "the file with gzip: nir.write(path, graph, compression=\"gzip\")."
            )
        }
    }
}
