import Events

/// The schema and channel records of a trace.
struct InfoRecords {
    private let info: SpikeTraceInfo
    private let spikes: [SpikeChannel]

    init(_ info: SpikeTraceInfo) {
        self.info = info
        spikes = info.channels.sorted { $0.core < $1.core }
    }

    var channelCount: Int { spikes.count + info.series.count }
    var schemaCount: Int { (spikes.isEmpty ? 0 : 1) + (info.series.isEmpty ? 0 : 1) }

    func putSchemas(to bytes: inout ByteWriter) {
        if !spikes.isEmpty { Self.putSpikeSchema(to: &bytes) }
        if !info.series.isEmpty { Self.putSeriesSchema(to: &bytes) }
    }

    func putChannels(to bytes: inout ByteWriter) {
        for index in 0..<channelCount { putChannel(index, to: &bytes) }
    }

    /// Writes the channel of id `index` + 1: spikes in order of cores, then series.
    func putChannel(_ index: Int, to bytes: inout ByteWriter) {
        let id = UInt16(index + 1)
        if index < spikes.count {
            Self.put(spikes[index], id: id, info.timeBase, to: &bytes)
        } else {
            Self.put(info.series[index - spikes.count], id: id, info.timeBase, to: &bytes)
        }
    }

    static func putSpikeSchema(to bytes: inout ByteWriter) {
        putSchema(1, SpikeTraceFormat.encoding, to: &bytes)
    }

    static func putSeriesSchema(to bytes: inout ByteWriter) {
        putSchema(2, SpikeTraceFormat.seriesEncoding, to: &bytes)
    }

    private static func putSchema(_ id: UInt16, _ name: String, to bytes: inout ByteWriter) {
        bytes.put(.schema) {
            $0.put(id)
            $0.put(name)
            $0.put("")
            $0.put(UInt32(0))
        }
    }

    static func put(
        _ channel: SpikeChannel,
        id: UInt16,
        _ timeBase: TimeBase,
        to bytes: inout ByteWriter
    ) {
        bytes.put(.channel) {
            $0.put(id)
            $0.put(UInt16(1))
            $0.put(channel.topic)
            $0.put(SpikeTraceFormat.encoding)
            $0.put([
                ("core", String(channel.core)),
                ("label", channel.label),
                ("neuronCount", String(channel.neuronCount)),
                ("timeBaseDenominator", String(timeBase.denominator)),
                ("timeBaseNumerator", String(timeBase.numerator)),
            ])
        }
    }

    static func put(
        _ channel: SeriesChannel,
        id: UInt16,
        _ timeBase: TimeBase,
        to bytes: inout ByteWriter
    ) {
        var facts = channel.metadata
        facts["source"] = channel.source
        facts["quantity"] = channel.quantity
        facts["element"] = channel.element.name
        facts["columns"] = String(channel.indices.count)
        facts["indices"] = channel.indexText
        facts["timeBaseDenominator"] = String(timeBase.denominator)
        facts["timeBaseNumerator"] = String(timeBase.numerator)
        bytes.put(.channel) {
            $0.put(id)
            $0.put(UInt16(2))
            $0.put(channel.topic)
            $0.put(SpikeTraceFormat.seriesEncoding)
            $0.put(facts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        }
    }
}

extension SpikeTraceInfo {
    /// Run facts in order of their names, time base among them.
    var facts: [(String, String)] {
        var facts = metadata
        facts["timeBaseNumerator"] = String(timeBase.numerator)
        facts["timeBaseDenominator"] = String(timeBase.denominator)
        return facts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Refuses what the format cannot store.
    func check(path: String) throws {
        guard channels.count + series.count <= SpikeTraceFormat.mostChannels else {
            throw SpikeTraceError.tooManyChannels(path: path, count: channels.count + series.count)
        }
        var cores: Set<UInt32> = []
        for channel in channels {
            let problem: String? =
                if !cores.insert(channel.core).inserted {
                    "it is named twice. Give each core one channel"
                } else if channel.neuronCount == 0 {
                    "it has 0 neurons. Leave it out"
                } else if channel.label.utf8.count > SpikeTraceFormat.longestText - 64 {
                    "its label has \(channel.label.utf8.count) bytes. At most "
                        + "\(SpikeTraceFormat.longestText - 64) fit. Shorten it"
                } else {
                    nil
                }
            if let problem {
                throw SpikeTraceError.badChannel(path: path, core: channel.core, problem: problem)
            }
        }
        try checkSeries(path: path)
        try Self.check(
            metadata,
            reserved: ["timeBaseNumerator", "timeBaseDenominator", MetadataChecksum.key],
            path: path
        )
    }

    private func checkSeries(path: String) throws {
        var topics: Set<String> = []
        for channel in series {
            let problem: String? =
                if !topics.insert(channel.topic).inserted {
                    "it is named twice. Give each state one series"
                } else {
                    channel.problem
                }
            if let problem {
                throw SpikeTraceError.badSeries(
                    path: path,
                    series: String(channel.topic.prefix(80)),
                    problem: problem
                )
            }
            try Self.check(
                channel.metadata,
                reserved: SeriesChannel.reservedKeys.union([
                    "timeBaseNumerator", "timeBaseDenominator",
                ]),
                path: path
            )
        }
    }

    /// Refuses facts that the format cannot store.
    static func check(_ facts: [String: String], reserved: Set<String>, path: String) throws {
        for (key, value) in facts.sorted(by: { $0.key < $1.key }) {
            if reserved.contains(key) {
                throw SpikeTraceError.badMetadata(
                    path: path,
                    key: key,
                    problem: "the name is taken by the format. Choose another"
                )
            }
            if max(key.utf8.count, value.utf8.count) > SpikeTraceFormat.longestText {
                throw SpikeTraceError.badMetadata(
                    path: path,
                    key: key,
                    problem: "name or value is longer than \(SpikeTraceFormat.longestText) bytes. "
                        + "Shorten it"
                )
            }
        }
    }
}
