/// What the caller says of a file beside its name.
public struct RecordingOptions: Sendable {
    /// Columns and rows of the sensor, where the file does not tell or tells wrong.
    public var size: PixelSize?
    /// Program that reads HDF5 files (`spikeloom-hdf5`).
    public var hdf5Program: String?
    /// Which columns of a table are what, and in which unit its times are.
    public var table = TableOptions()

    /// Makes options that say nothing.
    public init() {}
}

/// A format of recordings of other tools.
public struct RecordingFormat: Sendable {
    /// Name on the command line.
    public let name: String
    /// Ends of file names, with the dot, that mean this format.
    public let endings: [String]
    /// One line for `--help`.
    public let summary: String
    /// Opens a file for reading; nil if the format is only written.
    public let read: (@Sendable (_ path: String, RecordingOptions) throws -> any RecordingReader)?
    /// Prepares a file for writing; nil if the format is only read.
    public let write: (@Sendable (_ path: String) throws -> any SpikeSink)?

    /// Every format: a new one adds its line here.
    public static let all: [RecordingFormat] = [
        RecordingFormat(
            name: "raw",
            endings: [".raw"],
            summary: "Prophesee RAW, EVT 2.0 or 3.0 as its header says; written as EVT 3.0",
            read: { path, _ in try CameraFile.open(path: path, as: nil) },
            write: { try EVT3Sink(path: $0) }
        ),
        RecordingFormat(
            name: "evt3",
            endings: [".evt3"],
            summary: "Prophesee EVT 3.0",
            read: { path, _ in try CameraFile.open(path: path, as: .evt3) },
            write: { try EVT3Sink(path: $0) }
        ),
        RecordingFormat(
            name: "evt2",
            endings: [".evt2"],
            summary: "Prophesee EVT 2.0",
            read: { path, _ in try CameraFile.open(path: path, as: .evt2) },
            write: { try EVT2Sink(path: $0) }
        ),
        RecordingFormat(
            name: "dat",
            endings: [".dat"],
            summary: "NEST or Prophesee DAT, as its first bytes say; written as NEST's",
            read: { path, options in try DATFile.open(path: path, options: options) },
            write: { try NESTSink(path: $0) }
        ),
        RecordingFormat(
            name: "nest",
            endings: [],
            summary: "NEST, lines of sender and time in ms",
            read: { path, options in try NESTReader(path: path, options: options) },
            write: { try NESTSink(path: $0) }
        ),
        RecordingFormat(
            name: "prophesee-dat",
            endings: [],
            summary: "Prophesee DAT",
            read: { path, _ in try DATReader(path: path) },
            write: nil
        ),
        RecordingFormat(
            name: "nmnist",
            endings: [".bin"],
            summary: "N-MNIST, 5 bytes an event",
            read: { path, _ in try NMNISTReader(path: path) },
            write: { try NMNISTSink(path: $0) }
        ),
        RecordingFormat(
            name: "aedat",
            endings: [".aedat", ".aedat2", ".aedat3", ".aedat4"],
            summary: "AEDAT 2, 3.1 or 4, as its first line says",
            read: { path, _ in try AEDATFile.open(path: path) },
            write: nil
        ),
        RecordingFormat(
            name: "csv",
            endings: [".csv", ".tsv", ".txt"],
            summary: "text: 'step,core,neuron' as written, or any table by --columns",
            read: { path, options in try CSVTableReader(path: path, options: options) },
            write: { try CSVSink(path: $0) }
        ),
        RecordingFormat(
            name: "npz",
            endings: [".npz"],
            summary: "arrays t and i, or t, x, y and p",
            read: { path, options in try NPZReader(path: path, options: options) },
            write: { NPZSink(path: $0) }
        ),
        RecordingFormat(
            name: "hdf5",
            endings: [".h5", ".hdf5"],
            summary: "SONATA spikes, SHD samples or NIR graph data; written as SONATA",
            read: { path, options in try HDF5Recording.open(path: path, options: options) },
            write: { try SONATASink(path: $0) }
        ),
        RecordingFormat(
            name: "perfetto",
            endings: [".json"],
            summary: "JSON for Perfetto and Chrome's trace viewer",
            read: nil,
            write: { try PerfettoSink(path: $0) }
        ),
        RecordingFormat(
            name: "vcd",
            endings: [".vcd"],
            summary: "value change dump for viewers of waveforms",
            read: nil,
            write: { try VCDSink(path: $0) }
        ),
    ]

    /// Finds the format of a file to read.
    ///
    /// - Parameters:
    ///   - path: A file name.
    ///   - name: Name of a format that the caller gives; nil goes by the end of the file name.
    /// - Returns: The format.
    /// - Throws: `RecordingError.unknownFormat`.
    public static func reading(_ path: String, as name: String? = nil) throws -> RecordingFormat {
        try find(path, name) { $0.read != nil }
    }

    /// Finds the format of a file to write.
    ///
    /// - Parameters:
    ///   - path: A file name.
    ///   - name: Name of a format that the caller gives; nil goes by the end of the file name.
    /// - Returns: The format.
    /// - Throws: `RecordingError.unknownFormat`.
    public static func writing(_ path: String, as name: String? = nil) throws -> RecordingFormat {
        try find(path, name) { $0.write != nil }
    }

    private static func find(
        _ path: String,
        _ name: String?,
        _ fits: (RecordingFormat) -> Bool
    ) throws -> RecordingFormat {
        let fitting = all.filter(fits)
        let lowered = path.lowercased()
        let found = fitting.first { format in
            name.map { $0 == format.name } ?? format.endings.contains { lowered.hasSuffix($0) }
        }
        guard let found else {
            throw RecordingError.unknownFormat(
                path: path,
                name: name,
                known: fitting.map { format in
                    name == nil ? format.endings.joined(separator: ", ") : format.name
                }.filter { !$0.isEmpty }
            )
        }
        return found
    }
}

extension RecordingFormat {
    /// Opens a recording.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - name: Name of its format; nil goes by the end of the file name.
    ///   - options: What the caller says of it.
    /// - Returns: A reader before the first event.
    /// - Throws: `RecordingError`.
    public static func open(
        _ path: String,
        as name: String? = nil,
        _ options: RecordingOptions = RecordingOptions()
    ) throws -> any RecordingReader {
        let format = try reading(path, as: name)
        guard let read = format.read else {
            throw RecordingError.unknownFormat(path: path, name: format.name, known: [])
        }
        let reader = try read(path, options)
        if let size = options.size, let pixels = reader as? any PixelRecording {
            pixels.source.size = size
        }
        return reader
    }

    /// Prepares a file for writing.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - name: Name of its format; nil goes by the end of the file name.
    /// - Returns: A sink.
    /// - Throws: `RecordingError`.
    public static func create(_ path: String, as name: String? = nil) throws -> any SpikeSink {
        let format = try writing(path, as: name)
        guard let write = format.write else {
            throw RecordingError.unknownFormat(path: path, name: format.name, known: [])
        }
        return try write(path)
    }
}
