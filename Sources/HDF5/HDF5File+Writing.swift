internal import CHDF5
internal import Glibc
internal import Synchronization

extension HDF5File {
    /// Writes groups and arrays as a new file: float64, int64 and variable-length UTF-8, little-endian, not
    /// compressed, in the layout that HDF5 1.8 reads.
    ///
    /// The file gets its name when it is whole.
    ///
    /// - Parameter root: The root group; all arrays with contents.
    /// - Throws: `HDF5WritingError`.
    public func write(_ root: HDF5Group) throws(HDF5WritingError) {
        let temporary = path + ".part"
        let result = Self.library.withLock { _ in
            Result { () throws(HDF5WritingError) in
                do throws(HDF5WritingError) {
                    try write(root, to: temporary)
                } catch {
                    unsafe unlink(temporary)
                    throw error
                }
            }
        }
        try result.get()
        guard unsafe rename(temporary, path) == 0 else {
            let reason = unsafe String(cString: strerror(errno))
            unsafe unlink(temporary)
            throw HDF5WritingError(file: path, reason: reason)
        }
    }

    private func write(_ root: HDF5Group, to temporary: String) throws(HDF5WritingError) {
        guard sl_prepare() == 0 else { throw failed("the C library does not start") }
        // The C library says little about a folder that is not there.
        guard let probe = unsafe fopen(temporary, "wb") else {
            throw failed(unsafe String(cString: strerror(errno)))
        }
        unsafe fclose(probe)
        let mode = sl_H5F_ACC_TRUNC()
        guard
            let file = Handle(
                unsafe H5Fcreate(temporary, mode, sl_H5P_DEFAULT(), sl_H5P_DEFAULT()),
                closedBy: { H5Fclose($0) }
            )
        else { throw failed(lastError()) }
        try write(root, into: file)
        guard H5Fflush(file.id, H5F_SCOPE_GLOBAL) >= 0 else { throw failed(lastError()) }
    }

    private func failed(_ reason: String) -> HDF5WritingError {
        HDF5WritingError(file: path, reason: reason)
    }

    private func write(_ group: HDF5Group, into parent: Handle) throws(HDF5WritingError) {
        for (name, object) in group.members.sorted(by: { $0.key < $1.key }) {
            guard !name.isEmpty, name != ".", !name.contains("/"), !name.utf8.contains(0) else {
                throw failed("'\(name)' is no name for an object of an HDF5 file")
            }
            switch object {
            case .unreadable(let reason): throw failed("'\(name)': \(reason)")
            case .dataset(let dataset): try write(dataset, name, into: parent)
            case .group(let group):
                let (link, other) = (sl_H5P_DEFAULT(), sl_H5P_DEFAULT())
                guard
                    let child = Handle(
                        unsafe H5Gcreate2(parent.id, name, link, other, other),
                        closedBy: { H5Gclose($0) }
                    )
                else { throw failed(lastError()) }
                try write(group, into: child)
            }
        }
    }

    private func write(
        _ dataset: HDF5Dataset,
        _ name: String,
        into parent: Handle
    ) throws(HDF5WritingError) {
        guard let contents = dataset.contents, contents.count == dataset.count else {
            throw failed("'\(name)' does not hold as many elements as its shape says")
        }
        let lengths = dataset.shape.map { hsize_t($0) }
        let space =
            lengths.isEmpty
            ? H5Screate(H5S_SCALAR)
            : unsafe H5Screate_simple(CInt(lengths.count), lengths, nil)
        let text = H5Tcopy(sl_H5T_C_S1())
        guard let space = Handle(space, closedBy: { H5Sclose($0) }),
            let text = Handle(text, closedBy: { H5Tclose($0) }),
            H5Tset_size(text.id, sl_H5T_VARIABLE()) >= 0, H5Tset_cset(text.id, H5T_CSET_UTF8) >= 0
        else { throw failed(lastError()) }
        let (stored, native) =
            switch contents {
            case .floats: (sl_H5T_IEEE_F64LE(), sl_H5T_NATIVE_DOUBLE())
            case .integers: (sl_H5T_STD_I64LE(), sl_H5T_NATIVE_INT64())
            case .texts: (text.id, text.id)
            }
        let other = sl_H5P_DEFAULT()
        guard
            let object = Handle(
                unsafe H5Dcreate2(parent.id, name, stored, space.id, other, other, other),
                closedBy: { H5Dclose($0) }
            )
        else { throw failed(lastError()) }
        func put(_ elements: UnsafeRawPointer?) -> herr_t {
            unsafe H5Dwrite(object.id, native, sl_H5S_ALL(), sl_H5S_ALL(), other, elements)
        }
        let status: herr_t
        switch contents {
        case .floats(let values):
            status = unsafe values.withUnsafeBytes { unsafe put($0.baseAddress) }
        case .integers(let values):
            status = unsafe values.withUnsafeBytes { unsafe put($0.baseAddress) }
        case .texts(let texts):
            let copies = unsafe texts.map { unsafe strdup($0) }
            defer { unsafe copies.forEach { unsafe free($0) } }
            status = unsafe copies.withUnsafeBytes { unsafe put($0.baseAddress) }
        }
        guard dataset.count == 0 || status >= 0 else { throw failed(lastError()) }
    }
}

/// A file that could not be written.
public struct HDF5WritingError: Error, Equatable, CustomStringConvertible {
    /// Path of the file.
    public var file: String
    /// Why not.
    public var reason: String

    /// One sentence of what went wrong, and what to do.
    public var description: String {
        "\(file): The file cannot be written: \(reason). Check the folder, its permissions and the free "
            + "space."
    }
}

extension HDF5Object {
    /// An array of floating point numbers.
    ///
    /// - Parameters:
    ///   - values: Elements, C order.
    ///   - shape: Shape; nil makes it one row.
    /// - Returns: A data set.
    public static func floats(_ values: [Double], shape: [Int]? = nil) -> HDF5Object {
        .dataset(
            HDF5Dataset(
                shape: shape ?? [values.count],
                element: .float,
                contents: .floats(values)
            )
        )
    }

    /// An array of integers.
    ///
    /// - Parameter values: Elements.
    /// - Returns: A data set of one row.
    public static func integers(_ values: [Int]) -> HDF5Object {
        .dataset(
            HDF5Dataset(
                shape: [values.count],
                element: .integer,
                contents: .integers(values.map(Int64.init))
            )
        )
    }

    /// An array of text.
    ///
    /// - Parameters:
    ///   - values: Elements, C order.
    ///   - shape: Shape; empty for a scalar.
    /// - Returns: A data set.
    public static func texts(_ values: [String], shape: [Int]) -> HDF5Object {
        .dataset(HDF5Dataset(shape: shape, element: .text, contents: .texts(values)))
    }
}
