public import ChipSpec
import Interconnect
public import Report

/// The timeline of a run in the Trace Event Format, which ui.perfetto.dev and chrome://tracing show.
///
/// Tracks: the steps, and for each used core its somas, its synapses, and stalls where there were any. An arrow
/// is a packet. Times are chip time.
public struct TimelineFile: Sendable {
    private let timing: TimingResult
    private let chip: ChipSpec

    /// Describes a timeline.
    ///
    /// - Parameters:
    ///   - timing: A run with a timeline.
    ///   - chip: Its chip.
    public init(_ timing: TimingResult, chip: ChipSpec) {
        self.timing = timing
        self.chip = chip
    }

    /// The file as JSON.
    public var json: JSONValue {
        var events = names
        var arrow = 0
        for step in timing.timeline {
            events.append(slice("step \(step.step)", track: 0, step, 0, step.time.nanoseconds))
            if let wait = describe(step.time.bottleneck) {
                events.append(
                    slice(wait, track: 1, step, 0, step.time.nanoseconds)
                )
            }
            for span in step.what.spans {
                events.append(
                    slice(
                        span.work.rawValue,
                        track: track(ofCore: span.core, span.work),
                        step,
                        span.start,
                        span.duration
                    )
                )
            }
            for packet in step.what.packets {
                events += arrows(packet, step, number: arrow)
                arrow += 1
            }
        }
        return [
            "displayTimeUnit": "ns",
            "otherData": [
                "chip": .string(chip.name), "timing": .string(timing.model.rawValue),
            ],
            "traceEvents": .array(events),
        ]
    }

    private func describe(_ bottleneck: Bottleneck) -> String? {
        switch bottleneck {
        case .nothing: nil
        case .somas(let core): "somas of core \(timing.packets.cores[core])"
        case .synapses(let core): "synapses of core \(timing.packets.cores[core])"
        case .network: "packets under way"
        }
    }

    /// Three tracks a core, after those of the steps.
    private func track(ofCore core: Int, _ work: StepTimeline.Work) -> Int {
        let place =
            switch work {
            case .somas: 0
            case .synapses: 1
            case .stall: 2
            }
        return 2 + 3 * core + place
    }

    private var names: [JSONValue] {
        var names = ["steps", "waits for"]
        for core in timing.packets.cores {
            names += ["core \(core) somas", "core \(core) synapses", "core \(core) stalls"]
        }
        let process: JSONValue = [
            "ph": "M", "pid": 1, "name": "process_name",
            "args": ["name": .string("chip \(chip.name), timing \(timing.model.rawValue)")],
        ]
        return [process]
            + names.enumerated().flatMap { track, name -> [JSONValue] in
                [
                    [
                        "ph": "M", "pid": 1, "tid": .integer(track), "name": "thread_name",
                        "args": ["name": .string(name)],
                    ],
                    [
                        "ph": "M", "pid": 1, "tid": .integer(track), "name": "thread_sort_index",
                        "args": ["sort_index": .integer(track)],
                    ],
                ]
            }
    }

    /// A stretch of time; the format counts in microseconds.
    private func slice(
        _ name: String,
        track: Int,
        _ step: TimelineStep,
        _ start: Double,
        _ duration: Double
    ) -> JSONValue {
        [
            "ph": "X", "pid": 1, "tid": .integer(track), "name": .string(name),
            "ts": .number((step.start + start) / 1000), "dur": .number(duration / 1000),
            "args": ["step": .unsigned(step.step)],
        ]
    }

    private func arrows(
        _ packet: StepTimeline.Packet,
        _ step: TimelineStep,
        number: Int
    ) -> [JSONValue] {
        let source = packet.source.map { track(ofCore: $0, .somas) } ?? 0
        return [
            [
                "ph": "s", "pid": 1, "tid": .integer(source), "id": .integer(number),
                "name": "packet", "cat": "packet", "ts": .number((step.start + packet.sent) / 1000),
            ],
            [
                "ph": "f", "bp": "e", "pid": 1,
                "tid": .integer(track(ofCore: packet.core, .synapses)), "id": .integer(number),
                "name": "packet", "cat": "packet",
                "ts": .number((step.start + packet.received) / 1000),
            ],
        ]
    }
}
