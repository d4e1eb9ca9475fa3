public import ChipImage
public import ChipSpec
public import Events
import FixedPoint

/// How a machine uses the host.
///
/// Nothing here changes a result.
public struct MachineOptions: Sendable {
    /// Threads that work on a step, 1 or more.
    public var threads: Int
    /// Neurons a partition holds at the most; nil chooses by the number of threads.
    public var partitionSize: Int?
    /// Smallest work of a step, in synaptic events plus neurons, that is split among threads.
    public var smallestSplitWork: Int

    /// Chooses how to use the host.
    ///
    /// - Parameters:
    ///   - threads: Threads that work on a step.
    ///   - partitionSize: Neurons a partition holds at the most.
    ///   - smallestSplitWork: Work below which a step stays on one thread (50 µs by default).
    public init(threads: Int = 1, partitionSize: Int? = nil, smallestSplitWork: Int = 50_000) {
        self.threads = max(1, threads)
        self.partitionSize = partitionSize
        self.smallestSplitWork = smallestSplitWork
    }
}

/// The fast machine: runs a chip image step by step (`docs/NUMERICS.md`).
///
/// One seed, one result: bit for bit the same for any number of threads and any partition.
/// A machine belongs to one thread at a time.
public final class Machine {
    /// What runs.
    public let image: ChipImage
    /// Seed of everything that is random in time.
    public let seed: UInt64
    /// Whose fixed pattern it has.
    public let device: Device
    private let options: MachineOptions
    let layout: HostLayout
    let partitions: [HostPartition]
    private let pool: WorkerPool?
    let learning: Learning?
    let weightFormat: WeightFormat
    /// Segments of each population: partition, and index of the segment in it.
    let segmentsOfPopulation: [[(partition: Int, segment: Int)]]
    var rateControls: [Int: RunningRateControl] = [:]
    var synapseIndex: [Int: [UInt64: (block: PlasticBlock, synapse: Int)]] = [:]

    /// Steps since the machine was made; the next step has this number.
    public private(set) var currentStep: UInt64 = 0
    /// Steps since the last state reset.
    public private(set) var age: UInt64 = 0
    /// Everything counted so far.
    public private(set) var counts = ActionCounts()
    /// Packets so far; those under way are sent and not yet delivered.
    public private(set) var packets = PacketCounts()
    /// What each used core did in the last step, ascending by core.
    public private(set) var coreCounts: [CoreStepCounts]
    /// Spikes of neurons in the last step, canonical order.
    public private(set) var spikes: [Spike] = []

    /// Called in every step between somas and plasticity: tests reach into the step with it.
    package var beforeLearning: ((Machine) -> Void)?

    private var ringSlot = 0
    /// Spikes that the next step delivers: neurons, then inputs; sender numbers, ascending.
    private var pending: [UInt32] = []

    /// Makes a machine in its reset state.
    ///
    /// - Parameters:
    ///   - image: A verified image (`ChipImage.verify`); anything else may trap.
    ///   - device: Whose fixed pattern to apply; ideal by default.
    ///   - seed: Run seed: noise, stochastic spikes and stochastic rounding.
    ///   - options: How to use the host.
    public init(
        image: ChipImage,
        device: Device = .ideal,
        seed: UInt64 = 0,
        options: MachineOptions = .init()
    ) {
        self.seed = seed
        self.image = image
        self.device = device
        self.options = options
        let neurons = image.cores.reduce(0) { $0 + $1.neurons.count }
        let automatic =
            options.threads == 1
            ? 1 << 16 : max(64, (neurons + 2 * options.threads - 1) / (2 * options.threads))
        let layout = HostLayout(
            image: image,
            device: device,
            partitionSize: max(1, options.partitionSize ?? automatic)
        )
        self.layout = layout
        partitions = layout.partitions.map {
            HostPartition(tables: $0, chip: image.chip, layout: layout, seed: seed)
        }
        weightFormat = WeightFormat(
            image.chip.synapse,
            fractionBits: layout.fractionBits,
            hasGains: device.variation[.weight] != nil
        )
        learning = Learning(
            image: image,
            layout: layout,
            partitions: partitions,
            format: weightFormat,
            device: device,
            seed: seed
        )
        var segments = [[(partition: Int, segment: Int)]](
            repeating: [],
            count: image.network.populations.count
        )
        for (index, partition) in partitions.enumerated() {
            for (segment, tables) in partition.tables.segments.enumerated() {
                segments[tables.population].append((index, segment))
            }
        }
        segmentsOfPopulation = segments
        coreCounts = .init(repeating: CoreStepCounts(), count: layout.cores.count)
        pool = options.threads > 1 ? WorkerPool(threads: options.threads) : nil
    }

    deinit { pool?.stop() }

    /// Physical cores in use, ascending: what `coreCounts` is indexed by.
    public var cores: [UInt32] { layout.cores }

    /// Tiles that hold a core in use.
    public var mappedTiles: Int { layout.mappedTiles }

    /// The state reset: registers to their initial values, spikes under way dropped and counted.
    public func reset() {
        dropPending()
        for partition in partitions { partition.reset() }
        learning?.reset()
        counts[.stateReset] &+= UInt64(layout.neuronCount)
        age = 0
    }

    /// Ends the run: spikes under way are dropped and counted, so that packets balance.
    public func finish() { dropPending() }

    private func dropPending() {
        for sender in pending {
            let lost = routeCount(of: Int(sender))
            packets.dropped[DropCause.endOfSample.rawValue] &+= UInt64(lost)
        }
        pending.removeAll(keepingCapacity: true)
    }

    private func routeCount(of sender: Int) -> Int {
        Int(layout.routeOffsets[sender + 1]) - Int(layout.routeOffsets[sender])
    }

    /// Runs one time step.
    ///
    /// - Parameter inputs: Input spikes of this step: channels of each port, ascending, without
    ///   repetition, each below the port's channel count. One array a port; missing ones are empty.
    /// - Returns: Number of spikes of neurons; `spikes` lists them.
    @discardableResult
    public func step(inputs: [[UInt32]] = []) -> Int {
        let work = deliveredWork()
        runPartitions(work: work)
        takeSpikes()
        takeInputs(inputs)
        learn()
        currentStep &+= 1
        age &+= 1
        ringSlot += 1
        if ringSlot == layout.longestDelay { ringSlot = 0 }
        return spikes.count
    }

    // MARK: Phases

    /// Counts what the spikes under way cause where they arrive; returns the synaptic events.
    private func deliveredWork() -> Int {
        for index in coreCounts.indices { coreCounts[index] = CoreStepCounts() }
        var total = 0
        var eastWest: UInt64 = 0
        var northSouth: UInt64 = 0
        var delivered: UInt64 = 0
        var withinTile: UInt64 = 0
        for sender in pending {
            let first = Int(layout.routeOffsets[Int(sender)])
            let end = Int(layout.routeOffsets[Int(sender) + 1])
            for index in first..<end {
                let route = layout.routes[index]
                coreCounts[Int(route.core)].axonIn &+= 1
                coreCounts[Int(route.core)].synapticEvents &+= route.synapses
                total += Int(route.synapses)
                eastWest &+= UInt64(route.eastWest)
                northSouth &+= UInt64(route.northSouth)
                withinTile &+= route.eastWest | route.northSouth == 0 ? 1 : 0
            }
            delivered &+= UInt64(end - first)
        }
        packets.delivered &+= delivered
        counts[.axonIn] &+= delivered
        counts[.synapticEvent] &+= UInt64(total)
        counts[.hopEastWest] &+= eastWest
        counts[.hopNorthSouth] &+= northSouth
        counts[.withinTile] &+= withinTile
        counts[.step] &+= 1
        return total
    }

    private func runPartitions(work: Int) {
        let slot = ringSlot
        let age = age
        let number = currentStep
        unsafe pending.withUnsafeBufferPointer { senders in
            guard let pool, (2...WorkerPool.mostParts).contains(partitions.count),
                work + layout.neuronCount >= options.smallestSplitWork
            else {
                for partition in partitions {
                    unsafe partition.step(senders: senders, slot: slot, age: age, step: number)
                }
                return
            }
            let partitions = partitions
            // The buffer outlives the call: run returns when every part is done.
            let shared = unsafe SharedSenders(buffer: senders)
            pool.run(parts: partitions.count) { part in
                unsafe partitions[part].step(
                    senders: shared.buffer,
                    slot: slot,
                    age: age,
                    step: number
                )
            }
        }
    }

    private func takeSpikes() {
        pending.removeAll(keepingCapacity: true)
        spikes.removeAll(keepingCapacity: true)
        for partition in partitions {
            for index in 0..<partition.spikeCount { pending.append(partition.spikes[index]) }
            for (index, segment) in partition.tables.segments.enumerated()
            where age >= UInt64(segment.depth) {
                coreCounts[segment.core].somaAccesses &+= UInt32(segment.count)
                coreCounts[segment.core].activeSomata &+= partition.activeInSegment[index]
            }
        }
        for sender in pending {
            let address = layout.addresses[Int(sender)]
            spikes.append(Spike(step: currentStep, core: address.core, neuron: address.neuron))
            let core = Int(layout.coreOfSender[Int(sender)])
            let routes = routeCount(of: Int(sender))
            coreCounts[core].spikes &+= 1
            coreCounts[core].axonOut &+= UInt32(routes)
            packets.sent &+= UInt64(routes)
            counts[.axonOut] &+= UInt64(routes)
        }
        counts[.spike] &+= UInt64(pending.count)
        for core in coreCounts {
            counts[.somaAccess] &+= UInt64(core.somaAccesses)
            counts[.somaUpdateActive] &+= UInt64(core.activeSomata)
            counts[.somaUpdateInactive] &+= UInt64(core.somaAccesses &- core.activeSomata)
        }
    }

    private func takeInputs(_ inputs: [[UInt32]]) {
        for (port, channels) in inputs.enumerated() {
            precondition(port < layout.firstSenderOfPort.count, "an input port of the image")
            let first = layout.firstSenderOfPort[port]
            let limit = image.inputs[port].channelCount
            for channel in channels {
                precondition(Int(channel) < limit, "a channel of the port")
                let sender = first + Int(channel)
                pending.append(UInt32(sender))
                packets.sent &+= UInt64(routeCount(of: sender))
            }
        }
    }

    private func learn() {
        beforeLearning?(self)
        if let learning {
            learning.step(senders: pending, step: currentStep, cores: &coreCounts)
            for core in coreCounts {
                counts[.weightUpdate] &+= UInt64(core.weightUpdates)
                counts[.traceUpdate] &+= UInt64(core.traceUpdates)
            }
        }
        for population in rateControls.keys { controlRate(of: population) }
    }

    private func controlRate(of population: Int) {
        guard let control = rateControls[population]?.control,
            var running = rateControls.removeValue(forKey: population)
        else { return }
        defer { rateControls[population] = running }
        for place in segmentsOfPopulation[population] {
            let partition = partitions[place.partition]
            let segment = partition.tables.segments[place.segment]
            let first = UInt32(segment.firstNeuron)
            for index in 0..<partition.spikeCount {
                let neuron = partition.spikes[index]
                guard neuron >= first, neuron < first + UInt32(segment.count) else { continue }
                let column = segment.first + Int(neuron - first)
                running.counts[Int(partition.tables.indexInPopulation[column])] &+= 1
            }
        }
        running.elapsed += 1
        guard running.elapsed == control.periodInSteps else { return }
        running.elapsed = 0
        let bits = RunningRateControl.fractionBits
        let range = image.chip.soma.membrane
        for index in running.counts.indices {
            let missing = Int64(control.target) - Int64(running.counts[index])
            let moved = running.biases[index] + Int64(control.gain) * missing
            running.biases[index] = min(max(moved, range.minimum << bits), range.maximum << bits)
            running.counts[index] = 0
            writeBias(Int32(running.biases[index] >> bits), population, index)
        }
        counts[.biasUpdate] &+= UInt64(running.counts.count)
    }

    // MARK: State

    func place(ofNeuron neuron: UInt32) -> (partition: HostPartition, column: Int) {
        let partition = partitions[Int(layout.partitionOfNeuron[Int(neuron)])]
        return (partition, Int(layout.columnOfNeuron[Int(neuron)]))
    }

    /// Membrane potential of a neuron, raw.
    ///
    /// - Parameter address: A neuron of the image.
    /// - Returns: v after the last step, or nil if there is no such neuron.
    public func membranePotential(at address: NeuronAddress) -> Int32? {
        locate(address).map { $0.partition.v[$0.index] }
    }

    /// Synaptic current of a neuron, raw.
    ///
    /// - Parameter address: A neuron of the image.
    /// - Returns: u after the last step, or nil if there is no such neuron.
    public func synapticCurrent(at address: NeuronAddress) -> Int32? {
        locate(address).map { $0.partition.u[$0.index] }
    }

    private func locate(_ address: NeuronAddress) -> (partition: HostPartition, index: Int)? {
        guard let dense = layout.cores.firstIndex(of: address.core) else { return nil }
        let neuron = layout.firstNeuronOfCore[dense] + Int(address.neuron)
        guard neuron < layout.firstNeuronOfCore[dense + 1] else { return nil }
        let partition = partitions[Int(layout.partitionOfNeuron[neuron])]
        return (partition, Int(layout.columnOfNeuron[neuron]))
    }
}

/// Lets threads of one step read the spikes of the last one.
@safe
private struct SharedSenders: @unchecked Sendable {
    let buffer: UnsafeBufferPointer<UInt32>
}
