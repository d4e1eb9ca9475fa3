package import HDF5

/// Opens HDF5 files by what is in them: SONATA spikes, SHD samples or NIR graph data.
package enum HDF5Recording {
    /// Most that one question to the child process asks for.
    static let blockSize = 1 << 18

    /// Opens a file.
    static func open(path: String, options: RecordingOptions) throws -> any RecordingReader {
        try open(source(path, options), path: path, options: options)
    }

    /// Opens what a source holds.
    ///
    /// - Parameters:
    ///   - source: Where the arrays come from.
    ///   - path: What messages name.
    ///   - options: What the caller says.
    /// - Returns: A reader before the first event.
    /// - Throws: `RecordingError`, `HDF5Error`.
    package static func open(
        _ source: any HDF5SliceSource,
        path: String,
        options: RecordingOptions
    ) throws -> any RecordingReader {
        let root = try structure(of: source, path)
        if case .group(let spikes)? = root["spikes"] {
            if spikes["times"] != nil, spikes["units"] != nil {
                return try SHDReader(path: path, source: source, root: root, options: options)
            }
            return try SONATAReader(path: path, source: source, spikes: spikes)
        }
        if case .group(let nodes)? = root["nodes"] {
            return try NIRDataReader(path: path, source: source, nodes: nodes, options: options)
        }
        let names = root.members.keys.sorted().prefix(10).map { "'\($0.prefix(40))'" }
        throw RecordingError.array(
            path: path,
            name: "/",
            problem: names.isEmpty
                ? "the file is empty" : "it holds \(names.joined(separator: ", "))",
            advice: "Read are SONATA spikes (/spikes/NAME/timestamps), SHD samples "
                + "(/spikes/times, /spikes/units) and NIR graph data (/nodes/NAME/…)."
        )
    }

    /// The groups of a file; its refusals in the words of recordings.
    private static func structure(
        of source: any HDF5SliceSource,
        _ path: String
    ) throws -> HDF5Group {
        do throws(HDF5Error) {
            return try source.structure()
        } catch {
            switch error {
            case .unreadableFile(_, let reason):
                throw RecordingError.file(path: path, operation: "open the file", reason: reason)
            case .notHDF5(_, let reason):
                throw RecordingError.malformed(
                    path: path,
                    offset: 0,
                    problem: "this is not an HDF5 file (\(reason))",
                    advice: "Check its name, or say its format with --from."
                )
            case .tooLarge(_, let place, let what, let limit):
                throw RecordingError.array(
                    path: path,
                    name: place,
                    problem: "\(what); the limit is \(limit)",
                    advice: "Export fewer groups and arrays."
                )
            default: throw error
            }
        }
    }

    /// Foreign files are read by a child process; tests of this module may do without.
    private static func source(
        _ path: String,
        _ options: RecordingOptions
    ) throws -> any HDF5SliceSource {
        guard let program = options.hdf5Program else { return HDF5File(path: path) }
        return HDF5ChildProcess(program: program, file: path)
    }
}
