import HDF5
import NIRImport
import NetworkIR
import Testing

@Suite("Folding a NIR graph into populations and projections")
struct LoweringTests {
    private func projection(_ network: Network, _ source: String, _ target: String, delay: Int = 0)
        -> Connectivity?
    {
        network.projections.first {
            network.populations[$0.source].path == source
                && network.populations[$0.target].path == target && $0.delay == delay
        }?.connectivity
    }

    @Test("a chain of Affine, Scale, Flatten and Linear becomes one matrix and one bias")
    func chain() throws {
        let file = MemoryFile(
            nodes: [
                "in": .input(2), "a": .affine([[1, 2], [3, 4]], [10, 20]), "s": .scale([2, -1]),
                "f": .flatten(0, -1), "l": .linear([[1, 1], [0, 1], [1, 0]]),
                "n": .integrateAndFire(3), "out": .output(3),
            ],
            edges: [("in", "a"), ("a", "s"), ("s", "f"), ("f", "l"), ("l", "n"), ("n", "out")]
        )
        let network = try file.imported().network
        #expect(network.populations.map(\.path) == ["in", "n"])
        #expect(projection(network, "in", "n") == .dense([-1, 0, -3, -4, 2, 4]))
        #expect(network.populations[1].bias == [0, -20, 20])
        #expect(network.outputs == [NetworkOutput(name: "out", population: 1, shape: [3])])
    }

    @Test("a Scale before a matrix scales its columns, behind it its rows")
    func scaleAndMatrix() throws {
        let file = MemoryFile(
            nodes: [
                "in": .input(2), "s": .scale([2, 3]), "l": .linear([[1, 1], [1, 1]]),
                "t": .scale([5, 7]), "n": .integrateAndFire(2), "out": .output(2),
            ],
            edges: [("in", "s"), ("s", "l"), ("l", "t"), ("t", "n"), ("n", "out")]
        )
        let network = try file.imported().network
        #expect(projection(network, "in", "n") == .dense([10, 15, 14, 21]))
    }

    @Test("an Output that reads a neuron's value of the step before is no tap")
    func delayedOutput() throws {
        let file = MemoryFile(
            nodes: [
                "in": .input(1), "n": .integrateAndFire(1), "s": .scale([1]), "out": .output(1),
            ],
            edges: [("in", "n"), ("n", "s"), ("s", "n"), ("s", "out")]
        )
        let network = try file.imported().network
        #expect(network.populations.map(\.path) == ["in", "n", "out"])
        #expect(projection(network, "n", "out", delay: 1) == .oneToOne([1]))
    }

    @Test("paths that meet add up, one to one as long as no matrix is among them")
    func diamond() throws {
        let file = MemoryFile(
            nodes: [
                "in": .input(2), "a": .scale([2, 3]), "b": .scale([4, 5]),
                "n": .integrateAndFire(2),
                "m": .linear([[1, 0], [7, 1]]), "k": .integrateAndFire(2), "out": .output(2),
            ],
            edges: [
                ("in", "a"), ("in", "b"), ("a", "n"), ("b", "n"), ("in", "n"), ("in", "k"),
                ("in", "m"), ("m", "k"), ("a", "k"), ("n", "out"), ("k", "out"),
            ]
        )
        let network = try file.imported().network
        #expect(projection(network, "in", "n") == .oneToOne([7, 9]))
        #expect(projection(network, "in", "k") == .dense([4, 0, 7, 5]))
    }

    @Test("200 diamonds in a row, 2^200 paths, fold at once")
    func manyDiamonds() throws {
        var nodes: [String: HDF5Object] = [
            "in": .input(1), "n": .integrateAndFire(1), "out": .output(1),
        ]
        var edges = [("n", "out")]
        var last = "in"
        for level in 0..<200 {
            for side in ["a", "b"] {
                nodes["\(level)\(side)"] = .scale([0.5])
                edges.append((last, "\(level)\(side)"))
                edges.append(("\(level)\(side)", "\(level)c"))
            }
            nodes["\(level)c"] = .scale([1])
            last = "\(level)c"
        }
        edges.append((last, "n"))
        let network = try MemoryFile(nodes: nodes, edges: edges).imported().network
        #expect(projection(network, "in", "n") == .oneToOne([1]))
    }

    @Test("a chain of 20,000 nodes needs no stack")
    func longChain() throws {
        var nodes: [String: HDF5Object] = [
            "in": .input(1), "n": .integrateAndFire(1), "out": .output(1),
        ]
        var edges = [("in", "0"), ("19999", "n"), ("n", "out")]
        for index in 0..<20_000 {
            nodes["\(index)"] = .scale([-1])
            if index > 0 { edges.append(("\(index - 1)", "\(index)")) }
        }
        let network = try MemoryFile(nodes: nodes, edges: edges).imported().network
        #expect(projection(network, "in", "n") == .oneToOne([1]))
    }

    @Test("in a loop only the edge that leaves a neuron is delayed, also on the way out")
    func recurrence() throws {
        let file = MemoryFile(
            nodes: [
                "in": .input(1), "n": .integrateAndFire(1), "w": .affine([[3]], [5]),
                "s": .scale([2]), "m": .integrateAndFire(1), "out": .output(1),
            ],
            edges: [
                ("in", "n"), ("n", "w"), ("w", "s"), ("s", "n"), ("n", "n"), ("n", "m"), ("w", "m"),
                ("m", "out"),
            ]
        )
        let network = try file.imported().network
        #expect(network.populations.map(\.path) == ["in", "n", "m"])
        #expect(projection(network, "n", "n", delay: 1) == .dense([7]))
        #expect(network.populations[1].bias == [10])
        #expect(network.populations[2].bias == [5])
        #expect(projection(network, "n", "m", delay: 0) == .oneToOne([1]))
        #expect(projection(network, "n", "m", delay: 1) == .dense([3]))
        #expect(projection(network, "in", "n") == .oneToOne([1]))
        let keys = network.projections.map { [$0.target, $0.source, $0.delay] }
        #expect(keys == [[1, 0, 0], [1, 1, 1], [2, 1, 0], [2, 1, 1]])
    }

    @Test("an Output that reads one population is a tap, anything else a relay")
    func outputs() throws {
        let file = MemoryFile(
            nodes: [
                "in": .input(2), "n": .integrateAndFire(2), "one": .scale([1, 1]),
                "two": .scale([2, 2]), "w": .affine([[0, 0], [0, 0]], [0, 1]),
                "tap": .output(2), "scaled": .output(2), "summed": .output(2), "read": .output(2),
                "silent": .output(2),
            ],
            edges: [
                ("in", "n"), ("n", "one"), ("one", "tap"), ("n", "two"), ("two", "scaled"),
                ("n", "summed"), ("in", "summed"), ("w", "silent"), ("in", "read"),
            ]
        )
        let result = try file.imported()
        let network = result.network
        let paths = network.outputs.map { network.populations[$0.population].path }
        #expect(network.outputs.map(\.name) == ["read", "scaled", "silent", "summed", "tap"])
        #expect(paths == ["in", "scaled", "silent", "summed", "n"])
        #expect(network.populations[network.outputs[1].population].dynamics == .relay)
        #expect(projection(network, "n", "scaled") == .oneToOne([2, 2]))
        #expect(network.populations[network.outputs[2].population].bias == [0, 1])
        #expect(result.warnings == ["No input reaches 'silent', 'w'."])
    }

    @Test("inputs come first by name, the others after all they need in a step")
    func order() throws {
        let file = MemoryFile(
            nodes: [
                "z": .input(1), "b": .input(1), "a": .integrateAndFire(1),
                "c": .integrateAndFire(1),
                "out": .output(1),
            ],
            edges: [("z", "c"), ("b", "c"), ("c", "a"), ("a", "out")]
        )
        let network = try file.imported().network
        #expect(network.populations.map(\.path) == ["b", "z", "c", "a"])
    }

    @Test("graphs nested 60 deep dissolve into paths")
    func deepNesting() throws {
        var object = HDF5Object.graph(
            nodes: ["i": .input(1), "s": .scale([3]), "n": .integrateAndFire(1), "o": .output(1)],
            edges: [("i", "s"), ("s", "n"), ("n", "o")]
        )
        for _ in 0..<60 {
            object = .graph(
                nodes: ["i": .input(1), "g": object, "o": .output(1)],
                edges: [("i", "g"), ("g", "o")]
            )
        }
        var file = MemoryFile(nodes: [:], edges: [])
        file.root.members["node"] = object
        let network = try file.imported().network
        let path = String(repeating: "g/", count: 60) + "n"
        #expect(network.populations.map(\.path) == ["i", path])
        #expect(network.outputs == [NetworkOutput(name: "o", population: 1, shape: [1])])
    }

    @Test("what is folded is bounded in memory and in time")
    func limits() throws {
        let matrix = [[Double]](repeating: [Double](repeating: 1, count: 8), count: 8)
        let file = MemoryFile(
            nodes: [
                "in": .input(8), "a": .linear(matrix), "b": .linear(matrix),
                "n": .integrateAndFire(8), "out": .output(8),
            ],
            edges: [("in", "a"), ("a", "b"), ("b", "n"), ("n", "out")]
        )
        // a: 64 multiplications, b: 8 · 8 · 8.
        var limits = NIRFile.Limits()
        limits.operations = 64 + 512
        #expect(throws: Never.self) { try file.imported(limits: limits) }
        limits.operations -= 1
        #expect(throws: NIRError.self) { try file.imported(limits: limits) }

        limits = NIRFile.Limits()
        limits.parameters = 64 + 64 + 16
        #expect(throws: Never.self) { try file.imported(limits: limits) }
        limits.parameters = 64 + 64 + 15
        #expect(throws: NIRError.self) { try file.imported(limits: limits) }

        limits = NIRFile.Limits()
        limits.neurons = 5 * 8
        #expect(throws: Never.self) { try file.imported(limits: limits) }
        limits.neurons -= 1
        #expect(throws: NIRError.self) { try file.imported(limits: limits) }

        limits = NIRFile.Limits()
        limits.edges = 4
        #expect(throws: Never.self) { try file.imported(limits: limits) }
        limits.edges -= 1
        #expect(throws: NIRError.self) { try file.imported(limits: limits) }
    }

    @Test("many populations through many stateless nodes reach the limit on held numbers")
    func heldLimit() throws {
        var nodes: [String: HDF5Object] = ["out": .output(1), "s0": .scale([2])]
        var edges: [(String, String)] = []
        for index in 0..<50 {
            nodes["i\(index)"] = .input(1)
            edges.append(("i\(index)", "s0"))
        }
        for index in 1..<50 {
            nodes["s\(index)"] = .scale([2])
            edges.append(("s\(index - 1)", "s\(index)"))
            // Every one is still read by the last, so none can be dropped.
            if index < 48 { edges.append(("s\(index)", "s49")) }
        }
        edges.append(("s49", "out"))
        let file = MemoryFile(nodes: nodes, edges: edges)
        #expect(throws: Never.self) { try file.imported() }
        var limits = NIRFile.Limits()
        limits.parameters = 50 * 50 * 8
        let error = #expect(throws: NIRError.self) { try file.imported(limits: limits) }
        #expect("\(String(describing: error))".contains("folding"))
    }
}
