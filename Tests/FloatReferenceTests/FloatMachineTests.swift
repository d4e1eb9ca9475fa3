import FloatReference
import NetworkIR
import Testing

@Suite("The float reference machine")
struct FloatMachineTests {
    /// One input channel onto one neuron of a model, weight 1.
    private func single(
        _ dynamics: Dynamics,
        timeStep: Double = 0.5,
        reset: ResetRule = .toResetPotential,
        threshold: ThresholdRule = .greater,
        bias: [Double] = []
    ) -> Network {
        Network(
            name: "single",
            timeStep: timeStep,
            reset: reset,
            threshold: threshold,
            populations: [
                Population(path: "in", shape: [1], dynamics: .input),
                Population(path: "out", shape: [1], dynamics: dynamics, bias: bias),
            ],
            projections: [
                Projection(source: 0, target: 1, delay: 0, connectivity: .dense([1]))
            ],
            outputs: [NetworkOutput(name: "o", population: 1, shape: [1])]
        )
    }

    private let firing = Firing(threshold: [1], reset: [0.25])
    private let membrane = LeakyIntegrator(tau: [2], r: [4], leak: [0.5])

    /// Potentials and spikes of population 1 for spikes on channel 0 at some steps.
    private func run(
        _ network: Network,
        _ steps: Int,
        spikesAt: Set<Int>
    ) throws -> (values: [Double], spikeSteps: [Int]) {
        var machine = try FloatMachine(network)
        var values: [Double] = []
        var spikeSteps: [Int] = []
        for step in 0..<steps {
            try machine.step(inputSpikes: [spikesAt.contains(step) ? [0] : []])
            values.append(machine.values(of: 1)[0])
            if machine.spikes(of: 1) == [0] { spikeSteps.append(step) }
        }
        return (values, spikeSteps)
    }

    @Test("LIF leaks towards v_leak, adds r·x and resets to v_reset")
    func leakyIntegrateAndFire() throws {
        let result = try run(
            single(.leakyIntegrateAndFire(membrane, firing)),
            3,
            spikesAt: [1]
        )
        // h/tau = 1/4: 0.125; 0.125 + (0.5 - 0.125 + 4)/4 = 1.21875 > 1; 0.25 + 0.0625.
        #expect(result.values == [0.125, 0.25, 0.3125])
        #expect(result.spikeSteps == [1])
    }

    @Test("subtraction keeps what exceeds the threshold")
    func subtraction() throws {
        let network = single(
            .leakyIntegrateAndFire(membrane, firing),
            reset: .subtractThreshold
        )
        let result = try run(network, 2, spikesAt: [1])
        #expect(result.values == [0.125, 0.21875])
        #expect(result.spikeSteps == [1])
    }

    @Test(
        "subtraction of all thresholds that fit spikes for each",
        arguments: [(ThresholdRule.greater, 2, 1.0), (.greaterOrEqual, 3, 0)]
    )
    func repeatedSubtraction(rule: ThresholdRule, count: Int, rest: Double) throws {
        let neuron = IntegrateAndFire(r: [6], firing: firing)
        let network = single(
            .integrateAndFire(neuron),
            reset: .subtractThresholdRepeatedly,
            threshold: rule
        )
        var machine = try FloatMachine(network)
        // h · r = 3.
        try machine.step(inputSpikes: [[0]])
        #expect(machine.spikes(of: 1) == [Int](repeating: 0, count: count))
        #expect(machine.values(of: 1) == [rest])
    }

    @Test("there is an end to the spikes of one step, also of infinite potentials")
    func mostSpikes() throws {
        for r in [1e30, Double.greatestFiniteMagnitude] {
            let neuron = IntegrateAndFire(r: [r], firing: firing)
            var machine = try FloatMachine(
                single(.integrateAndFire(neuron), reset: .subtractThresholdRepeatedly)
            )
            for _ in 0..<4 {
                try machine.step(inputSpikes: [[0, 0, 0]])
                #expect(machine.spikes(of: 1).count == ResetRule.mostSpikesOfStep)
            }
        }
    }

    @Test("reset one step later loses the input of that step, of the membrane alone")
    func resetLater() throws {
        let neuron = IntegrateAndFire(r: [4], firing: firing)
        var network = single(.integrateAndFire(neuron), reset: .toResetPotentialLater)
        // h · r = 2: every second step spikes.
        #expect(try run(network, 4, spikesAt: [0, 1, 2, 3]).spikeSteps == [0, 2])
        var atOnce = neuron
        atOnce.firing.resetsAtOnce = true
        network.populations[1].dynamics = .integrateAndFire(atOnce)
        #expect(try run(network, 4, spikesAt: [0, 1, 2, 3]).spikeSteps == [0, 1, 2, 3])
    }

    @Test("no potential of a spiking neuron falls below the lowest")
    func lowestPotential() throws {
        let neuron = IntegrateAndFire(r: [1], firing: firing)
        var network = single(.integrateAndFire(neuron), bias: [-3])
        network.lowestPotential = -2
        #expect(try run(network, 3, spikesAt: []).values == [-1.5, -2, -2])
        network.populations[1].dynamics = .integrator(r: [1])
        #expect(try run(network, 2, spikesAt: []).values == [-1.5, -3])
    }

    @Test(
        "a potential at the threshold spikes only under ≥",
        arguments: [(ThresholdRule.greater, []), (.greaterOrEqual, [0])]
    )
    func thresholdRule(rule: ThresholdRule, expected: [Int]) throws {
        let neuron = IntegrateAndFire(r: [2], firing: firing)
        let network = single(.integrateAndFire(neuron), threshold: rule)
        #expect(try run(network, 1, spikesAt: [0]).spikeSteps == expected)
    }

    @Test("IF adds h·r·x without a leak")
    func integrateAndFire() throws {
        let neuron = IntegrateAndFire(r: [1], firing: firing)
        let result = try run(single(.integrateAndFire(neuron)), 4, spikesAt: [0, 2, 3])
        #expect(result.values == [0.5, 0.5, 1, 0.25])
        #expect(result.spikeSteps == [3])
    }

    @Test("LI puts out v and never spikes")
    func leakyIntegrator() throws {
        let result = try run(single(.leakyIntegrator(membrane)), 2, spikesAt: [0, 1])
        #expect(result.values == [1.125, 1.96875])
        #expect(result.spikeSteps.isEmpty)
    }

    @Test("CubaLIF drives v with the new current")
    func currentBased() throws {
        let filter = SynapticFilter(tau: [1], inputGain: [0.5])
        let network = single(.currentBased(filter, membrane, firing))
        var machine = try FloatMachine(network)
        try machine.step(inputSpikes: [[0]])
        // i = 0.5 · 0.5 = 0.25; v = (0.5 + 4 · 0.25)/4.
        #expect(machine.currents(of: 1) == [0.25])
        #expect(machine.values(of: 1) == [0.375])
        try machine.step(inputSpikes: [[]])
        #expect(machine.currents(of: 1) == [0.125])
        #expect(machine.values(of: 1) == [0.53125])
    }

    @Test("I sums h·r·x without a leak")
    func integrator() throws {
        let result = try run(single(.integrator(r: [3])), 3, spikesAt: [0, 2])
        #expect(result.values == [1.5, 1.5, 3])
        #expect(result.spikeSteps.isEmpty)
    }

    @Test("CubaLI drives v with the new current and never spikes")
    func currentBasedIntegrator() throws {
        let filter = SynapticFilter(tau: [1], inputGain: [0.5])
        var machine = try FloatMachine(single(.currentBasedIntegrator(filter, membrane)))
        try machine.step(inputSpikes: [[0, 0, 0, 0]])
        // i = 0.5 · 2 = 1; v = (0.5 + 4)/4, beyond what would be a threshold.
        #expect(machine.currents(of: 1) == [1])
        #expect(machine.values(of: 1) == [1.125])
        try machine.step(inputSpikes: [[]])
        #expect(machine.currents(of: 1) == [0.5])
        #expect(machine.values(of: 1) == [1.46875])
        #expect(machine.spikes(of: 1).isEmpty)
    }

    @Test(
        "a threshold compares the sum of the step, strictly under either rule",
        arguments: ThresholdRule.allCases
    )
    func threshold(rule: ThresholdRule) throws {
        let network = single(.threshold([2]), threshold: rule, bias: [0.5])
        var machine = try FloatMachine(network)
        var spikes: [[Int]] = []
        for inputs in [[0], [0, 0], [0], []] {
            try machine.step(inputSpikes: [inputs])
            spikes.append(machine.spikes(of: 1))
        }
        #expect(spikes == [[], [0], [], []])
        var exact = try FloatMachine(single(.threshold([2]), threshold: rule))
        try exact.step(inputSpikes: [[0, 0]])
        #expect(exact.values(of: 1) == [2] && exact.spikes(of: 1).isEmpty)
    }

    @Test("a bias acts at every step from the first, and reset starts over")
    func biasAndReset() throws {
        var machine = try FloatMachine(single(.relay, bias: [3]))
        try machine.step(inputSpikes: [[0, 0]])
        #expect(machine.values(of: 1) == [5])
        try machine.step(inputSpikes: [[]])
        #expect(machine.values(of: 1) == [3])
        machine.reset()
        #expect(machine.stepCount == 0)
        #expect(machine.values(of: 1) == [0])
        #expect(machine.spikes(of: 0).isEmpty)
    }

    @Test("a delay of d carries the value of d steps ago, forwards and backwards", arguments: 0...3)
    func delays(delay: Int) throws {
        let network = Network(
            name: "delays",
            timeStep: 1,
            populations: [
                Population(path: "in", shape: [2], dynamics: .input),
                Population(path: "a", shape: [1], dynamics: .relay),
                Population(path: "b", shape: [1], dynamics: .relay),
            ],
            projections: [
                Projection(source: 0, target: 1, delay: delay, connectivity: .dense([1, 10])),
                Projection(source: 2, target: 1, delay: delay + 1, connectivity: .oneToOne([100])),
                Projection(source: 0, target: 2, delay: 0, connectivity: .dense([1, 10])),
            ],
            outputs: []
        )
        var machine = try FloatMachine(network)
        var values: [Double] = []
        for step in 0..<6 {
            try machine.step(inputSpikes: [step == 0 ? [1, 0] : step == 1 ? [0] : []])
            values += machine.values(of: 1)
        }
        var expected = [Double](repeating: 0, count: 8)
        for (step, value) in [11.0, 1].enumerated() {
            expected[step + delay] += value
            expected[step + delay + 1] += 100 * value
        }
        #expect(values == Array(expected.prefix(6)))
    }

    @Test("what it cannot run is refused with the place")
    func refusals() throws {
        var backwards = single(.relay)
        backwards.projections[0] = Projection(
            source: 1,
            target: 1,
            delay: 0,
            connectivity: .dense([1])
        )
        #expect(
            throws: FloatReferenceError.projectionAgainstOrder(
                network: "single",
                source: "out",
                target: "out"
            )
        ) { try FloatMachine(backwards) }

        var short = single(.relay)
        short.projections[0].connectivity = .dense([])
        #expect(throws: FloatReferenceError.self) { try FloatMachine(short) }
        var wrongParameter = single(.leakyIntegrator(membrane))
        wrongParameter.populations[1].shape = [1, 1, 2]
        #expect(throws: FloatReferenceError.self) { try FloatMachine(wrongParameter) }
        let filter = SynapticFilter(tau: [1], inputGain: [])
        for dynamics in [
            Dynamics.threshold([]), .integrator(r: [1, 2]),
            .currentBasedIntegrator(filter, membrane),
        ] {
            #expect(throws: FloatReferenceError.self) { try FloatMachine(single(dynamics)) }
        }

        var machine = try FloatMachine(single(.relay))
        #expect(
            throws: FloatReferenceError.noSuchChannel(
                network: "single",
                input: "in",
                channel: 1,
                count: 1
            )
        ) { try machine.step(inputSpikes: [[1]]) }
        #expect(throws: FloatReferenceError.self) { try machine.step(inputSpikes: []) }
        #expect(machine.stepCount == 0)
    }
}
