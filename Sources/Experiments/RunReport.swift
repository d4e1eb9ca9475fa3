import ChipSpec
public import Energy
import Events
import Interconnect
public import Report

/// A run as text and as JSON.
public struct RunReport: Sendable {
    /// Name of the network.
    public var network: String
    /// Name of the chip; nil in float numerics.
    public var chip: String?
    /// `chip`, `quantised` or `float`.
    public var numerics: String
    /// What the run found out.
    public var result: RunResult
    /// Energy of the whole run; nil in float numerics.
    public var energy: EnergyReport?
    /// What the device varies in, as `--mismatch` writes it; nil in float numerics.
    public var mismatch: String?
    /// Seed of the device.
    public var deviceSeed: UInt64
    /// Seed of the run.
    public var runSeed: UInt64
    /// Version of the tool.
    public var toolVersion: String
    /// How the answer was read.
    public var readout: Readout
    /// Steps of each sample.
    public var plan: SamplePlan

    /// Describes a run.
    ///
    /// - Parameters:
    ///   - network: Name of the network.
    ///   - chip: Name of the chip, or nil.
    ///   - numerics: `chip`, `quantised` or `float`.
    ///   - result: What the run found out.
    ///   - energy: Energy of the whole run, or nil.
    ///   - mismatch: What the device varies in, or nil.
    ///   - deviceSeed: Seed of the device.
    ///   - runSeed: Seed of the run.
    ///   - toolVersion: Version of the tool.
    ///   - readout: How the answer was read.
    ///   - plan: Steps of each sample.
    public init(
        network: String,
        chip: String?,
        numerics: String,
        result: RunResult,
        energy: EnergyReport?,
        mismatch: String?,
        deviceSeed: UInt64,
        runSeed: UInt64,
        toolVersion: String,
        readout: Readout,
        plan: SamplePlan
    ) {
        self.network = network
        self.chip = chip
        self.numerics = numerics
        self.result = result
        self.energy = energy
        self.mismatch = mismatch
        self.deviceSeed = deviceSeed
        self.runSeed = runSeed
        self.toolVersion = toolVersion
        self.readout = readout
        self.plan = plan
    }

    /// Chip time of a sample in seconds: mean, and the 99th percentile (nearest rank).
    public var secondsPerSample: (mean: Double, p99: Double) {
        let times = result.samples.map(\.chipTimeInNanoseconds).sorted()
        guard !times.isEmpty else { return (0, 0) }
        let mean = times.reduce(0, +) / Double(times.count)
        let rank = (times.count * 99 + 99) / 100
        return (mean * 1e-9, times[min(times.count, rank) - 1] * 1e-9)
    }

    /// Energy of a sample in joules; a lower bound where the whole is.
    public var joulesPerSample: Double? {
        energy.map { $0.totalJoules / Double(max(1, result.samples.count)) }
    }
}

// JSON, schema `spikeloom.run/1`.
extension RunReport {
    /// The report as JSON (`docs/schemas/run.schema.json`).
    ///
    /// - Parameter withCounts: Whether to list the output counts of every sample.
    /// - Returns: An object.
    public func json(withCounts: Bool) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("schema", "spikeloom.run/1"),
            .init("network", .string(network)),
            .init("numerics", .string(numerics)),
            .init("chip", .optional(chip)),
            .init("samples", .integer(result.samples.count)),
            .init("correct", .optional(result.correct)),
            .init("accuracy", .optional(result.accuracy)),
            .init("readout", .string(readout.rawValue)),
            .init("between", .string(plan.between.description)),
            .init("stepsPerSample", .integer(plan.stepsPerSample)),
            .init("steps", .unsigned(result.steps)),
            .init("spikes", spikesJSON),
        ]
        if let energy {
            members += [
                .init("synapticEvents", .unsigned(result.counts[.synapticEvent])),
                .init("actions", actionsJSON),
                .init("packets", packetsJSON),
                .init("chipTime", chipTimeJSON),
                .init("energy", Self.json(energy, samples: result.samples.count)),
                .init("mismatch", .optional(mismatch)),
            ]
        }
        if withCounts {
            let counts = result.samples.map { sample in
                JSONValue.array(sample.outputCounts.map { .integer($0) })
            }
            members.append(.init("outputCounts", .array(counts)))
            members.append(
                .init("answers", .array(result.samples.map { .optional($0.answer) }))
            )
        }
        members += [
            .init("digest", .string(result.digest.description)),
            .init("seeds", ["run": .unsigned(runSeed), "device": .unsigned(deviceSeed)]),
            .init("versions", ["spikeloom": .string(toolVersion)]),
        ]
        return .object(members)
    }

    private var spikesJSON: JSONValue {
        .array(
            result.populations.map {
                [
                    "population": .string($0.path), "neurons": .integer($0.neurons),
                    "spikes": .unsigned($0.spikes),
                ]
            }
        )
    }

    private var actionsJSON: JSONValue {
        .object(Action.allCases.map { .init($0.name, .unsigned(result.counts[$0])) })
    }

    private var packetsJSON: JSONValue {
        let causes = DropCause.allCases.map {
            JSONValue.Member($0.name, .unsigned(result.packets.dropped[$0.rawValue]))
        }
        return [
            "sent": .unsigned(result.packets.sent),
            "delivered": .unsigned(result.packets.delivered),
            "dropped": .object(causes),
        ]
    }

    private var chipTimeJSON: JSONValue {
        let perSample = secondsPerSample
        return [
            "totalSeconds": .number(result.chipTimeInNanoseconds * 1e-9),
            "perSampleMean": .number(perSample.mean),
            "perSampleP99": .number(perSample.p99),
            "isLowerBound": .boolean(result.chipTimeIsLowerBound),
            "overruns": .unsigned(result.overruns),
            "model": .optional(result.timing?.model.rawValue),
            "bottleneck": bottleneckJSON,
            "cores": coresJSON,
            "stallSeconds": .number((result.timing?.usage.stall ?? 0) * 1e-9),
        ]
    }

    private var bottleneckJSON: JSONValue {
        guard let timing = result.timing, let what = timing.usage.bottleneck else { return .null }
        var members: [JSONValue.Member] = [
            .init("kind", .string(timing.kind(of: what))),
            .init("steps", .unsigned(timing.usage.steps(boundBy: what))),
        ]
        if let core = timing.core(of: what) { members.append(.init("core", .integer(core))) }
        return .object(members)
    }

    /// Share of the chip time that each used core works, as a sender and as a receiver.
    private var coresJSON: JSONValue {
        guard let timing = result.timing else { return .null }
        let whole = max(result.chipTimeInNanoseconds, .leastNonzeroMagnitude)
        return .array(
            timing.packets.cores.indices.map { core in
                [
                    "core": .integer(Int(timing.packets.cores[core])),
                    "somas": .number(timing.usage.sending[core] / whole),
                    "synapses": .number(timing.usage.receiving[core] / whole),
                ]
            }
        )
    }

    static func json(_ energy: EnergyReport, samples: Int) -> JSONValue {
        let terms = energy.terms.map { term -> JSONValue in
            [
                "name": .string(term.name),
                "count": .unsigned(term.count),
                "joulesEach": .optional(term.joulesEach),
                "joules": .optional(term.joules),
                "provenance": .string(term.provenance.rawValue),
            ]
        }
        return [
            "table": .string(energy.table),
            "totalJoules": .number(energy.totalJoules),
            "isLowerBound": .boolean(energy.isLowerBound),
            "perSample": .number(energy.totalJoules / Double(max(1, samples))),
            "terms": .array(terms),
        ]
    }
}

// Text.
extension RunReport {
    /// The report as text for a terminal.
    public var text: String {
        var lines: [String] = []
        let title = chip.map { "\(network) on \($0)" } ?? "\(network), \(numerics) numerics"
        lines.append("\(title): \(Format.count(result.samples.count)) samples, readout \(readout)")
        if let correct = result.correct, let accuracy = result.accuracy {
            lines.append(
                "accuracy   \(Format.percent(accuracy)) (\(correct) of \(result.samples.count))"
            )
        }
        if let mismatch { lines.append("mismatch   \(mismatch)") }
        if let energy, let joules = joulesPerSample {
            let quantity = Quantity(joules, "J", isLowerBound: energy.isLowerBound)
            lines.append("energy     \(quantity) a sample (table \(energy.table))")
            let time = secondsPerSample
            let mean = Quantity(time.mean, "s", isLowerBound: result.chipTimeIsLowerBound)
            lines.append("chip time  \(mean) a sample, 99 % within \(Format.si(time.p99, "s"))")
            if let bottleneck = bottleneckText { lines.append("waits for  \(bottleneck)") }
            if result.overruns > 0 {
                lines.append("overruns   \(Format.count(result.overruns)) steps took too long")
            }
            lines.append("")
            lines.append(Self.table(of: energy).text)
            lines.append(
                "packets    \(Format.count(result.packets.sent)) sent, "
                    + "\(Format.count(result.packets.delivered)) delivered, "
                    + "\(Format.count(dropped(.endOfSample))) dropped at sample ends"
                    + (dropped(.fullQueue) > 0
                        ? ", \(Format.count(dropped(.fullQueue))) lost at full queues" : "")
            )
        }
        lines.append("")
        lines.append(populationTable.text)
        lines.append("digest     \(result.digest)")
        return lines.joined(separator: "\n")
    }

    private func dropped(_ cause: DropCause) -> UInt64 { result.packets.dropped[cause.rawValue] }

    /// What most steps waited for, and how busy the busiest core was.
    private var bottleneckText: String? {
        guard let timing = result.timing, let what = timing.usage.bottleneck,
            result.chipTimeInNanoseconds > 0
        else { return nil }
        let usage = timing.usage
        let place = timing.core(of: what).map { " of core \($0)" } ?? ""
        let share = Double(usage.steps(boundBy: what)) / Double(max(1, usage.steps))
        let busiest = zip(usage.sending, usage.receiving).map { max($0, $1) }.max() ?? 0
        return
            "\(timing.kind(of: what))\(place) in \(Format.percent(share)) of the steps; the busiest core "
            + "works \(Format.percent(busiest / result.chipTimeInNanoseconds)) of the time "
            + "(timing \(timing.model.rawValue))"
    }

    private var populationTable: TextTable {
        var table = TextTable([
            .init("population"), .init("neurons", alignment: .right),
            .init("spikes", alignment: .right), .init("spikes a sample", alignment: .right),
        ])
        for population in result.populations {
            let perSample = Double(population.spikes) / Double(max(1, result.samples.count))
            table.append([
                population.path, Format.count(population.neurons),
                Format.count(population.spikes), Format.fixed(perSample, decimals: 1),
            ])
        }
        return table
    }

    static func table(of energy: EnergyReport) -> TextTable {
        var table = TextTable([
            .init("energy"), .init("count", alignment: .right), .init("each", alignment: .right),
            .init("total", alignment: .right), .init("source"),
        ])
        for term in energy.terms {
            table.append([
                term.name == "staticPower" ? "static power, by ns" : term.name,
                Format.count(term.count), Quantity(term.joulesEach, "J").description,
                Quantity(term.joules, "J").description, term.provenance.rawValue,
            ])
        }
        table.appendRule()
        let total = Quantity(energy.totalJoules, "J", isLowerBound: energy.isLowerBound)
        table.append(["total", "", "", total.description])
        return table
    }
}
