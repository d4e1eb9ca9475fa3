import ArgumentParser
import ChipImage
import Report

/// `spikeloom diff`.
struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare two chip images by what they mean, and by where things are.",
        discussion: """
            Neurons are matched by population and index, synapses by source, target, delay and \
            compartment. Images of one network that are only placed differently count as equal.

            Example:
              spikeloom diff before.chipimg after.chipimg --check
            """
    )

    @Argument(help: ArgumentHelp("The first image.", valueName: "chipimg"))
    var before: String

    @Argument(help: ArgumentHelp("The second image.", valueName: "chipimg"))
    var after: String

    @Flag(
        help: "Leave with exit code 1 if the networks differ; another placement is no difference."
    )
    var check = false

    @Option(help: ArgumentHelp("Write the comparison as JSON.", valueName: "file"))
    var json: String?

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    func run() throws {
        let first = try ChipImage.load(path: before)
        let second = try ChipImage.load(path: after)
        let difference = ImageDifference(from: first, to: second)
        if let json { try Tools.write(DiffText.json(difference).text, to: json) }
        if !quiet { Console.print(DiffText.text(difference, before, after)) }
        if check && !difference.isSameNetwork { throw NegativeAnswer(message: "") }
    }
}
