/// What kept the cores and links of a chip busy over a run.
public struct ChipUsage: Sendable, Equatable {
    /// Steps noted.
    public private(set) var steps: UInt64 = 0
    /// Time that each used core worked as a sender, in nanoseconds.
    public private(set) var sending: [Double]
    /// Time that each used core worked as a receiver, in nanoseconds.
    public private(set) var receiving: [Double]
    /// Steps that waited for the somas of each used core.
    public private(set) var boundBySomas: [UInt64]
    /// Steps that waited for the synapses of each used core.
    public private(set) var boundBySynapses: [UInt64]
    /// Steps that waited for packets under way.
    public private(set) var boundByNetwork: UInt64 = 0
    /// Time that sources had packets ready and no room for them, in nanoseconds.
    public private(set) var stall = 0.0
    /// Copies lost at full queues.
    public private(set) var dropped: UInt64 = 0

    init(cores: Int) {
        sending = .init(repeating: 0, count: cores)
        receiving = .init(repeating: 0, count: cores)
        boundBySomas = .init(repeating: 0, count: cores)
        boundBySynapses = .init(repeating: 0, count: cores)
    }

    mutating func note(core: Int, sending: Double, receiving: Double) {
        self.sending[core] += sending
        self.receiving[core] += receiving
    }

    mutating func note(_ result: QueueResult) {
        stall += Double(result.stall.reduce(0, +)) / 1000
        dropped += UInt64(result.dropped.count)
    }

    mutating func note(_ time: StepTime) {
        steps += 1
        switch time.bottleneck {
        case .nothing: break
        case .somas(let core): boundBySomas[core] += 1
        case .synapses(let core): boundBySynapses[core] += 1
        case .network: boundByNetwork += 1
        }
    }

    /// What most steps waited for; nil if nothing ever happened.
    public var bottleneck: Bottleneck? {
        var best: (steps: UInt64, what: Bottleneck)?
        func offer(_ steps: UInt64, _ what: Bottleneck) {
            if steps > best?.steps ?? 0 { best = (steps, what) }
        }
        for core in boundBySomas.indices {
            offer(boundBySomas[core], .somas(core: core))
            offer(boundBySynapses[core], .synapses(core: core))
        }
        offer(boundByNetwork, .network)
        return best?.what
    }

    /// Steps that waited for a bottleneck.
    ///
    /// - Parameter bottleneck: Which.
    /// - Returns: Their number.
    public func steps(boundBy bottleneck: Bottleneck) -> UInt64 {
        switch bottleneck {
        case .nothing: steps - boundByNetwork - (boundBySomas + boundBySynapses).reduce(0, +)
        case .somas(let core): boundBySomas[core]
        case .synapses(let core): boundBySynapses[core]
        case .network: boundByNetwork
        }
    }
}
