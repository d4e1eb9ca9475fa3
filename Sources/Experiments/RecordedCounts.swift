public import ChipSpec
public import Energy
public import Events
public import Foundation
public import SpikeTrace

/// What a run counted, as its recording or its report kept it: enough to price it again without a run.
public struct RecordedCounts: Sendable, Equatable {
    /// What the chip did.
    public var counts: ActionCounts
    /// Chip time of the whole run in nanoseconds.
    public var chipTimeInNanoseconds: Double
    /// Whether it was at least that, perhaps more.
    public var chipTimeIsLowerBound: Bool
    /// Energy table whose latencies the chip time is by.
    public var table: String
    /// Number of samples.
    public var samples: Int
    /// Digest of the chip spec; nil if the source does not say.
    public var chipDigest: String?
    /// Name of the chip; nil if the source does not say.
    public var chipName: String?

    private enum Key {
        static let time = "chipNanoseconds"
        static let isLowerBound = "chipTimeIsLowerBound"
        static let table = "energyTable"
        static func count(of action: Action) -> String { "count." + action.name }
    }

    /// The totals of a run, for the end of its recording.
    ///
    /// - Parameters:
    ///   - result: The run.
    ///   - table: Name of the table whose latencies its time is by.
    /// - Returns: Counts and time by name.
    public static func totals(of result: RunResult, table: String) -> [String: String] {
        var totals = [
            Key.time: String(result.chipTimeInNanoseconds),
            Key.isLowerBound: String(result.chipTimeIsLowerBound), Key.table: table,
        ]
        for action in Action.allCases {
            totals[Key.count(of: action)] = String(result.counts[action])
        }
        return totals
    }

    /// Reads the totals of a recording.
    ///
    /// - Parameter reader: A recording.
    /// - Throws: `RecordedCountsError` if it has none.
    public init(_ reader: SpikeTraceReader) throws {
        let totals = reader.totals
        guard let time = totals[Key.time].flatMap(Double.init), time.isFinite, time >= 0,
            let table = totals[Key.table]
        else { throw RecordedCountsError.noTotals(path: reader.path) }
        counts = ActionCounts()
        for action in Action.allCases {
            // A recording of an older version lacks actions that did not exist.
            let text = totals[Key.count(of: action)] ?? "0"
            guard let count = UInt64(text) else {
                throw RecordedCountsError.noTotals(path: reader.path)
            }
            counts[action] = count
        }
        chipTimeInNanoseconds = time
        chipTimeIsLowerBound = totals[Key.isLowerBound] == "true"
        self.table = table
        samples = max(1, RunFacts(reader.info)?.samples ?? 1)
        chipDigest = reader.info.metadata[SpikeTraceInfo.Key.chipDigest]
        chipName = nil
    }

    /// Reads the counts of a report, as `spikeloom run --json` writes it.
    ///
    /// - Parameters:
    ///   - report: The bytes of the file.
    ///   - path: Path that errors name.
    /// - Throws: `RecordedCountsError` if it is no report of a run on a chip.
    public init(report: Data, path: String) throws {
        guard let root = try? JSONSerialization.jsonObject(with: report) as? [String: Any],
            root["schema"] as? String == "spikeloom.run/1",
            let actions = root["actions"] as? [String: Any],
            let time = root["chipTime"] as? [String: Any],
            let seconds = time["totalSeconds"] as? Double, seconds.isFinite, seconds >= 0,
            let energy = root["energy"] as? [String: Any], let table = energy["table"] as? String
        else { throw RecordedCountsError.noReport(path: path) }
        counts = ActionCounts()
        for action in Action.allCases {
            guard let value = actions[action.name] else { continue }
            guard let count = value as? UInt64 else {
                throw RecordedCountsError.noReport(path: path)
            }
            counts[action] = count
        }
        chipTimeInNanoseconds = seconds * 1e9
        chipTimeIsLowerBound = time["isLowerBound"] as? Bool ?? false
        self.table = table
        samples = max(1, root["samples"] as? Int ?? 1)
        chipDigest = nil
        chipName = root["chip"] as? String
    }

    /// Prices the counts.
    ///
    /// - Parameter table: Prices.
    /// - Returns: Counts times prices, and the static power over the recorded chip time.
    public func energy(by table: EnergyTable) -> EnergyReport {
        EnergyReport(
            counts: counts,
            table: table,
            chipTimeInSeconds: chipTimeInNanoseconds * 1e-9,
            chipTimeIsLowerBound: chipTimeIsLowerBound
        )
    }
}

/// Why counts cannot be read.
public enum RecordedCountsError: Error, Equatable, CustomStringConvertible {
    /// A recording without totals.
    case noTotals(path: String)
    /// A file that is no report.
    case noReport(path: String)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .noTotals(let path):
            "\(path) has no counts of actions: it was cut off, or no chip wrote it. Give the report of the "
                + "run (run --json), or run it again with --record."
        case .noReport(let path):
            "\(path) is no report of a run on a chip. Give what 'spikeloom run --json' or 'spikeloom run "
                + "--record' writes."
        }
    }
}
