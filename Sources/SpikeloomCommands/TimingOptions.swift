public import ArgumentParser
import ChipImage
import ChipSpec
import Experiments
public import Interconnect
import Report

extension TimingModel: ExpressibleByArgument {}

/// How actions become time, and pictures of it.
struct TimingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How actions become time: sums without a barrier, with it, with the density of traffic on "
                + "links, or packet by packet through queues. By default simple on chips with a barrier, "
                + "else ideal.",
            valueName: TimingModel.allCases.map(\.rawValue).joined(separator: "|")
        )
    )
    var timing: TimingModel?

    @Option(
        help: ArgumentHelp(
            "Write what cores and packets do, step by step, for ui.perfetto.dev.",
            valueName: "json"
        )
    )
    var timeline: String?

    @Option(
        help: ArgumentHelp(
            "Steps of the timeline, first to last, from 0 on over all samples.",
            valueName: "first-last"
        )
    )
    var timelineSteps = "0-99"

    @Option(
        help: ArgumentHelp(
            "Draw how busy cores and links are (needs gnuplot).",
            valueName: "svg|png"
        )
    )
    var map: String?

    func validate() throws { _ = try steps() }

    /// The steps of the timeline.
    func steps() throws -> Range<UInt64> {
        let parts = timelineSteps.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let first = UInt64(parts[0]), let last = UInt64(parts[1]),
            first <= last, last - first < 100_000, last < UInt64.max
        else {
            throw ValidationError(
                "--timeline-steps '\(timelineSteps)' is no range of steps. Write first-last, at most "
                    + "100,000 steps, for example 0-99."
            )
        }
        return timeline == nil ? 0..<0 : first..<(last + 1)
    }

    /// Sets what a run needs to know.
    func apply(to run: inout ChipRun) throws {
        run.timing = timing
        run.timelineSteps = try steps()
    }

    /// Writes the timeline and draws the map, as far as they were asked for.
    func publish(_ timing: TimingResult, image: ChipImage) throws {
        if let timeline {
            try Tools.write(TimelineFile(timing, chip: image.chip).json.text, to: timeline)
        }
        if let map {
            let figure = TrafficMap(timing, chip: image.chip).figure
            try Tools.draw(to: map) { figure.gnuplotScript(output: $0, format: $1) }
        }
    }
}
