import ArgumentParser
import ChipImage
import Experiments
import Report
import SpikeTrace

/// `spikeloom diff`.
struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare two chip images by meaning and placement, or two recordings by spikes.",
        discussion: """
            Neurons are matched by population and index, synapses by source, target, delay and \
            compartment. Images of one network that are only placed differently count as equal.

            Recordings are compared spike by spike: the first difference, and for each core and input \
            counts and mean distances (docs/METRICS.md).

            Examples:
              spikeloom diff before.chipimg after.chipimg --check
              spikeloom diff yesterday.mcap today.mcap
            """
    )

    @Argument(help: ArgumentHelp("The first image or recording.", valueName: "chipimg|mcap"))
    var before: String

    @Argument(help: ArgumentHelp("The second, of the same kind.", valueName: "chipimg|mcap"))
    var after: String

    @Flag(
        help: """
            Leave with exit code 1 if the networks differ, where another placement is no difference, or \
            if a spike differs.
            """
    )
    var check = false

    @Option(help: ArgumentHelp("Write the comparison as JSON.", valueName: "file"))
    var json: String?

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    func run() throws {
        let kinds = (try FileKind(path: before), try FileKind(path: after))
        guard kinds != (.spikeTrace, .spikeTrace) else { return try compareTraces() }
        guard kinds.0 != .spikeTrace, kinds.1 != .spikeTrace else {
            throw BadInput("diff compares two images or two recordings. Give two of a kind.")
        }
        let first = try ChipImage.load(path: before)
        let second = try ChipImage.load(path: after)
        let difference = ImageDifference(from: first, to: second)
        if let json { try Tools.write(DiffText.json(difference).text, to: json) }
        if !quiet { Console.print(DiffText.text(difference, before, after)) }
        if check && !difference.isSameNetwork { throw NegativeAnswer(message: "") }
    }

    private func compareTraces() throws {
        let first = try SpikeTraceReader(path: before)
        let second = try SpikeTraceReader(path: after)
        let comparison = try TraceComparison(first, second)
        if let json { try Tools.write(comparison.json.text, to: json) }
        if !quiet { Console.print(comparison.text(before, after)) }
        for (path, health) in [(before, first.health), (after, second.health)]
        where !health.isIntact {
            Console.warn(path, health)
        }
        if check && !comparison.isEqual { throw NegativeAnswer(message: "") }
    }
}
