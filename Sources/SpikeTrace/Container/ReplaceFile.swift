import Glibc

/// Writes a file under a temporary name beside it, then renames it.
func replaceFile(at path: String, _ write: (String) throws -> Void) throws {
    let temporary = "\(path).\(getpid()).tmp"
    do {
        try write(temporary)
    } catch {
        unsafe unlink(temporary)
        throw error
    }
    guard unsafe rename(temporary, path) == 0 else {
        let reason = systemMessage(errno)
        unsafe unlink(temporary)
        throw SpikeTraceError.file(path: path, operation: "replace the file", reason: reason)
    }
}
