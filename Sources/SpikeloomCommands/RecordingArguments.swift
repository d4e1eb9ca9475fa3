import ArgumentParser
import Events
import HDF5
import Recordings
import Report

/// Options of `convert` for recordings of other tools and devices.
struct RecordingArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Format of the file to read; its extension otherwise.",
            valueName: "format"
        )
    )
    var from: String?

    @Option(
        help: ArgumentHelp(
            "Format of the file to write; its extension otherwise.",
            valueName: "format"
        )
    )
    var to: String?

    @Option(
        help: ArgumentHelp(
            "How pixels become channels and times become steps: crop=X:Y:W:H, downsample=K, "
                + "polarity=separate|merge|on|off, bin=1ms, origin=source|first, separated by commas. "
                + "Or, for tables, a CSV file of 'label,neuron' lines.",
            valueName: "settings|file"
        )
    )
    var map: [String] = []

    @Option(
        help: ArgumentHelp(
            "Columns and rows of the sensor, where the file does not tell.",
            valueName: "WxH"
        )
    )
    var size: String?

    @Option(
        help: ArgumentHelp(
            "Columns of a table: time=ts,unit=label, also population, x, y, polarity, trial.",
            valueName: "role=name,…"
        )
    )
    var columns: String?

    @Option(
        help: ArgumentHelp("Unit of the times of a table: s, ms, us, ns.", valueName: "unit")
    )
    var timeUnit: String?

    @Option(
        help: ArgumentHelp("Read only the rows of this trial of a table.", valueName: "trial")
    )
    var trial: String?

    @Option(
        help: ArgumentHelp(
            "Where the first population of the recording goes; further ones follow.",
            valueName: "input:P|core:C"
        )
    )
    var onto = "input:0"

    @Option(
        help: ArgumentHelp(
            "Write the first recording on the clock of the one that --reference names: correct an offset, "
                + "a skew too, or stretch by stretch.",
            valueName: "offset|skew|events"
        )
    )
    var align: String?

    @Option(
        help: ArgumentHelp(
            "Spike trace of the same spikes on the clock that counts.",
            valueName: "file"
        )
    )
    var reference: String?

    @Option(
        help: ArgumentHelp("Largest offset that --align looks for, in seconds.", valueName: "s")
    )
    var largestOffset = 60.0

    @Flag(name: .shortAndLong, help: "Say nothing but errors and warnings.")
    var quiet = false

    /// Whether a table is to be read by its own columns.
    var hasTableOptions: Bool {
        columns != nil || timeUnit != nil || trial != nil || !map.isEmpty
            || from.map { $0 != "csv" } == true
    }

    /// What the readers are told.
    func options() throws -> RecordingOptions {
        var options = RecordingOptions()
        if let size {
            guard let parsed = PixelSize(size) else {
                throw BadInput("--size '\(size)': give columns and rows, for example 1280x720.")
            }
            options.size = parsed
        }
        if let columns { options.table.columns = try TableOptions.columns(columns) }
        if let timeUnit {
            options.table.timeUnit = try TableOptions.time(timeUnit, of: "--time-unit")
        }
        options.table.trial = trial
        let files = map.filter { !$0.contains("=") }
        guard files.count <= 1 else {
            throw BadInput("--map names \(files.count) files of neurons. Give one.")
        }
        options.table.unitMap = files.first
        options.hdf5Program = HDF5ChildProcess.programBesideThisOne()
        return options
    }

    /// What `--align` estimates, and the reference; nil without it.
    func alignment() throws -> (model: ClockAlignment.Model, reference: String)? {
        guard let align else {
            guard reference == nil else { throw BadInput("--reference goes with --align.") }
            return nil
        }
        guard let model = ClockAlignment.Model(rawValue: align) else {
            throw BadInput("--align '\(align)': give offset, skew or events.")
        }
        guard let reference else { throw BadInput("--align needs --reference FILE.mcap.") }
        guard largestOffset.isFinite, largestOffset > 0, largestOffset <= 1e6 else {
            throw BadInput("--largest-offset must be above 0 and at most 1000000 seconds.")
        }
        return (model, reference)
    }

    /// What becomes of the events.
    func conversion() throws -> Conversion {
        var conversion = Conversion()
        conversion.map = try EventMap(map.filter { $0.contains("=") })
        let parts = onto.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = UInt32(parts[1]),
            number < NeuronAddress.firstInputCore, parts[0] == "input" || parts[0] == "core"
        else {
            throw BadInput("--onto '\(onto)': give input:P or core:C, for example input:0.")
        }
        conversion.firstCore = number + (parts[0] == "input" ? NeuronAddress.firstInputCore : 0)
        return conversion
    }
}
