private import CZip
private import Glibc

/// A zip archive opened for reading (libzip).
///
/// Nothing is allocated from a size that the archive claims; data come in pieces of the caller's size.
@safe
final class ArchiveReader {
    let path: String
    /// Names of the members in the order of the archive.
    let names: [String]
    private let archive: OpaquePointer

    /// Opens an archive.
    init(path: String) throws(SampleError) {
        var code: CInt = 0
        guard let archive = unsafe zip_open(path, ZIP_RDONLY, &code) else {
            throw .unreadableFile(source: path, reason: message(code))
        }
        unsafe self.archive = archive
        self.path = path
        let count = unsafe max(0, zip_get_num_entries(archive, 0))
        var names: [String] = []
        for index in 0..<zip_uint64_t(count) {
            let name = unsafe zip_get_name(archive, index, 0)
            unsafe names.append(name.map { unsafe String(cString: $0) } ?? "")
        }
        self.names = names
    }

    deinit { unsafe zip_discard(archive) }

    /// Starts to unpack a member.
    func open(_ index: Int, as array: String) throws(SampleError) -> ArchiveMember {
        var status = unsafe zip_stat_t()
        unsafe zip_stat_init(&status)
        guard unsafe zip_stat_index(archive, zip_uint64_t(index), 0, &status) == 0,
            unsafe status.comp_method == ZIP_CM_STORE || status.comp_method == ZIP_CM_DEFLATE
        else {
            throw .unreadableArray(
                source: path,
                array: array,
                reason: "its compression method is not supported"
            )
        }
        guard let file = unsafe zip_fopen_index(archive, zip_uint64_t(index), 0) else {
            let reason = unsafe String(cString: zip_error_strerror(zip_get_error(archive)))
            throw .unreadableArray(source: path, array: array, reason: reason)
        }
        return unsafe ArchiveMember(archive: self, file: file, array: array)
    }
}

/// A member of an archive that is being unpacked.
@safe
final class ArchiveMember {
    let array: String
    private let archive: ArchiveReader
    private let file: OpaquePointer

    fileprivate init(archive: ArchiveReader, file: OpaquePointer, array: String) {
        self.archive = archive
        unsafe self.file = file
        self.array = array
    }

    deinit { unsafe zip_fclose(file) }

    var source: String { archive.path }

    /// Reads the next bytes: as many as asked for, fewer only at the end of the member.
    func read(_ count: Int) throws(SampleError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer -> zip_int64_t in
                guard let start = buffer.baseAddress else { return 0 }
                return unsafe zip_fread(file, start + filled, zip_uint64_t(count - filled))
            }
            if got < 0 {
                let reason = unsafe String(cString: zip_error_strerror(zip_file_get_error(file)))
                throw .unreadableArray(source: source, array: array, reason: reason)
            }
            if got == 0 { break }
            filled += Int(got)
        }
        bytes.removeLast(count - filled)
        return bytes
    }
}

/// libzip's words for an error code.
func message(_ code: CInt) -> String {
    var error = unsafe zip_error_t()
    unsafe zip_error_init_with_code(&error, code)
    defer { unsafe zip_error_fini(&error) }
    return unsafe String(cString: zip_error_strerror(&error))
}

/// Whether a file starts as a single numpy array rather than as an archive.
func startsAsArray(_ path: String) -> Bool {
    guard let file = unsafe fopen(path, "rb") else { return false }
    defer { unsafe fclose(file) }
    var start = [UInt8](repeating: 0, count: 6)
    let count = unsafe fread(&start, 1, start.count, file)
    return count == 6 && start == [0x93] + Array("NUMPY".utf8)
}
