import ArgumentParser
import ChipSpec
import Foundation

/// What `learn` and `train` have in common: which runs of a study, on what, with what report.
struct StudyOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Arms to run; all by default.", valueName: "arm")
    )
    var arm: [String] = []

    @Option(help: ArgumentHelp("Run only the first N seeds of the file.", valueName: "n"))
    var seeds: Int?

    @Option(help: ArgumentHelp("Run this seed alone.", valueName: "seed"))
    var seed: UInt64?

    @Option(help: "Runs at a time. The results are the same for any number.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: ArgumentHelp("Energy table of the chip.", valueName: "table"))
    var energy: String?

    @Option(help: ArgumentHelp("Write the report as JSON.", valueName: "file"))
    var json: String?

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    func validate() throws {
        if let seeds, !(1...10_000).contains(seeds) {
            throw ValidationError("--seeds must lie in 1...10,000.")
        }
        guard (1...256).contains(threads) else {
            throw ValidationError("--threads must lie in 1...256.")
        }
        if seeds != nil, seed != nil {
            throw ValidationError("--seeds and --seed do not go together. Give one of them.")
        }
    }

    /// The seeds that are asked for; nil takes each arm's own.
    ///
    /// - Parameter all: Those of the file.
    /// - Returns: Seeds, or nil.
    func chosenSeeds(of all: [UInt64]) -> [UInt64]? {
        seed.map { [$0] } ?? seeds.map { Array(all.prefix($0)) }
    }

    /// Refuses an energy table that a chip does not have.
    func checkEnergy(of chips: [ChipSpec]) throws {
        guard let energy else { return }
        for chip in chips { _ = try EnergyChoice.table(energy, of: chip) }
    }
}
