internal import CHDF5
internal import Glibc
internal import Synchronization

/// An HDF5 file read within this process by the C library.
///
/// The library has had memory faults on hostile files: only the child process `spikeloom-hdf5`, which
/// has limits, and tests use this. Nothing is followed out of the file: no external links, no
/// external or virtual storage, no filter plug-ins.
public struct HDF5File: HDF5Source {
    /// Path of the file.
    public let path: String

    /// Most members of all groups together.
    package static let memberLimit = 1 << 16
    /// Deepest nesting of groups.
    package static let depthLimit = 64
    /// Most elements of one array of text.
    package static let textLimit = 1 << 18
    /// Most bytes of all contents that travel with the structure.
    package static let inlineBytesLimit = 32 << 20

    /// The C library may be built without thread safety.
    static let library = Mutex(())

    /// Names a file; it is opened at every call.
    ///
    /// - Parameter path: Path of the file.
    public init(path: String) { self.path = path }

    /// All groups, the shapes of all arrays, and the elements of text and small arrays.
    ///
    /// - Throws: `HDF5Error`.
    /// - Returns: The root group.
    public func structure() throws(HDF5Error) -> HDF5Group {
        let result = Self.library.withLock { _ in
            Result { () throws(HDF5Error) in
                let file = try open()
                var walk = StructureWalk(file: path)
                return try walk.group(file, path: "")
            }
        }
        return try result.get()
    }

    /// The elements of numeric arrays, widened to Double.
    ///
    /// - Parameter requests: Arrays and the numbers of elements that the caller expects.
    /// - Throws: `HDF5Error`, also if an array does not hold as many elements as expected.
    /// - Returns: One array a request, in their order, C order.
    public func doubles(_ requests: [HDF5Request]) throws(HDF5Error) -> [[Double]] {
        var arrays: [[Double]] = []
        try forEachArray(requests) { arrays.append($0) }
        return arrays
    }

    /// Reads one array after the other, so that only one is held.
    func forEachArray(
        _ requests: [HDF5Request],
        _ body: ([Double]) throws(HDF5Error) -> Void
    ) throws(HDF5Error) {
        let result = Self.library.withLock { _ in
            Result { () throws(HDF5Error) in
                let file = try open()
                for request in requests { try body(array(request, in: file)) }
            }
        }
        try result.get()
    }

    func open() throws(HDF5Error) -> Handle {
        try checkRegularFile()
        guard sl_prepare() == 0 else {
            throw .missingReader(program: "HDF5", reason: "the C library does not start")
        }
        var reason = [CChar](repeating: 0, count: 256)
        guard let file = Handle(unsafe sl_open_file(path, &reason), closedBy: { H5Fclose($0) })
        else {
            throw hasSignature()
                ? .damaged(file: path, reason: text(reason))
                : .notHDF5(file: path, reason: "its first bytes are others")
        }
        return file
    }

    /// A pipe or a device would block the library for ever.
    private func checkRegularFile() throws(HDF5Error) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            throw .unreadableFile(file: path, reason: unsafe String(cString: strerror(errno)))
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw .unreadableFile(file: path, reason: "this is a directory")
        default: throw .unreadableFile(file: path, reason: "this is no regular file")
        }
        guard unsafe access(path, R_OK) == 0 else {
            throw .unreadableFile(file: path, reason: unsafe String(cString: strerror(errno)))
        }
        guard status.st_size > 0 else { throw .notHDF5(file: path, reason: "it is empty") }
    }

    private func hasSignature() -> Bool {
        guard let stream = unsafe fopen(path, "rb") else { return false }
        defer { unsafe fclose(stream) }
        var bytes = [UInt8](repeating: 0, count: 8)
        return unsafe fread(&bytes, 1, 8, stream) == 8
            && bytes == [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
    }

    private func array(_ request: HDF5Request, in file: Handle) throws(HDF5Error) -> [Double] {
        func refused(_ reason: String) -> HDF5Error {
            .unreadableObject(file: path, path: request.path, reason: reason)
        }
        guard request.count <= HDF5Request.countLimit else {
            throw .tooLarge(
                file: path,
                path: request.path,
                what: "the array has \(request.count) elements",
                limit: "\(HDF5Request.countLimit)"
            )
        }
        guard
            let object = Handle(
                unsafe H5Oopen(file.id, request.path, sl_H5P_DEFAULT()),
                closedBy: { H5Oclose($0) }
            ), H5Iget_type(object.id) == H5I_DATASET
        else { throw refused("there is no such data set. Export the file again.") }
        switch DatasetDescription(of: object) {
        case .unreadable(let reason): throw refused(reason)
        case .readable(let shape, let type):
            let dataset = HDF5Dataset(shape: shape, element: type.element)
            guard dataset.element != .text else { throw refused("it holds text, not numbers.") }
            guard dataset.count == request.count else {
                throw refused(
                    "it holds \(dataset.count) elements, \(request.count) were expected. Was the "
                        + "file changed meanwhile? Try again."
                )
            }
            guard let values = readDoubles(object, count: request.count) else {
                throw refused(damagedData())
            }
            return values
        }
    }
}

/// An identifier of the C library that is closed with the last reference.
final class Handle {
    let id: hid_t
    private let close: (hid_t) -> herr_t

    /// Takes an identifier over; nil if it stands for a failure.
    init?(_ id: hid_t, closedBy close: @escaping (hid_t) -> herr_t) {
        guard id >= 0 else { return nil }
        self.id = id
        self.close = close
    }

    deinit { _ = close(id) }
}

/// What the library says of its last failure.
func lastError() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    unsafe sl_last_error(&buffer)
    return text(buffer)
}

private func text(_ buffer: [CChar]) -> String {
    let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return bytes.isEmpty ? "no reason given" : String(decoding: bytes, as: UTF8.self)
}

/// The sentence for data that do not unpack.
func damagedData() -> String {
    "its data do not unpack (\(lastError())). The file is damaged: copy or export it again."
}

/// Reads all elements as Double; the caller has bounded `count`.
func readDoubles(_ dataset: Handle, count: Int) -> [Double]? {
    guard count > 0 else { return [] }
    var values = [Double](repeating: 0, count: count)
    let status = unsafe values.withUnsafeMutableBytes { buffer in
        unsafe H5Dread(
            dataset.id,
            sl_H5T_NATIVE_DOUBLE(),
            sl_H5S_ALL(),
            sl_H5S_ALL(),
            sl_H5P_DEFAULT(),
            buffer.baseAddress
        )
    }
    return status < 0 ? nil : values
}
