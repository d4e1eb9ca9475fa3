import FloatReference
import Foundation
import NIRImport
import NetworkIR
import Testing

@Suite("NIR graphs against the reference simulation")
struct GoldenGraphTests {
    /// The graphs of the own folder: together all node types of nir 1.0.8.
    static let own = [
        "affine_lif", "avgpool", "conv1d_same", "conv1d_stride", "conv2d_pad_stride",
        "conv2d_valid", "cubali", "cubalif", "delay", "delay_line", "fan_in_out", "flatten_partial",
        "gzip9", "i_threshold", "length1_params", "li", "lif_vreset_vleak", "linear_if", "metadata",
        "mixed_dtypes", "mlp_64_128_10", "names_utf8", "nested_two_levels", "old_no_vreset",
        "recurrent_delay", "recurrent_flat", "recurrent_nested", "scalar_params", "scale",
        "sumpool_flatten", "two_inputs_two_outputs", "two_populations", "uncompressed",
    ]

    @Test("every graph gives the golden's spikes and values")
    func graphsEqualGoldens() throws {
        var total = 0
        for root in FixtureFiles.roots {
            var equal: [String] = []
            for file in FixtureFiles.files("graphs", in: root) {
                let name = file.deletingPathExtension().lastPathComponent
                let golden = try Golden(of: file)
                let read = try FixtureFiles.imported(file, ImportSettings(timeStep: golden.dt))
                try compare(read.network, with: golden, name)
                equal.append(name)
            }
            print("\(root.path): \(equal.count) graphs run")
            total += equal.count
            if root == FixtureFiles.own { #expect(equal == Self.own) }
        }
        #expect(total > 0)
    }

    private func compare(_ network: Network, with golden: Golden, _ name: String) throws {
        var machine = try FloatMachine(network)
        var spikes: [String: [[Int]]] = [:]
        var worst: [String: Double] = [:]
        #expect(network.outputs.map(\.name) == golden.outputs.keys.sorted(), "\(name)")
        for step in 0..<golden.steps {
            let input = machine.inputs.map { population in
                let events = golden.inputs[network.populations[population].path]?.events ?? []
                return events.filter { $0[0] == step }.map { $0[1] }
            }
            try machine.step(inputSpikes: input)
            for output in network.outputs {
                let expected = golden.outputs[output.name]
                if network.populations[output.population].dynamics.isSpiking {
                    spikes[output.name, default: []] += machine.spikes(of: output.population)
                        .map { [step, $0] }
                } else {
                    let values = machine.values(of: output.population)
                    let row = try #require(expected?.values?[step])
                    #expect(values.count == row.count)
                    for (value, golden) in zip(values, row) {
                        worst[output.name] = max(
                            worst[output.name] ?? 0,
                            (value - golden).magnitude
                        )
                    }
                }
            }
        }
        for output in network.outputs {
            let expected = try #require(golden.outputs[output.name])
            #expect(output.shape == expected.shape, "\(name)")
            if expected.kind == "spikes" {
                #expect(spikes[output.name] ?? [] == expected.events, "\(name) \(output.name)")
            } else {
                #expect(try #require(worst[output.name]) <= 1e-9, "\(name) \(output.name)")
            }
        }
    }
}
