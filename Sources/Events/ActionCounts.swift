/// What a chip does that costs time or energy.
///
/// The order is the order of every energy table.
public enum Action: Int, Sendable, CaseIterable, Codable {
    /// A packet taken in by a core (one spike reaching one core).
    case axonIn
    /// A synapse read and added to a dendritic accumulator.
    case synapticEvent
    /// A mapped neuron visited in a time step, active or not.
    case somaAccess
    /// A visited neuron that had input, a bias or a membrane potential other than 0.
    case somaUpdateActive
    /// A visited neuron that had none of these.
    case somaUpdateInactive
    /// A spike put out by a soma.
    case spike
    /// A packet sent by a core (one spike to one destination core).
    case axonOut
    /// A packet that stays within the tile of its sender.
    case withinTile
    /// A packet passing a link to the east or west.
    case hopEastWest
    /// A packet passing a link to the north or south.
    case hopNorthSouth
    /// A neuron set back to its initial state.
    case stateReset
    /// A time step ended by the barrier between the cores, or by the chip's step clock.
    case step
    /// A plastic synapse read, changed by its rule and written back.
    case weightUpdate
    /// A learning trace that is not 0, decayed or bumped in a step.
    case traceUpdate
    /// A bias moved by the rate control of the chip.
    case biasUpdate
    /// A packet passing a link of a tree, or the switch of a crossbar.
    case hop

    /// Name in chip specs, reports and JSON.
    public var name: String { String(describing: self) }

    /// The action with a name, or nil.
    ///
    /// - Parameter name: As in chip specs, for example `synapticEvent`.
    public init?(name: String) {
        guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = match
    }
}

/// How often each action was done.
public struct ActionCounts: Sendable, Hashable {
    private var counts = [UInt64](repeating: 0, count: Action.allCases.count)

    /// Nothing done yet.
    public init() {}

    /// The count of an action.
    ///
    /// - Parameter action: Which.
    /// - Returns: How often.
    public subscript(action: Action) -> UInt64 {
        get { counts[action.rawValue] }
        set { counts[action.rawValue] = newValue }
    }

    /// Adds other counts to these.
    ///
    /// - Parameters:
    ///   - a: Changed.
    ///   - b: Added.
    public static func += (a: inout Self, b: Self) {
        for index in a.counts.indices { a.counts[index] &+= b.counts[index] }
    }
}

/// Why a packet that was sent did not arrive.
public enum DropCause: Int, Sendable, CaseIterable, Codable {
    /// The state was reset, or the run ended, while the packet was under way.
    case endOfSample
    /// A queue of the interconnect was full, and the chip's policy is to drop.
    case fullQueue

    /// Name in reports and JSON.
    public var name: String { String(describing: self) }
}

/// Packets sent, delivered and dropped.
///
/// Always: sent = delivered + dropped.
public struct PacketCounts: Sendable, Hashable {
    /// Packets put on the interconnect (one spike to one destination core), inputs included.
    public var sent: UInt64 = 0
    /// Packets taken in by their core.
    public var delivered: UInt64 = 0
    /// Packets lost, by cause.
    public var dropped = [UInt64](repeating: 0, count: DropCause.allCases.count)

    /// Nothing sent yet.
    public init() {}

    /// Packets lost for any cause.
    public var droppedInTotal: UInt64 { dropped.reduce(0, &+) }

    /// Adds other counts to these.
    ///
    /// - Parameters:
    ///   - a: Changed.
    ///   - b: Added.
    public static func += (a: inout Self, b: Self) {
        a.sent &+= b.sent
        a.delivered &+= b.delivered
        for index in a.dropped.indices { a.dropped[index] &+= b.dropped[index] }
    }
}

/// What one core did in one time step: what its clock time follows from.
public struct CoreStepCounts: Sendable, Hashable {
    /// Packets taken in.
    public var axonIn: UInt32 = 0
    /// Synapses read.
    public var synapticEvents: UInt32 = 0
    /// Neurons visited.
    public var somaAccesses: UInt32 = 0
    /// Visited neurons that were active (`Action.somaUpdateActive`).
    public var activeSomata: UInt32 = 0
    /// Spikes put out.
    public var spikes: UInt32 = 0
    /// Packets sent.
    public var axonOut: UInt32 = 0
    /// Plastic synapses updated.
    public var weightUpdates: UInt32 = 0
    /// Learning traces updated.
    public var traceUpdates: UInt32 = 0

    /// Nothing done.
    public init() {}
}
