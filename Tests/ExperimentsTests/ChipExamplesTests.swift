import ChipImage
import ChipSpec
import Compiler
import Events
import Experiments
import Foundation
import HDF5
import NIRImport
import NetworkIR
import Samples
import TestSupport
import Testing

/// The networks of `Examples/chips`, from their NIR files to accuracies.
@Suite("Examples for digital chips")
struct ChipExamplesTests {
    @Test(
        "run as the numpy script that made them says",
        arguments: [
            (chip: "truenorth", reset: ResetRule.subtractThreshold, correct: 142),
            (chip: "odin", reset: .toResetPotential, correct: 131),
        ]
    )
    func accuracy(chip name: String, reset: ResetRule, correct: Int) throws {
        let folder = Fixtures.repository.appendingPathComponent("Examples/chips")
        let network = try NIRFile.read(
            HDF5File(path: folder.appendingPathComponent("\(name).nir").path),
            name: name,
            settings: ImportSettings(timeStep: 1, reset: reset)
        ).network
        let samples = try SampleSet(contentsOf: folder.appendingPathComponent("digits.npz").path)
        let image = try Compiler.compile(network, for: DigitsFixture.chip(name)).image
        try image.verify()
        let result = try ChipRun(image: image, readout: .count)(samples)
        #expect(result.samples.count == 150)
        #expect(result.correct == correct)
        #expect(result.packets.sent == result.packets.delivered + result.packets.droppedInTotal)
    }
}
