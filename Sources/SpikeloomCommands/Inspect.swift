import ArgumentParser
import ChipImage
import ChipSpec
import Events
import Foundation
import HDF5
import Report
import Samples
import SpikeTrace

/// `spikeloom inspect`.
struct Inspect: ReportingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a file holds: a chip image, a recording, samples, a NIR file.",
        discussion: """
            Examples:
              spikeloom inspect digits.chipimg --core 0
              spikeloom inspect run.mcap
            """
    )

    @Argument(help: "The file.")
    var file: String

    @Option(help: "Show the tables of one core of an image.")
    var core: UInt32?

    @Flag(help: "Show whole tables rather than their beginnings.")
    var all = false

    @OptionGroup var reporting: DiagnosticOptions

    func run() throws {
        let kind = try FileKind(path: file)
        if core != nil && kind != .chipImage {
            throw BadInput("--core goes with a chip image, and \(file) is none.")
        }
        switch kind {
        case .chipImage: try inspectImage()
        case .spikeTrace: try inspectTrace()
        case .zip: try inspectSamples()
        case .hdf5: try inspectNetwork()
        case .other:
            throw BadInput(
                "\(file) is neither a chip image, a recording (MCAP), samples (NPZ) nor a NIR "
                    + "file (HDF5)."
            )
        }
    }

    private func inspectImage() throws {
        let image = try ChipImage.load(path: file)
        guard let core else {
            return Console.print(image.disassembly(limit: all ? nil : 64))
        }
        guard let text = image.disassembly(core: core, limit: all ? nil : 8) else {
            let used = image.cores.map { String($0.core) }.joined(separator: ", ")
            throw BadInput("--core \(core): not used by this image. Used are \(used).")
        }
        Console.print(text)
    }

    private func inspectTrace() throws {
        let reader = try SpikeTraceReader(path: file)
        var counts: [UInt32: UInt64] = [:]
        var total: UInt64 = 0
        var steps: (first: UInt64, last: UInt64)?
        var cursor = reader.spikes()
        while let spikes = try cursor.next() {
            for spike in spikes { counts[spike.core, default: 0] += 1 }
            total += UInt64(spikes.count)
            if let first = spikes.first, let last = spikes.last {
                steps = (steps?.first ?? first.step, last.step)
            }
        }
        Console.print("\(file): \(Format.count(total)) spikes, \(reader.health)")
        let base = reader.info.timeBase
        Console.print("a step is \(Format.si(base.seconds, "s"))")
        if let steps {
            Console.print(
                "steps \(steps.first) to \(steps.last): "
                    + Format.si(Double(steps.last - steps.first + 1) * base.seconds, "s")
            )
        }
        var table = TextTable([
            .init("channel"), .init("neurons", alignment: .right),
            .init("spikes", alignment: .right), .init("label"),
        ])
        for channel in reader.info.channels {
            table.append([
                channel.topic, Format.count(channel.neuronCount),
                Format.count(counts[channel.core] ?? 0), channel.label,
            ])
        }
        Console.print("\n" + table.text)
        for (key, value) in reader.info.metadata.sorted(by: { $0.key < $1.key }) {
            Console.print("\(key): \(value)")
        }
    }

    private func inspectSamples() throws {
        let samples = try SampleSet(contentsOf: file)
        Console.print(
            "\(file): \(Format.count(samples.sampleCount)) samples of "
                + "\(Format.count(samples.stepCount)) steps"
        )
        for input in samples.inputs {
            let cells = samples.sampleCount * samples.stepCount * input.channelCount
            let density = Double(input.spikeCount) / Double(max(1, cells))
            Console.print(
                "\(input.arrayName): shape \(input.channelShape), "
                    + "\(Format.count(input.spikeCount)) spikes (\(Format.percent(density)))"
            )
        }
        if let labels = samples.labels {
            let classes = Set(labels).sorted()
            Console.print("labels: \(classes.count) classes, \(classes)")
        }
    }

    private func inspectNetwork() throws {
        let source = HDF5ChildProcess(program: try Tools.hdf5Program(), file: file)
        Console.print(try source.structure().outline)
    }
}
