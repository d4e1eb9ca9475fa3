import Foundation

extension ChipImage {
    /// Reads a `.chipimg` file and proves that it is safe to run.
    ///
    /// - Parameter path: The file.
    /// - Returns: A verified image.
    /// - Throws: `ChipImageError.inFile`.
    public static func load(path: String) throws(ChipImageError) -> ChipImage {
        do throws(ChipImageError) {
            let image = try ChipImage(decoding: try bytesOfFile(path))
            try image.verify()
            return image
        } catch {
            throw .inFile(path: path, error)
        }
    }

    /// Writes a `.chipimg` file, under a temporary name first.
    ///
    /// - Parameters:
    ///   - path: The file; one of that name is replaced.
    ///   - compressing: Whether sections are compressed with zstd where that saves bytes.
    /// - Throws: `ChipImageError.inFile`; the old file is then still there.
    public func write(to path: String, compressing: Bool = false) throws(ChipImageError) {
        do throws(ChipImageError) {
            let bytes = try encoded(compressing: compressing)
            do {
                // Atomic: a temporary file beside the target, then renamed.
                try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
            } catch {
                throw ChipImageError.unwritable(reason: error.localizedDescription)
            }
        } catch {
            throw .inFile(path: path, error)
        }
    }
}

/// The bytes of a regular file, read once.
///
/// Not mapped: a mapped file that is cut short by somebody else ends the process.
private func bytesOfFile(_ path: String) throws(ChipImageError) -> [UInt8] {
    do {
        let attributes = try FileManager.default.attributesOfItem(
            atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        )
        guard attributes[.type] as? FileAttributeType == .typeRegular else {
            throw ChipImageError.unreadable(reason: "it is not a regular file")
        }
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
        throw error as? ChipImageError ?? .unreadable(reason: error.localizedDescription)
    }
}
