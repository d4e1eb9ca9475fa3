import ChipImage
import ChipSpec
import Events
import FixedPoint
import TestSupport

/// Two neurons a and b on two cores, which spike when the test says so, and a plastic synapse each
/// way between them.
///
/// A neuron forgets its potential within a step; an input spike drives it over its threshold, a
/// plastic synapse does not. Learning traces decay by floor, updates round to nearest.
struct PairImage {
    /// Indices in the projections of the network.
    static let forward = 2
    static let backward = 3
    /// τ of a learning trace that halves in each step.
    static let halving = 1.442_695_040_888_963_4

    var chip: ChipSpec
    var rule: RuleProgram
    var forwardDelay = 1
    /// Sign that both plastic synapses keep.
    var signMode = SignMode.mixed

    init(_ rule: RuleProgram) {
        self.rule = rule
        chip = RandomChip.pilotLike()
        chip.learning?.traceRounding = .floor
        chip.learning?.weightRounding = .nearest
    }

    /// dw = y0 · x1 − x0 · y1, in units of the whole register with 8 hidden bits.
    static func exponential(xImpulse: Double = 32, yImpulse: Double = 32) -> RuleProgram {
        RuleProgram(
            name: "sal",
            source: [],
            traces: [
                TraceProgram(register: .x1, impulse: xImpulse, tau: halving),
                TraceProgram(register: .y1, impulse: yImpulse, tau: halving),
            ],
            products: [
                RuleProduct(trigger: .y0, mantissa: 1, exponent: -8, factors: [RuleFactor(.x1)]),
                RuleProduct(trigger: .x0, mantissa: -1, exponent: -8, factors: [RuleFactor(.y1)]),
            ],
            windows: [],
            amplitudes: []
        )
    }

    /// +eta if 0 < t_post − t_pre <= 6 and −eta the other way round, newer partners, no ties.
    static func nearestNeighbour(
        firstStep: Int = 1,
        isNewer: Bool = true,
        isUntied: Bool = true
    ) -> RuleProgram {
        func window(_ trigger: RuleTrigger, _ sign: Int) -> RuleWindow {
            RuleWindow(
                trigger: trigger,
                mantissa: sign,
                exponent: 0,
                amplitude: 0,
                firstStep: firstStep,
                lastStep: 6,
                requiresNewerPartner: isNewer,
                skipsTies: isUntied
            )
        }
        return RuleProgram(
            name: "nearest",
            source: [],
            traces: [],
            products: [],
            windows: [window(.y0, 1), window(.x0, -1)],
            amplitudes: ["eta"]
        )
    }

    /// One product without factors.
    static func constant(_ trigger: RuleTrigger, exponent: Int, epoch: Int = 1) -> RuleProgram {
        RuleProgram(
            name: "constant",
            source: [],
            traces: [],
            products: [RuleProduct(trigger: trigger, mantissa: 1, exponent: exponent, factors: [])],
            windows: [],
            amplitudes: [],
            epoch: epoch
        )
    }

    var image: ChipImage {
        let populations = ["a", "b"].map {
            PopulationTable(
                path: $0,
                shape: [1],
                model: .lif,
                reset: .zero,
                hasCurrent: false,
                compartmentExponents: [0],
                membraneScale: [1],
                depth: 0
            )
        }
        return ChipImage(
            chip: chip,
            network: NetworkTable(
                name: "pair",
                timeStep: 1,
                populations: populations,
                projections: [
                    projection("in", "a"), projection("in", "b"),
                    projection("a", "b", delay: forwardDelay, rule: 0),
                    projection("b", "a", rule: 0),
                ],
                outputs: [],
                drainSteps: 0,
                rules: [rule]
            ),
            inputs: [
                InputPort(
                    name: "in",
                    shape: [2],
                    routes: RouteTable(
                        offsets: [0, 1, 2],
                        routes: [Route(core: 0, axon: 0), Route(core: 5, axon: 0)]
                    )
                )
            ],
            cores: [
                core(0, population: 0, plastic: Self.backward, delay: 1, other: 5),
                core(5, population: 1, plastic: Self.forward, delay: forwardDelay, other: 0),
            ]
        )
    }

    private func projection(
        _ source: String,
        _ target: String,
        delay: Int = 1,
        rule: Int? = nil
    ) -> ProjectionTable {
        ProjectionTable(
            source: source,
            target: target,
            delay: delay,
            compartment: 0,
            signMode: rule == nil ? .mixed : signMode,
            weightScale: 1,
            synapses: 1,
            largestError: 0,
            rootMeanSquareError: 0,
            rule: rule
        )
    }

    private func core(
        _ core: UInt32,
        population: UInt32,
        plastic: Int,
        delay: Int,
        other: UInt32
    ) -> CoreTables {
        var neurons = NeuronTables()
        neurons.indexInPopulation = [0]
        neurons.threshold = [64_000]
        neurons.membraneDecay = [4095]
        neurons.currentDecay = [0]
        neurons.membraneBias = [0]
        neurons.currentBias = [0]
        neurons.resetPotential = [0]
        neurons.initialPotential = [0]
        var synapses = SynapseTables()
        synapses.axonRows = [0, 1, 2]
        synapses.rowSynapses = [0, 1, 2]
        synapses.rowDelay = [1, UInt8(delay)]
        synapses.rowExponent = [4, 0]
        synapses.rowCompartment = [0, 0]
        synapses.targets = [0, 0]
        synapses.weights = [127, 0]
        synapses.rowProjection = [0, UInt16(plastic + 1)]
        return CoreTables(
            core: core,
            segments: [Segment(population: population, firstSlot: 0, count: 1)],
            neurons: neurons,
            synapses: synapses,
            routes: RouteTable(offsets: [0, 1], routes: [Route(core: other, axon: 1)])
        )
    }
}

/// A pair on a machine, with its clock.
struct PairRun {
    var machine: any LearningMachine
    private(set) var step = 0

    init(_ pair: PairImage, _ kind: MachineUnderTest, device: Device = .ideal, seed: UInt64 = 0) {
        machine = kind.make(pair.image, device, seed)
    }

    /// Both rules on.
    mutating func learn() {
        for projection in [PairImage.forward, PairImage.backward] {
            machine.setLearning(projection: projection, isOn: true)
        }
    }

    /// Runs to a step; a and b spike in the given steps, which begin at 1.
    mutating func run(to end: Int, a: Set<Int> = [], b: Set<Int> = []) {
        while step < end {
            let channels = [a, b].indices.filter { [a, b][$0].contains(step + 1) }
            _ = machine.advance(
                channels.map {
                    NeuronAddress(core: NeuronAddress.firstInputCore, neuron: UInt32($0))
                }
            )
            step += 1
        }
    }

    /// Registers of the synapses a → b and b → a.
    var forward: Int {
        machine.weightRegister(projection: PairImage.forward, pre: 0, post: 0)
    }
    var backward: Int {
        machine.weightRegister(projection: PairImage.backward, pre: 0, post: 0)
    }

    mutating func setForward(_ value: Int) {
        machine.setWeightRegister(
            projection: PairImage.forward,
            pre: 0,
            post: 0,
            value: value
        )
    }
}
