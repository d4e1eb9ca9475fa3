public import ChipSpec
public import Events

/// How long a time step took.
public struct StepTime: Sendable, Equatable {
    /// Duration in nanoseconds.
    public var nanoseconds: Double
    /// Whether a latency that nobody has published makes it a lower bound.
    public var isLowerBound: Bool
    /// Whether the work took longer than the chip's real-time step.
    public var isOverrun: Bool
}

/// Turns what the cores did in a step into time, by sums of latencies.
///
/// A core spends, as a sender, the sum of its soma accesses, updates, spikes and packets out, and as a
/// receiver the sum of its packets in and synapses read; both sides overlap, and the network costs
/// nothing. A barrier chip's step lasts as long as its slowest core, plus the barrier; this is the
/// `simple` model of SANA-FE (Boyle et al., IEEE TCAD 44(8), 2025). A real-time chip's step lasts what it
/// lasts; work beyond it is an overrun.
public struct StepClock: Sendable {
    private let mode: StepMode
    private let stepInNanoseconds: Double
    private let barrierInNanoseconds: Double?
    /// By action: nil where the table has no entry, an inner nil where nobody says.
    private let latency: [Double??]

    /// Prepares the clock of a chip.
    ///
    /// - Parameters:
    ///   - time: Clock of the chip.
    ///   - table: Whose latencies count. An action without an entry takes no time of its own.
    ///   - mappedTiles: Tiles that hold a used core: the barrier spans them.
    public init(time: TimeSpec, table: EnergyTable, mappedTiles: Int) {
        mode = time.mode
        stepInNanoseconds = time.step.seconds * 1e9
        latency = Action.allCases.map { action in
            table.prices.first { $0.action == action }.map(\.latencyInNanoseconds)
        }
        // The entry of the largest number of tiles that is reached.
        let reached = table.barrier.filter { $0.tiles <= mappedTiles }
        barrierInNanoseconds = (reached.last ?? table.barrier.first)?.latencyInNanoseconds
    }

    /// Duration of a step.
    ///
    /// - Parameter cores: What each used core did.
    /// - Returns: Its time; `isLowerBound` if an unknown latency was needed.
    public func duration(of cores: [CoreStepCounts]) -> StepTime {
        var busy = Sum()
        for core in cores {
            var sender = Sum()
            sender.add(core.somaAccesses, latency[Action.somaAccess.rawValue])
            sender.add(core.activeSomata, latency[Action.somaUpdateActive.rawValue])
            sender.add(
                core.somaAccesses - core.activeSomata,
                latency[Action.somaUpdateInactive.rawValue]
            )
            sender.add(core.spikes, latency[Action.spike.rawValue])
            sender.add(core.axonOut, latency[Action.axonOut.rawValue])
            var receiver = Sum()
            receiver.add(core.axonIn, latency[Action.axonIn.rawValue])
            receiver.add(core.synapticEvents, latency[Action.synapticEvent.rawValue])
            // The learning engine shares the synapse memory with delivery.
            receiver.add(core.weightUpdates, latency[Action.weightUpdate.rawValue])
            receiver.add(core.traceUpdates, latency[Action.traceUpdate.rawValue])
            busy.raise(to: sender)
            busy.raise(to: receiver)
        }
        switch mode {
        case .realTime:
            return StepTime(
                nanoseconds: stepInNanoseconds,
                isLowerBound: false,
                isOverrun: busy.nanoseconds > stepInNanoseconds
            )
        case .barrier:
            return StepTime(
                nanoseconds: busy.nanoseconds + (barrierInNanoseconds ?? 0),
                isLowerBound: busy.isLowerBound || barrierInNanoseconds == nil,
                isOverrun: false
            )
        }
    }

    /// Duration of a state reset: each core resets its neurons one after the other.
    ///
    /// - Parameter neurons: Neurons of the core that has most.
    /// - Returns: Its time; `isLowerBound` if the chip does not say how long a neuron takes.
    public func resetDuration(neurons: Int) -> StepTime {
        var sum = Sum()
        sum.add(UInt32(neurons), latency[Action.stateReset.rawValue])
        return StepTime(
            nanoseconds: sum.nanoseconds,
            isLowerBound: sum.isLowerBound,
            isOverrun: false
        )
    }

    /// A sum of latencies, some of which may be unknown.
    private struct Sum {
        var nanoseconds = 0.0
        var isLowerBound = false

        mutating func add(_ count: UInt32, _ latency: Double??) {
            // No entry: the table counts this action elsewhere. An entry of nil: unknown.
            guard count > 0, let entry = latency else { return }
            guard let each = entry else {
                isLowerBound = true
                return
            }
            nanoseconds += Double(count) * each
        }

        mutating func raise(to other: Sum) {
            nanoseconds = max(nanoseconds, other.nanoseconds)
            isLowerBound = isLowerBound || other.isLowerBound
        }
    }
}
