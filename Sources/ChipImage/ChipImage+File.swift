extension ChipImage {
    /// Reads a `.chipimg` file and proves that it is safe to run.
    ///
    /// Raw sections are read straight into their tables.
    ///
    /// - Parameter path: The file.
    /// - Returns: A verified image.
    /// - Throws: `ChipImageError.inFile`.
    public static func load(path: String) throws(ChipImageError) -> ChipImage {
        do throws(ChipImageError) {
            let image = try ChipImage(.file(ImageInputFile(path: path)))
            try image.verify()
            return image
        } catch {
            throw .inFile(path: path, error)
        }
    }

    /// Writes a `.chipimg` file, under a temporary name first, with the memory of one section.
    ///
    /// - Parameters:
    ///   - path: The file; one of that name is replaced.
    ///   - compressing: Whether sections are compressed with zstd where that saves bytes.
    /// - Throws: `ChipImageError.inFile`; the old file is then still there.
    public func write(to path: String, compressing: Bool = false) throws(ChipImageError) {
        do throws(ChipImageError) {
            var file = try ImageOutputFile(path: path)
            try encode(to: &file, compressing: compressing)
            try file.finish()
        } catch {
            throw .inFile(path: path, error)
        }
    }
}
