import ChipImage
import ChipSpec
import Events
import FixedPoint
import Interconnect

/// How an image lies on the host: neurons numbered through, cut into partitions, rows by sender.
///
/// Neurons are numbered by (core, slot); senders are the neurons followed by the channels of the
/// input ports, so ascending sender is the canonical order of spikes. A partition is a contiguous
/// range of neurons. Nothing a user can observe depends on where the cuts are.
struct HostLayout {
    /// Fraction bits that charges and accumulators gain where the device's weights vary.
    static let weightFractionBits = 6

    let partitions: [HostTables]
    /// Address of every sender.
    let addresses: [NeuronAddress]
    let neuronCount: Int
    /// First sender of each input port.
    let firstSenderOfPort: [Int]
    /// Physical cores, ascending.
    let cores: [UInt32]
    /// First neuron of each used core; one more entry at the end.
    let firstNeuronOfCore: [Int]
    /// Sender s owns `routes[routeOffsets[s]..<routeOffsets[s + 1]]`.
    let routeOffsets: HostArray<UInt32>
    let routes: HostArray<PacketTable.Route>
    /// What a spike of each sender puts on the links.
    let traffic: HostArray<SenderTraffic>
    /// The routes as clocks see them.
    let packets: PacketTable
    /// Whether a spike for several cores is one packet.
    let casting: PacketCasting
    /// Index of the core of each sender among the used cores; −1 for inputs.
    let coreOfSender: [Int32]
    /// Longest delay of any row.
    let longestDelay: Int
    /// Fraction bits of charges and accumulators: 0, or `weightFractionBits`.
    let fractionBits: Int
    /// Whether accumulators need 64 bits.
    let needsWideAccumulators: Bool
    /// Partition of each neuron.
    let partitionOfNeuron: [Int32]
    /// Place of each neuron in the columns of its partition.
    let columnOfNeuron: [UInt32]
    /// Plastic synapses of each partition, row by row.
    let plastic: [[PlasticDraft]]
    /// Lines and neurons of each rule.
    let ruleLines: [[PreLine]]
    let rulePosts: [[PostNeuron]]
    /// Neurons of each population, by index in the population.
    let neuronsOfPopulation: [[UInt32]]
}

extension HostLayout {
    /// Lays an image out for a device.
    ///
    /// - Parameters:
    ///   - image: A verified image.
    ///   - device: Whose fixed pattern to apply.
    ///   - partitionSize: Neurons a partition holds at the most.
    init(image: ChipImage, device: Device, partitionSize: Int) {
        let factors = DeviceFactors(device: device, distribution: image.chip.mismatch.distribution)
        var loader = Loader(image: image, factors: factors, partitionSize: partitionSize)
        loader.numberNeurons()
        loader.copyRegisters()
        loader.copyNoise()
        loader.listPosts()
        loader.copySynapses()
        loader.proveRanges()
        self = loader.finish()
    }
}

private struct Loader {
    let image: ChipImage
    let factors: DeviceFactors
    let partitionSize: Int
    let topology: Topology
    let fractionBits: Int
    let usesWideCharges: Bool
    let isODIN: Bool

    var firstNeuronOfCore: [Int] = [0]
    var addresses: [NeuronAddress] = []
    var coreOfSender: [Int32] = []
    var firstSenderOfPort: [Int] = []
    var denseCore: [UInt32: Int] = [:]
    var drafts: [PartitionDraft] = []
    var partitionOfNeuron: [Int32] = []
    var columnOfNeuron: [UInt32] = []
    /// Accumulator of compartment 0 of each neuron, and the stride to the next compartment.
    var accumulatorOfNeuron: [UInt32] = []
    var strideOfNeuron: [UInt32] = []
    var routeOffsets: [UInt32] = [0]
    var routes: [PacketTable.Route] = []
    var traffic: [SenderTraffic] = []
    var longestDelay = 1
    var ruleLines: [[PreLine]]
    var rulePosts: [[PostNeuron]]
    /// Entry of each neuron among the posts of each rule.
    var postEntry: [[UInt32: UInt32]]
    var lineEntry: [[LineKey: UInt32]]
    var neuronsOfPopulation: [[UInt32]]
    var needsWideAccumulators = false

    init(image: ChipImage, factors: DeviceFactors, partitionSize: Int) {
        self.image = image
        self.factors = factors
        self.partitionSize = partitionSize
        topology = Topology(image.chip)
        // An event of ODIN adds whole numbers: its weights do not vary.
        isODIN = image.chip.soma.models == [.odinLIF]
        usesWideCharges = factors.varies(.weight) && !isODIN
        fractionBits = usesWideCharges ? HostLayout.weightFractionBits : 0
        let rules = image.network.rules?.count ?? 0
        ruleLines = .init(repeating: [], count: rules)
        rulePosts = .init(repeating: [], count: rules)
        postEntry = .init(repeating: [:], count: rules)
        lineEntry = .init(repeating: [:], count: rules)
        neuronsOfPopulation = image.network.populations.map { .init(repeating: 0, count: $0.count) }
    }

    /// A line of a rule: axon of a core, and steps from spike to action.
    struct LineKey: Hashable {
        var core: Int
        var axon: UInt32
        var offset: UInt32
    }

    var soma: SomaSpec { image.chip.soma }

    // MARK: Numbers and cuts

    mutating func numberNeurons() {
        for (dense, core) in image.cores.enumerated() {
            denseCore[core.core] = dense
            for slot in 0..<core.neurons.count {
                addresses.append(NeuronAddress(core: core.core, neuron: UInt32(slot)))
                coreOfSender.append(Int32(dense))
            }
            firstNeuronOfCore.append(addresses.count)
            cut(core, dense: dense)
        }
        for (port, input) in image.inputs.enumerated() {
            firstSenderOfPort.append(addresses.count)
            let core = NeuronAddress.firstInputCore + UInt32(port)
            for channel in 0..<input.channelCount {
                addresses.append(NeuronAddress(core: core, neuron: UInt32(channel)))
                coreOfSender.append(-1)
            }
        }
    }

    private mutating func cut(_ core: CoreTables, dense: Int) {
        for segment in core.segments {
            let population = image.network.populations[Int(segment.population)]
            let compartments = population.compartmentExponents.count
            var slot = Int(segment.firstSlot)
            let end = slot + Int(segment.count)
            while slot < end {
                let room = openPartition(compartments: compartments)
                let count = min(room, end - slot)
                append(population, Int(segment.population), core: dense, count: count)
                slot += count
            }
        }
    }

    /// Makes sure the last partition can take a neuron, and tells how many it can take.
    private mutating func openPartition(compartments: Int) -> Int {
        // Targets are 16 bits, whatever size was asked for.
        let limit = 1 << 16
        let block = HostSegment.block
        if let last = drafts.last {
            let places = (limit - last.accumulatorCount) / compartments / block * block
            let room = min(partitionSize - last.segments.reduce(0) { $0 + $1.count }, places)
            if room > 0 { return room }
        }
        var draft = PartitionDraft()
        let registers = soma.models.map(\.modelRegisterCount).max() ?? 0
        draft.modelRegisters = .init(repeating: [], count: registers)
        drafts.append(draft)
        return min(partitionSize, limit / compartments / block * block)
    }

    private mutating func append(
        _ population: PopulationTable,
        _ populationIndex: Int,
        core: Int,
        count: Int
    ) {
        let index = drafts.count - 1
        let host = HostSegment(
            core: core,
            firstNeuron: partitionOfNeuron.count,
            first: drafts[index].threshold.count,
            count: count,
            accumulator: drafts[index].accumulatorCount,
            exponents: population.compartmentExponents,
            model: population.model,
            reset: population.reset,
            hasCurrent: population.hasCurrent,
            depth: population.depth,
            fitsInt32: false,
            population: populationIndex,
            populationID: RandomStream.id(of: population.path),
            noise: MembraneNoise(population, scales: []),
            sampling: population.sampling
        )
        for position in 0..<count {
            partitionOfNeuron.append(Int32(index))
            columnOfNeuron.append(UInt32(host.first + position))
            accumulatorOfNeuron.append(UInt32(host.accumulator + position))
            strideOfNeuron.append(UInt32(host.paddedCount))
        }
        drafts[index].segments.append(host)
        drafts[index].accumulatorCount += host.paddedCount * host.exponents.count
        drafts[index].appendSilentNeurons(host.paddedCount)
    }

    // MARK: Registers

    mutating func copyRegisters() {
        var neuron = 0
        for core in image.cores {
            for segment in core.segments {
                let population = image.network.populations[Int(segment.population)]
                for slot in segment.firstSlot..<(segment.firstSlot + segment.count) {
                    copyRegisters(of: core, slot: slot, population, neuron: neuron)
                    let index = Int(core.neurons.indexInPopulation[Int(slot)])
                    neuronsOfPopulation[Int(segment.population)][index] = UInt32(neuron)
                    neuron += 1
                }
            }
        }
    }

    private mutating func copyRegisters(
        of core: CoreTables,
        slot: UInt32,
        _ population: PopulationTable,
        neuron: Int
    ) {
        let tables = core.neurons
        let k = Int(slot)
        let place = DevicePlace(core: core.core, index: slot)
        let isLoihi = population.model == .cubaLIF
        let top = Int64(1) << Int64(isLoihi ? CubaLIF.decayBits : soma.decayBits)
        let membrane = isLoihi ? CubaLIF.membraneRange : soma.membrane.range
        let current = soma.current?.range ?? membrane

        func scaled(
            _ value: Int32,
            _ parameter: MismatchParameter,
            _ range: ClosedRange<Int64>
        ) -> Int32 {
            Int32(factors.scaled(Int64(value), parameter, at: place, within: range))
        }
        func decay(_ value: Int64, _ parameter: MismatchParameter, _ first: Int64) -> Int64 {
            population.model.isRandom
                ? factors.exactDecay(value, parameter, at: place, full: top)
                : factors.decay(value, parameter, at: place, within: first...(top - 1 + first))
        }
        // Loihi's current decay register d acts as d + 1. A current that forgets everything within
        // a step has no time constant to vary.
        let offset: Int64 = isLoihi ? 1 : 0
        let nominal = Int64(tables.currentDecay[k]) + offset
        let hasTimeConstant = population.hasCurrent && nominal < top
        let currentDecay = hasTimeConstant ? decay(nominal, .currentTau, offset) : nominal
        let membraneDecay = decay(Int64(tables.membraneDecay[k]), .membraneTau, 0)

        let index = Int(partitionOfNeuron[neuron])
        let column = Int(columnOfNeuron[neuron])
        drafts[index].threshold[column] = scaled(tables.threshold[k], .threshold, membrane)
        drafts[index].membraneFactor[column] = Int32(top - membraneDecay)
        drafts[index].currentFactor[column] = Int32(top - currentDecay)
        drafts[index].membraneBias[column] = scaled(tables.membraneBias[k], .bias, membrane)
        drafts[index].currentBias[column] = scaled(tables.currentBias[k], .bias, current)
        drafts[index].resetPotential[column] = tables.resetPotential[k]
        drafts[index].initialPotential[column] = tables.initialPotential[k]
        let refractory = population.sampling?.refractorySteps ?? population.refractorySteps ?? 0
        drafts[index].refractorySteps[column] = Int32(
            factors.scaled(Int64(refractory), .refractory, at: place, within: 0...255)
        )
        drafts[index].indexInPopulation[column] = tables.indexInPopulation[k]
        let registers = drafts[index].modelRegisters.count
        for register in 0..<registers {
            drafts[index].modelRegisters[register][column] =
                tables.modelRegisters[k * registers + register]
        }
    }

    /// Gives each neuron its noise: the free membrane keeps its standard deviation, whatever the device's
    /// time constant is.
    mutating func copyNoise() {
        for index in drafts.indices {
            for position in drafts[index].segments.indices {
                let segment = drafts[index].segments[position]
                let population = image.network.populations[segment.population]
                guard population.noise != nil else { continue }
                let scales = (0..<segment.count).map { k in
                    noiseScale(drafts[index].membraneFactor[segment.first + k], segment, k)
                }
                drafts[index].segments[position].noise = MembraneNoise(population, scales: scales)
            }
        }
    }

    private func noiseScale(_ factor: Int32, _ segment: HostSegment, _ k: Int) -> Double {
        guard factors.varies(.membraneTau) else { return 1 }
        let address = addresses[segment.firstNeuron + k]
        let core = image.cores[segment.core]
        let top = Int64(1) << Int64(soma.decayBits)
        let nominal = Double(top - Int64(core.neurons.membraneDecay[Int(address.neuron)]))
        let actual = Double(factor)
        let full = Double(top) * Double(top)
        guard nominal * nominal < full else { return 1 }
        return ((full - actual * actual) / (full - nominal * nominal)).squareRoot()
    }

    // MARK: Plastic synapses

    /// Lists the neurons that rules end on, ascending.
    mutating func listPosts() {
        guard !ruleLines.isEmpty else { return }
        var rules = [Set<Int>](repeating: [], count: image.network.populations.count)
        for projection in image.network.projections {
            guard let rule = projection.rule else { continue }
            for (index, population) in image.network.populations.enumerated()
            where population.path == projection.target {
                rules[index].insert(rule)
            }
        }
        var neuron: UInt32 = 0
        for (dense, core) in image.cores.enumerated() {
            for segment in core.segments {
                let population = Int(segment.population)
                let id = RandomStream.id(of: image.network.populations[population].path)
                for slot in segment.firstSlot..<(segment.firstSlot + segment.count) {
                    for rule in rules[population].sorted() {
                        postEntry[rule][neuron] = UInt32(rulePosts[rule].count)
                        rulePosts[rule].append(
                            PostNeuron(
                                neuron: neuron,
                                populationID: id,
                                index: core.neurons.indexInPopulation[Int(slot)],
                                core: core.core,
                                denseCore: UInt32(dense),
                                slot: slot
                            )
                        )
                    }
                    neuron += 1
                }
            }
        }
    }

    /// The line that a plastic row listens on; made when first met.
    private mutating func line(
        rule: Int,
        _ route: Route,
        dense: Int,
        delay: UInt8,
        sender: Int
    ) -> UInt32 {
        let offset = image.chip.learning?.timestamp == .arrival ? UInt32(delay) : 0
        let key = LineKey(core: dense, axon: route.axon, offset: offset)
        if let known = lineEntry[rule][key] { return known }
        let line = UInt32(ruleLines[rule].count)
        lineEntry[rule][key] = line
        let (id, index) = name(of: sender)
        ruleLines[rule].append(
            PreLine(
                sender: UInt32(sender),
                offset: offset,
                populationID: id,
                index: index,
                core: route.core,
                denseCore: UInt32(dense),
                axon: route.axon
            )
        )
        return line
    }

    /// What addresses the draws of a sender: its population or input, and its index there.
    private func name(of sender: Int) -> (id: UInt32, index: UInt32) {
        let address = addresses[sender]
        if sender >= partitionOfNeuron.count {
            let port = Int(address.core - NeuronAddress.firstInputCore)
            return (RandomStream.id(of: image.inputs[port].name), address.neuron)
        }
        let core = image.cores[Int(coreOfSender[sender])]
        let slot = address.neuron
        let segment = core.segments.first { $0.firstSlot + $0.count > slot }
        let path = segment.map { image.network.populations[Int($0.population)].path } ?? ""
        return (RandomStream.id(of: path), core.neurons.indexInPopulation[Int(slot)])
    }

    // MARK: Synapses

    /// Copies every sender's rows, sender by sender, to the partitions of their targets.
    ///
    /// Within a partition the synapses of a sender keep the order of the image: by route, row,
    /// synapse. They are grouped by delay, which moves nothing within an accumulator.
    mutating func copySynapses() {
        let neuronSenders = image.cores.map(\.routes)
        let inputSenders = image.inputs.map(\.routes)
        var scratch = [[Pending]](repeating: [], count: drafts.count)
        var touched: [Int] = []
        var number = 0
        for (tables, sourceCore) in zip(
            neuronSenders + inputSenders,
            image.cores.map { Optional($0.core) } + inputSenders.map { _ in nil }
        ) {
            for sender in 0..<(tables.offsets.count - 1) {
                for route in tables[sender] {
                    collect(route, from: number, into: &scratch, touched: &touched)
                    count(route)
                }
                number += 1
                traffic.append(
                    topology.traffic(
                        from: sourceCore.map { topology.tile(of: $0) } ?? 0,
                        to: tables[sender].map { topology.tile(of: $0.core) },
                        casting: image.chip.interconnect.casting
                    )
                )
                routeOffsets.append(UInt32(routes.count))
                for index in touched { append(scratch[index], to: index) }
                for index in touched { scratch[index].removeAll(keepingCapacity: true) }
                touched.removeAll(keepingCapacity: true)
                for index in drafts.indices {
                    drafts[index].senderRows.append(UInt32(drafts[index].rowDelay.count))
                }
            }
        }
    }

    private struct Pending {
        var delay: UInt8
        var accumulator: UInt16
        var charge: Int32
        var plastic: PlasticDraft?
    }

    private mutating func collect(
        _ route: Route,
        from sender: Int,
        into scratch: inout [[Pending]],
        touched: inout [Int]
    ) {
        guard let dense = denseCore[route.core] else { return }
        let core = image.cores[dense]
        let synapses = core.synapses
        let first = firstNeuronOfCore[dense]
        let axon = Int(route.axon)
        for row in Int(synapses.axonRows[axon])..<Int(synapses.axonRows[axon + 1]) {
            let exponent = Int(synapses.rowExponent[row])
            let compartment = UInt32(synapses.rowCompartment[row])
            let plasticity = plasticity(ofRow: row, synapses, route, dense, sender)
            for synapse in Int(synapses.rowSynapses[row])..<Int(synapses.rowSynapses[row + 1]) {
                let neuron = first + Int(synapses.targets[synapse])
                let index = Int(partitionOfNeuron[neuron])
                if scratch[index].isEmpty { touched.append(index) }
                let accumulator =
                    accumulatorOfNeuron[neuron] + compartment * strideOfNeuron[neuron]
                let weight = Int32(synapses.weights[synapse])
                var pending = Pending(
                    delay: synapses.rowDelay[row],
                    accumulator: UInt16(accumulator),
                    charge: 0
                )
                if let plasticity {
                    let draft = plastic(
                        plasticity,
                        neuron: neuron,
                        core: core,
                        synapse: synapse,
                        exponent: exponent
                    )
                    pending.charge = weightFormat.charge(
                        weightFormat.visible(draft.register),
                        exponent: draft.exponent,
                        gain: draft.gain
                    )
                    pending.plastic = draft
                } else {
                    pending.charge = charge(weight, exponent, core: core.core, synapse: synapse)
                }
                scratch[index].append(pending)
            }
        }
    }

    /// Projection and line of a plastic row; nil for a static one.
    private mutating func plasticity(
        ofRow row: Int,
        _ synapses: SynapseTables,
        _ route: Route,
        _ dense: Int,
        _ sender: Int
    ) -> (projection: Int, rule: Int, line: UInt32, preIndex: UInt32)? {
        guard !synapses.rowProjection.isEmpty, synapses.rowProjection[row] > 0 else { return nil }
        let projection = Int(synapses.rowProjection[row]) - 1
        guard let rule = image.network.projections[projection].rule else { return nil }
        let line = line(
            rule: rule,
            route,
            dense: dense,
            delay: synapses.rowDelay[row],
            sender: sender
        )
        return (projection, rule, line, ruleLines[rule][Int(line)].index)
    }

    private func plastic(
        _ row: (projection: Int, rule: Int, line: UInt32, preIndex: UInt32),
        neuron: Int,
        core: CoreTables,
        synapse: Int,
        exponent: Int
    ) -> PlasticDraft {
        let hidden = core.synapses.hiddenWeights.isEmpty ? 0 : core.synapses.hiddenWeights[synapse]
        let post = postEntry[row.rule][UInt32(neuron), default: 0]
        let gain =
            isODIN
            ? 1 << 16
            : factors.scaled(
                1 << 16,
                .weight,
                at: DevicePlace(core: core.core, index: UInt32(synapse)),
                within: 0...(1 << 30)
            )
        return PlasticDraft(
            projection: row.projection,
            line: row.line,
            post: post,
            column: columnOfNeuron[neuron],
            preIndex: row.preIndex,
            postIndex: rulePosts[row.rule][Int(post)].index,
            register: Int32(core.synapses.weights[synapse]) << weightFormat.hiddenBits
                + Int32(hidden),
            charge: 0,
            exponent: Int32(exponent),
            gain: Int32(gain)
        )
    }

    var weightFormat: WeightFormat {
        WeightFormat(image.chip.synapse, fractionBits: fractionBits, hasGains: usesWideCharges)
    }

    private func charge(_ weight: Int32, _ exponent: Int, core: UInt32, synapse: Int) -> Int32 {
        let nominal = exponent >= 0 ? weight << Int32(exponent) : weight >> Int32(-exponent)
        guard usesWideCharges else { return nominal }
        let scaled = factors.scaled(
            Int64(nominal) << Int64(fractionBits),
            .weight,
            at: DevicePlace(core: core, index: UInt32(synapse)),
            within: -(1 << 30)...(1 << 30)
        )
        return Int32(scaled)
    }

    private mutating func append(_ pending: [Pending], to index: Int) {
        var delays: [UInt8] = []
        for synapse in pending where !delays.contains(synapse.delay) {
            delays.append(synapse.delay)
        }
        for delay in delays.sorted() {
            longestDelay = max(longestDelay, Int(delay))
            for synapse in pending where synapse.delay == delay {
                if var plastic = synapse.plastic {
                    plastic.charge = UInt32(drafts[index].targets.count)
                    drafts[index].plastic.append(plastic)
                }
                drafts[index].targets.append(synapse.accumulator)
                if isODIN { drafts[index].synapseFlags.append(flags(of: synapse)) }
                if usesWideCharges {
                    drafts[index].wideCharges.append(synapse.charge)
                } else {
                    // Bits of weights and exponents add up to 16 at most (ChipSpec+Reading).
                    drafts[index].charges.append(Int16(synapse.charge))
                }
            }
            drafts[index].rowDelay.append(delay)
            drafts[index].rowSynapses.append(UInt32(drafts[index].targets.count))
        }
    }

    /// Sign of a synapse's axon, which a weight of 0 does not tell: the mode of a projection that learns.
    private func flags(of synapse: Pending) -> UInt8 {
        let isInhibitory =
            synapse.plastic.map {
                image.network.projections[$0.projection].signMode == .inhibitory
            } ?? (synapse.charge < 0)
        return isInhibitory ? ODIN.inhibitory : 0
    }

    private mutating func count(_ route: Route) {
        guard let dense = denseCore[route.core] else { return }
        let synapses = image.cores[dense].synapses
        let axon = Int(route.axon)
        let first = synapses.rowSynapses[Int(synapses.axonRows[axon])]
        let last = synapses.rowSynapses[Int(synapses.axonRows[axon + 1])]
        routes.append(PacketTable.Route(core: UInt32(dense), synapses: last - first))
    }

    // MARK: Proofs

    /// Bounds every accumulator by the sum of its charges, and decides which kernels are exact.
    mutating func proveRanges() {
        let rail = image.chip.dendrite.accumulator.maximum << Int64(fractionBits)
        var largestOfAll: Int64 = 0
        for index in drafts.indices {
            var bounds = [Int64](repeating: 0, count: drafts[index].accumulatorCount)
            for synapse in drafts[index].plastic {
                // A plastic synapse may come to its largest charge.
                let weight = Int32(1) << Int32(image.chip.synapse.weightBits - 1)
                let charge = weightFormat.charge(
                    weight,
                    exponent: synapse.exponent,
                    gain: synapse.gain
                )
                let target = drafts[index].targets[Int(synapse.charge)]
                bounds[Int(target)] += Int64(charge)
            }
            for (position, target) in drafts[index].targets.enumerated() {
                let charge =
                    usesWideCharges
                    ? Int64(drafts[index].wideCharges[position])
                    : Int64(drafts[index].charges[position])
                bounds[Int(target)] += charge.magnitudeAsInt64
            }
            let largest = bounds.max() ?? 0
            drafts[index].needsSaturation =
                image.chip.dendrite.accumulator.overflow == .saturate && largest > rail
            largestOfAll = max(largestOfAll, largest)
            for segment in drafts[index].segments.indices {
                prove(&drafts[index].segments[segment], bounds: bounds, rail: rail)
            }
        }
        // 32 bits hold every sum if the sums are small, or if each addition stops at a near rail
        // (no charge is above 2^30, so rail + charge stays below 2^31).
        let stopsAtRail =
            image.chip.dendrite.accumulator.overflow == .saturate && rail < 1 << 29
        needsWideAccumulators = !stopsAtRail && largestOfAll > Int64(Int32.max) - 64
    }

    private func prove(_ segment: inout HostSegment, bounds: [Int64], rail: Int64) {
        var input: Int64 = 0
        for (compartment, exponent) in segment.exponents.enumerated() {
            let first = segment.accumulator + compartment * segment.paddedCount
            let largest = min(bounds[first..<(first + segment.count)].max() ?? 0, rail + 1)
            let unscaled = (largest >> Int64(fractionBits)) + 1
            input += exponent >= 0 ? unscaled << Int64(exponent) : unscaled
        }
        let shift = segment.model == .cubaLIF ? CubaLIF.accumulatorShift : soma.accumulatorShift
        let bits = max(soma.membrane.bits, soma.current?.bits ?? 0)
        // |decayed| + |input| + |bias|, each below 2^29: no sum of three leaves 31 bits.
        segment.fitsInt32 =
            !segment.model.isRandom && bits <= 29 && input << Int64(shift) < 1 << 29
    }

    func finish() -> HostLayout {
        HostLayout(
            partitions: drafts.map(HostTables.init),
            addresses: addresses,
            neuronCount: firstNeuronOfCore.last ?? 0,
            firstSenderOfPort: firstSenderOfPort,
            cores: image.cores.map(\.core),
            firstNeuronOfCore: firstNeuronOfCore,
            routeOffsets: HostArray(routeOffsets, else: 0),
            routes: HostArray(routes, else: PacketTable.Route(core: 0, synapses: 0)),
            traffic: HostArray(traffic, else: SenderTraffic()),
            packets: PacketTable(
                cores: image.cores.map(\.core),
                firstSenderOfCore: firstNeuronOfCore,
                routeOffsets: routeOffsets,
                routes: routes
            ),
            casting: image.chip.interconnect.casting,
            coreOfSender: coreOfSender,
            longestDelay: longestDelay,
            fractionBits: fractionBits,
            needsWideAccumulators: needsWideAccumulators,
            partitionOfNeuron: partitionOfNeuron,
            columnOfNeuron: columnOfNeuron,
            plastic: drafts.map(\.plastic),
            ruleLines: ruleLines,
            rulePosts: rulePosts,
            neuronsOfPopulation: neuronsOfPopulation
        )
    }
}

extension RegisterFormat {
    var range: ClosedRange<Int64> { minimum...maximum }
}

extension Int64 {
    fileprivate var magnitudeAsInt64: Int64 { self < 0 ? -self : self }
}
