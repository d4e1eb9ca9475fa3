public import ChipSpec
import Events

/// Turns what the cores did in a step into time, by one of the models of `docs/TIMING.md`.
///
/// A core spends, as a sender, the sum of its soma accesses, updates, spikes and packets out, and as a
/// receiver the sum of its packets in and synapses read; both sides overlap. A barrier chip's step ends
/// when all packets are processed and a barrier has passed. A real-time chip's step lasts what it lasts;
/// work beyond it is an overrun.
public struct StepClock: Sendable {
    /// How actions become time.
    public let model: TimingModel
    /// What kept the chip busy so far.
    public private(set) var usage: ChipUsage
    /// What happened in the last step; nil unless `recordsTimeline`.
    public private(set) var timeline: StepTimeline?
    /// Whether to record what happens in each step.
    public var recordsTimeline = false
    /// Packets of the last step that were lost at full queues, a copy each.
    public private(set) var dropped: [LostPacket] = []

    private let mode: StepMode
    private let stepInNanoseconds: Double
    let latencies: Latencies
    private let table: PacketTable
    private let casting: PacketCasting
    private var packets = StepPackets()
    private var network: Network

    private enum Network {
        case none
        case detailed(DetailedNetwork)
        case queued(QueuedNetwork, PacketSchedule)
    }

    /// Prepares the clock of a machine.
    ///
    /// - Parameters:
    ///   - chip: The chip.
    ///   - prices: Whose latencies count. An action without an entry takes no time of its own.
    ///   - packets: Where the spikes of the machine go.
    ///   - model: How actions become time.
    /// - Throws: `TimingError` if the model needs what the chip does not say.
    public init(
        chip: ChipSpec,
        prices: EnergyTable,
        packets: PacketTable,
        model: TimingModel
    ) throws {
        self.init(chip, prices, packets, model)
        let topology = Topology(chip)
        switch model {
        case .ideal, .simple: break
        case .detailed:
            network = .detailed(
                DetailedNetwork(
                    topology: topology,
                    tiles: packets.cores.map { topology.tile(of: $0) },
                    latencies: latencies,
                    bufferInPackets: chip.interconnect.queueInPackets
                )
            )
        case .queued:
            network = .queued(
                QueuedNetwork(
                    topology: topology,
                    cores: packets.cores,
                    settings: try QueueSettings(chip: chip, prices: prices)
                ),
                PacketSchedule()
            )
        }
    }

    /// Prepares the clock of a machine, with the standard model of its chip.
    ///
    /// - Parameters:
    ///   - chip: The chip.
    ///   - prices: Whose latencies count. An action without an entry takes no time of its own.
    ///   - packets: Where the spikes of the machine go.
    public init(chip: ChipSpec, prices: EnergyTable, packets: PacketTable) {
        self.init(chip, prices, packets, Self.standardModel(of: chip))
    }

    private init(
        _ chip: ChipSpec,
        _ prices: EnergyTable,
        _ packets: PacketTable,
        _ model: TimingModel
    ) {
        let topology = Topology(chip)
        self.model = model
        mode = chip.time.mode
        stepInNanoseconds = chip.time.step.seconds * 1e9
        latencies = Latencies(
            prices,
            mappedTiles: Set(packets.cores.map { topology.tile(of: $0) }).count
        )
        table = packets
        casting = chip.interconnect.casting
        usage = ChipUsage(cores: packets.cores.count)
        network = .none
    }

    /// The model for a chip that is told nothing else: `simple` with a barrier, `ideal` in real time.
    ///
    /// - Parameter chip: The chip.
    /// - Returns: The model.
    public static func standardModel(of chip: ChipSpec) -> TimingModel {
        chip.time.mode == .barrier ? .simple : .ideal
    }

    /// The length that every step of a chip in real time has, in nanoseconds; nil with a barrier.
    var realTimeStep: Double? { mode == .realTime ? stepInNanoseconds : nil }

    /// Whether steps need what each soma did (`StepActivity.visits`).
    public var needsVisits: Bool { model == .detailed || model == .queued }

    /// Duration of a step.
    ///
    /// - Parameter activity: What the machine did.
    /// - Returns: Its time, and what it waited for.
    public mutating func duration(of activity: StepActivity) -> StepTime {
        timeline = recordsTimeline ? StepTimeline() : nil
        if !dropped.isEmpty { dropped.removeAll(keepingCapacity: true) }
        var busy = coreTimes(of: activity.cores)
        switch network {
        case .none:
            break
        case .detailed(var detailed):
            network = .none
            packets.list(activity, table: table, latencies: latencies, casting: .unicast)
            busy.wait(for: detailed.run(packets, &timeline))
            addLearning(activity.cores, after: detailed.processed, &busy)
            network = .detailed(detailed)
        case .queued(var queued, var schedule):
            network = .none
            packets.list(activity, table: table, latencies: latencies, casting: casting)
            schedule.take(packets)
            let result = queued.run(schedule, observer: &timeline)
            precondition(result.stuck == 0, "queues without circles never lock up")
            busy.wait(for: Double(result.end) / 1000)
            addLearning(activity.cores, after: result.coreEnd.map { Double($0) / 1000 }, &busy)
            usage.note(result)
            noteDropped(result, schedule, activity)
            network = .queued(queued, schedule)
        }
        let time = finish(busy)
        usage.note(time)
        return time
    }

    /// Duration of a state reset: each core resets its neurons one after the other.
    ///
    /// - Parameter neurons: Neurons of the core that has most.
    /// - Returns: Its time; `isLowerBound` if the chip does not say how long a neuron takes.
    public func resetDuration(neurons: Int) -> StepTime {
        let sum = latencies.reset(neurons: neurons)
        return StepTime(
            nanoseconds: sum.nanoseconds,
            isLowerBound: sum.isLowerBound,
            isOverrun: false
        )
    }

    // MARK: Parts of a step

    private struct Busy {
        var nanoseconds = 0.0
        var isLowerBound = false
        var bottleneck = Bottleneck.nothing

        mutating func raise(to sum: Latencies.Sum, _ bottleneck: @autoclosure () -> Bottleneck) {
            isLowerBound = isLowerBound || sum.isLowerBound
            guard sum.nanoseconds > nanoseconds else { return }
            nanoseconds = sum.nanoseconds
            self.bottleneck = bottleneck()
        }

        /// A network that is done later than the slowest core by itself would be.
        mutating func wait(for end: Double) {
            guard end > nanoseconds * (1 + 1e-12) else { return }
            nanoseconds = end
            bottleneck = .network
        }
    }

    private mutating func coreTimes(of cores: [CoreStepCounts]) -> Busy {
        var busy = Busy()
        for index in cores.indices {
            let sending = latencies.sending(cores[index])
            let receiving = latencies.receiving(cores[index])
            busy.raise(to: sending, .somas(core: index))
            busy.raise(to: receiving, .synapses(core: index))
            usage.note(
                core: index,
                sending: sending.nanoseconds,
                receiving: receiving.nanoseconds
            )
            timeline?.note(.somas, core: index, start: 0, duration: sending.nanoseconds)
            if case .none = network {
                timeline?.note(.synapses, core: index, start: 0, duration: receiving.nanoseconds)
            }
        }
        return busy
    }

    /// The learning engine works when the packets of its core are processed.
    private func addLearning(
        _ cores: [CoreStepCounts],
        after processed: [Double],
        _ busy: inout Busy
    ) {
        for index in cores.indices {
            let learning = latencies.learning(cores[index]).nanoseconds
            if learning > 0 { busy.wait(for: processed[index] + learning) }
        }
    }

    private mutating func noteDropped(
        _ result: QueueResult,
        _ schedule: PacketSchedule,
        _ activity: StepActivity
    ) {
        guard !result.dropped.isEmpty else { return }
        // Copies are numbered by sender and route.
        var lost = result.dropped.sorted().makeIterator()
        var next = lost.next()
        var copy = 0
        for sender in activity.senders {
            for route in table.routes(of: Int(sender)) {
                if copy == next {
                    dropped.append(LostPacket(sender: sender, core: route.core))
                    next = lost.next()
                }
                copy += 1
            }
        }
    }

    private func finish(_ busy: Busy) -> StepTime {
        let isUnknown = busy.isLowerBound
        let barrier = model == .ideal ? 0 : latencies.barrier
        switch mode {
        case .realTime:
            return StepTime(
                nanoseconds: stepInNanoseconds,
                isLowerBound: false,
                isOverrun: busy.nanoseconds > stepInNanoseconds,
                bottleneck: busy.bottleneck
            )
        case .barrier:
            return StepTime(
                nanoseconds: busy.nanoseconds + (barrier ?? 0),
                isLowerBound: isUnknown || barrier == nil,
                isOverrun: false,
                bottleneck: busy.bottleneck
            )
        }
    }
}
