private import CZip
private import Glibc

/// Writes NPZ files: the same bytes for the same arrays.
package struct ArchiveWriter {
    /// A member of the archive.
    package struct Member {
        /// Name with ending, for example `spikes.npy`.
        package var name: String
        /// The whole member.
        package var bytes: [UInt8]

        package init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    /// Writes an archive of members that lie in files, which may be larger than memory.
    ///
    /// - Parameters:
    ///   - files: Names with ending, and the files that hold the members; they are needed until the end.
    ///   - path: The file, replaced if it is there.
    /// - Throws: `SampleError` if the file cannot be written.
    package static func write(
        files: [(name: String, file: String)],
        to path: String
    ) throws(SampleError) {
        try unsafe write(files.map(\.name), isCompressed: true, to: path) { archive, member in
            unsafe zip_source_file(archive, files[member].file, 0, -1)
        }
    }

    /// Writes an archive; libzip writes beside the target and renames.
    ///
    /// - Parameters:
    ///   - members: In the order in which they are to stand.
    ///   - isCompressed: Deflated rather than stored.
    ///   - path: The file, replaced if it is there.
    /// - Throws: `SampleError` if the file cannot be written.
    package static func write(
        _ members: [Member],
        isCompressed: Bool = true,
        to path: String
    ) throws(SampleError) {
        try unsafe write(members.map(\.name), isCompressed: isCompressed, to: path) {
            archive,
            member in
            // libzip owns and frees the copy, which it reads when the archive is closed.
            let bytes = members[member].bytes
            let copy = unsafe malloc(max(1, bytes.count))
            unsafe bytes.withUnsafeBytes { bytes in
                if let start = bytes.baseAddress, let copy = unsafe copy {
                    unsafe copy.copyMemory(from: start, byteCount: bytes.count)
                }
            }
            return unsafe zip_source_buffer(archive, copy, zip_uint64_t(bytes.count), 1)
        }
    }

    /// Writes an archive of members whose contents `source` gives, by their place in the list.
    private static func write(
        _ names: [String],
        isCompressed: Bool,
        to path: String,
        source: (_ archive: OpaquePointer, _ member: Int) -> OpaquePointer?
    ) throws(SampleError) {
        var code: CInt = 0
        guard let archive = unsafe zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code) else {
            throw .cannotWrite(path: path, reason: message(code))
        }
        func failed() -> SampleError {
            let reason = unsafe String(cString: zip_error_strerror(zip_get_error(archive)))
            unsafe zip_discard(archive)
            return .cannotWrite(path: path, reason: reason)
        }
        let method = isCompressed ? ZIP_CM_DEFLATE : ZIP_CM_STORE
        for (member, name) in names.enumerated() {
            guard let source = unsafe source(archive, member) else { throw failed() }
            let index = unsafe zip_file_add(archive, name, source, ZIP_FL_ENC_UTF_8)
            guard index >= 0 else {
                unsafe zip_source_free(source)
                throw failed()
            }
            // 1 January 1980, midnight: the earliest date of a zip file, so that no clock gets in.
            guard
                unsafe zip_set_file_compression(archive, zip_uint64_t(index), method, 0) == 0,
                unsafe zip_file_set_dostime(archive, zip_uint64_t(index), 0, 0x21, 0) == 0
            else { throw failed() }
        }
        guard unsafe zip_close(archive) == 0 else { throw failed() }
    }
}
