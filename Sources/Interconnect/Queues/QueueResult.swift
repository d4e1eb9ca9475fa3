/// What became of the packets of a schedule; times in picoseconds.
public struct QueueResult: Sendable, Equatable {
    /// When all was delivered and processed, and all sources were done.
    public var end = 0
    /// Copies delivered and processed.
    public var delivered = 0
    /// Copies lost at a full queue, by number.
    public var dropped: [Int] = []
    /// Copies neither delivered nor dropped: always 0, unless packets block each other.
    public var stuck = 0
    /// When each copy was at its core; −1 for those that never were.
    public var deliveredAt: [Int] = []
    /// When each core was done with its last packet; 0 for those without.
    public var coreEnd: [Int] = []
    /// Time for which each source had a packet ready and no room for it.
    public var stall: [Int] = []
    /// Packets that passed each link.
    public var linkPackets: [Int] = []
}
