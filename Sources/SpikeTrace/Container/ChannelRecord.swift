import Events

/// A channel as a file describes it.
struct ChannelRecord: Equatable {
    var id: UInt16
    var encoding: String
    /// The source of spikes, if the encoding is ours and its description is whole.
    var channel: SpikeChannel?
    /// The recorded state, if the encoding is that of series and its description is whole.
    var series: SeriesChannel?
    var timeBase: TimeBase?

    /// Reads a channel; nil if the bytes cannot be one.
    init?(_ bytes: ByteReader) {
        var reader = bytes
        guard let id = reader.get(UInt16.self), reader.get(UInt16.self) != nil,
            reader.text() != nil, let encoding = reader.text(), let map = reader.map()
        else { return nil }
        self.id = id
        self.encoding = encoding
        let facts = Dictionary(map.map { ($0.key, $0.value) }) { first, _ in first }
        if encoding == SpikeTraceFormat.seriesEncoding {
            guard let series = SeriesChannel(facts: facts), let timeBase = TimeBase(facts: facts)
            else { return nil }
            self.series = series
            self.timeBase = timeBase
            return
        }
        guard encoding == SpikeTraceFormat.encoding else { return }
        guard let core = facts["core"].flatMap({ UInt32($0) }),
            let neuronCount = facts["neuronCount"].flatMap({ UInt32($0) }), neuronCount > 0,
            let timeBase = TimeBase(facts: facts)
        else { return nil }
        channel = SpikeChannel(core: core, neuronCount: neuronCount, label: facts["label"] ?? "")
        self.timeBase = timeBase
    }
}

extension SeriesChannel {
    /// A series as channel metadata describe it; nil if they do not.
    init?(facts: [String: String]) {
        guard let source = facts["source"], let quantity = facts["quantity"],
            let element = SeriesElement.allCases.first(where: { $0.name == facts["element"] }),
            let columns = facts["columns"].flatMap({ Int($0) }),
            (1...SpikeTraceFormat.mostColumns).contains(columns),
            let indices = facts["indices"].flatMap({ Self.indices(of: $0, count: columns) })
        else { return nil }
        self.init(
            source: source,
            quantity: quantity,
            element: element,
            indices: indices,
            metadata: facts.filter {
                !Self.reservedKeys.contains($0.key) && !$0.key.hasPrefix("timeBase")
            }
        )
    }
}

extension TimeBase {
    /// The time base among run facts or in a channel; nil if it is not there or not positive.
    init?(facts: [String: String]) {
        guard let numerator = facts["timeBaseNumerator"].flatMap({ UInt64($0) }), numerator > 0,
            let denominator = facts["timeBaseDenominator"].flatMap({ UInt64($0) }), denominator > 0
        else { return nil }
        self.init(numerator: numerator, denominator: denominator)
    }
}
