import FloatReference
import HDF5
import NIRImport
import NetworkIR
import Testing

@Suite("Delay and Threshold nodes of NIR graphs")
struct DelaysTests {
    /// Projections as "source target delay".
    private func ends(_ network: Network) -> [String] {
        network.projections.map {
            let source = network.populations[$0.source].path
            return "\(source) \(network.populations[$0.target].path) \($0.delay)"
        }
    }

    /// What a population puts out in each step: values, or 1 for each neuron that spikes.
    private func run(
        _ network: Network,
        _ path: String,
        steps: Int,
        spikes: [Int: [Int]]
    ) throws -> [[Double]] {
        let population = try #require(network.populations.firstIndex { $0.path == path })
        var machine = try FloatMachine(network)
        return try (0..<steps).map { step in
            try machine.step(inputSpikes: [spikes[step] ?? []])
            guard network.populations[population].dynamics.isSpiking else {
                return machine.values(of: population)
            }
            let spiking = Set(machine.spikes(of: population))
            return (0..<network.populations[population].count).map { spiking.contains($0) ? 1 : 0 }
        }
    }

    @Test("each element has its own delay: one projection for each that occurs")
    func perElement() throws {
        let file = MemoryFile(
            nodes: [
                "in": .input(4), "d": .delay([2, 0, 2, 5]), "s": .scale([2, 3, 4, 5]),
                "n": .integrateAndFire(4), "out": .output(4),
            ],
            edges: [("in", "d"), ("d", "s"), ("s", "n"), ("n", "out")]
        )
        let network = try file.imported().network
        #expect(network.populations.map(\.path) == ["in", "n"])
        #expect(ends(network) == ["in n 0", "in n 2", "in n 5"])
        #expect(
            network.projections.map(\.connectivity) == [
                .sparse(SparseWeights(offsets: [0, 0, 1, 1, 1], sources: [1], weights: [3])),
                .sparse(
                    SparseWeights(offsets: [0, 1, 1, 2, 2], sources: [0, 2], weights: [2, 4])
                ),
                .sparse(SparseWeights(offsets: [0, 0, 0, 0, 1], sources: [3], weights: [5])),
            ]
        )
    }

    @Test("one delay for all elements leaves the weights whole, and delays in a row add up")
    func single() throws {
        let file = MemoryFile(
            nodes: [
                "in": .input(2), "d": .delay([3]), "w": .linear([[1, 2], [3, 4]]),
                "e": .delay([0.5, 0.5]), "n": .integrateAndFire(2), "out": .output(2),
            ],
            edges: [("in", "d"), ("d", "w"), ("w", "e"), ("e", "n"), ("n", "out")]
        )
        let network = try file.imported(ImportSettings(timeStep: 0.5)).network
        #expect(ends(network) == ["in n 7"])
        #expect(network.projections[0].connectivity == .dense([1, 2, 3, 4]))
    }

    @Test("ways of one delay in all meet in one projection")
    func waysMeet() throws {
        let file = MemoryFile(
            nodes: [
                "in": .input(2), "a": .delay([1, 2]), "b": .delay([2, 1]), "c": .delay([3, 3]),
                "n": .integrateAndFire(2), "out": .output(2),
            ],
            edges: [("in", "a"), ("a", "b"), ("in", "c"), ("b", "n"), ("c", "n"), ("n", "out")]
        )
        let network = try file.imported().network
        #expect(ends(network) == ["in n 3"])
        let weights = network.projections[0].connectivity
        #expect(weights == .dense([2, 0, 0, 2]))
    }

    @Test("whole matrices and convolutions are split by the delays of their elements")
    func matrices() throws {
        let file = MemoryFile(
            nodes: [
                "in": .input(2), "w": .linear([[1, 2], [3, 4]]), "d": .delay([1, 2]),
                "n": .integrateAndFire(2), "out": .output(2),
            ],
            edges: [("in", "w"), ("w", "d"), ("d", "n"), ("n", "out")]
        )
        let network = try file.imported().network
        #expect(ends(network) == ["in n 1", "in n 2"])
        #expect(
            network.projections.map(\.connectivity) == [
                .dense([1, 2, 0, 0]), .dense([0, 0, 3, 4]),
            ]
        )
    }

    @Test(
        "delays are rounded to whole steps, halves to even ones, with a warning",
        arguments: [
            (2.0, 2, false), (Double(Float(0.3)) * 10, 3, false), (2.5, 2, true), (3.5, 4, true),
            (2.499, 2, true), (0.4, 0, true), (1.00001, 1, true), (0, 0, false),
        ]
    )
    func rounding(delay: Double, steps: Int, warns: Bool) throws {
        let file = MemoryFile(
            nodes: [
                "in": .input(1), "d": .delay([delay]), "n": .integrateAndFire(1), "out": .output(1),
            ],
            edges: [("in", "d"), ("d", "n"), ("n", "out")]
        )
        let read = try file.imported()
        #expect(ends(read.network) == ["in n \(steps)"])
        #expect(read.warnings.contains { $0.contains("'d'") && $0.contains("rounded") } == warns)
    }

    @Test("a Delay of at least a step is the delay of its loop, another adds to the neuron's step")
    func loops() throws {
        func network(_ delays: [Double]) throws -> Network {
            try MemoryFile(
                nodes: [
                    "in": .input(2), "n": .integrateAndFire(2), "w": .linear([[1, 2], [3, 4]]),
                    "d": .delay(delays), "out": .output(2),
                ],
                edges: [("in", "n"), ("n", "w"), ("w", "d"), ("d", "n"), ("n", "out")]
            ).imported().network
        }
        #expect(try ends(network([4, 4])) == ["in n 0", "n n 4"])
        #expect(try ends(network([1, 4])) == ["in n 0", "n n 1", "n n 4"])
        #expect(try ends(network([0, 4])) == ["in n 0", "n n 1", "n n 5"])
        #expect(try ends(network([0, 0])) == ["in n 0", "n n 1"])
    }

    @Test("two layers in a loop through a Delay run in the order of the step")
    func order() throws {
        let file = MemoryFile(
            nodes: [
                "in": .input(1), "b": .integrateAndFire(1), "a": .integrateAndFire(1),
                "d": .delay([2]), "out": .output(1),
            ],
            edges: [("in", "b"), ("b", "a"), ("a", "d"), ("d", "b"), ("a", "out")]
        )
        let network = try file.imported().network
        #expect(network.populations.map(\.path) == ["in", "b", "a"])
        #expect(ends(network) == ["in b 0", "a b 2", "b a 0"])
    }

    @Test("behind a Delay an Output reads a sum of the past, of none it is a tap")
    func outputs() throws {
        let file = MemoryFile(
            nodes: [
                "in": .input(2), "n": .integrateAndFire(2, r: 2), "d": .delay([2, 1]),
                "none": .delay([0, 0]), "late": .output(2), "now": .output(2),
            ],
            edges: [("in", "n"), ("n", "d"), ("d", "late"), ("n", "none"), ("none", "now")]
        )
        let network = try file.imported().network
        #expect(network.populations.map(\.path) == ["in", "late", "n"])
        #expect(network.outputs.map(\.population) == [1, 2])
        let values = try run(network, "late", steps: 4, spikes: [0: [0, 1], 1: [0]])
        #expect(values == [[0, 0], [0, 1], [1, 0], [1, 0]])
    }

    @Test("a bias arrives after the delay only")
    func constants() throws {
        let file = MemoryFile(
            nodes: [
                "in": .input(3), "a": .affine([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [10, 20, 0]),
                "d": .delay([2, 0, 1]), "e": .delay([1]), "out": .output(3),
            ],
            edges: [("in", "a"), ("a", "d"), ("d", "e"), ("e", "out")]
        )
        let network = try file.imported().network
        #expect(network.populations.map(\.path) == ["in", "out", "d", "e"])
        #expect(network.populations[2].bias == [10, 0, 0])
        #expect(network.populations[3].bias == [0, 20, 0])
        let values = try run(network, "out", steps: 5, spikes: [0: [0, 1, 2]])
        #expect(values == [[0, 0, 0], [0, 21, 0], [0, 20, 1], [11, 20, 0], [10, 20, 0]])
    }

    @Test("a loop of stateless nodes through a Delay is a filter that remembers")
    func filter() throws {
        let file = MemoryFile(
            nodes: [
                "in": .input(1), "s": .scale([0.5]), "d": .delay([2]), "out": .output(1),
            ],
            edges: [("in", "s"), ("d", "s"), ("s", "d"), ("s", "out")]
        )
        let network = try file.imported().network
        let values = try run(network, "out", steps: 6, spikes: [0: [0], 1: [0]])
        #expect(values == [[0.5], [0.5], [0.25], [0.25], [0.125], [0.125]])
    }

    @Test("a Delay whose elements are not all late does not cut a loop of stateless nodes")
    func algebraicLoop() {
        let file = MemoryFile(
            nodes: [
                "in": .input(2), "s": .scale([0.5, 0.5]), "d": .delay([2, 0]), "out": .output(2),
            ],
            edges: [("in", "s"), ("d", "s"), ("s", "d"), ("s", "out")]
        )
        #expect(throws: NIRError.algebraicLoop(file: "memory.nir", nodes: ["s", "d"])) {
            try file.imported()
        }
    }

    @Test(
        "refuses delays below 0 and beyond the limit, also together",
        arguments: [
            ([0.0, 8.0], 1, true), ([0.0, 9.0], 1, false), ([-0.1, 1.0], 1, false),
            ([4.0, 4.0], 2, true), ([4.0, 5.0], 2, false),
        ]
    )
    func limits(delays: [Double], count: Int, isRead: Bool) throws {
        var nodes: [String: HDF5Object] = [
            "in": .input(2), "n": .integrateAndFire(2), "out": .output(2),
        ]
        var edges = [("n", "out")]
        var last = "in"
        for index in 0..<count {
            nodes["d\(index)"] = .delay(delays)
            edges.append((last, "d\(index)"))
            last = "d\(index)"
        }
        edges.append((last, "n"))
        var limits = NIRFile.Limits()
        limits.delay = count * 4 + (count == 1 ? 4 : 0)
        limits.rememberedSteps = limits.delay
        let file = MemoryFile(nodes: nodes, edges: edges)
        guard !isRead else {
            #expect(throws: Never.self) { try file.imported(limits: limits) }
            limits.rememberedSteps -= 1
            #expect(throws: NIRError.self) { try file.imported(limits: limits) }
            return
        }
        let error = #expect(throws: NIRError.self) { try file.imported(limits: limits) }
        guard case .malformed(_, _, _, _, .delay) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("what splitting by delay holds is bounded")
    func heldLimit() throws {
        let file = MemoryFile(
            nodes: [
                "in": .input(64), "d": .delay((0..<64).map { Double($0) }),
                "n": .integrateAndFire(64), "out": .output(64),
            ],
            edges: [("in", "d"), ("d", "n"), ("n", "out")]
        )
        #expect(try file.imported().network.projections.count == 64)
        var limits = NIRFile.Limits()
        limits.parameters = 64 * 64
        #expect(throws: NIRError.self) { try file.imported(limits: limits) }
    }

    // MARK: Threshold

    @Test("Threshold spikes above its value and not at it, also for files of sinabs")
    func threshold() throws {
        let file = MemoryFile(
            nodes: [
                "in": .input(2), "a": .affine([[1, 1], [2, 0]], [0, -0.5]),
                "t": .threshold([1, 1]), "out": .output(2),
            ],
            edges: [("in", "a"), ("a", "t"), ("t", "out")]
        )
        for exporter in [nil, Exporter.sinabs] {
            let settings = ImportSettings(exporter: exporter, timeStep: 1)
            let network = try file.imported(settings).network
            #expect(network.populations.map(\.path) == ["in", "t"])
            #expect(network.populations[1].dynamics == .threshold([1, 1]))
            #expect(network.outputs.map(\.population) == [1])
            let spikes = try run(network, "t", steps: 3, spikes: [0: [0], 1: [0, 1]])
            #expect(spikes == [[0, 1], [1, 1], [0, 0]])
        }
    }

    @Test(
        "Threshold has no state: through a neuron a loop takes one step, without one it is refused"
    )
    func thresholdLoops() throws {
        let file = MemoryFile(
            nodes: [
                "in": .input(1), "n": .integrateAndFire(1), "t": .threshold([0.5]),
                "out": .output(1),
            ],
            edges: [("in", "n"), ("n", "t"), ("t", "n"), ("n", "out")]
        )
        let network = try file.imported().network
        #expect(network.populations.map(\.path) == ["in", "t", "n"])
        #expect(ends(network) == ["n t 1", "in n 0", "t n 0"])
        let loop = MemoryFile(
            nodes: [
                "in": .input(1), "s": .scale([2]), "t": .threshold([0.5]), "out": .output(1),
            ],
            edges: [("in", "s"), ("s", "t"), ("t", "s"), ("t", "out")]
        )
        #expect(throws: NIRError.algebraicLoop(file: "memory.nir", nodes: ["t", "s"])) {
            try loop.imported()
        }
        var late = loop
        late.root =
            MemoryFile(
                nodes: [
                    "in": .input(1), "s": .scale([2]), "t": .threshold([0.5]), "d": .delay([3]),
                    "out": .output(1),
                ],
                edges: [("in", "s"), ("s", "t"), ("t", "d"), ("d", "s"), ("t", "out")]
            ).root
        #expect(try ends(late.imported().network) == ["in t 0", "t t 3"])
    }

    // MARK: Integrators

    @Test("I and CubaLI are populations of their potential, w_in 1 where it is absent")
    func integrators() throws {
        let file = MemoryFile(
            nodes: [
                "in": .input(2), "i": .node("I", ["r": .floats([3])]),
                "c": .node(
                    "CubaLI",
                    [
                        "tau_syn": .floats([2, 3]), "tau_mem": .floats([4, 5]),
                        "r": .floats([1]), "v_leak": .floats([0, 1]),
                    ]
                ), "first": .output(2), "second": .output(2),
            ],
            edges: [("in", "i"), ("i", "c"), ("i", "first"), ("c", "second")]
        )
        let network = try file.imported().network
        #expect(network.populations.map(\.path) == ["in", "i", "c"])
        #expect(network.populations[1].dynamics == .integrator(r: [3, 3]))
        #expect(
            network.populations[2].dynamics
                == .currentBasedIntegrator(
                    SynapticFilter(tau: [2, 3], inputGain: [1, 1]),
                    LeakyIntegrator(tau: [4, 5], r: [1, 1], leak: [0, 1])
                )
        )
        #expect(network.outputs.map(\.population) == [1, 2])
    }
}
