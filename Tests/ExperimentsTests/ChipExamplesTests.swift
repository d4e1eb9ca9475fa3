import ChipImage
import ChipSpec
import Compiler
import Description
import Energy
import Events
import Experiments
import Foundation
import HDF5
import NIRImport
import NetworkIR
import Report
import Samples
import TestSupport
import Testing

/// The networks of `Examples/chips`, from their NIR files to accuracies.
@Suite("Examples for digital chips")
struct ChipExamplesTests {
    private static func network(_ path: String, _ settings: ImportSettings) throws -> Network {
        let file = Fixtures.repository.appendingPathComponent("Examples/\(path)").path
        return try NIRFile.read(HDF5File(path: file), name: path, settings: settings).network
    }

    private static func samples(_ path: String) throws -> SampleSet {
        try SampleSet(
            contentsOf: Fixtures.repository.appendingPathComponent("Examples/\(path)").path
        )
    }

    private static func report(
        _ chip: String,
        _ network: Network,
        _ samples: SampleSet
    ) throws -> RunReport {
        let image = try Compiler.compile(network, for: DigitsFixture.chip(chip)).image
        try image.verify()
        let run = ChipRun(image: image, readout: .count)
        let result = try run(samples)
        return RunReport(
            network: network.name,
            chip: chip,
            numerics: "chip",
            result: result,
            energy: run.energy(of: result),
            mismatch: nil,
            deviceSeed: 0,
            runSeed: 0,
            toolVersion: "",
            readout: .count,
            plan: run.plan(for: samples)
        )
    }

    @Test("docs/CHIPS.md has the figures of every chip")
    func table() throws {
        let page = try String(
            contentsOf: Fixtures.repository.appendingPathComponent("docs/CHIPS.md"),
            encoding: .utf8
        )
        let digits = try DigitsFixture()
        var rows = try ["pilot", "loihi", "spinnaker2"].map { chip in
            (chip, "digits", try Self.report(chip, digits.network, digits.samples))
        }
        for (chip, reset) in [
            ("truenorth", ResetRule.subtractThreshold), ("odin", .toResetPotential),
        ] {
            let settings = ImportSettings(timeStep: 1, reset: reset)
            let network = try Self.network("chips/\(chip).nir", settings)
            rows.append(
                (chip, "chips", try Self.report(chip, network, Self.samples("chips/digits.npz")))
            )
        }
        for (chip, folder, report) in rows {
            let result = report.result
            let energy = try #require(report.energy)
            let accuracy = try #require(result.accuracy)
            let joules = try #require(report.joulesPerSample)
            let time = Quantity(
                report.secondsPerSample.mean,
                "s",
                isLowerBound: result.chipTimeIsLowerBound
            )
            let cells = [
                "`\(chip)`", "`Examples/\(folder)`", "\(result.samples.count)",
                Format.percent(accuracy),
                Quantity(joules, "J", isLowerBound: energy.isLowerBound).description,
                time.description,
            ]
            let row = "| \(cells.joined(separator: " | ")) |"
            #expect(page.contains(row), "\(row)")
        }
    }

    @Test(
        "run as the numpy script that made them says",
        arguments: [
            (chip: "truenorth", reset: ResetRule.subtractThreshold, correct: 142),
            (chip: "odin", reset: .toResetPotential, correct: 131),
        ]
    )
    func accuracy(chip name: String, reset: ResetRule, correct: Int) throws {
        let settings = ImportSettings(timeStep: 1, reset: reset)
        let network = try Self.network("chips/\(name).nir", settings)
        let result = try Self.report(name, network, Self.samples("chips/digits.npz")).result
        #expect(result.samples.count == 150)
        #expect(result.correct == correct)
        #expect(result.packets.sent == result.packets.delivered + result.packets.droppedInTotal)
    }

    @Test(
        "chips that cannot hold SAL refuse its rule and say what is missing",
        arguments: [
            ("odin", "The rule of chip 'odin' is wired."),
            ("truenorth", "chip 'truenorth' has no learning engine"),
            ("spinnaker2", "chip 'spinnaker2' has no learning engine"),
        ]
    )
    func alignment(chip: String, refusal: String) throws {
        let study = Fixtures.repository.appendingPathComponent("Examples/learning/chips.yaml")
        let text = try String(contentsOf: study, encoding: .utf8)
            .replacingOccurrences(of: "\nchip: pilot\n", with: "\nchip: \(chip)\n")
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("chips-\(UUID().uuidString).yaml")
        try text.write(to: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: path) }
        let catalogue = ChipCatalogue(
            folders: [Fixtures.repository.appendingPathComponent("chipspecs").path]
        )
        let error = #expect(throws: (any Error).self) {
            let study = try LearningStudy(
                ExperimentFile(path: path.path),
                arms: ["pilot"],
                catalogue: catalogue
            )
            _ = try LearningStudy.run(of: study.arms[0], seed: 200)
        }
        #expect(error.map { "\($0)" }?.contains(refusal) == true, "\(String(describing: error))")
    }
}
