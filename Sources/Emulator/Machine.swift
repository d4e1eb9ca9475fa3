public import ChipImage
public import ChipSpec
public import Events
import FixedPoint
public import Interconnect

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
    private let longestDelay: Int
    private let pool: WorkerPool?
    let learning: Learning?
    let weightFormat: WeightFormat
    /// Segments of each population: partition, and index of the segment in it.
    let segmentsOfPopulation: [[(partition: Int, segment: Int)]]
    var rateControls: [Int: RunningRateControl] = [:]
    /// Dendrites by population, and in its order.
    var dendrites: [Int: RunningDendrites] = [:] {
        didSet { dendritesInOrder = dendrites.sorted { $0.key < $1.key }.map(\.value) }
    }
    private var dendritesInOrder: [RunningDendrites] = []
    var sharedWeights: [UInt64: [(block: PlasticBlock, readers: WeightReaders)]] = [:]
    var synapseIndex: [Int: [UInt64: (block: PlasticBlock, synapse: Int)]] = [:]

    /// Everything that a step changes, but for partitions and learning.
    private var state: MachineState

    /// Steps since the machine was made; the next step has this number.
    public var currentStep: UInt64 { state.currentStep }
    /// Steps since the last state reset.
    public var age: UInt64 { state.age }
    /// Everything counted so far.
    public var counts: ActionCounts { state.tally.counts }
    /// Packets so far; those under way are sent and not yet delivered.
    public var packets: PacketCounts { state.packets }
    /// What each used core did in the last step, ascending by core.
    public var coreCounts: [CoreStepCounts] { state.coreCounts }
    /// Spikes of neurons in the last step, canonical order.
    public var spikes: [Spike] { state.spikes }

    /// Recorded spikes that the running step hands on instead of its own; nil where it follows none.
    var followedSenders: [UInt32]?

    /// Called in every step between somas and plasticity: tests reach into the step with it.
    package var beforeLearning: ((Machine) -> Void)?

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
        longestDelay = layout.longestDelay
        partitions = layout.partitions.map {
            HostPartition(tables: $0, chip: image.chip, layout: layout, seed: seed)
        }
        weightFormat = WeightFormat(
            image.chip.synapse,
            fractionBits: layout.fractionBits,
            hasGains: device.varies(.weight) && image.chip.soma.models != [.odinLIF]
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
        state = MachineState(coreCount: layout.cores.count)
        pool = options.threads > 1 ? WorkerPool(threads: options.threads) : nil
    }

    deinit { pool?.stop() }

    /// Physical cores in use, ascending: what `coreCounts` is indexed by.
    public var cores: [UInt32] { layout.cores }

    /// Where the spikes of each sender go.
    public var packetTable: PacketTable { layout.packets }

    /// Whether to record what each soma does in a step, for clocks that need it.
    public var recordsVisits = false {
        didSet { for partition in partitions { partition.recordsVisits = recordsVisits } }
    }

    /// The last step, as a clock sees it; with visits if `recordsVisits`.
    public var activity: StepActivity {
        StepActivity(
            cores: state.coreCounts,
            senders: state.pending,
            visits: recordsVisits ? visits() : []
        )
    }

    private func visits() -> [SomaVisit] {
        // Partitions are contiguous ranges of neurons in order.
        var result: [SomaVisit] = []
        result.reserveCapacity(layout.neuronCount)
        for partition in partitions {
            for index in 0..<partition.places.count {
                let place = unsafe partition.places.base[index]
                for k in place.first..<(place.first + place.count) {
                    result.append(unsafe partition.visits.base[k])
                }
            }
        }
        return result
    }

    /// Loses packets of the last step: the next one does not deliver them.
    ///
    /// Their senders have put them out, and paid for that; they pass no links. Learning engines take a
    /// lost packet for delivered.
    ///
    /// - Parameter packets: Packets of spikes of the last step, each once, as `StepClock.dropped` lists them.
    public func lose(_ packets: [LostPacket]) {
        guard !packets.isEmpty else { return }
        state.lose(packets.sorted(), layout, topology: Topology(image.chip))
    }

    /// The state reset: registers to their initial values, spikes under way dropped and counted.
    public func reset() {
        state.dropPending()
        for partition in partitions { partition.reset() }
        learning?.reset()
        for running in dendritesInOrder { running.reset(partitions) }
        state.tally.stateReset &+= UInt64(layout.neuronCount)
        state.age = 0
    }

    /// Ends the run: spikes under way are dropped and counted, so that packets balance.
    public func finish() { state.dropPending() }

    /// Runs one time step.
    ///
    /// - Parameter inputs: Input spikes of this step: channels of each port, ascending, without
    ///   repetition, each below the port's channel count. One array a port; missing ones are empty.
    /// - Returns: Number of spikes of neurons; `spikes` lists them.
    @discardableResult
    public func step(inputs: [[UInt32]] = []) -> Int {
        // One access to the state a phase: small networks take a step in little more.
        runSomata(inputs, &state)
        if !dendritesInOrder.isEmpty { runDendrites(&state) }
        beforeLearning?(self)
        if let learning { learn(learning, &state) }
        if !rateControls.isEmpty {
            for population in rateControls.keys { controlRate(of: population) }
        }
        return state.advance(longestDelay: longestDelay)
    }

    // MARK: Phases

    private func runSomata(_ inputs: [[UInt32]], _ state: inout MachineState) {
        state.beginStep()
        let work = state.pending.isEmpty ? 0 : state.countDelivered()
        runPartitions(work: work, state)
        state.beginSpikes()
        for partition in partitions { state.takeSpikes(of: partition) }
        state.countSomata()
        if !state.pending.isEmpty { state.countSpikes(layout) }
        if let followedSenders {
            state.pending = followedSenders
            replaceSpikesByFollowed()
        }
        takeInputs(inputs, &state)
        if !state.pending.isEmpty { state.countSent(layout) } else { state.underWay = UnderWay() }
    }

    private func runPartitions(work: Int, _ state: borrowing MachineState) {
        let slot = state.ringSlot
        let age = state.age
        let number = state.currentStep
        unsafe state.pending.withUnsafeBufferPointer { senders in
            guard let pool, (2...WorkerPool.mostParts).contains(partitions.count),
                work + layout.neuronCount >= options.smallestSplitWork
            else {
                for partition in partitions {
                    unsafe partition.step(
                        senders: senders,
                        lost: state.lost,
                        slot: slot,
                        age: age,
                        step: number
                    )
                }
                return
            }
            let partitions = partitions
            // The buffer outlives the call: run returns when every part is done.
            let shared = unsafe SharedSenders(buffer: senders)
            let lost = state.lost
            pool.run(parts: partitions.count) { part in
                unsafe partitions[part].step(
                    senders: shared.buffer,
                    lost: lost,
                    slot: slot,
                    age: age,
                    step: number
                )
            }
        }
    }

    private func takeInputs(_ inputs: [[UInt32]], _ state: inout MachineState) {
        for (port, channels) in inputs.enumerated() {
            precondition(port < layout.firstSenderOfPort.count, "an input port of the image")
            let first = layout.firstSenderOfPort[port]
            let limit = image.inputs[port].channelCount
            for channel in channels {
                precondition(Int(channel) < limit, "a channel of the port")
                let sender = first + Int(channel)
                state.pending.append(UInt32(sender))
            }
        }
    }

    private func learn(_ learning: Learning, _ state: inout MachineState) {
        learning.step(senders: state.pending, step: state.currentStep, cores: &state.coreCounts)
        if image.chip.learning?.engine == .odin { countODINUpdates(&state) }
        for index in state.coreCounts.indices {
            state.tally.weightUpdate &+= UInt64(state.coreCounts[index].weightUpdates)
            state.tally.traceUpdate &+= UInt64(state.coreCounts[index].traceUpdates)
        }
    }

    /// Weights that changed while events were delivered.
    private func countODINUpdates(_ state: inout MachineState) {
        for partition in partitions {
            for segment in partition.tables.segments {
                var updates: UInt32 = 0
                for column in segment.first..<segment.first + segment.count {
                    updates &+= partition.weightUpdates[column]
                }
                state.coreCounts[segment.core].weightUpdates &+= updates
            }
        }
    }

    private func runDendrites(_ state: inout MachineState) {
        let membrane = image.chip.soma.membrane
        for running in dendritesInOrder {
            running.step(partitions, age: state.age, membrane: membrane)
            // Two running averages a soma.
            state.tally.traceUpdate &+= UInt64(2 * running.somas.count)
        }
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
        state.tally.biasUpdate &+= UInt64(running.counts.count)
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

    /// Calcium of a neuron.
    ///
    /// - Parameter address: A neuron of the image.
    /// - Returns: 0...7 after the last step, or nil if there is no such neuron, or none with calcium.
    public func calcium(at address: NeuronAddress) -> Int32? {
        locate(address).flatMap { place in
            place.partition.calcium.count > 0 ? place.partition.calcium[place.index] : nil
        }
    }

    func locate(
        _ address: NeuronAddress
    ) -> (partition: HostPartition, index: Int, neuron: UInt32)? {
        guard let dense = layout.cores.firstIndex(of: address.core) else { return nil }
        let neuron = layout.firstNeuronOfCore[dense] + Int(address.neuron)
        guard neuron < layout.firstNeuronOfCore[dense + 1] else { return nil }
        let partition = partitions[Int(layout.partitionOfNeuron[neuron])]
        return (partition, Int(layout.columnOfNeuron[neuron]), UInt32(neuron))
    }
}

/// Lets threads of one step read the spikes of the last one.
@safe
private struct SharedSenders: @unchecked Sendable {
    let buffer: UnsafeBufferPointer<UInt32>
}
