import Compiler
import Emulator
import Experiments
import Foundation
import HDF5
import NIRImport
import NetworkIR
import Samples
import TestSupport
import Testing

/// A network that a framework exported, with the input it ran on and the spikes it counted.
struct FrameworkNetwork: CustomTestStringConvertible {
    private struct Expected: Decodable {
        var network: String
        var dt: Double
        var exporter: Exporter?
        var reset: ResetRule?
        var min_potential: Double?
        var output_counts: [[Int]]
    }

    let folder: URL

    var name: String { folder.lastPathComponent }
    var testDescription: String { name }

    /// All networks of this module's fixtures and of the roots in `SPIKELOOM_FIXTURES`.
    static var all: [FrameworkNetwork] {
        ([Fixtures.own("Experiments")] + Fixtures.furtherRoots).flatMap { root in
            let parent = root.appendingPathComponent("nir/networks")
            let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []
            print("fixtures: networks: \(names.count) from \(root.path)")
            return names.sorted().map {
                FrameworkNetwork(folder: parent.appendingPathComponent($0))
            }
        }
    }

    /// The tool that a network is named after, where the JSON file does not say more.
    private var exporter: Exporter? { Exporter.allCases.first { name.hasPrefix($0.rawValue) } }

    private func file(_ suffix: String) -> URL {
        folder.appendingPathComponent(name + suffix)
    }

    func read() throws -> (network: ImportedNetwork, samples: SampleSet, counts: [[Int]]) {
        let expected = try JSONDecoder().decode(
            Expected.self,
            from: Data(contentsOf: file("_test.json"))
        )
        let network = try NIRFile.read(
            HDF5File(path: folder.appendingPathComponent(expected.network).path),
            name: name,
            settings: ImportSettings(
                exporter: expected.exporter ?? exporter,
                timeStep: expected.dt,
                reset: expected.reset,
                lowestPotential: expected.min_potential
            )
        )
        let samples = try SampleSet(contentsOf: file("_test.npz").path)
        return (network, samples, expected.output_counts)
    }
}

@Suite("Networks of snnTorch and sinabs, recurrent and convolutional ones among them")
struct FrameworkNetworkTests {
    @Test("there are at least four")
    func atLeastFour() { #expect(FrameworkNetwork.all.count >= 4) }

    @Test("give their framework's counts of every sample", arguments: FrameworkNetwork.all)
    func counts(_ fixture: FrameworkNetwork) throws {
        let (imported, samples, expected) = try fixture.read()
        let run = FloatRun(network: imported.network, readout: .count)
        let result = try run(samples)
        try #require(result.samples.count == expected.count)
        let differing = expected.indices.filter { result.samples[$0].outputCounts != expected[$0] }
        #expect(differing.isEmpty, "samples \(differing)")
        #expect(expected.joined().contains { $0 > 0 })
    }

    @Test("compile to a chip as they are", arguments: FrameworkNetwork.all)
    func compile(_ fixture: FrameworkNetwork) throws {
        let (imported, samples, expected) = try fixture.read()
        // Loihi cannot subtract.
        let chip = try DigitsFixture.chip(
            imported.network.reset.subtracts ? "pilot" : "loihi"
        )
        let compilation = try Compiler.compile(imported.network, for: chip)
        let run = ChipRun(image: compilation.image, readout: .count)
        let result = try run(samples)
        let wanted = expected.joined().reduce(0, +)
        let got = result.samples.map(\.outputCounts).joined().reduce(0, +)
        if imported.network.reset == .subtractThresholdLater {
            // What the chip subtracts leaks: its neurons spike more, and a note says why.
            #expect(compilation.report.notes.contains { $0.contains("one step later") })
            #expect(got >= wanted && got < 2 * wanted, "\(got) spikes, \(wanted) wanted")
            return
        }
        if imported.network.reset == .toResetPotentialLater {
            // The chip's neurons integrate in the step that the network's lose.
            #expect(compilation.report.notes.contains { $0.contains("in the step after a spike") })
            #expect(got >= wanted && got < 2 * wanted, "\(got) spikes, \(wanted) wanted")
            return
        }
        // Eight-bit weights cost some spikes of some samples, not all of them.
        #expect(abs(got - wanted) * 5 <= wanted, "\(got) spikes, \(wanted) wanted")
    }
}
