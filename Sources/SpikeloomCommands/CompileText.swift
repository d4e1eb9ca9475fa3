import ChipSpec
import Compiler
import Experiments
import Foundation
import Report

/// The compiler's report as text and JSON.
enum CompileText {
    /// What a compilation cost.
    struct Cost {
        /// Wall time in seconds.
        let seconds: Double
        /// Most memory that the program held, in bytes.
        let peakBytes: Int
    }

    /// The report as JSON, schema `spikeloom.compile/1`.
    static func json(
        _ report: CompileReport,
        _ cost: Cost,
        calibration: CalibrationResult? = nil,
        predicted: CostPrediction? = nil
    ) throws -> String {
        try text(
            of: Document(
                report: report,
                cost: cost,
                schema: "spikeloom.compile/1",
                cores: report.cores.count,
                calibration: calibration,
                predicted: predicted
            )
        )
    }

    /// What is known of a compilation that stopped, schema `spikeloom.compile-stopped/1`.
    static func json(
        _ report: StoppedReport,
        _ cost: Cost,
        calibration: CalibrationResult? = nil
    ) throws -> String {
        try text(
            of: Document(
                report: report,
                cost: cost,
                schema: "spikeloom.compile-stopped/1",
                cores: report.cores,
                calibration: calibration,
                predicted: nil
            )
        )
    }

    private static func text(of document: Document) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
    }

    private struct Document: Encodable {
        let report: any Encodable
        let cost: Cost
        let schema: String
        let cores: Int?
        let calibration: CalibrationResult?
        let predicted: CostPrediction?

        enum Key: CodingKey { case schema, cores, seconds, peakBytes, calibration, predicted }

        func encode(to encoder: any Encoder) throws {
            try report.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(schema, forKey: .schema)
            try container.encodeIfPresent(cores, forKey: .cores)
            try container.encode(cost.seconds, forKey: .seconds)
            try container.encode(cost.peakBytes, forKey: .peakBytes)
            try container.encodeIfPresent(calibration, forKey: .calibration)
            try container.encodeIfPresent(predicted, forKey: .predicted)
        }
    }

    /// What is known of a compilation that stopped, for a terminal.
    static func text(_ report: StoppedReport) -> String {
        var parts: [String] = []
        if let found = report.populations { parts.append(populations(found).text) }
        if let found = report.projections { parts.append(projections(found).text) }
        var facts = ["\(Format.count(report.neurons)) neurons"]
        if let cores = report.cores { facts.append("\(Format.count(cores)) cores") }
        if let packets = report.packets { facts.append("\(Format.count(packets)) packets") }
        if let hops = report.hops { facts.append("\(Format.count(hops)) hops") }
        parts.append(
            "stopped after \(report.stoppedAfter.rawValue): " + facts.joined(separator: ", ")
        )
        parts += report.notes.map { "note: \($0)" }
        return parts.joined(separator: "\n")
    }

    /// The report for a terminal.
    static func text(_ report: CompileReport) -> String {
        var parts = [
            populations(report.populations).text, projections(report.projections).text,
            cores(report).text,
        ]
        if report.cores.count > 1 { parts.append(CompileTables.resources(report).text) }
        let fullest = report.fullestCore
        parts.append(
            "\(report.cores.count) of \(report.coresOfChip) cores of \(report.chip); the fullest, "
                + "core \(fullest.core), uses \(Format.percent(fullest.fill.share, decimals: 0)) "
                + "of its \(fullest.resource.rawValue)"
        )
        if report.cores.count > 1 {
            let inOrder = report.packetsInOrder.map {
                " (\(Format.count($0)) if cores are filled in order)"
            }
            let leastHops = report.leastHops.map { " (\(Format.count($0)) at least)" }
            parts.append(
                "no mapping needs fewer cores than \(report.leastCores), nor fewer packets than "
                    + Format.count(report.leastPackets)
            )
            let packets =
                Format.count(report.packets) + " packets leave their core" + (inOrder ?? "")
            let hops = Format.count(report.hops) + " hops" + (leastHops ?? "")
            parts.append("if every neuron and input spikes once, \(packets), over \(hops)")
        }
        if let rates = report.rates { parts.append(text(rates)) }
        for pin in report.pins ?? [] {
            parts.append(
                "\(pin.population) is pinned: cores " + CoreList.text(pin.cores)
            )
        }
        if let dead = report.deadCores {
            parts.append(
                "\(Format.count(dead.count)) dead cores are avoided: " + CoreList.text(dead)
            )
        }
        if let kernels = report.kernels { parts += text(kernels, chip: report.chip) }
        parts += report.notes.map { "note: \($0)" }
        return parts.joined(separator: "\n")
    }

    /// Convolutions, and what sharing their kernels saves, or unrolling them costs.
    private static func text(_ kernels: KernelReport, chip: String) -> [String] {
        var table = TextTable([
            .init("convolution"), .init("kernel weights", alignment: .right),
            .init("synapses", alignment: .right), .init("bytes shared", alignment: .right),
            .init("bytes unrolled", alignment: .right),
        ])
        for convolution in kernels.convolutions {
            table.append([
                "\(convolution.source) → \(convolution.target)",
                Format.count(convolution.kernelWeights), Format.count(convolution.synapses),
                Format.count(convolution.sharedBytes), Format.count(convolution.unrolledBytes),
            ])
        }
        let weights = Format.count(kernels.kernelWeights)
        let synapses = Format.count(kernels.synapses)
        let difference = Format.count(abs(kernels.difference))
        let word = kernels.difference < 0 ? "fewer" : "more"
        return [
            table.text,
            kernels.areShared
                ? "cores hold \(weights) kernel weights once each; their \(synapses) synapses unrolled "
                    + "would take \(difference) bytes \(word)"
                : "unrolled: \(synapses) synapses from \(weights) kernel weights, \(difference) bytes "
                    + "\(word) than shared (chip '\(chip)' has no format for kernels)",
        ]
    }

    private static func text(_ rates: RatesReport) -> String {
        let inOrder = rates.packetsPerStepInOrder.map {
            ", \(Format.fixed($0, decimals: 2)) if cores are filled in order"
        }
        return
            "in the recorded \(Format.count(rates.steps)) steps (\(Format.count(rates.spikes)) spikes) "
            + "\(Format.fixed(rates.packetsPerStep, decimals: 2)) packets a step leave their core "
            + "(\(Format.fixed(rates.packetsPerStepUnweighted, decimals: 2)) if mapped without rates"
            + "\(inOrder ?? "")), over \(Format.fixed(rates.hopsPerStep, decimals: 2)) hops"
    }

    private static func populations(_ reports: [PopulationReport]) -> TextTable {
        var table = TextTable([
            .init("population"), .init("model"), .init("soma"),
            .init("neurons", alignment: .right), .init("depth", alignment: .right),
            .init("threshold", alignment: .right), .init("decay", alignment: .right),
        ])
        for population in reports {
            table.append([
                population.path, population.model, population.soma.rawValue,
                Format.count(population.neurons), "\(population.depth)",
                range(population.thresholds), range(population.membraneDecays),
            ])
        }
        return table
    }

    private static func projections(_ reports: [ProjectionReport]) -> TextTable {
        var table = TextTable([
            .init("projection"), .init("synapses", alignment: .right),
            .init("delay", alignment: .right), .init("signs"),
            .init("weight of 1", alignment: .right), .init("clipped", alignment: .right),
            .init("zeroed", alignment: .right), .init("rms error", alignment: .right),
            .init("signal to error", alignment: .right),
        ])
        for projection in reports {
            table.append([
                "\(projection.source) → \(projection.target)", Format.count(projection.synapses),
                "\(projection.delay)", projection.signMode.rawValue,
                Format.fixed(projection.scale, decimals: 6),
                share(projection.clippedShare), share(projection.zeroedShare),
                Format.fixed(projection.rootMeanSquareError, decimals: 6),
                projection.signalToErrorInDecibels.map { Format.fixed($0, decimals: 1) + " dB" }
                    ?? "exact",
            ])
        }
        return table
    }

    private static func share(_ share: Double) -> String {
        share == 0 ? "–" : Format.percent(share, decimals: 2)
    }

    private static func cores(_ report: CompileReport) -> TextTable {
        var table = TextTable([
            .init("core", alignment: .right), .init("neurons", alignment: .right),
            .init("axons in", alignment: .right), .init("synapse memory", alignment: .right),
            .init("routes out", alignment: .right), .init("populations"),
        ])
        for core in report.cores.prefix(32) {
            table.append([
                "\(core.core)", text(core.neurons), text(core.axonsIn), text(core.synapseBytes),
                text(core.axonsOut), core.populations.joined(separator: ", "),
            ])
        }
        if report.cores.count > 32 {
            table.append(["…", "", "", "", "", "\(report.cores.count - 32) more (--json has all)"])
        }
        return table
    }

    private static func text(_ fill: Fill) -> String {
        "\(Format.count(fill.used)) of \(Format.count(fill.limit))"
    }

    private static func range<T: Comparable & BinaryInteger>(_ values: [T]) -> String {
        guard let low = values.min(), let high = values.max() else { return "–" }
        return low == high ? Format.count(low) : "\(Format.count(low))…\(Format.count(high))"
    }
}
