public import ChipSpec
import Diagnostics
import Yams

/// A device as a file: what is known of one copy of a chip (`docs/DEVICES.md`).
public struct DeviceFile: Sendable, Equatable {
    /// 95 % intervals of a core's factors by parameter, `[slot]`; 0 where there is none.
    public struct Intervals: Sendable, Equatable {
        /// Lower ends.
        public var low: [MismatchParameter: [Double]]
        /// Upper ends.
        public var high: [MismatchParameter: [Double]]

        /// Lists intervals.
        ///
        /// - Parameters:
        ///   - low: Lower ends, `[slot]`.
        ///   - high: Upper ends, `[slot]`.
        public init(
            low: [MismatchParameter: [Double]] = [:],
            high: [MismatchParameter: [Double]] = [:]
        ) {
            self.low = low
            self.high = high
        }
    }

    /// Name of the device.
    public var name: String
    /// What it is; empty if the file does not say.
    public var summary: String
    /// Name of its chip.
    public var chip: String
    /// SHA-256 of the chip's spec, hexadecimal; nil if the file does not say.
    public var chipDigest: String?
    /// The device.
    public var device: Device
    /// Intervals by core.
    public var intervals: [UInt32: Intervals]

    /// Largest file, in bytes.
    package static let largestFile = 1 << 26
    /// Most neurons of a core, or synapses.
    package static let mostFactors = 1 << 24
    /// Most signs of YAML structure in a file: six for each of some 40,000 arrays.
    static let mostMarks = 1 << 18
    package static let keys = [
        "device", "summary", "chip", "chipDigest", "drawn", "cores", "dead",
    ]
    package static let drawnKeys = ["seed", "mismatch"]
    package static let coreKeys = ["core", "factors", "low", "high"]
    package static let deadKeys = ["cores"]

    /// Describes a device.
    ///
    /// - Parameters:
    ///   - name: Name of the device.
    ///   - summary: What it is.
    ///   - chip: Name of its chip.
    ///   - chipDigest: SHA-256 of the chip's spec.
    ///   - device: The device.
    ///   - intervals: 95 % intervals by core.
    public init(
        name: String,
        summary: String = "",
        chip: String,
        chipDigest: String?,
        device: Device,
        intervals: [UInt32: Intervals] = [:]
    ) {
        self.name = name
        self.summary = summary
        self.chip = chip
        self.chipDigest = chipDigest
        self.device = device
        self.intervals = intervals
    }

    /// Reads a device.
    ///
    /// - Parameter path: Path of a YAML file of at most 64 MiB.
    /// - Throws: `DescriptionError`.
    public init(path: String) throws {
        try self.init(
            text: YAMLFile.text(of: path, "device", atMost: Self.largestFile),
            path: path
        )
    }

    /// Reads a device from its text.
    ///
    /// - Parameters:
    ///   - text: YAML.
    ///   - path: What messages name.
    /// - Throws: `DescriptionError`.
    public init(text: String, path: String) throws(DescriptionError) {
        try YAMLFile.refuseMarks(text, atMost: Self.mostMarks, file: path, "device")
        let root = try YAMLFile.root(text, file: path, "device", atMost: Self.largestFile)
        let section = try root.section(Self.keys)
        name = try section.required("device", "It is the device's name.").text(atMost: 64)
        chip = try section.required("chip", "It is the name of the device's chip.")
            .text(atMost: 64)
        summary = try section["summary"]?.text() ?? ""
        chipDigest = try section["chipDigest"].map { (entry) throws(DescriptionError) in
            try Self.digest(entry)
        }
        device =
            try section["drawn"].map { (entry) throws(DescriptionError) in
                try Self.drawn(entry)
            } ?? .ideal
        intervals = [:]
        for entry in try section["cores"]?.list(0...(1 << 22)) ?? [] { try readCore(entry) }
        if let dead = section["dead"] {
            var cores: [UInt32] = []
            let list = try dead.section(Self.deadKeys).required("cores", "It lists cores.")
            for entry in try list.list(0...(1 << 16)) {
                let core = UInt32(try entry.integer(0...((1 << 22) - 1)))
                guard !cores.contains(core) || cores.isEmpty else {
                    throw entry.refusal(.descriptionTwice, "names core \(core) again.")
                }
                cores.append(core)
            }
            device.deadCores = cores.sorted()
        }
    }

    private static func digest(_ entry: Entry) throws(DescriptionError) -> String {
        let text = try entry.text(atMost: 64)
        guard text.utf8.count == 64,
            text.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else {
            throw entry.refusal(
                "is \(entry.shown). It must be a SHA-256: 64 digits 0-9 and a-f.",
                "`spikeloom chips NAME` shows it; or leave the key out."
            )
        }
        return text
    }

    private static func drawn(_ entry: Entry) throws(DescriptionError) -> Device {
        let section = try entry.section(drawnKeys)
        let text = try section.required("seed", "It is the seed of the fixed pattern.")
            .text(atMost: 20)
        guard let seed = UInt64(text) else {
            throw entry.refusal("has the seed '\(text)'. It must lie in 0...2^64 − 1.")
        }
        var variation: [MismatchParameter: Double] = [:]
        if let mismatch = section["mismatch"] {
            for (parameter, value) in try parameters(of: mismatch) {
                variation[parameter] = try value.number(0...5)
            }
        }
        return Device(seed: seed, variation: variation)
    }

    private static func parameters(of entry: Entry) throws(DescriptionError)
        -> [(MismatchParameter, Entry)]
    {
        let section = try entry.section(MismatchParameter.allCases.map(\.rawValue))
        var result: [(MismatchParameter, Entry)] = []
        for parameter in MismatchParameter.allCases {
            if let value = section[parameter.rawValue] { result.append((parameter, value)) }
        }
        return result
    }

    private mutating func readCore(_ entry: Entry) throws(DescriptionError) {
        let section = try entry.section(Self.coreKeys)
        let place = try section.required("core", "It is the number of a physical core.")
        let core = UInt32(try place.integer(0...((1 << 22) - 1)))
        guard device.known[core] == nil else {
            throw place.refusal(.descriptionTwice, "names core \(core) again.")
        }
        let factors = try Self.lists(section["factors"])
        device.known[core] = KnownFactors(factors: factors)
        let bounds = Intervals(
            low: try Self.lists(section["low"]),
            high: try Self.lists(section["high"])
        )
        for (side, key) in [(bounds.low, "low"), (bounds.high, "high")] {
            for (parameter, list) in side where factors[parameter]?.count != list.count {
                throw entry.refusal(
                    "has \(list.count) numbers of \(parameter.rawValue) under \(key) and "
                        + "\(factors[parameter]?.count ?? 0) under factors. They must be as many.",
                    "Write ~ where there is no interval."
                )
            }
        }
        for (parameter, low) in bounds.low {
            guard let high = bounds.high[parameter] else { continue }
            for (index, pair) in zip(low, high).enumerated() where pair.0 > pair.1 {
                throw entry.refusal(
                    "has an interval of \(parameter.rawValue) at \(index) that ends before it begins: "
                        + "\(pair.0) to \(pair.1).",
                    "Exchange the two, or write ~ for both."
                )
            }
        }
        if bounds != Intervals() { intervals[core] = bounds }
    }

    /// Numbers by parameter, each list on one line with spaces between, or as a YAML list.
    private static func lists(_ entry: Entry?) throws(DescriptionError)
        -> [MismatchParameter: [Double]]
    {
        guard let entry else { return [:] }
        var result: [MismatchParameter: [Double]] = [:]
        for (parameter, value) in try parameters(of: entry) {
            let list = try numbers(value)
            if !list.isEmpty { result[parameter] = list }
        }
        return result
    }

    private static func numbers(_ entry: Entry) throws(DescriptionError) -> [Double] {
        let words: [Substring]
        if let sequence = entry.node.sequence {
            words = sequence.map { Substring($0.scalar?.string ?? "?") }
        } else {
            words = (entry.node.scalar?.string ?? "").split { $0 == " " || $0 == "\n" }
        }
        guard !words.isEmpty, words.count <= mostFactors else {
            throw entry.refusal(
                "is \(entry.shown). It must be 1...\(mostFactors) numbers with spaces between.",
                "Write one factor for each slot, and ~ where none is known."
            )
        }
        var numbers: [Double] = []
        numbers.reserveCapacity(words.count)
        for (index, word) in words.enumerated() {
            if word == "~" || word == "null" {
                numbers.append(0)
                continue
            }
            guard word.utf8.count <= 40, let value = Double(word),
                value >= 1 / KnownFactors.largest, value <= KnownFactors.largest
            else {
                throw entry.refusal(
                    "has '\(word.prefix(40))' at \(index). A factor lies in 0.001...1000.",
                    "1 is the nominal value; write ~ where none is known."
                )
            }
            numbers.append(value)
        }
        return numbers
    }
}
