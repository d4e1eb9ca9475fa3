internal import CHDF5
internal import Glibc
internal import Synchronization

/// A new HDF5 file of lists that grow while it is written.
///
/// The file gets its name when it is whole.
public final class HDF5SeriesFile {
    /// Path of the file.
    public let path: String
    private let temporary: String
    private var file: Handle?
    private var lists: [Handle] = []
    private var lengths: [hsize_t] = []
    private var kinds: [Kind] = []
    private var isFinished = false

    /// Kind of the elements of a list.
    public enum Kind: Sendable {
        /// Floating point numbers of 64 bits.
        case float
        /// Whole numbers of 64 bits from 0 on.
        case integer
    }

    /// Elements of a chunk.
    private static let chunk: hsize_t = 1 << 13

    /// Creates a file.
    ///
    /// - Parameter path: Path of the file.
    /// - Throws: `HDF5WritingError`.
    public init(path: String) throws(HDF5WritingError) {
        self.path = path
        temporary = path + ".part"
        try locked { () throws(HDF5WritingError) in
            guard sl_prepare() == 0 else { throw failed("the C library does not start") }
            guard let probe = unsafe fopen(temporary, "wb") else {
                throw failed(unsafe String(cString: strerror(errno)))
            }
            unsafe fclose(probe)
            file = Handle(
                unsafe H5Fcreate(
                    temporary,
                    sl_H5F_ACC_TRUNC(),
                    sl_H5P_DEFAULT(),
                    sl_H5P_DEFAULT()
                ),
                closedBy: { H5Fclose($0) }
            )
            guard file != nil else { throw failed(lastError()) }
        }
    }

    deinit {
        lists = []
        file = nil
        if !isFinished { unsafe unlink(temporary) }
    }

    private func locked<Value: Sendable>(
        _ body: () throws(HDF5WritingError) -> Value
    ) throws(HDF5WritingError) -> Value {
        let result = HDF5File.library.withLock { _ in
            Result { () throws(HDF5WritingError) in try body() }
        }
        return try result.get()
    }

    private func failed(_ reason: String) -> HDF5WritingError {
        HDF5WritingError(file: path, reason: reason)
    }

    /// Adds a group.
    ///
    /// - Parameter name: Its path; the group that holds it must be there.
    /// - Throws: `HDF5WritingError`.
    public func group(_ name: String) throws(HDF5WritingError) {
        try locked { () throws(HDF5WritingError) in
            guard let file,
                Handle(
                    unsafe H5Gcreate2(
                        file.id,
                        name,
                        sl_H5P_DEFAULT(),
                        sl_H5P_DEFAULT(),
                        sl_H5P_DEFAULT()
                    ),
                    closedBy: { H5Gclose($0) }
                ) != nil
            else { throw failed("group '\(name)': \(lastError())") }
        }
    }

    /// Adds an empty list.
    ///
    /// - Parameters:
    ///   - name: Its path; the group that holds it must be there.
    ///   - kind: Kind of its elements.
    /// - Returns: Its number, for `append`.
    /// - Throws: `HDF5WritingError`.
    public func list(_ name: String, _ kind: Kind) throws(HDF5WritingError) -> Int {
        try locked { () throws(HDF5WritingError) in
            let (length, limit, chunk) = ([hsize_t(0)], [sl_H5S_UNLIMITED()], [Self.chunk])
            guard let file,
                let space = Handle(
                    unsafe H5Screate_simple(1, length, limit),
                    closedBy: { H5Sclose($0) }
                ),
                let settings = Handle(
                    H5Pcreate(sl_H5P_DATASET_CREATE()),
                    closedBy: { H5Pclose($0) }
                ),
                unsafe H5Pset_chunk(settings.id, 1, chunk) >= 0,
                let list = Handle(
                    unsafe H5Dcreate2(
                        file.id,
                        name,
                        kind == .float ? sl_H5T_IEEE_F64LE() : sl_H5T_STD_U64LE(),
                        space.id,
                        sl_H5P_DEFAULT(),
                        settings.id,
                        sl_H5P_DEFAULT()
                    ),
                    closedBy: { H5Dclose($0) }
                )
            else { throw failed("list '\(name)': \(lastError())") }
            lists.append(list)
            lengths.append(0)
            kinds.append(kind)
            return lists.count - 1
        }
    }

    /// Appends floating point numbers to a list of such.
    ///
    /// - Parameters:
    ///   - values: The numbers.
    ///   - list: Number of the list.
    /// - Throws: `HDF5WritingError`.
    public func append(_ values: [Double], to list: Int) throws(HDF5WritingError) {
        precondition(kinds[list] == .float, "a list has one kind of elements")
        try locked { () throws(HDF5WritingError) in
            let isWritten = unsafe values.withUnsafeBytes {
                unsafe put($0, values.count, sl_H5T_NATIVE_DOUBLE(), list)
            }
            guard isWritten else { throw failed(lastError()) }
        }
    }

    /// Appends whole numbers to a list of such.
    ///
    /// - Parameters:
    ///   - values: The numbers.
    ///   - list: Number of the list.
    /// - Throws: `HDF5WritingError`.
    public func append(_ values: [UInt64], to list: Int) throws(HDF5WritingError) {
        precondition(kinds[list] == .integer, "a list has one kind of elements")
        try locked { () throws(HDF5WritingError) in
            let isWritten = unsafe values.withUnsafeBytes {
                unsafe put($0, values.count, sl_H5T_NATIVE_UINT64(), list)
            }
            guard isWritten else { throw failed(lastError()) }
        }
    }

    private func put(
        _ bytes: UnsafeRawBufferPointer,
        _ count: Int,
        _ type: hid_t,
        _ list: Int
    ) -> Bool {
        guard count > 0 else { return true }
        let start = [lengths[list]]
        let extent = [hsize_t(count)]
        let length = [lengths[list] + hsize_t(count)]
        guard unsafe H5Dset_extent(lists[list].id, length) >= 0,
            let space = Handle(H5Dget_space(lists[list].id), closedBy: { H5Sclose($0) }),
            unsafe H5Sselect_hyperslab(space.id, H5S_SELECT_SET, start, nil, extent, nil) >= 0,
            let memory = Handle(
                unsafe H5Screate_simple(1, extent, nil),
                closedBy: { H5Sclose($0) }
            ),
            unsafe H5Dwrite(
                lists[list].id,
                type,
                memory.id,
                space.id,
                sl_H5P_DEFAULT(),
                bytes.baseAddress
            ) >= 0
        else { return false }
        lengths[list] = length[0]
        return true
    }

    /// Adds an attribute of whole numbers of 32 bits.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - object: Path of the group or list that gets it; `/` for the root.
    ///   - values: The numbers; one becomes a scalar.
    /// - Throws: `HDF5WritingError`.
    public func attribute(
        _ name: String,
        of object: String,
        _ values: [UInt32]
    ) throws(HDF5WritingError) {
        try locked { () throws(HDF5WritingError) in
            let extent = [hsize_t(values.count)]
            let space =
                values.count == 1
                ? H5Screate(H5S_SCALAR) : unsafe H5Screate_simple(1, extent, nil)
            try put(name, object, sl_H5T_STD_U32LE(), space) { attribute in
                let wide = values.map { Int64($0) }
                return unsafe wide.withUnsafeBytes {
                    unsafe H5Awrite(attribute, sl_H5T_NATIVE_INT64(), $0.baseAddress)
                }
            }
        }
    }

    /// Adds an attribute of text.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - object: Path of the group or list that gets it; `/` for the root.
    ///   - text: The text, not empty.
    /// - Throws: `HDF5WritingError`.
    public func attribute(
        _ name: String,
        of object: String,
        _ text: String
    ) throws(HDF5WritingError) {
        try locked { () throws(HDF5WritingError) in
            let bytes = Array(text.utf8) + [0]
            guard let type = Handle(H5Tcopy(sl_H5T_C_S1()), closedBy: { H5Tclose($0) }),
                H5Tset_size(type.id, bytes.count) >= 0, H5Tset_cset(type.id, H5T_CSET_UTF8) >= 0
            else { throw failed(lastError()) }
            try put(name, object, type.id, H5Screate(H5S_SCALAR)) { attribute in
                unsafe bytes.withUnsafeBytes {
                    unsafe H5Awrite(attribute, type.id, $0.baseAddress)
                }
            }
        }
    }

    /// Adds an attribute that is one of some names, with the number of its place.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - object: Path of the group or list that gets it.
    ///   - value: The name that it has.
    ///   - names: All names; the first is 0.
    /// - Throws: `HDF5WritingError`.
    public func attribute(
        _ name: String,
        of object: String,
        _ value: String,
        among names: [String]
    ) throws(HDF5WritingError) {
        try locked { () throws(HDF5WritingError) in
            guard
                let type = Handle(
                    H5Tenum_create(sl_H5T_STD_U8LE()),
                    closedBy: { H5Tclose($0) }
                ), let place = names.firstIndex(of: value)
            else { throw failed(lastError()) }
            for (index, name) in names.enumerated() {
                var number = UInt8(truncatingIfNeeded: index)
                guard unsafe H5Tenum_insert(type.id, name, &number) >= 0 else {
                    throw failed(lastError())
                }
            }
            try put(name, object, type.id, H5Screate(H5S_SCALAR)) { attribute in
                var number = UInt8(truncatingIfNeeded: place)
                return unsafe H5Awrite(attribute, type.id, &number)
            }
        }
    }

    private func put(
        _ name: String,
        _ object: String,
        _ type: hid_t,
        _ space: hid_t,
        _ write: (hid_t) -> herr_t
    ) throws(HDF5WritingError) {
        guard let file, let space = Handle(space, closedBy: { H5Sclose($0) }),
            let object = Handle(
                unsafe H5Oopen(file.id, object, sl_H5P_DEFAULT()),
                closedBy: { H5Oclose($0) }
            ),
            let attribute = Handle(
                unsafe H5Acreate2(
                    object.id,
                    name,
                    type,
                    space.id,
                    sl_H5P_DEFAULT(),
                    sl_H5P_DEFAULT()
                ),
                closedBy: { H5Aclose($0) }
            ), write(attribute.id) >= 0
        else { throw failed("attribute '\(name)': \(lastError())") }
    }

    /// Gives the finished file its name.
    ///
    /// - Throws: `HDF5WritingError`.
    public func finish() throws(HDF5WritingError) {
        try locked { () throws(HDF5WritingError) in
            guard let file, H5Fflush(file.id, H5F_SCOPE_GLOBAL) >= 0 else {
                throw failed(lastError())
            }
            lists = []
            self.file = nil
        }
        guard unsafe rename(temporary, path) == 0 else {
            throw failed(unsafe String(cString: strerror(errno)))
        }
        isFinished = true
    }
}
