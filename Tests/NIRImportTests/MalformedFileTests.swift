import Foundation
import HDF5
import NIRImport
import Testing

@Suite("Malformed NIR files")
struct MalformedFileTests {
    /// A part of the message for each file: what is wrong, and where.
    static let expected: [String: [String]] = [
        "edge_to_missing_node": ["'lif' → 'outputt'", "no node 'outputt'"],
        "duplicate_edge": ["'fc' → 'lif'", "twice"],
        "edges_three_columns": ["/node/edges", "(3, 3)", "(edges, 2)"],
        "edges_integers": ["/node/edges", "integers", "text"],
        "no_edges": ["/node/edges", "missing"],
        "no_nodes": ["/node/nodes", "missing"],
        "no_node_group": ["/node", "missing"],
        "no_type": ["type", "'fc'", "missing"],
        "unknown_node": ["'lif'", "AdExLIF", "CubaLIF"],
        "weight_shape": ["'input' → 'fc'", "(4)", "(5)"],
        "bias_shape": ["bias", "(2)", "(3, 4)"],
        "neuron_param_shape": ["tau", "(2)", "(3)"],
        "weight_1d": ["weight", "two axes"],
        "missing_weight": ["weight", "missing"],
        "missing_threshold": ["v_threshold", "missing"],
        "nan_weight": ["weight", "nan"],
        "inf_bias": ["bias", "inf"],
        "tau_zero": ["tau", "0.0", "positive"],
        "tau_negative": ["tau", "-", "positive"],
        "weight_is_string": ["weight", "text", "numbers"],
        "complex_weight": ["weight", "complex"],
        "algebraic_loop": ["'s'", "'s2'", "loop"],
        "no_input": ["Input", "missing"],
        "output_not_reached": ["'output'", "nothing leads into"],
        "conv_groups_do_not_divide": ["groups", "2 groups", "3 output channels", "'fc'"],
        "huge_dims": ["(1048576, 1048576)"],
        "shape_bomb": ["'input' → 'fc'", "(4)"],
        "group_cycle": ["/node/nodes/loop", "cycle"],
        "external_link": ["weight", "another file"],
        "dangling_soft_link": ["weight", "soft link"],
        "lzf_filter": ["weight", "lzf", "gzip"],
        "truncated_half": ["truncated file"],
        "truncated_100": ["truncated file"],
        "empty": ["empty"],
        "not_hdf5": ["not an HDF5 file"],
        "corrupt_chunk": ["weight", "inflate"],
    ]

    @Test("each is refused by one message within a second")
    func refused() throws {
        var total = 0
        for root in FixtureFiles.roots {
            let files = FixtureFiles.files("malformed", in: root)
            for file in files {
                let name = file.deletingPathExtension().lastPathComponent
                let start = ContinuousClock.now
                let error = #expect(throws: (any Error).self, "\(name)") {
                    try FixtureFiles.imported(file, ImportSettings(exporter: .lava))
                }
                #expect(ContinuousClock.now - start < .seconds(1), "\(name)")
                let message = error.map { "\($0)" } ?? ""
                #expect(message.contains("\(name).nir"), "\(name): \(message)")
                if root == FixtureFiles.own {
                    #expect(error is NIRError || error is HDF5Error)
                    for part in try #require(Self.expected[name], "\(name)") {
                        #expect(message.contains(part), "\(name): \(message)")
                    }
                }
            }
            print("\(root.path): \(files.count) malformed files refused")
            total += files.count
            if root == FixtureFiles.own { #expect(files.count == 36) }
        }
        #expect(total > 0)
    }
}
