import Events
import Foundation
import Recordings
import Report
import SpikeTrace

/// The part of `convert` that deals with recordings.
struct ConvertRecording {
    let input: String
    let output: String
    let arguments: RecordingArguments
    /// Time base of the plain text format, which does not tell it.
    let textTimeBase: TimeBase

    private func isTrace(_ path: String, _ format: String?) -> Bool {
        format.map { $0 == "mcap" } ?? path.hasSuffix(".mcap")
    }

    func run() throws {
        if let (model, reference) = try arguments.alignment() {
            return try align(to: reference, model)
        }
        switch (isTrace(input, arguments.from), isTrace(output, arguments.to)) {
        case (true, true):
            throw BadInput(
                "Both files are spike traces. Name another format for one of them, or align the "
                    + "first with --align and --reference."
            )
        case (true, false): try exportTrace()
        case (false, let toTrace):
            if toTrace, isPlainText(input), !arguments.hasTableOptions { return try importText() }
            try importRecording(into: toTrace ? TraceSink(path: output) : sink())
        }
    }

    /// Whether a file is text with the header of this program.
    private func isPlainText(_ path: String) -> Bool {
        guard path.lowercased().hasSuffix(".csv") else { return false }
        guard let file = FileHandle(forReadingAtPath: path) else { return true }
        defer { try? file.close() }
        let start = try? file.read(upToCount: CSV.header.utf8.count)
        return start.map { Array($0) == Array(CSV.header.utf8) } ?? true
    }

    private func sink() throws -> any SpikeSink {
        try RecordingFormat.create(output, as: arguments.to)
    }

    private func importText() throws {
        let count = try TraceFormat.of(path: input).importTrace(input, output, textTimeBase)
        Console.print("\(output): \(Format.count(count)) spikes.")
    }

    private func exportTrace() throws {
        let reader = try SpikeTraceReader(path: input)
        if arguments.to == nil, let format = try? TraceFormat.of(path: output) {
            try format.export(reader, output)
        } else {
            let progress = Progress(
                "writing",
                unit: "spikes",
                total: reader.spikeCount.map { Int(clamping: $0) },
                arguments.quiet
            )
            let tally = try Conversion.export(reader, into: sink()) {
                progress.update(Int(clamping: $0))
            }
            progress.finish()
            tell(tally)
        }
        if !reader.health.isIntact { Console.warn(input, reader.health) }
    }

    private func align(to reference: String, _ model: ClockAlignment.Model) throws {
        guard isTrace(input, arguments.from) else {
            throw BadInput(
                "\(input): --align works on spike traces. Convert the recording to .mcap first."
            )
        }
        let trace = try SpikeTraceReader(path: input)
        let other = try SpikeTraceReader(path: reference)
        let alignment = try ClockAlignment(
            SpikeTimes(trace),
            to: SpikeTimes(other),
            model: model,
            largestOffset: arguments.largestOffset
        )
        let progress = Progress(
            "writing",
            unit: "spikes",
            total: trace.spikeCount.map { Int(clamping: $0) },
            arguments.quiet
        )
        let tally = try Conversion.align(
            trace,
            by: alignment,
            to: other,
            beside: output,
            into: isTrace(output, arguments.to) ? TraceSink(path: output) : sink()
        ) { progress.update(Int(clamping: $0)) }
        progress.finish()
        tell(tally)
        guard !arguments.quiet else { return }
        for line in AlignmentText.lines(alignment) { Console.print(line) }
        for (path, health) in [(input, trace.health), (reference, other.health)]
        where !health.isIntact {
            Console.warn(path, health)
        }
    }

    private func importRecording(into sink: any SpikeSink) throws {
        let options = try arguments.options()
        var conversion = try arguments.conversion()
        let format = try RecordingFormat.reading(input, as: arguments.from)
        conversion.facts = [
            RecordingFact.format: format.name,
            RecordingFact.file: String(input.split(separator: "/").last ?? ""),
        ]
        let reader = try RecordingFormat.open(input, as: arguments.from, options)
        var size = options.size
        if reader.source.hasPixels, size == nil, reader.source.size == nil {
            size = try Conversion.sizeSeen(
                in: RecordingFormat.open(input, as: arguments.from, options)
            )
        }
        let progress = Progress(
            "reading",
            unit: "KiB",
            total: Int(clamping: reader.progress.total >> 10),
            arguments.quiet
        )
        let outcome = try conversion.run(reader, size: size, beside: output, into: sink) {
            done,
            _ in
            progress.update(Int(clamping: done >> 10))
        }
        progress.finish()
        tell(outcome)
    }

    private func tell(_ outcome: Conversion.Outcome) {
        tell(outcome.tally)
        guard !arguments.quiet else { return }
        let base = outcome.timeBase
        if let steps = outcome.steps {
            Console.print(
                "\(output): steps \(steps.lowerBound) to \(steps.upperBound) of "
                    + "\(base.numerator)/\(base.denominator) s, \(outcome.channels.count) "
                    + (outcome.channels.count == 1 ? "channel." : "channels.")
            )
        }
    }

    private func tell(_ tally: EventTally) {
        guard !arguments.quiet else { return }
        Console.print(
            "\(output): \(Format.count(tally.written)) of \(Format.count(tally.read)) events."
        )
        for line in tally.lines({ Format.count($0) }) { Console.print("\(output): \(line)") }
    }
}

/// What an alignment found, as text.
enum AlignmentText {
    static func lines(_ alignment: ClockAlignment) -> [String] {
        func number(_ value: Double, _ decimals: Int) -> String {
            Format.fixed(value, decimals: decimals)
        }
        func share(_ share: (share: Double, error: Double)) -> String {
            "\(number(share.share * 100, 2)) ± \(number(share.error * 100, 2)) %"
        }
        var lines = [
            "offset    \(number(alignment.offset * 1000, 4)) ± "
                + "\(number(alignment.offsetError * 1000, 4)) ms",
            "skew      \(number(alignment.skew * 1e6, 2)) ± "
                + "\(number(alignment.skewError * 1e6, 2)) ppm",
            "matched   \(Format.count(alignment.matched)) spikes, residual "
                + "\(number(alignment.residual * 1e6, 1)) µs",
            "lost      \(share(alignment.loss)) of the reference's spikes are missing",
            "excess    \(share(alignment.excess)) of the spikes are not in the reference",
        ]
        if !alignment.corrections.isEmpty {
            let largest = alignment.corrections.map { abs($0.rest) }.max() ?? 0
            lines.append(
                "stretches \(alignment.corrections.count), corrections up to "
                    + "\(number(largest * 1e6, 1)) µs"
            )
        }
        return lines
    }
}
