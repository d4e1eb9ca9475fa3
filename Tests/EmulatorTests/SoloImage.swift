import ChipImage
import ChipSpec
import Events
import FixedPoint
import TestSupport

/// One population on one core behind one input channel that reaches every neuron by the same rows.
///
/// Decays have 4 bits, sums are shifted left by 1, and decays round down.
struct SoloImage {
    var chip: ChipSpec
    var population: PopulationTable
    var threshold: Int32 = 1 << 22
    var membraneDecay: UInt16 = 0
    var currentDecay: UInt16 = 0
    var bias: Int32 = 0
    var resetPotential: Int32 = 0
    var rows: [(weight: Int16, delay: UInt8)] = []

    init(_ model: NeuronModel, count: Int = 1) {
        chip = RandomChip.pilotLike()
        chip.soma.accumulatorShift = 1
        chip.soma.decayBits = 4
        chip.soma.decayRounding = .floor
        population = PopulationTable(
            path: "solo",
            shape: [count],
            model: model,
            reset: .zero,
            hasCurrent: model == .sampling,
            compartmentExponents: [0],
            membraneScale: [1],
            depth: 0
        )
    }

    /// A `sampling` neuron whose potential is a hundredth log-odds a raw unit.
    static func sampling(
        _ psp: PSPShape,
        count: Int = 1,
        refractorySteps: Int = 5,
        pspSteps: Int = 3
    ) -> Self {
        var solo = Self(.sampling, count: count)
        solo.population.sampling = SamplingTable(
            logOddsPerRaw: 0.01,
            refractorySteps: refractorySteps,
            psp: psp,
            pspSteps: pspSteps
        )
        return solo
    }

    var image: ChipImage {
        let count = population.count
        var neurons = NeuronTables()
        neurons.indexInPopulation = (0..<UInt32(count)).map { $0 }
        neurons.threshold = neurons.indexInPopulation.map { _ in threshold }
        neurons.membraneDecay = neurons.indexInPopulation.map { _ in membraneDecay }
        neurons.currentDecay = neurons.indexInPopulation.map { _ in currentDecay }
        neurons.membraneBias = neurons.indexInPopulation.map { _ in bias }
        neurons.currentBias = neurons.indexInPopulation.map { _ in 0 }
        neurons.resetPotential = neurons.indexInPopulation.map { _ in resetPotential }
        neurons.initialPotential = neurons.indexInPopulation.map { _ in 0 }
        var synapses = SynapseTables()
        synapses.axonRows = [0, UInt32(rows.count)]
        synapses.rowSynapses = (0...rows.count).map { UInt32($0 * count) }
        synapses.rowDelay = rows.map(\.delay)
        synapses.rowExponent = rows.map { _ in 0 }
        synapses.rowCompartment = rows.map { _ in 0 }
        for row in rows {
            synapses.targets += (0..<count).map { UInt16($0) }
            synapses.weights += (0..<count).map { _ in row.weight }
        }
        return ChipImage(
            chip: chip,
            network: NetworkTable(
                name: "solo",
                timeStep: 1,
                populations: [population],
                projections: [],
                outputs: [],
                drainSteps: 0
            ),
            inputs: [
                InputPort(
                    name: "in",
                    shape: [1],
                    routes: RouteTable(offsets: [0, 1], routes: [Route(core: 2, axon: 0)])
                )
            ],
            cores: [
                CoreTables(
                    core: 2,
                    segments: [Segment(population: 0, firstSlot: 0, count: UInt32(count))],
                    neurons: neurons,
                    synapses: synapses,
                    routes: RouteTable(
                        offsets: [UInt32](repeating: 0, count: count + 1),
                        routes: []
                    )
                )
            ]
        )
    }

    /// v of the first neuron after each step, and the steps in which it spiked.
    func run(
        _ kind: MachineUnderTest,
        inputs: Set<Int> = [],
        steps: Int,
        device: Device = .ideal,
        seed: UInt64 = 0,
        _ prepare: (inout any LearningMachine) -> Void = { _ in }
    ) -> (v: [Int64], spikes: [Int]) {
        var machine = kind.make(image, device, seed)
        prepare(&machine)
        var v: [Int64] = []
        var spikes: [Int] = []
        for step in 0..<steps {
            let channel = NeuronAddress(core: NeuronAddress.firstInputCore, neuron: 0)
            let new = machine.advance(inputs.contains(step) ? [channel] : [])
            if new.contains(where: { $0.neuron == 0 }) { spikes.append(step) }
            v.append(machine.membranePotential(population: 0, neuron: 0))
        }
        return (v, spikes)
    }
}
