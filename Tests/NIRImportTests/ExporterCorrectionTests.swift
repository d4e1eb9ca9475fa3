import FixedPoint
import FloatReference
import HDF5
import NIRImport
import NetworkIR
import Testing

@Suite("What tools write where they mean something else")
struct ExporterCorrectionTests {
    /// Input, one neuron node 'n', Output.
    private func file(_ neuron: HDF5Object, _ count: Int = 1) -> MemoryFile {
        MemoryFile(
            nodes: ["in": .input(count), "n": neuron, "out": .output(count)],
            edges: [("in", "n"), ("n", "out")]
        )
    }

    private func membrane(_ network: Network) -> LeakyIntegrator? {
        switch network.populations[1].dynamics {
        case .leakyIntegrateAndFire(let membrane, _), .leakyIntegrator(let membrane): membrane
        default: nil
        }
    }

    private func lif(
        tau: [Double],
        r: [Double],
        leak: [Double] = [0],
        threshold: [Double] = [1]
    ) -> HDF5Object {
        .node(
            "LIF",
            [
                "tau": .floats(tau), "r": .floats(r), "v_leak": .floats(leak),
                "v_threshold": .floats(threshold),
            ]
        )
    }

    // MARK: sinabs

    @Test("sinabs's exponential decay is Euler's of another time constant; norm_input keeps r")
    func exponential() throws {
        let neuron = lif(tau: [20, 3], r: [1, 1])
        let read = try file(neuron, 2).imported(ImportSettings(exporter: .sinabs))
        let found = try #require(membrane(read.network))
        for (tau, exact) in zip([20.0, 3], found.tau) {
            #expect((1 - 1 / exact - PortableMath.exp(-1 / tau)).magnitude < 1e-15)
        }
        #expect(found.r == [1, 1])
        #expect(read.warnings.contains { $0.contains("exp(−dt/tau)") })
        #expect(read.warnings.contains { $0.contains("sinabs-unnormalised") })
    }

    @Test("without norm_input the whole input arrives: always in ExpLeak, else if the user says so")
    func unnormalised() throws {
        let leaky = HDF5Object.node(
            "LI",
            ["tau": .floats([20]), "r": .floats([1]), "v_leak": .floats([0])]
        )
        for (neuron, exporter) in [
            (leaky, Exporter.sinabs), (lif(tau: [20], r: [1]), .unnormalisedSinabs),
        ] {
            let read = try file(neuron).imported(ImportSettings(exporter: exporter))
            let found = try #require(membrane(read.network))
            #expect(found.r == found.tau)
            #expect(read.network.threshold == .greaterOrEqual)
        }
    }

    // MARK: snnTorch

    @Test("decays that training moved out of 0 to 1 count as 0 or 1")
    func learnedDecays() throws {
        // beta = 1.2, 1, −0.5 and 0.9; float32 has room for none of them exactly.
        let tau = [-5e-4, .infinity, 1e-4 / 1.5, 1e-3]
        let neuron = lif(
            tau: tau,
            r: tau.map { $0 / 1e-4 },
            leak: [0, 0, 0, 0],
            threshold: [9, 9, 9, 9]
        )
        let read = try file(neuron, 4).imported(ImportSettings(exporter: .snntorch))
        #expect(read.warnings.count == 1 && read.warnings[0].contains("'n'"))
        var machine = try FloatMachine(read.network)
        for _ in 0..<2 { try machine.step(inputSpikes: [[0, 1, 2, 3]]) }
        let potentials = machine.values(of: 1)
        for (potential, expected) in zip(potentials, [2, 2, 1, 1.9]) {
            #expect((potential - expected).magnitude < 1e-12)
        }
        // Without the tool's name it is a fault of the file.
        #expect(throws: NIRError.self) {
            try file(neuron, 4).imported(ImportSettings(timeStep: 1e-4))
        }
    }

    @Test("RLeaky and Synaptic lose the step after a spike, Leaky does not")
    func resetOneStepLater() throws {
        let synaptic = HDF5Object.node(
            "CubaLIF",
            [
                "tau_syn": .floats([2e-4]), "tau_mem": .floats([1e-3]), "r": .floats([10]),
                "v_leak": .floats([0]), "v_threshold": .floats([1]), "w_in": .floats([2]),
            ]
        )
        let leaky = lif(tau: [1e-3], r: [10])
        let file = MemoryFile(
            nodes: [
                "in": .input(1), "a.lif": leaky, "a.w_rec": .linear([[0.5]]), "b": leaky,
                "c": synaptic, "out": .output(1),
            ],
            edges: [
                ("in", "a.lif"), ("a.lif", "a.w_rec"), ("a.w_rec", "a.lif"), ("a.lif", "b"),
                ("b", "c"), ("c", "out"),
            ]
        )
        let hint = try file.imported(ImportSettings(exporter: .snntorch)).warnings
        #expect(hint.count == 1 && hint[0].contains("zero-later does so in 'a.lif', 'c'"))
        let settings = ImportSettings(exporter: .snntorch, reset: .toResetPotentialLater)
        let read = try file.imported(settings)
        #expect(read.warnings.isEmpty)
        #expect(read.network.reset == .toResetPotentialLater)
        let atOnce = Dictionary(
            uniqueKeysWithValues: read.network.populations.compactMap { population in
                population.dynamics.firing.map { (population.path, $0.resetsAtOnce) }
            }
        )
        #expect(atOnce == ["a.lif": false, "b": true, "c": false])
        // Of another tool all neurons do.
        let other = try file.imported(
            ImportSettings(timeStep: 1e-4, reset: .toResetPotentialLater)
        )
        #expect(
            other.network.populations.allSatisfy { $0.dynamics.firing?.resetsAtOnce != true }
        )
    }

    // MARK: norse

    @Test("norse starts at v_leak: potentials are counted from there, unless a spike subtracts")
    func startAtLeak() throws {
        let neuron = lif(tau: [1e-5, 1e-5], r: [1, 1], leak: [0.25], threshold: [1, 2])
        let read = try file(neuron, 2).imported(ImportSettings(exporter: .norse))
        #expect(read.warnings.contains { $0.contains("counted from there") })
        #expect(membrane(read.network)?.leak == [0, 0])
        let firing = try #require(read.network.populations[1].dynamics.firing)
        #expect(firing == Firing(threshold: [0.75, 1.75], reset: [-0.25, -0.25]))

        let subtracting = try file(neuron, 2).imported(
            ImportSettings(exporter: .norse, reset: .subtractThreshold)
        )
        #expect(subtracting.warnings.contains { $0.contains("start at 0") })
        #expect(membrane(subtracting.network)?.leak == [0.25, 0.25])
    }

    // MARK: Shapes

    @Test(
        "an Input with a batch axis, or one that was never inferred, has the shape of what it leads to",
        arguments: [[1], [1, 2], [1, 1, 2]]
    )
    func inputShape(_ declared: [Int]) throws {
        let file = MemoryFile(
            nodes: [
                "in": .node("Input", ["shape": .integers(declared)]), "w": .linear([[1, 2]]),
                "n": .integrateAndFire(1), "out": .output(1),
            ],
            edges: [("in", "w"), ("w", "n"), ("n", "out")]
        )
        let read = try file.imported()
        #expect(read.network.populations[0].shape == [2])
        #expect(read.warnings.count == 1 && read.warnings[0].contains("takes (2)"))
    }

    @Test("an Input of another shape is refused", arguments: [[2, 1], [3], [2, 2]])
    func otherInputShape(_ declared: [Int]) throws {
        let file = MemoryFile(
            nodes: [
                "in": .node("Input", ["shape": .integers(declared)]), "w": .linear([[1, 2]]),
                "n": .integrateAndFire(1), "out": .output(1),
            ],
            edges: [("in", "w"), ("w", "n"), ("n", "out")]
        )
        #expect(throws: NIRError.self) { try file.imported() }
    }

    @Test("neurons behind a convolution may have one value a channel")
    func channels() throws {
        let convolution = HDF5Object.node(
            "Conv1d",
            [
                "weight": .floats([1, 1], shape: [2, 1, 1]), "bias": .floats([0, 0]),
                "stride": .integers([1]), "padding": .integers([0]), "dilation": .integers([1]),
                "groups": .integers([1]),
            ]
        )
        let neuron = HDF5Object.node(
            "IF",
            ["r": .floats([1, 2]), "v_threshold": .floats([3, 4])]
        )
        let file = MemoryFile(
            nodes: ["in": .input(1, 3), "conv": convolution, "n": neuron, "out": .output(2, 3)],
            edges: [("in", "conv"), ("conv", "n"), ("n", "out")]
        )
        let read = try file.imported()
        #expect(read.network.populations[1].shape == [2, 3])
        #expect(
            read.network.populations[1].dynamics
                == .integrateAndFire(
                    IntegrateAndFire(
                        r: [1, 1, 1, 2, 2, 2],
                        firing: Firing(
                            threshold: [3, 3, 3, 4, 4, 4],
                            reset: [Double](repeating: 0, count: 6)
                        )
                    )
                )
        )
        #expect(read.warnings == ["One value stands for all neurons of a channel in 'n'."])
    }

    @Test("a batch axis before an image, a wrong derived shape and an empty one do no harm")
    func derivedShapes() throws {
        let convolution = HDF5Object.node(
            "Conv2d",
            [
                "weight": .floats([Double](repeating: 1, count: 6), shape: [1, 1, 3, 2]),
                "bias": .floats([0]), "stride": .integers([1, 1]), "padding": .integers([0, 0]),
                "dilation": .integers([1, 1]), "groups": .integers([1]),
                "input_shape": .floats([], shape: [0]),
            ]
        )
        let file = MemoryFile(
            nodes: [
                "in": .input(1, 1, 4, 4), "conv": convolution,
                // nir 1.0.8 takes the kernel for a square of 3: (1, 2, 2).
                "flat": .flatten(0, -1, from: [1, 2, 2]), "n": .integrateAndFire(6),
                "out": .output(6),
            ],
            edges: [("in", "conv"), ("conv", "flat"), ("flat", "n"), ("n", "out")]
        )
        let read = try file.imported()
        #expect(read.network.populations[0].shape == [1, 4, 4])
        #expect(read.network.populations[1].shape == [6])
        #expect(read.warnings.count == 2)
        #expect(
            read.warnings.contains { $0.contains("'flat' declares an input of shape (1, 2, 2)") }
        )
    }
}
