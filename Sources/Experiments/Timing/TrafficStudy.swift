public import ChipSpec
public import Interconnect
public import Report

/// Throughput and latency of a chip's interconnect under synthetic traffic, by load and size of the queues.
public struct TrafficStudy: Sendable {
    /// Where packets go.
    public var pattern: TrafficPattern
    /// Packets offered a core, as shares of the bound.
    public var loads: [Double]
    /// Packets that the queue before each link holds, one curve each; nil is without bound.
    public var queues: [Int?]
    /// Slots in which packets are put out.
    public var slots: Int
    /// Seed of times and destinations.
    public var seed: UInt64
    private let chip: ChipSpec
    private let topology: Topology
    private let settings: QueueSettings

    /// Prepares a study.
    ///
    /// - Parameters:
    ///   - chip: The chip; each of its tiles is taken to have one core.
    ///   - table: Whose latencies count.
    ///   - pattern: Where packets go.
    ///   - loads: Shares of the bound.
    ///   - queues: Sizes of the queues; the chip's own if empty.
    ///   - slots: Slots in which packets are put out.
    ///   - seed: Seed of times and destinations.
    /// - Throws: `TimingError` if the chip does not say how fast a link is, or `TrafficError`.
    public init(
        chip: ChipSpec,
        table: EnergyTable,
        pattern: TrafficPattern,
        loads: [Double],
        queues: [Int],
        slots: Int,
        seed: UInt64
    ) throws {
        var spec = chip.mesh
        spec.coresPerTile = 1
        topology = Topology(spec, chip.interconnect)
        settings = try QueueSettings(chip: chip, prices: table)
        guard settings.packetTime > 0 else { throw TrafficError.infiniteBandwidth(chip: chip.name) }
        guard pattern != .transpose || spec.width == spec.height else {
            throw TrafficError.noSquare(chip: chip.name, width: spec.width, height: spec.height)
        }
        self.chip = chip
        self.pattern = pattern
        // A core puts out at most a packet a slot, so that large shares may come to the same load.
        let bound = SyntheticTraffic(topology: topology, pattern: pattern, seed: seed).boundOfLoad
        var distinct: [Double] = []
        for load in loads.map({ min($0, 1 / bound) }) where !distinct.contains(load) {
            distinct.append(load)
        }
        self.loads = distinct
        self.queues = queues.isEmpty ? [chip.interconnect.queueInPackets] : queues
        self.slots = slots
        self.seed = seed
    }

    /// Runs all loads.
    ///
    /// - Parameters:
    ///   - threads: Loads that run at a time.
    ///   - progress: Called with the number of loads done.
    /// - Returns: What came of them.
    /// - Throws: Nothing.
    public func callAsFunction(
        threads: Int,
        progress: @escaping @Sendable (Int) -> Void
    ) throws -> TrafficReport {
        let traffic = SyntheticTraffic(topology: topology, pattern: pattern, seed: seed)
        let bound = traffic.boundOfLoad
        let jobs = queues.flatMap { queue in loads.map { (queue, min(1, $0 * bound)) } }
        let points = try Parallel.map(jobs, threads: threads, progress: progress) { job in
            var settings = settings
            settings.slots = job.0
            if job.0 == nil { settings.whenFull = .stall }
            return traffic.run(load: job.1, slots: slots, settings: settings)
        }
        let curves = queues.enumerated().map { index, queue in
            TrafficReport.Curve(
                queue: queue,
                points: Array(points[(index * loads.count)..<((index + 1) * loads.count)])
            )
        }
        return TrafficReport(
            chip: chip.name,
            topology: chip.interconnect.topology,
            pattern: pattern,
            tiles: topology.tileCount,
            bound: bound,
            slotInNanoseconds: Double(settings.packetTime) / 1000,
            curves: curves
        )
    }
}

/// Why a chip's interconnect cannot be loaded.
public enum TrafficError: Error, Equatable, CustomStringConvertible {
    /// A packet takes no time.
    case infiniteBandwidth(chip: String)
    /// The pattern needs a square grid.
    case noSquare(chip: String, width: Int, height: Int)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .infiniteBandwidth(let chip):
            "interconnect.packetInNanoseconds of chip \(chip) is 0: no load fills such links. It must "
                + "be above 0; give it a number in a spec of your own."
        case .noSquare(let chip, let width, let height):
            "--pattern transpose needs a square grid, and chip \(chip) has \(width) × \(height) "
                + "tiles. Choose another pattern."
        }
    }
}

/// What a traffic study found out.
public struct TrafficReport: Sendable {
    /// The loads of one size of the queues.
    public struct Curve: Sendable {
        /// Packets that the queue before each link holds; nil is without bound.
        public var queue: Int?
        /// One a load.
        public var points: [TrafficPoint]

        /// The most that came through, packets a core and slot.
        public var peak: Double { points.map(\.delivered).max() ?? 0 }
        /// Name in tables and figures.
        public var name: String { queue.map { "queues of \($0)" } ?? "queues without bound" }
    }

    /// Name of the chip.
    public var chip: String
    /// How its routers are wired.
    public var topology: InterconnectTopology
    /// Where packets went.
    public var pattern: TrafficPattern
    /// Tiles.
    public var tiles: Int
    /// Load that the busiest link can carry, packets a core and slot.
    public var bound: Double
    /// Length of a slot.
    public var slotInNanoseconds: Double
    /// One a size of the queues.
    public var curves: [Curve]

    /// The report as text for a terminal.
    public var text: String {
        var table = TextTable([
            .init("queue"), .init("offered", unit: "of the bound", alignment: .right),
            .init("delivered", unit: "of the bound", alignment: .right),
            .init("latency", unit: "ns", alignment: .right),
            .init("99 % within", unit: "ns", alignment: .right),
            .init("lost", alignment: .right),
        ])
        for (index, curve) in curves.enumerated() {
            if index > 0 { table.appendRule() }
            for point in curve.points {
                table.append([
                    curve.queue.map { Format.count($0) } ?? "unbounded",
                    Format.percent(point.offered / bound), Format.percent(point.delivered / bound),
                    Format.fixed(point.meanLatency * slotInNanoseconds, decimals: 1),
                    Format.fixed(point.latencyP99 * slotInNanoseconds, decimals: 1),
                    Format.count(point.dropped),
                ])
            }
        }
        let peaks = curves.map { "\($0.name) \(Format.percent($0.peak / bound))" }
        return
            "\(chip), \(topology.rawValue) of \(tiles) tiles, \(pattern.rawValue) traffic: the busiest link "
            + "allows \(Format.fixed(bound, decimals: 4)) packets a tile in "
            + "\(Format.fixed(slotInNanoseconds, decimals: 3)) ns\n\n\(table.text)\n"
            + "most that comes through: \(peaks.joined(separator: ", "))"
    }

    /// Schema `spikeloom.traffic/1` (`docs/schemas/traffic.schema.json`).
    public var json: JSONValue {
        [
            "schema": "spikeloom.traffic/1",
            "chip": .string(chip),
            "topology": .string(topology.rawValue),
            "pattern": .string(pattern.rawValue),
            "tiles": .integer(tiles),
            "boundPerTileAndSlot": .number(bound),
            "slotInNanoseconds": .number(slotInNanoseconds),
            "curves": .array(
                curves.map { curve in
                    [
                        "queueInPackets": .optional(curve.queue),
                        "points": .array(curve.points.map(Self.json)),
                    ]
                }
            ),
        ]
    }

    private static func json(_ point: TrafficPoint) -> JSONValue {
        [
            "offered": .number(point.offered), "delivered": .number(point.delivered),
            "meanLatencyInSlots": .number(point.meanLatency),
            "latencyP99InSlots": .number(point.latencyP99), "dropped": .integer(point.dropped),
        ]
    }

    /// Throughput and latency by load.
    public var figure: MultiFigure {
        func series(_ value: (TrafficPoint) -> Double?) -> [LineFigure.Series] {
            curves.map { curve in
                LineFigure.Series(
                    curve.name,
                    curve.points.map { LineFigure.Point($0.offered / bound, value($0)) }
                )
            }
        }
        let load = FigureAxis("offered load", unit: "of the bound")
        return MultiFigure(
            title:
                "\(chip): \(pattern.rawValue) traffic on a \(topology.rawValue) of \(tiles) tiles",
            parts: [
                .lines(
                    LineFigure(
                        title: "Throughput",
                        x: load,
                        y: FigureAxis("delivered", unit: "of the bound"),
                        series: series { $0.delivered / bound },
                        references: [.init("bound", 1)]
                    )
                ),
                .lines(
                    LineFigure(
                        title: "Mean latency",
                        x: load,
                        y: FigureAxis("latency", unit: "ns", scale: .logarithmic),
                        series: series { $0.meanLatency * slotInNanoseconds }
                    )
                ),
            ],
            columns: 2
        )
    }
}
