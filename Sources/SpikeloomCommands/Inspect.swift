import ArgumentParser
import ChipImage
import ChipSpec
import Foundation
import HDF5
import Report
import Samples

/// `spikeloom inspect`.
struct Inspect: ReportingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a file holds: a chip image, a recording, samples, a NIR file.",
        discussion: """
            Examples:
              spikeloom inspect digits.chipimg --core 0
              spikeloom inspect digits.chipimg --section weights8:0 --count 100
              spikeloom inspect run.mcap
            """
    )

    @Argument(help: "The file.")
    var file: String

    @Option(help: "Show the tables of one core of an image.")
    var core: UInt32?

    @Flag(help: "List the sections of an image with their sizes.")
    var sections = false

    @Option(
        help: ArgumentHelp(
            "Show the numbers of a section of an image, as the file has them: of all cores, or of "
                + "one core, input port or projection.",
            valueName: "name[:core]"
        )
    )
    var section: String?

    @Option(help: "Records of a section to show.")
    var count = 64

    @Flag(help: "Show whole tables rather than their beginnings.")
    var all = false

    @OptionGroup var reporting: DiagnosticOptions

    func validate() throws {
        guard count >= 0 else { throw ValidationError("--count must be 0 or more.") }
        guard [core != nil, sections, section != nil].count(where: { $0 }) <= 1 else {
            throw ValidationError("Give one of --core, --sections and --section.")
        }
    }

    func run() throws {
        let kind = try FileKind(path: file)
        let options = [
            ("--core", core != nil), ("--section", section != nil), ("--sections", sections),
        ]
        for (option, isGiven) in options where isGiven && kind != .chipImage {
            throw BadInput("\(option) goes with a chip image, and \(file) is none.")
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
        if sections || section != nil { return try inspectSections() }
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

    /// Does not verify the image: this is for looking into one that is refused, too.
    private func inspectSections() throws {
        let sections = try ImageSections(path: file)
        guard let section else { return Console.print(SectionText.list(sections)) }
        let chosen = sections.sections(labelled: section)
        guard !chosen.isEmpty else {
            throw BadInput(
                "--section \(section): \(file) has no such section. `--sections` lists those it has."
            )
        }
        for section in chosen {
            let limit = all ? nil : count
            Console.print(try SectionText.content(section, of: sections, limit: limit))
        }
    }

    private func inspectTrace() throws { Console.print(try TraceText.text(path: file)) }

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
