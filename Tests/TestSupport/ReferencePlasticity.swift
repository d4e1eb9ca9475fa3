package import ChipImage
import ChipSpec
import Events
import FixedPoint

/// State of the learning engine `pilot` of the reference machine.
package struct ReferencePlasticity {
    /// Where a learning trace or a last spike time sits.
    struct Place: Hashable {
        var core: Int
        /// Axon of a presynaptic place, slot of a postsynaptic one.
        var index: Int
        /// o of a presynaptic place; nil for a postsynaptic one.
        var offset: Int?
        var rule: Int
    }

    /// A learning trace.
    struct Trace {
        var place: Place
        var program: TraceProgram
        /// 0 … 4 for x1, x2, y1, y2, y3.
        var register: Int
        /// τ on this device.
        var tau: Double?
        /// Index in the population (input), whose path (name) is hashed in `id`.
        var neuron: Int
        var id: UInt32
        var value: Int64 = 0
    }

    /// A synapse of a plastic row.
    struct Synapse {
        var core: Int
        var index: Int
        var projection: Int
        var rule: Int
        var pre: Place
        var post: Place
        /// Index of each neuron in its population (input).
        var i: Int
        var j: Int
    }

    /// Rate control of a population.
    struct RateControl {
        var target: Int
        var gain: Int64
        var period: Int
        var steps = 0
        /// Spikes in these steps, by core of the image and slot.
        var spikes: [[Int]: Int] = [:]
    }

    /// Gain servo of a projection.
    struct Servo {
        var setting: ServoSetting
        var steps = 0
        /// S, and what the running step adds, by core of the image.
        var sums: [Int: Int64] = [:]
        var news: [Int: Int64] = [:]
    }

    /// Weight registers R by core of the image and synapse; 0 for static ones.
    var registers: [[Int64]] = []
    /// The registers before the updates of the last step, which only a mistake reads.
    var oldRegisters: [[Int64]] = []
    var synapses: [Synapse] = []
    var traces: [Trace] = []
    var traceIndices: [Place: [Int]] = [:]
    /// Step of the last spike; no entry without one.
    var lastSpikes: [Place: Int] = [:]
    /// Spikes of each step since the last state reset.
    var history: [Int: Set<NeuronAddress>] = [:]
    /// The sender of each axon with plastic rows.
    var senders: [Place: NeuronAddress] = [:]
    var isOn: [Bool] = []
    var amplitudes: [[Double]] = []
    var rewards: [Int64] = []
    /// By population.
    var rateControls: [RateControl?] = []
    /// By projection.
    var servos: [Servo?] = []
}

extension SynapseTables {
    /// The projection of a plastic row; nil for a static one.
    ///
    /// - Parameter row: Any row.
    /// - Returns: Index in the projections of the network.
    package func projection(ofRow row: Int) -> Int? {
        guard !rowProjection.isEmpty, rowProjection[row] > 0 else { return nil }
        return Int(rowProjection[row]) - 1
    }
}

// Set-up.
extension ReferenceMachine {
    mutating func setUpPlasticity() {
        let network = image.network
        let hiddenBits = image.chip.synapse.hiddenWeightBits
        plasticity.isOn = network.projections.map { _ in false }
        plasticity.amplitudes = network.projections.map {
            rule(of: $0)?.amplitudes.map { _ in 0 } ?? []
        }
        plasticity.rewards = network.projections.map { _ in 0 }
        plasticity.servos = network.projections.map { _ in nil }
        plasticity.rateControls = network.populations.map { _ in nil }
        for c in image.cores.indices {
            let tables = image.cores[c].synapses
            plasticity.registers.append(tables.weights.map { _ in 0 })
            for axon in 0..<tables.axonCount {
                for row in Int(tables.axonRows[axon])..<Int(tables.axonRows[axon + 1]) {
                    guard let projection = tables.projection(ofRow: row) else { continue }
                    for k in Int(tables.rowSynapses[row])..<Int(tables.rowSynapses[row + 1]) {
                        let hidden = tables.hiddenWeights.isEmpty ? 0 : tables.hiddenWeights[k]
                        plasticity.registers[c][k] =
                            Int64(tables.weights[k]) * PlainArithmetic.power(hiddenBits)
                            + Int64(hidden)
                    }
                    addRow(row, axon, projection, c)
                }
            }
        }
        plasticity.oldRegisters = plasticity.registers
        addPostsynapticTraces()
    }

    private func rule(of projection: ProjectionTable) -> RuleProgram? {
        projection.rule.flatMap { image.network.rules?[$0] }
    }

    /// Index of the neuron or channel in its population or input, and the name of that.
    private func identity(_ sender: NeuronAddress) -> (index: Int, name: String) {
        if sender.isInput {
            let port = Int(sender.core - NeuronAddress.firstInputCore)
            return (Int(sender.neuron), image.inputs[port].name)
        }
        for core in image.cores where core.core == sender.core {
            let slot = Int(sender.neuron)
            let index = Int(core.neurons.indexInPopulation[slot])
            return (index, population(ofSlot: slot, core).path)
        }
        preconditionFailure("spikes come from cores of the image")
    }

    private func sender(ofAxon axon: Int, _ c: Int) -> NeuronAddress {
        var found: [NeuronAddress] = []
        let wanted = Route(core: image.cores[c].core, axon: UInt32(axon))
        for core in image.cores {
            for slot in 0..<core.neurons.count where core.routes[slot].contains(wanted) {
                found.append(NeuronAddress(core: core.core, neuron: UInt32(slot)))
            }
        }
        for (port, input) in image.inputs.enumerated() {
            for channel in 0..<input.channelCount where input.routes[channel].contains(wanted) {
                found.append(
                    NeuronAddress(
                        core: NeuronAddress.firstInputCore + UInt32(port),
                        neuron: UInt32(channel)
                    )
                )
            }
        }
        precondition(found.count == 1, "an axon with plastic rows has one sender")
        return found[0]
    }

    private mutating func addRow(_ row: Int, _ axon: Int, _ projection: Int, _ c: Int) {
        let tables = image.cores[c].synapses
        guard let rule = image.network.projections[projection].rule else {
            preconditionFailure("the projection of a plastic row has a rule")
        }
        let actsOnArrival =
            image.chip.learning?.timestamp == .arrival && planted != .arrivalIgnored
        let pre = ReferencePlasticity.Place(
            core: c,
            index: axon,
            offset: actsOnArrival ? Int(tables.rowDelay[row]) : 0,
            rule: rule
        )
        let sender = sender(ofAxon: axon, c)
        if plasticity.senders[pre] == nil {
            plasticity.senders[pre] = sender
            addTraces(pre, [.x1, .x2], identity(sender))
        }
        for k in Int(tables.rowSynapses[row])..<Int(tables.rowSynapses[row + 1]) {
            let slot = Int(tables.targets[k])
            plasticity.synapses.append(
                ReferencePlasticity.Synapse(
                    core: c,
                    index: k,
                    projection: projection,
                    rule: rule,
                    pre: pre,
                    post: ReferencePlasticity.Place(core: c, index: slot, rule: rule),
                    i: identity(sender).index,
                    j: Int(image.cores[c].neurons.indexInPopulation[slot])
                )
            )
        }
    }

    private mutating func addPostsynapticTraces() {
        for rule in (image.network.rules ?? []).indices {
            let targets = image.network.projections.filter { $0.rule == rule }.map(\.target)
            for c in image.cores.indices {
                let core = image.cores[c]
                for slot in 0..<core.neurons.count
                where targets.contains(population(ofSlot: slot, core).path) {
                    let address = NeuronAddress(core: core.core, neuron: UInt32(slot))
                    addTraces(
                        ReferencePlasticity.Place(core: c, index: slot, rule: rule),
                        [.y1, .y2, .y3],
                        identity(address)
                    )
                }
            }
        }
    }

    private mutating func addTraces(
        _ place: ReferencePlasticity.Place,
        _ registers: [RuleVariable],
        _ identity: (index: Int, name: String)
    ) {
        for program in image.network.rules?[place.rule].traces ?? []
        where registers.contains(program.register) {
            let all: [RuleVariable] = [.x1, .x2, .y1, .y2, .y3]
            let register = all.firstIndex(of: program.register) ?? 0
            let g = pattern.factor(
                .traceTau,
                core: image.cores[place.core].core,
                place.index + (planted == .traceMismatchIsShared ? 0 : register * (1 << 20))
            )
            plasticity.traceIndices[place, default: []].append(plasticity.traces.count)
            plasticity.traces.append(
                ReferencePlasticity.Trace(
                    place: place,
                    program: program,
                    register: register,
                    tau: program.tau.map { $0 * g },
                    neuron: identity.index,
                    id: Self.id(identity.name)
                )
            )
        }
    }

    /// What a state reset clears.
    mutating func forgetSpikes() {
        plasticity.history = [:]
        if planted == .resetKeepsTraces { return }
        plasticity.lastSpikes = [:]
        for index in plasticity.traces.indices { plasticity.traces[index].value = 0 }
    }
}

// Registers.
extension ReferenceMachine {
    /// w of a register.
    func visibleWeight(_ register: Int64) -> Int64 {
        let synapse = image.chip.synapse
        guard synapse.hiddenWeightBits > 0 else { return register }
        let half = PlainArithmetic.power(synapse.hiddenWeightBits - 1)
        return min(
            PlainArithmetic.floorDivision(
                register + (planted == .visibleWeightFloors ? 0 : half),
                2 * half
            ),
            PlainArithmetic.power(synapse.weightBits - 1) - 1
        )
    }

    /// The register that a charge is formed from.
    func chargeRegister(_ c: Int, _ k: Int) -> Int64 {
        planted == .chargeUsesOldWeight
            ? plasticity.oldRegisters[c][k] : plasticity.registers[c][k]
    }

    func fitWeightRegister(_ value: Int64, _ projection: Int) -> Int64 {
        let bits = image.chip.synapse.weightBits + image.chip.synapse.hiddenWeightBits
        let top = PlainArithmetic.power(bits - 1)
        let fitted = PlainArithmetic.fit(value, -top, top - 1, .saturate)
        if planted == .signForgotten { return fitted }
        switch image.network.projections[projection].signMode {
        case .mixed: return fitted
        case .excitatory: return fitted < 0 ? 0 : fitted
        case .inhibitory: return fitted > 0 ? 0 : fitted
        }
    }

    /// Lane n of a block of draws.
    static func lane(_ n: Int, of block: Philox4x32.Block) -> Int64 {
        let word = Int64(word(n / 2, of: block))
        return n % 2 == 0 ? word % 65536 : word / 65536
    }
}
