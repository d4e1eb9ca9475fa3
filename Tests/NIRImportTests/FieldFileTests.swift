import Foundation
import NIRImport
import NetworkIR
import Testing

@Suite("NIR files of other tools")
struct FieldFileTests {
    @Test("files of 2023 by other tools are read or refused as they deserve")
    func fieldFiles() throws {
        var counts: [String: Int] = [:]
        for root in FixtureFiles.roots {
            for file in FixtureFiles.files("field", in: root) {
                let settings = ImportSettings(
                    exporter: file.lastPathComponent.contains("norse") ? .norse : .snntorch
                )
                do {
                    let result = try FixtureFiles.imported(file, settings)
                    counts["read", default: 0] += 1
                    print("\(file.lastPathComponent): read, \(result.warnings)")
                } catch {
                    counts["refused", default: 0] += 1
                    print("\(file.lastPathComponent): refused, \(error)")
                }
            }
        }
        #expect(counts["read", default: 0] > 0)
        if FixtureFiles.roots.count == 1 {
            #expect(counts == ["read": 6, "refused": 1])
        }
    }

    @Test("rockpool's Output of shape (1, 1, 1) behind one neuron is a warning")
    func rockpool() throws {
        let file = FixtureFiles.own.appending(path: "nir/field/lif_rockpool.nir")
        let result = try FixtureFiles.imported(file, ImportSettings(timeStep: 1e-4))
        #expect(result.warnings.count == 1)
        #expect(result.warnings[0].contains("(1, 1, 1)"))
        #expect(result.network.outputs[0].shape == [1, 1, 1])
    }

    @Test("a nested graph whose edges name no node is refused with the names it has")
    func brokenSubgraph() throws {
        let path = "nir/field/braille_noDelay_bias_zero_subgraph.nir"
        let error = #expect(throws: NIRError.self) {
            try FixtureFiles.imported(
                FixtureFiles.own.appending(path: path),
                ImportSettings(exporter: .snntorch)
            )
        }
        let message = "\(String(describing: error))"
        #expect(message.contains("no node 'lif'") && message.contains("'lif1'"))
    }

    @Test("recurrence in dotted names becomes one projection of delay 1")
    func braille() throws {
        let path = "nir/field/braille_noDelay_bias_zero.nir"
        let network = try FixtureFiles.imported(
            FixtureFiles.own.appending(path: path),
            ImportSettings(exporter: .snntorch)
        ).network
        #expect(network.populations.map(\.path) == ["input", "lif1.lif", "lif2"])
        #expect(
            network.projections.map { [$0.source, $0.target, $0.delay] }
                == [[0, 1, 0], [1, 1, 1], [1, 2, 0]]
        )
        #expect(network.outputs == [NetworkOutput(name: "output", population: 2, shape: [7])])
    }
}
