import Experiments
import Foundation
import HDF5
import NIRImport
import NetworkIR
import Samples
import TestSupport
import Testing

/// Trained networks with their test set and what their framework got: `NAME.nir`, `NAME_test.npz` and
/// `NAME_test.json` in a folder of the network's name.
@Suite("Trained networks")
struct NetworkFixtureTests {
    private struct Expected: Decodable {
        let dt: Double
        let output_counts: [[Int]]?
    }

    /// Folders of networks: the example of the repository, and those of further roots.
    private static var folders: [URL] {
        let example = [Fixtures.repository.appendingPathComponent("Examples/digits")]
        let further = Fixtures.furtherRoots.flatMap { root -> [URL] in
            let networks = root.appendingPathComponent("nir/networks")
            let names =
                (try? FileManager.default.contentsOfDirectory(atPath: networks.path)) ?? []
            print("fixtures: networks: \(names.count) from \(root.path)")
            return names.sorted().map { networks.appendingPathComponent($0) }
        }
        return example + further
    }

    /// Name of the network of a folder: that of its only NIR file.
    private static func name(in folder: URL) throws -> String {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let networks = files.filter { $0.hasSuffix(".nir") }
        #expect(networks.count == 1, "\(folder.path)")
        return String((networks.first ?? "").dropLast(4))
    }

    @Test("in float give their framework's output counts on every sample")
    func equalFramework() throws {
        var compared = 0
        for folder in Self.folders {
            let name = try Self.name(in: folder)
            func file(_ suffix: String) -> URL { folder.appendingPathComponent(name + suffix) }
            let expected = try JSONDecoder().decode(
                Expected.self,
                from: Data(contentsOf: file("_test.json"))
            )
            let imported = try NIRFile.read(
                HDF5File(path: file(".nir").path),
                name: name,
                settings: ImportSettings(timeStep: expected.dt)
            )
            let inputs = imported.network.populations.filter { $0.dynamics == .input }
            let samples = try SampleSet(contentsOf: file("_test.npz").path)
                .matched(to: inputs.map { ($0.path, $0.shape) })
            let run = FloatRun(network: imported.network, readout: .count)
            let result = try run(samples)
            guard let counts = expected.output_counts else {
                print("skipped (no output counts): \(name)")
                continue
            }
            #expect(result.samples.map(\.outputCounts) == counts, "\(name)")
            compared += 1
        }
        #expect(compared > 0)
    }
}
