import Description
import Foundation
import NetworkIR
import TestSupport
import Testing

@Suite("Networks of parts")
struct PartTests {
    private static let lif = "neuron: lif, tau: 10"
    private static let blocks = """
        blocks:
          cell:
            parameters: { size: 3, weight: 1, tau: }
            populations:
              input: { count: 2, neuron: input }
              cells: { count: $size, neuron: lif, tau: $tau }
            projections:
              drive: { from: input, to: cells, weights: $weight }
        """

    @Test("a block is there once for each use, with its parameters, under its name")
    func blocks() throws {
        let network = try NetworkTexts.network(
            "pixels: { count: 2, neuron: input }",
            "across: { from: left/cells, to: right/cells, weights: -1 }",
            Self.blocks + """

                parts:
                  left: { use: cell, with: { tau: 5 }, inputs: { input: pixels } }
                  right: { use: cell, with: { size: 4, tau: 8, weight: { uniform: [1, 2] } } }
                """
        )
        #expect(
            network.populations.map(\.path) == [
                "pixels", "right/input", "left/cells", "right/cells",
            ]
        )
        #expect(network.populations.map(\.count) == [2, 2, 3, 4])
        let taus = network.populations.map { population -> Double? in
            if case .noisy(let neuron) = population.dynamics { neuron.membraneTau[0] } else { nil }
        }
        #expect(taus == [nil, nil, 5, 8])
        let drive = try #require(network.projection("left/drive"))
        #expect(network.populations[drive.source].path == "pixels")
        #expect(drive.weights == [Double](repeating: 1, count: 6))
        #expect(network.projection("right/drive")?.weights.allSatisfy { $0 > 1 && $0 < 2 } == true)
        #expect(network.projection("across")?.weights.count == 12)
        #expect(network.outputs.map(\.name) == ["left/cells", "right/cells"])
    }

    @Test("files are parts, and parts of parts; names within stay within")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            UUID().uuidString
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ name: String, _ text: String) throws {
            try Data(text.utf8).write(to: folder.appendingPathComponent(name))
        }
        try write(
            "inner.yaml",
            """
            network: inner
            parameters: { n: 2 }
            populations: { a: { count: $n, \(Self.lif) } }
            projections: { loop: { from: a, to: a, weights: { uniform: [0, 1] } } }
            """
        )
        try write(
            "outer.yaml",
            """
            network: outer
            parameters: { m: 5 }
            populations: {}
            parts: { one: { use: inner.yaml }, two: { use: ./inner.yaml, with: { n: $m } } }
            """
        )
        let text = NetworkTexts.text(
            "input: { count: 1, neuron: input }",
            "in: { from: input, to: deep/two/a, weights: 1 }",
            "parts: { deep: { use: outer.yaml, with: { m: 3 } } }"
        )
        let network = try NetworkFile(text: text, path: folder.path + "/x.yaml").network()
        #expect(network.populations.map(\.path) == ["input", "deep/one/a", "deep/two/a"])
        #expect(network.populations.map(\.count) == [1, 2, 3])
        #expect(
            network.projections.compactMap(\.name).sorted() == [
                "deep/one/loop", "deep/two/loop", "in",
            ]
        )
        // A file that comes round to itself.
        try write(
            "outer.yaml",
            "network: outer\npopulations: {}\nparts: { again: { use: x.yaml } }\n"
        )
        try write("x.yaml", text.replacing(", with: { m: 3 }", with: ""))
        let error = #expect(throws: DescriptionError.self) {
            try NetworkFile(path: folder.path + "/x.yaml")
        }
        let message = error?.description ?? ""
        #expect(
            message.contains("outer.yaml:3:24: parts.again.use uses 'x.yaml', which is being read")
        )
        #expect(message.contains("x.yaml > file"))
    }

    /// What is wrong with parts, and pieces of the message.
    static let bad: [(parts: String, says: [String])] = [
        (
            "left: { use: cel }",
            [":11:23: parts.left.use", "no block of this file", "Did you mean cell?"]
        ),
        ("left: { use: cell }", ["lacks the parameter tau", "with: { tau: … }"]),
        (
            "left: { use: cell, with: { wieght: 1 } }",
            ["no parameter of this part", "Did you mean weight?"]
        ),
        (
            "left: { use: cell, with: { tau: no } }",
            [":7:48: blocks.cell.populations.cells.tau is 'no'", "Write a decimal number"]
        ),
        (
            "left: { use: cell, with: { tau: 1 }, inputs: { inptu: pixels } }",
            ["no input of this part", "Did you mean input?"]
        ),
        (
            "left: { use: cell, with: { tau: 1 }, inputs: { input: many } }",
            ["of 5 neurons, in the place of an input of 2", "must be equal"]
        ),
        ("left: { use: cell, nir: x.nir }", ["has use and nir", "Delete the others"]),
        ("left: { use: cell, from: norse }", ["is no key of a part with use"]),
        ("left: { nir: x.nir }", ["names a NIR file, which is not read here"]),
        ("left: { use: no.yaml }", [":11:23: parts.left.use names 'no.yaml'", "cannot be opened"]),
        ("left: { use: self }", ["uses 'self', which is being read", "block self of"]),
    ]

    @Test("that are wrong are refused with place, limit and advice", arguments: bad)
    func refused(parts: String, says: [String]) throws {
        let text = """
            network: x
            \(Self.blocks)
              self: { parts: { again: { use: self } } }
            parts: { \(parts) }
            populations: { pixels: { count: 2, neuron: input }, many: { count: 5, neuron: input } }
            """
        let error = #expect(throws: DescriptionError.self) {
            try NetworkFile(text: text, path: Texts.folder + "/x.yaml")
        }
        let message = error?.description ?? ""
        for piece in says { #expect(message.contains(piece), "\(message)") }
    }

    @Test("go eight deep, and number a thousand")
    func limits() throws {
        func chain(_ depth: Int) -> String {
            let links = (0..<depth).map { level in
                "b\(level): { parts: { p: { use: b\(level + 1) } } }"
            }
            return """
                network: x
                populations: {}
                blocks: { \(links.joined(separator: ", ")), b\(depth): { populations: { a: { count: 1, \(Self.lif) } } } }
                parts: { p: { use: b0 } }
                """
        }
        let path = Texts.folder + "/x.yaml"
        let deep = try NetworkFile(text: chain(7), path: path).network()
        #expect(deep.populations[0].path == String(repeating: "p/", count: 8) + "a")
        let error = #expect(throws: DescriptionError.self) {
            try NetworkFile(text: chain(8), path: path)
        }
        #expect(error?.description.contains("is a part within 8 others. They go 8 deep") == true)
        // Ten of ten of ten of ten.
        let parts = (0..<10).map { "p\($0): { use: NEXT }" }.joined(separator: ", ")
        func level(_ next: String) -> String {
            "{ parts: { \(parts.replacing("NEXT", with: next)) } }"
        }
        let wide = """
            network: x
            populations: {}
            blocks: { a: \(level("b")), b: \(level("c")), c: \(level("d")), d: { populations: {} } }
            parts: { p: { use: a } }
            """
        let many = #expect(throws: DescriptionError.self) {
            try NetworkFile(text: wide, path: path)
        }
        #expect(many?.description.contains("is part 1001. A network has at most 1000") == true)
    }
}
