import ChipSpec
import Compiler
import NetworkIR
import Testing

@Suite("Refusals of the compiler")
struct CompilerErrorTests {
    private typealias Nets = TestNetworks

    /// The error of a compilation; its message must have several sentences.
    private func refusal(_ network: Network, _ chip: ChipSpec) throws -> CompilerError? {
        do {
            _ = try Compiler.compile(network, for: chip)
            return nil
        } catch let error as CompilerError {
            #expect(error.description.split(separator: ". ").count >= 3, "\(error)")
            return error
        }
    }

    /// One input channel, one neuron.
    private func small(
        _ neuron: Population,
        reset: ResetRule = .toResetPotential,
        threshold: ThresholdRule = .greater
    ) -> Network {
        Nets.network(
            [Nets.input(1), neuron],
            [Nets.dense(0, 1, [0.5])],
            reset: reset,
            threshold: threshold
        )
    }

    @Test("says which array of a network does not fit")
    func malformed() throws {
        let chip = try TestChips.pilot()
        let good = small(Nets.lif("x", 1))
        #expect(try refusal(good, chip) == nil)
        let faults: [(inout Network) -> Void] = [
            { $0.timeStep = 0 },
            { $0.timeStep = .nan },
            { $0.populations[1].bias = [1, 2] },
            { $0.populations[1].bias = [.infinity] },
            { $0.populations[1].shape = [2] },
            { $0.populations[1].shape = [Int.max, 4] },
            { $0.populations[1].shape = [0] },
            { $0.populations[1] = Nets.lif("x", 1, tau: -1) },
            { $0.populations[1] = Nets.lif("x", 1, threshold: 1e31) },
            { $0.projections[0].connectivity = .dense([1, 2]) },
            { $0.projections[0].connectivity = .dense([.nan]) },
            { $0.projections[0].source = 7 },
            { $0.projections[0].target = -1 },
            { $0.projections[0].target = 0 },
            { $0.projections[0].delay = -1 },
            { $0.projections[0].delay = .max },
            { $0.projections.append($0.projections[0]) },
            { $0.outputs[0].population = 9 },
        ]
        for (index, spoil) in faults.enumerated() {
            var network = good
            spoil(&network)
            guard case .malformedNetwork = try refusal(network, chip) else {
                Issue.record("fault \(index) was not found")
                continue
            }
        }
    }

    @Test("refuses a network of inputs only")
    func nothingToRun() throws {
        var network = Nets.network([Nets.input(3)], [])
        network.outputs = []
        #expect(
            try refusal(network, TestChips.pilot()) == .nothingToRun(network: "test")
        )
    }

    @Test("refuses a loop with less delay than projections, and takes one with as much")
    func loopWithoutDelay() throws {
        let chip = try TestChips.pilot()
        var network = Nets.network(
            [Nets.input(1), Nets.lif("x", 1), Nets.lif("y", 1)],
            [Nets.dense(0, 1, [1]), Nets.dense(1, 2, [1]), Nets.dense(2, 1, [1])]
        )
        #expect(try refusal(network, chip) == .loopWithoutDelay(network: "test"))
        network.projections[2].delay = 1
        #expect(try refusal(network, chip) == .loopWithoutDelay(network: "test"))
        network.projections[2].delay = 2
        #expect(try refusal(network, chip) == nil)
    }

    @Test("refuses outputs without a neuron")
    func outputs() throws {
        let chip = try TestChips.pilot()
        let relay = small(Population(path: "out", shape: [1], dynamics: .relay))
        #expect(try refusal(relay, chip) == .outputWithoutNeuron(population: "out"))
        var direct = small(Nets.lif("x", 1))
        direct.outputs.append(NetworkOutput(name: "raw", population: 0, shape: [1]))
        #expect(try refusal(direct, chip) == .outputOfInput(output: "raw", input: "input"))
    }

    @Test("refuses a membrane potential as input of another population")
    func analogSource() throws {
        let network = Nets.network(
            [Nets.input(1), Nets.leakyIntegrator("x", 1), Nets.lif("y", 1)],
            [Nets.dense(0, 1, [1]), Nets.dense(1, 2, [1])]
        )
        #expect(
            try refusal(network, TestChips.pilot())
                == .analogSource(source: "x", model: "LI", target: "y")
        )
    }

    @Test("refuses what a Delay holds as input of another population")
    func heldSum() throws {
        let network = Nets.network(
            [Nets.input(1), Population(path: "d", shape: [1], dynamics: .relay), Nets.lif("y", 1)],
            [Nets.dense(0, 1, [1]), Nets.dense(1, 2, [1], delay: 2)]
        )
        #expect(
            try refusal(network, TestChips.pilot())
                == .analogSource(source: "d", model: "Delay", target: "y")
        )
    }

    @Test("refuses I, CubaLI and Threshold, which no soma computes")
    func floatOnly() throws {
        let leaky = LeakyIntegrator(tau: [10], r: [1], leak: [0])
        let filter = SynapticFilter(tau: [10], inputGain: [1])
        for chip in [try TestChips.pilot(), try TestChips.loihi()] {
            for (dynamics, model) in [
                (Dynamics.integrator(r: [1]), "I"), (.threshold([1]), "Threshold"),
                (.currentBasedIntegrator(filter, leaky), "CubaLI"),
            ] {
                let network = small(Population(path: "x", shape: [1], dynamics: dynamics))
                #expect(
                    try refusal(network, chip)
                        == .modelNotOnChip(
                            population: "x",
                            model: model,
                            chip: chip.name,
                            models: chip.soma.models
                        )
                )
            }
        }
    }

    @Test("refuses LI on Loihi and CubaLIF on a chip without a current")
    func models() throws {
        let loihi = try TestChips.loihi()
        #expect(
            try refusal(small(Nets.leakyIntegrator("x", 1)), loihi)
                == .modelNotOnChip(
                    population: "x",
                    model: "LI",
                    chip: loihi.name,
                    models: [.cubaLIF]
                )
        )
        var chip = try TestChips.pilot()
        let filtered = small(Nets.cubaLIF("x", 1))
        #expect(try refusal(filtered, chip) == nil)
        chip.soma.current = nil
        #expect(
            try refusal(filtered, chip) == .noCurrentOnChip(population: "x", chip: chip.name)
        )
    }

    @Test("refuses a reset that the soma cannot do, with the one it can")
    func reset() throws {
        let loihi = try TestChips.loihi()
        let network = small(Nets.lif("x", 1), reset: .subtractThreshold)
        let error = try refusal(network, loihi)
        #expect(
            error
                == .resetNotOnChip(
                    population: "x",
                    rule: .subtract,
                    chip: loihi.name,
                    rules: [.zero]
                )
        )
        #expect(error?.description.contains("--reset zero") == true)
        #expect(try refusal(network, TestChips.pilot()) == nil)
    }

    @Test("refuses a time constant shorter than the step, and takes one equal to it")
    func unstableStep() throws {
        let chip = try TestChips.pilot()
        #expect(try refusal(small(Nets.lif("x", 1, tau: 1)), chip) == nil)
        #expect(
            try refusal(small(Nets.lif("x", 1, tau: 0.99)), chip)
                == .unstableStep(population: "x", neuron: 0, count: 1, tau: 0.99, step: 1)
        )
    }

    @Test("refuses a threshold below the reset level, and takes one at it")
    func negativeThreshold() throws {
        let chip = try TestChips.pilot()
        #expect(try refusal(small(Nets.lif("x", 2, threshold: 0)).widened(), chip) == nil)
        #expect(
            try refusal(small(Nets.lif("x", 2, threshold: -0.5)).widened(), chip)
                == .negativeThreshold(population: "x", neuron: 0, count: 2, threshold: -0.5)
        )
        // v ≥ 0 would be v > −1.
        #expect(
            try refusal(
                small(Nets.lif("x", 2, threshold: 0), threshold: .greaterOrEqual).widened(),
                chip
            ) == .negativeThreshold(population: "x", neuron: 0, count: 2, threshold: 0)
        )
    }

    @Test("refuses a delay one step beyond the longest")
    func delays() throws {
        let chip = try TestChips.pilot()
        func network(_ delay: Int) -> Network {
            Nets.network(
                [Nets.input(1), Nets.lif("x", 1)],
                [Nets.dense(0, 1, [1]), Nets.dense(1, 1, [0.5], delay: delay)]
            )
        }
        #expect(try refusal(network(16), chip) == nil)
        #expect(
            try refusal(network(17), chip)
                == .delayTooLong(source: "x", target: "x", delay: 17, limit: 16, chip: chip.name)
        )
    }

    @Test(
        "refuses a neuron that is too large for a core by one",
        arguments: [CoreResource.axonsIn, .synapseBytes]
    )
    func neuronTooLarge(resource: CoreResource) throws {
        let network = Nets.network(
            [Nets.input(20), Nets.lif("x", 1)],
            [Nets.dense(0, 1, [Double](repeating: 1, count: 20))]
        )
        var chip = try TestChips.pilot()
        // 20 synapses of 2 bytes and 20 rows of 4.
        let needed = resource == .axonsIn ? 20 : 120
        for limit in [needed, needed - 1] {
            if resource == .axonsIn {
                chip.core.axonsIn = limit
            } else {
                chip.core.synapseMemoryInBytes = limit
            }
            let expected = CompilerError.neuronTooLarge(
                population: "x",
                neuron: 0,
                resource: resource,
                needed: needed,
                limit: limit,
                chip: chip.name
            )
            #expect(try refusal(network, chip) == (limit < needed ? expected : nil))
        }
    }

    @Test("refuses one core too many, naming the limit that binds")
    func tooManyCores() throws {
        var chip = try TestChips.pilot()
        let network = TestNetworks.digits(seed: 1)
        chip.core.neurons = 7  // 106 neurons on 16 cores
        #expect(try refusal(network, chip) == nil)
        chip.mesh.height = 3
        #expect(
            try refusal(network, chip)
                == .tooManyCores(
                    network: "test",
                    needed: 16,
                    limit: 12,
                    chip: chip.name,
                    resource: .neurons,
                    coresFull: 15
                )
        )
    }

    @Test("refuses a fan-out to more cores than a neuron has routes")
    func tooManyRoutes() throws {
        var chip = try TestChips.pilot()
        chip.core.neurons = 2
        let network = Nets.network(
            [Nets.input(1), Nets.lif("x", 1), Nets.lif("y", 7)],
            [Nets.dense(0, 1, [1]), Nets.dense(1, 2, [Double](repeating: 1, count: 7))]
        )
        chip.core.axonsOut = 4
        #expect(try refusal(network, chip) == nil)
        chip.core.axonsOut = 3
        #expect(
            try refusal(network, chip)
                == .tooManyRoutes(population: "x", core: 0, needed: 4, limit: 3, chip: chip.name)
        )
    }

    private static let counts = [(7, "7"), (1312, "1,312"), (-1_000_000, "-1,000,000")]

    @Test("writes large counts with commas", arguments: counts)
    func commas(count: Int, text: String) {
        let error = CompilerError.tooManyRoutes(
            population: "x",
            core: 0,
            needed: count,
            limit: 0,
            chip: "c"
        )
        #expect(error.description.contains("needs \(text) routes"))
    }
}

extension Network {
    /// The same network with as many weights as its two-neuron population needs.
    fileprivate func widened() -> Network {
        var network = self
        network.projections[0].connectivity = .dense([0.5, 0.5])
        return network
    }
}
