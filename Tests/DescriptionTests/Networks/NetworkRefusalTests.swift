import Description
import Testing

@Suite("Networks that are refused")
struct NetworkRefusalTests {
    /// A projection or the positions that make a network bad, and what the message must have.
    struct Bad: Sendable, CustomTestStringConvertible {
        var positions = "{ grid: 1 }"
        var projection: String
        var says: [String]

        init(_ projection: String, _ says: String..., positions: String = "{ grid: 1 }") {
            (self.projection, self.says, self.positions) = (projection, says, positions)
        }

        var testDescription: String { positions + " " + projection }

        func callAsFunction() throws {
            let text = """
                network: x
                populations:
                  a: { shape: [4, 5], neuron: lif, tau: 10, positions: \(positions) }
                  b: { count: 3, neuron: lif, tau: 10 }
                  c: { count: 3, neuron: lif, tau: 10, positions: { grid: 1 } }
                projections:
                  p: { from: a, to: a, weights: 1, \(projection) }
                """
            _ = try NetworkFile(text: text, path: Texts.folder + "/x.yaml")
        }
    }

    static let positions: [Bad] = [
        Bad(
            "",
            ":3:56: populations.a.positions",
            "has none",
            "grid, ring, random, file",
            positions: "{}"
        ),
        Bad("", "has grid and ring", positions: "{ grid: 1, ring: { radius: 1 } }"),
        Bad("", "randon", "Did you mean random?", positions: "{ randon: 1 }"),
        Bad("", "positions.grid is '0'", positions: "{ grid: 0 }"),
        Bad("", "grid.spacing", "a list of 2...2", positions: "{ grid: { spacing: [1, 1, 1] } }"),
        Bad("", "lacks the key radius", positions: "{ ring: {} }"),
        Bad("", "lacks the key box", positions: "{ random: {} }"),
        Bad("", "a list of 1...3 items", positions: "{ random: { box: [1, 1, 1, 1] } }"),
        Bad(
            "",
            "array 'W' of [2, 3]. It must be 20 × 1, 2 or 3",
            positions: "{ file: arrays.npz, array: W }"
        ),
        Bad("", "no file is named", positions: "{ grid: 1, array: W }"),
    ]

    static let pairs: [Bad] = [
        Bad("connect: { kernel: { gaussian: 0 } }", ":7:", "connect.kernel.gaussian is '0'"),
        Bad("connect: { kernel: { gausian: 1 } }", "Did you mean gaussian?"),
        Bad("connect: { kernel: { gaussian: 1, disc: 2 } }", "has gaussian and disc"),
        Bad("connect: { kernel: { disc: 1, peak: 1.5 } }", "kernel.peak is '1.5'", "0...1"),
        Bad("connect: { kernel: { disc: 1, cutoff: -1 } }", "kernel.cutoff"),
        Bad("connect: { kernel: { disc: 1 }, probability: 1 }", "has probability and kernel"),
        Bad("connect: { pairs: [[0, 20]] }", "pairs[0][1] is '20'", "0...19"),
        Bad("connect: { pairs: [[0, 1], [2, 3], [0, 1]] }", "has [0, 1] twice"),
        Bad("connect: { pairs: [[0, 1, 2]] }", "pairs[0]", "2...2"),
        Bad("connect: { csr: {} }", "lacks the key file"),
        Bad("connect: { csr: { file: no.npz } }", "csr.file cannot be read"),
        Bad("connect: { csr: { file: arrays.npz } }", "csr.file cannot be read", "indptr"),
        Bad("wrap: [4, 5]", "nothing of this projection depends on"),
        Bad("wrap: [4], connect: { kernel: { disc: 1 } }", "wrap is a list of 1", "2...2"),
    ]

    static let values: [Bad] = [
        Bad("delay: { normal: { mean: 3 } }", "lacks the key deviation"),
        Bad(
            "delay: { normal: { mean: 3, deviation: 1, low: 5, high: 4 } }",
            "normal.high",
            "5...62"
        ),
        Bad("delay: { distance: { base: 1 } }", "lacks the key velocity"),
        Bad(
            "delay: { distance: { velocity: 0.01 } }",
            "comes to 501 steps",
            "at most 62",
            "Add high"
        ),
        Bad("delay: { steps: [1, 2] }", "has 2 numbers. It must have 400"),
        Bad("delay: { steps: { array: W } }", "lacks the key file"),
        Bad("connect: { pairs: [[0, 1]] }, delay: { steps: [1.5] }", "has 1.5 at 0", "whole steps"),
        Bad("connect: { pairs: [[0, 1]] }, delay: { steps: [63] }", "1...62"),
        Bad("delay: { uniform: [1, 2] }, fullScale: 1", "differs from synapse to synapse"),
    ]

    @Test(
        "say file, line, column, key, the limit and what to do",
        arguments: positions + pairs + values
    )
    func refused(bad: Bad) throws {
        let error = #expect(throws: DescriptionError.self) { try bad() }
        let message = error?.description ?? ""
        #expect(message.hasPrefix(Texts.folder + "/x.yaml:"), "\(message)")
        #expect(message.last == "." || message.last == "?", "\(message)")
        for piece in bad.says { #expect(message.contains(piece), "\(message)") }
        #expect(throws: Never.self) { try Bad("delay: 1")() }
    }

    @Test("distances need positions in one space")
    func space() {
        func message(_ projection: String) -> String {
            let error = #expect(throws: DescriptionError.self) {
                try NetworkTexts.file(
                    """
                    a: { shape: [4, 5], neuron: lif, tau: 10, positions: { grid: 1 } },
                    b: { count: 3, neuron: lif, tau: 10 },
                    c: { count: 3, neuron: lif, tau: 10, positions: { grid: 1 } }
                    """,
                    "p: { \(projection) }"
                )
            }
            return error?.description ?? ""
        }
        #expect(
            message("from: a, to: b, weights: 1, connect: { kernel: { disc: 1 } }")
                .contains("depends on distance, but 'b' has no positions")
        )
        #expect(
            message("from: a, to: c, weights: { kernel: { disc: 1 } }")
                .contains("from 'a' with 2 coordinates to 'c' with 1")
        )
        #expect(
            message("from: b, to: a, weights: 1, wrap: [1, 1]").contains("'b' has no positions")
        )
        #expect(
            message("from: a, to: c, weights: { lognormal: { median: 0, sigma: 1 } }")
                .contains("lognormal.median is 0")
        )
        #expect(
            message("from: a, to: c, weights: { lognormal: { median: 1, sigma: 9 } }")
                .contains("Add low or high")
        )
        #expect(
            message("from: a, to: c, weights: { kernel: { disc: 1 }, normal: { deviation: 1 } }")
                .contains("is no key of weights by distance")
        )
    }

    @Test(
        "what would take more than the limits is refused before it is drawn",
        arguments: [
            ("connect: { kernel: { gaussian: 1 } }", "pairs of neurons. It may have 134217728"),
            ("connect: { kernel: { gaussian: 1, cutoff: 500 } }", "pairs of neurons"),
            ("connect: allToAll", "brings the network to 1099511627776 pairs"),
            ("connect: { probability: 0.01 }", "some 10995116278 synapses. It may have 67108864"),
            ("connect: { inDegree: 1000 }", "some 1048576000 synapses"),
            ("connect: { outDegree: 1000000 }", "some 1048576000000 synapses"),
        ]
    )
    func hostile(connect: String, says: String) throws {
        func file(_ connect: String) throws -> NetworkFile {
            try NetworkTexts.file(
                "a: { shape: [1024, 1024], neuron: lif, tau: 10, positions: { grid: 1 } }",
                "aa: { from: a, to: a, weights: 1, \(connect) }"
            )
        }
        let error = #expect(throws: DescriptionError.self) { try file(connect) }
        #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
        #expect(throws: Never.self) { try file("connect: { inDegree: 2 }") }
    }

    @Test("a network file has a name and populations, and outputs that are there")
    func document() {
        func message(_ text: String) -> String {
            let error = #expect(throws: DescriptionError.self) {
                try NetworkFile(text: text, path: "x.yaml")
            }
            return error?.description ?? ""
        }
        let a = "populations: { a: { count: 1, neuron: lif, tau: 1 } }"
        #expect(message(a).contains("lacks the key network"))
        #expect(message("network: x").contains("lacks the key populations"))
        #expect(message("network: x\npopulations: {}").contains("is empty"))
        #expect(
            message("network: x\n\(a)\noutputs: [b]").contains("x.yaml:3:11: outputs[0] is 'b'")
        )
        #expect(message("network: x\n\(a)\noutputs: [a, a]").contains("stands there before"))
        #expect(message("network: x\n\(a)\nprojektions: {}").contains("Did you mean projections?"))
        #expect(
            message(
                "network: x\nparameters: { n: 1 }\npopulations: { a: { count: $m, neuron: input } }"
            )
            .contains("has '$m', which is no parameter. It must be one of: n.")
        )
    }
}
