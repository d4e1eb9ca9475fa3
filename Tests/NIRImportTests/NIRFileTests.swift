import HDF5
import NIRImport
import NetworkIR
import Testing

@Suite("Reading NIR files")
struct NIRFileTests {
    private func file(_ neuron: HDF5Object, _ count: Int = 1) -> MemoryFile {
        MemoryFile(
            nodes: ["in": .input(count), "n": neuron, "out": .output(count)],
            edges: [("in", "n"), ("n", "out")]
        )
    }

    private func message(
        _ file: MemoryFile,
        _ settings: ImportSettings = ImportSettings(timeStep: 1)
    ) -> String {
        let error = #expect(throws: NIRError.self) { try file.imported(settings) }
        return error.map { "\($0)" } ?? ""
    }

    // MARK: Settings

    @Test("without exporter and step the error lists the exporters")
    func noTimeStep() {
        let message = message(file(.integrateAndFire(1)), ImportSettings())
        #expect(message.contains("snntorch|norse|sinabs|lava"))
        #expect(message.contains("--dt"))
    }

    @Test("a step must be positive and finite", arguments: [0, -1, .infinity, .nan])
    func badTimeStep(timeStep: Double) {
        let settings = ImportSettings(exporter: .lava, timeStep: timeStep)
        #expect(message(file(.integrateAndFire(1)), settings).contains("positive"))
    }

    @Test(
        "an exporter gives step and threshold rule, and says what its files do not hold",
        arguments: [
            (
                Exporter.snntorch, 1e-4, ThresholdRule.greater,
                "dt 0.0001 (snntorch), reset to v_reset, spike at v > v_threshold. A model trained "
                    + "with snnTorch's default reset needs --reset subtract."
            ),
            (
                .norse, 1e-6, .greater,
                "dt 1e-06 (norse), reset to v_reset, spike at v > v_threshold. This is for norse 1.1 "
                    + "with dt 0.001; later versions write time constants in seconds: --dt 0.001."
            ),
            (
                .sinabs, 1, .greaterOrEqual,
                "dt 1.0 (sinabs), reset to v_reset, spike at v >= v_threshold. A model trained with "
                    + "sinabs's defaults (MultiSpike, MembraneSubtract) needs --reset subtract-all, one "
                    + "with SingleSpike and MembraneSubtract --reset subtract."
            ),
            (
                .lava, 1e-4, .greater,
                "dt 0.0001 (lava), reset to v_reset, spike at v > v_threshold."
            ),
        ]
    )
    func exporters(exporter: Exporter, step: Double, rule: ThresholdRule, summary: String) throws {
        let result = try file(.integrateAndFire(1)).imported(ImportSettings(exporter: exporter))
        #expect(result.network.timeStep == step)
        #expect(result.network.threshold == rule)
        #expect(result.network.reset == .toResetPotential)
        #expect(result.summary == summary)
        #expect(result.notes.first == summary)
    }

    @Test("a given step overrides the exporter's, a given reset silences the hint")
    func overrides() throws {
        let settings = ImportSettings(
            exporter: .snntorch,
            timeStep: 0.5,
            reset: .subtractThreshold
        )
        let result = try file(.integrateAndFire(1)).imported(settings)
        #expect(result.network.timeStep == 0.5)
        // snnTorch subtracts a step after the spike.
        #expect(result.network.reset == .subtractThresholdLater)
        #expect(
            result.summary
                == "dt 0.5 (given), reset by subtracting v_threshold one step later, "
                + "spike at v > v_threshold."
        )
    }

    @Test("norse's step enters where its files leave it out")
    func norse() throws {
        let neuron = HDF5Object.node(
            "CubaLIF",
            [
                "tau_syn": .floats([5e-6]), "tau_mem": .floats([1e-5]), "r": .floats([1]),
                "v_leak": .floats([0]), "v_threshold": .floats([1]), "w_in": .floats([1]),
            ]
        )
        let read = try file(neuron).imported(ImportSettings(exporter: .norse))
        guard case .currentBased(let filter, _, _) = read.network.populations[1].dynamics else {
            Issue.record("not a CubaLIF")
            return
        }
        // h/tau_syn · w_in = 1: a spike adds its weight to the current.
        #expect((filter.inputGain[0] - 5).magnitude < 1e-12)
        #expect(read.warnings.count == 1)

        let integrator = try file(.integrateAndFire(1)).imported(ImportSettings(exporter: .norse))
        guard case .integrateAndFire(let parameters) = integrator.network.populations[1].dynamics
        else {
            Issue.record("not an IF")
            return
        }
        #expect((parameters.r[0] * 1e-6 - 1).magnitude < 1e-12)
    }

    @Test("a time constant of one step is read, also rounded to single precision, a shorter not")
    func unstableStep() throws {
        let single = Double(Float(1e-4))
        #expect(single < 1e-4)
        let settings = ImportSettings(timeStep: 1e-4)
        #expect(throws: Never.self) {
            try file(.leakyIntegrateAndFire(tau: [single])).imported(settings)
        }
        let short = file(.leakyIntegrateAndFire(tau: [1, 0.9e-4, 0.5e-4]), 3)
        let message = message(short, settings)
        #expect(
            message.contains("'n'") && message.contains("9e-05") && message.contains("2 neurons")
        )
    }

    @Test("time constants of over 10,000 steps bring a warning")
    func slowTimeConstants() throws {
        let at = try file(.leakyIntegrateAndFire(tau: [10_000])).imported()
        #expect(at.warnings.isEmpty)
        let above = try file(.leakyIntegrateAndFire(tau: [10_001])).imported()
        #expect(above.warnings.count == 1)
    }

    // MARK: Parameters

    @Test("absent v_reset is 0, absent w_in is 1, one value stands for all")
    func defaults() throws {
        let neuron = HDF5Object.node(
            "CubaLIF",
            [
                "tau_syn": .floats([2], shape: []), "tau_mem": .floats([4]),
                "r": .floats([1, 2, 3]), "v_leak": .integers([0]), "v_threshold": .floats([5]),
            ]
        )
        let result = try file(neuron, 3).imported()
        #expect(
            result.network.populations[1].dynamics
                == .currentBased(
                    SynapticFilter(tau: [2, 2, 2], inputGain: [1, 1, 1]),
                    LeakyIntegrator(tau: [4, 4, 4], r: [1, 2, 3], leak: [0, 0, 0]),
                    Firing(threshold: [5, 5, 5], reset: [0, 0, 0])
                )
        )
        #expect(result.warnings == ["A single value stands for all neurons in 'n'."])
    }

    @Test("single values take the shape that arrives, also through a loop and a Flatten")
    func singleValuesInALoop() throws {
        let neuron = HDF5Object.node(
            "IF",
            ["r": .floats([1], shape: []), "v_threshold": .floats([1])]
        )
        let file = MemoryFile(
            nodes: [
                "in": .input(2, 3), "a": neuron, "f": .flatten(0, -1), "b": neuron,
                "w": .node("Linear", ["weight": .large([6, 6])]), "out": .output(6),
            ],
            edges: [("in", "a"), ("a", "f"), ("f", "b"), ("b", "w"), ("w", "b"), ("b", "out")]
        )
        let network = try file.imported().network
        #expect(network.populations.map(\.shape) == [[2, 3], [2, 3], [6]])
    }

    @Test("large arrays are read in the second phase, by their paths")
    func largeArrays() throws {
        var file = MemoryFile(
            nodes: [
                "in": .input(2), "l": .node("Linear", ["weight": .large([1, 2])]),
                "n": .integrateAndFire(1), "out": .output(1),
            ],
            edges: [("in", "l"), ("l", "n"), ("n", "out")]
        )
        file.arrays["/node/nodes/l/weight"] = [3, 4]
        #expect(try file.imported().network.projections[0].connectivity == .dense([3, 4]))
    }

    @Test("an array is never asked for before its shape fits")
    func shapesFirst() {
        struct Refusing: HDF5Source {
            var file: MemoryFile
            func structure() throws(HDF5Error) -> HDF5Group { file.root }
            func doubles(_ requests: [HDF5Request]) throws(HDF5Error) -> [[Double]] {
                Issue.record("asked for \(requests)")
                return []
            }
        }
        for shape in [[1, 3], [1 << 40, 2], [1 << 62, 1 << 62], [1 << 21, 1 << 21]] {
            let file = MemoryFile(
                nodes: [
                    "in": .input(2), "l": .node("Linear", ["weight": .large(shape)]),
                    "out": .output(1),
                ],
                edges: [("in", "l"), ("l", "out")]
            )
            #expect(throws: NIRError.self) {
                try NIRFile.read(
                    Refusing(file: file),
                    name: "x",
                    settings: ImportSettings(timeStep: 1)
                )
            }
        }
    }

    @Test(
        "Flatten merges axes as torch does, without batch axis",
        arguments: [
            (0, -1, [24]), (0, 2, [24]), (1, 2, [2, 12]), (0, 1, [6, 4]), (-2, -1, [2, 12]),
            (1, 1, [2, 3, 4]),
        ]
    )
    func flatten(first: Int, last: Int, shape: [Int]) throws {
        let file = MemoryFile(
            nodes: [
                "in": .input(2, 3, 4), "f": .flatten(first, last, from: [2, 3, 4]),
                "out": .node("Output", ["shape": .integers(shape)]),
            ],
            edges: [("in", "f"), ("f", "out")]
        )
        let result = try file.imported()
        #expect(result.warnings.isEmpty)
        #expect(result.network.outputs[0].shape == shape)
    }

    @Test("axes that do not exist are refused", arguments: [(0, 3), (-4, 0), (2, 1), (.min, .max)])
    func badFlatten(first: Int, last: Int) {
        let file = MemoryFile(
            nodes: ["in": .input(2, 3, 4), "f": .flatten(first, last), "out": .output(24)],
            edges: [("in", "f"), ("f", "out")]
        )
        #expect(message(file).contains("'f'"))
    }

    // MARK: Graphs

    @Test("shapes of both ends of an edge must agree, except for the layout of an Output")
    func edgeShapes() throws {
        let file = MemoryFile(
            nodes: ["in": .input(2, 3), "n": .integrateAndFire(6), "out": .output(6)],
            edges: [("in", "n"), ("n", "out")]
        )
        let text = message(file)
        #expect(text.contains("'in' → 'n'") && text.contains("(2, 3)") && text.contains("(6)"))

        var output = file
        output.root =
            MemoryFile(
                nodes: ["in": .input(6), "n": .integrateAndFire(6), "out": .output(1, 6)],
                edges: [("in", "n"), ("n", "out")]
            ).root
        let result = try output.imported()
        #expect(result.warnings.count == 1)
        #expect(result.network.outputs[0].shape == [1, 6])
        output.root =
            MemoryFile(
                nodes: ["in": .input(6), "n": .integrateAndFire(6), "out": .output(5)],
                edges: [("in", "n"), ("n", "out")]
            ).root
        #expect(message(output).contains("'n' → 'out'"))
    }

    @Test("edges out of an Output and into an Input are refused")
    func portEdges() {
        let nodes: [String: HDF5Object] = [
            "in": .input(1), "n": .integrateAndFire(1), "out": .output(1),
        ]
        let chain = [("in", "n"), ("n", "out")]
        #expect(
            message(MemoryFile(nodes: nodes, edges: chain + [("out", "n")])).contains("Output")
        )
        #expect(message(MemoryFile(nodes: nodes, edges: chain + [("n", "in")])).contains("Input"))
    }

    @Test("a nested graph needs exactly one Input and one Output")
    func nestedPorts() {
        for (extra, kind) in [("i2", HDF5Object.input(1)), ("o2", .output(1))] {
            let nested = HDF5Object.graph(
                nodes: ["i": .input(1), "o": .output(1), extra: kind],
                edges: [("i", "o")]
            )
            let text = message(file(nested))
            #expect(text.contains("/node/nodes/n/nodes") && text.contains("2"))
        }
        let closed = HDF5Object.graph(nodes: ["i": .input(1)], edges: [])
        #expect(message(file(closed)).contains("Output"))
    }

    @Test("nodes without way from an input or to an output are named")
    func unreachable() throws {
        let file = MemoryFile(
            nodes: [
                "in": .input(1), "n": .integrateAndFire(1), "out": .output(1),
                "lost": .integrateAndFire(1), "idle": .input(1),
            ],
            edges: [("in", "n"), ("n", "out")]
        )
        #expect(
            try file.imported().warnings == [
                "No input reaches 'lost'.", "No output depends on 'idle', 'lost'.",
            ]
        )
    }

    @Test("metadata are not looked at, whatever they hold")
    func metadata() throws {
        var file = file(
            .node(
                "IF",
                [
                    "r": .floats([1]), "v_threshold": .floats([1]),
                    "metadata": .unreadable("anything"),
                ]
            )
        )
        file.root.members["version"] = nil
        #expect(
            try file.imported().warnings == ["The file does not say which nir wrote it."]
        )
    }

    @Test(
        "a loop without a neuron is named in the order of its edges",
        arguments: [["s"], ["s", "t"], ["s", "t", "u"]]
    )
    func loops(names: [String]) {
        var nodes: [String: HDF5Object] = ["in": .input(1), "out": .output(1), "z": .scale([1])]
        var edges = [("in", "s"), ("s", "z"), ("z", "out")]
        for (index, name) in names.enumerated() {
            nodes[name] = .scale([1])
            edges.append((name, names[(index + 1) % names.count]))
        }
        let error = #expect(throws: NIRError.self) {
            try MemoryFile(nodes: nodes, edges: edges).imported()
        }
        guard case .algebraicLoop(_, let found) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        // The same cycle, from wherever it starts.
        let start = found.firstIndex(of: "s") ?? 0
        #expect(Array(found[start...] + found[..<start]) == names)
    }
}
