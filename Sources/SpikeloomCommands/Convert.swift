import ArgumentParser
import ChipImage
import ChipSpec
import Events
import Experiments
import NIRExport
import NetworkIR
import Recordings
import Report

/// `spikeloom convert`.
struct Convert: ReportingCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Convert a recording to another format and back, or an image to an archive and back.",
        discussion: """
            Formats go by the extension, or by --from and --to: .mcap is a recording; others are

            \(Self.formats)

            A .chipimg becomes a .chipimg of the current format, compressed or not; every command \
            reads both. Or it becomes a .nir: the network with the numbers that the chip holds, or that \
            one device has.

            Examples:
              spikeloom convert run.mcap run.csv
              spikeloom convert camera.raw input.mcap --map crop=320:40:640:640,downsample=20,bin=1ms
              spikeloom convert lab.csv lab.mcap --columns time=ts,unit=label --time-unit us \\
                --map neurons.csv --trial 3
              spikeloom convert run.mcap run.json --to perfetto
              spikeloom convert probe.mcap aligned.mcap --align skew --reference camera.mcap
              spikeloom convert net.chipimg archive.chipimg --compress
              spikeloom convert net.chipimg device7.nir --effective --mismatch 0.2 --device-seed 7
            """
    )

    /// A line for each format: its name, directions, ends of file names and what it is.
    private static var formats: String {
        RecordingFormat.all.map { format in
            let way = format.write == nil ? "read" : format.read == nil ? "written" : "both ways"
            let facts = format.endings + [way]
            return "  \(format.name) (\(facts.joined(separator: ", "))): \(format.summary)"
        }.joined(separator: "\n")
    }

    @Argument(help: "File to read.")
    var input: String

    @Argument(help: "File to write.")
    var output: String

    @Option(help: "Length of a time step, for formats that do not tell it.")
    var stepInMicroseconds: UInt64 = 1000

    @Flag(help: "Compress the image that is written: about half the size, and slower to load.")
    var compress = false

    @Flag(
        help:
            "Write the numbers of one device to the NIR file, as --device, or --mismatch and --device-seed, say."
    )
    var effective = false

    @Option(
        help: ArgumentHelp(
            "Coefficient of variation of the device's parameters, with --effective.",
            valueName: "cv|off"
        )
    )
    var mismatch = "off"

    @Option(help: DeviceChoice.help)
    var device: String?

    @Option(help: "Seed of the device's fixed pattern, with --effective.")
    var deviceSeed: UInt64 = 1

    @OptionGroup(title: "Recordings of other tools and devices")
    var recording: RecordingArguments

    @OptionGroup var reporting: DiagnosticOptions

    func validate() throws {
        guard stepInMicroseconds > 0 else {
            throw ValidationError("--step-in-microseconds must be at least 1.")
        }
    }

    func run() throws {
        if input.hasSuffix(".chipimg") || output.hasSuffix(".chipimg") {
            return try convertImage()
        }
        guard !effective else {
            throw BadInput("--effective goes with a chip image that becomes a NIR file.")
        }
        guard !compress else {
            throw BadInput("--compress goes with chip images; recordings are compressed anyway.")
        }
        try ConvertRecording(
            input: input,
            output: output,
            arguments: recording,
            textTimeBase: TimeBase(numerator: stepInMicroseconds, denominator: 1_000_000)
        ).run()
    }

    private func convertImage() throws {
        if input.hasSuffix(".chipimg"), output.hasSuffix(".nir") { return try exportNetwork() }
        guard input.hasSuffix(".chipimg"), output.hasSuffix(".chipimg"), !effective else {
            throw BadInput(
                "A chip image becomes a chip image, named .chipimg, or a NIR file, named .nir."
            )
        }
        let image = try ChipImage.load(path: input)
        try image.write(to: output, compressing: compress)
        let sizes = try [input, output].map { path in
            try ImageSections(path: path).fileSize
        }
        Console.print(
            "\(output): \(Format.count(sizes[1])) bytes, of \(Format.count(sizes[0])) in \(input)."
        )
    }

    private func exportNetwork() throws {
        guard !compress else { throw BadInput("--compress goes with chip images.") }
        guard effective || mismatch == "off" && device == nil else {
            throw BadInput("--mismatch and --device go with --effective here.")
        }
        let image = try ChipImage.load(path: input)
        let device = try DeviceChoice.device(
            file: device,
            mismatch: mismatch,
            seed: deviceSeed,
            for: image
        )
        let exported = try ImageNetwork(image, device: device)
        let file = try NIRWriter(exported.network, secondsPerUnit: 1)
        try file.write(to: output)
        // Those of the image say what the writer says of delays, and more.
        let own = file.notes.filter { !$0.contains("its delay of") }
        for note in exported.notes + own { Console.print("\(output): \(note)") }
        Console.print(
            "\(output): Read it with the time step of the image (--dt \(file.timeStep))."
        )
    }
}
