public import Events

/// Why a spike trace cannot be written, read or converted.
public enum SpikeTraceError: Error, Equatable, CustomStringConvertible {
    /// The operating system refuses a file.
    case file(path: String, operation: String, reason: String)
    /// Writing failed; everything before the offset is complete.
    case writeFailed(path: String, offset: UInt64, reason: String)
    /// More sources than a file can name.
    case tooManyChannels(path: String, count: Int)
    /// A source that cannot be described.
    case badChannel(path: String, core: UInt32, problem: String)
    /// A series that cannot be described, or a row that does not fit it.
    case badSeries(path: String, series: String, problem: String)
    /// A run fact that cannot be written.
    case badMetadata(path: String, key: String, problem: String)
    /// A spike of a core that is not among the channels.
    case unknownCore(path: String, spike: Spike)
    /// A spike of a neuron that its core does not have.
    case neuronOutOfRange(path: String, spike: Spike, neuronCount: UInt32)
    /// A spike that belongs before one already recorded.
    case outOfOrder(path: String, spike: Spike, previous: Spike)
    /// A spike with clock ticks, which no layout of this version holds.
    case ticksNotSupported(path: String, spike: Spike)
    /// The recording has ended or has failed before.
    case closed(path: String)
    /// Not an MCAP file.
    case notMCAP(path: String)
    /// A chunk is compressed by another method.
    case unsupportedCompression(path: String, offset: UInt64, name: String)
    /// A batch has a layout or flags of a newer version.
    case unsupportedLayout(path: String, offset: UInt64, layout: UInt8, flags: UInt8)
    /// An MCAP file without channels of spikes.
    case noSpikeChannels(path: String, encodings: [String], health: SpikeTraceHealth)
    /// A file that breaks the rules of the format although its checksums hold.
    case malformed(path: String, offset: UInt64, problem: String)
    /// A line of a text file.
    case text(path: String, line: Int, problem: String)
    /// A file name or format name that is not in the format table.
    case unknownFormat(path: String, known: [String])

    /// The message: where, what, the limit, what to do.
    public var description: String {
        switch self {
        case .file(let path, let operation, let reason):
            "\(path): cannot \(operation): \(reason). Check that it exists and what its access "
                + "rights are."
        case .writeFailed(let path, let offset, let reason):
            "\(path): writing failed at byte \(offset): \(reason). What was written before is "
                + "readable. Make room, then record again."
        case .tooManyChannels(let path, let count):
            "\(path): \(count) sources of spikes. A spike trace names at most "
                + "\(SpikeTraceFormat.mostChannels) cores and inputs. Record fewer cores."
        case .badChannel(let path, let core, let problem):
            "\(path): channel of core \(core): \(problem)."
        case .badSeries(let path, let series, let problem):
            "\(path): series \(series): \(problem)."
        case .badMetadata(let path, let key, let problem):
            "\(path): run fact '\(key.prefix(80))': \(problem)."
        case .unknownCore(let path, let spike):
            "\(path): spike at step \(spike.step) of core \(spike.core), neuron \(spike.neuron): "
                + "the core has no channel. Name every recorded core when the trace is created."
        case .neuronOutOfRange(let path, let spike, let neuronCount):
            "\(path): spike at step \(spike.step) of core \(spike.core), neuron \(spike.neuron): "
                + "the channel was created with \(neuronCount) neurons. Create it with more."
        case .outOfOrder(let path, let spike, let previous):
            "\(path): spike at step \(spike.step) of core \(spike.core), neuron \(spike.neuron) "
                + "after one at step \(previous.step) of core \(previous.core), neuron "
                + "\(previous.neuron). Spikes are recorded in order of (step, core, neuron): sort "
                + "them first."
        case .ticksNotSupported(let path, let spike):
            "\(path): spike at step \(spike.step) of core \(spike.core) has clock tick "
                + "\(spike.tick). This version records tick 0 only. Use finer time steps."
        case .closed(let path):
            "\(path): the recording has ended, or has failed before. Start a new one."
        case .notMCAP(let path):
            "\(path): not a spike trace: it neither begins with the MCAP magic bytes nor ends "
                + "with an intact footer. Give a .mcap file written by 'spikeloom run --record'."
        case .unsupportedCompression(let path, let offset, let name):
            "\(path): the chunk at byte \(offset) is compressed by '\(name.prefix(40))'. This "
                + "version reads 'zstd', 'lz4' and uncompressed chunks. Rewrite the file with "
                + "zstd ('mcap compress --compression zstd')."
        case .unsupportedLayout(let path, let offset, let layout, let flags):
            "\(path): a batch in the chunk at byte \(offset) has layout \(layout), flags "
                + "\(flags). This version reads layouts 0 (gap), 1 (isi2) and 2 (planes). Use a newer "
                + "version."
        case .noSpikeChannels(let path, let encodings, let health):
            if encodings.isEmpty {
                "\(path): holds no channel of spikes"
                    + (health.isIntact ? "" : " (\(health))")
                    + ". Nothing can be read from it; record again."
            } else {
                "\(path): its messages are encoded as "
                    + encodings.map { "'\($0.prefix(40))'" }.joined(separator: ", ")
                    + ". A spike trace has '\(SpikeTraceFormat.encoding)'. Convert the file with "
                    + "the program that wrote it."
            }
        case .malformed(let path, let offset, let problem):
            "\(path): byte \(offset): \(problem). The checksums hold, so the program that wrote "
                + "the file is at fault: report it there."
        case .text(let path, let line, let problem):
            "\(path):\(line): \(problem)"
        case .unknownFormat(let path, let known):
            "\(path): unknown format. Known are \(known.joined(separator: ", ")): end the file "
                + "name in one of them."
        }
    }
}
