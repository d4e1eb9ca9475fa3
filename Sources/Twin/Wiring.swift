import ChipImage
import ChipSpec
import Events
import FixedPoint

/// Who is wired to whom: synapses of an image by sender, in the order in which their charges are added.
///
/// Neurons are numbered by (core, slot), senders are the neurons and then the channels of the inputs:
/// ascending sender is the canonical order of spikes.
struct Wiring: Sendable {
    struct Synapse: Sendable {
        var neuron: UInt32
        var compartment: UInt8
        var delay: UInt8
        var charge: Int32
    }

    /// Sender s owns `synapses[offsets[s]..<offsets[s + 1]]`.
    let offsets: [Int]
    let synapses: [Synapse]
    let neuronCount: Int
    let longestDelay: Int
    /// Core, slot and population of each neuron.
    let neurons: [Neuron]
    /// First sender by core, physical or virtual.
    private let firstSender: [UInt32: Int]
    private let senderCount: [UInt32: Int]
    let compartments: [[Int]]
    let accumulator: RegisterRule

    struct Neuron: Sendable {
        var core: Int
        var slot: Int
        var population: Int
    }

    /// Reads the synapses off an image, with their nominal charges.
    init(_ image: ChipImage) {
        var neurons: [Neuron] = []
        var firstSender: [UInt32: Int] = [:]
        var senderCount: [UInt32: Int] = [:]
        var firstOfCore: [Int] = []
        var denseCore: [UInt32: Int] = [:]
        for (index, core) in image.cores.enumerated() {
            firstSender[core.core] = neurons.count
            senderCount[core.core] = core.neurons.count
            firstOfCore.append(neurons.count)
            denseCore[core.core] = index
            for segment in core.segments {
                for slot in segment.firstSlot..<(segment.firstSlot + segment.count) {
                    neurons.append(
                        Neuron(core: index, slot: Int(slot), population: Int(segment.population))
                    )
                }
            }
        }
        var number = neurons.count
        for (port, input) in image.inputs.enumerated() {
            let core = NeuronAddress.firstInputCore + UInt32(port)
            firstSender[core] = number
            senderCount[core] = input.channelCount
            number += input.channelCount
        }
        var offsets = [0]
        var synapses: [Synapse] = []
        var longest = 1
        for table in image.cores.map(\.routes) + image.inputs.map(\.routes) {
            for sender in 0..<(table.offsets.count - 1) {
                for route in table[sender] {
                    guard let dense = denseCore[route.core] else { continue }
                    let tables = image.cores[dense].synapses
                    let axon = Int(route.axon)
                    for row in Int(tables.axonRows[axon])..<Int(tables.axonRows[axon + 1]) {
                        let exponent = Int32(tables.rowExponent[row])
                        longest = max(longest, Int(tables.rowDelay[row]))
                        let range =
                            Int(tables.rowSynapses[row])..<Int(tables.rowSynapses[row + 1])
                        for synapse in range {
                            let weight = Int32(tables.weights[synapse])
                            synapses.append(
                                Synapse(
                                    neuron: UInt32(
                                        firstOfCore[dense] + Int(tables.targets[synapse])
                                    ),
                                    compartment: tables.rowCompartment[row],
                                    delay: tables.rowDelay[row],
                                    charge: exponent >= 0
                                        ? weight << exponent : weight >> -exponent
                                )
                            )
                        }
                    }
                }
                offsets.append(synapses.count)
            }
        }
        self.offsets = offsets
        self.synapses = synapses
        self.neurons = neurons
        neuronCount = neurons.count
        longestDelay = longest
        self.firstSender = firstSender
        self.senderCount = senderCount
        compartments = image.network.populations.map(\.compartmentExponents)
        accumulator = RegisterRule(image.chip.dendrite.accumulator)
    }

    /// Number of an address among the senders; nil where the image has none.
    func sender(_ address: NeuronAddress) -> Int? {
        guard let first = firstSender[address.core], let count = senderCount[address.core],
            Int(address.neuron) < count
        else { return nil }
        return first + Int(address.neuron)
    }
}

/// Rails of a register.
struct RegisterRule: Sendable {
    let minimum: Int64
    let maximum: Int64
    let wraps: Bool
    let span: Int64

    init(_ format: RegisterFormat) {
        minimum = format.minimum
        maximum = format.maximum
        wraps = format.overflow == .wrap
        span = (Int64(1) << Int64(format.bits)) - 1
    }

    @inline(__always)
    func fitted(_ x: Int64) -> Int64 {
        wraps ? minimum &+ ((x &- minimum) & span) : min(max(x, minimum), maximum)
    }
}

/// Dendritic accumulators of some neurons, for all delays.
struct Dendrites {
    private let wiring: Wiring
    private let range: Range<Int>
    private let slots: Int
    private let most: Int
    /// `[delay slot][neuron][compartment]`.
    private var accumulators: [Int64]
    private var slot = 0

    /// Makes empty accumulators for a range of neurons.
    init(_ wiring: Wiring, neurons range: Range<Int>) {
        self.wiring = wiring
        self.range = range
        slots = wiring.longestDelay
        most = wiring.compartments.map(\.count).max() ?? 1
        accumulators = .init(repeating: 0, count: slots * range.count * most)
    }

    /// Empties them: a state reset.
    mutating func reset() {
        for index in accumulators.indices { accumulators[index] = 0 }
        slot = 0
    }

    /// Delivers the spikes of the last step, ascending senders.
    mutating func deliver(_ senders: some Sequence<UInt32>) {
        for sender in senders {
            let first = wiring.offsets[Int(sender)]
            let end = wiring.offsets[Int(sender) + 1]
            for index in first..<end {
                let synapse = wiring.synapses[index]
                let neuron = Int(synapse.neuron)
                guard range.contains(neuron) else { continue }
                var place = slot + Int(synapse.delay) - 1
                if place >= slots { place -= slots }
                let target =
                    (place * range.count + neuron - range.lowerBound) * most
                    + Int(synapse.compartment)
                accumulators[target] = wiring.accumulator.fitted(
                    accumulators[target] &+ Int64(synapse.charge)
                )
            }
        }
    }

    /// What the soma of a neuron reads in this step; its accumulators are then empty.
    mutating func read(_ neuron: Int) -> Int64 {
        let exponents = wiring.compartments[wiring.neurons[neuron].population]
        let first = (slot * range.count + neuron - range.lowerBound) * most
        var sum: Int64 = 0
        for (compartment, exponent) in exponents.enumerated() {
            let value = accumulators[first + compartment]
            accumulators[first + compartment] = 0
            sum &+= exponent >= 0 ? value << Int64(exponent) : value >> Int64(-exponent)
        }
        return sum
    }

    /// Goes on to the next step.
    mutating func advance() {
        slot += 1
        if slot == slots { slot = 0 }
    }
}
