import ArgumentParser
import ChipImage
import ChipSpec
import Events
import Experiments
import NIRExport
import NetworkIR
import Report
import SpikeTrace

/// `spikeloom convert`.
struct Convert: ReportingCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Convert a recording to another format and back, or an image to an archive and back.",
        discussion: """
            Formats go by the extension: .mcap is a recording; others are \
            \(TraceFormat.all.map { ".\($0.name) (\($0.summary))" }.joined(separator: ", ")). \
            A .chipimg becomes a .chipimg of the current format, compressed or not; every command \
            reads both. Or it becomes a .nir: the network with the numbers that the chip holds, or that \
            one device has.

            Examples:
              spikeloom convert run.mcap run.csv
              spikeloom convert net.chipimg archive.chipimg --compress
              spikeloom convert net.chipimg device7.nir --effective --mismatch 0.2 --device-seed 7
            """
    )

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
        switch (input.hasSuffix(".mcap"), output.hasSuffix(".mcap")) {
        case (true, false):
            let format = try TraceFormat.of(path: output)
            let reader = try SpikeTraceReader(path: input)
            try format.export(reader, output)
            if !reader.health.isIntact { Console.warn(input, reader.health) }
        case (false, true):
            let base = TimeBase(numerator: stepInMicroseconds, denominator: 1_000_000)
            let count = try TraceFormat.of(path: input).importTrace(input, output, base)
            Console.print("\(output): \(Format.count(count)) spikes.")
        default:
            throw BadInput(
                "One of the two files must be a recording, named .mcap, or both chip images, named "
                    + ".chipimg."
            )
        }
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
