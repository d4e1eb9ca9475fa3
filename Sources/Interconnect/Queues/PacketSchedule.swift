/// Packets of a number of sources, each with one or more receiving cores; times in picoseconds.
public struct PacketSchedule: Sendable {
    /// First packet of each source; one more entry at the end.
    public private(set) var firstOfSource: [Int] = [0]
    /// Time before which a packet is not there.
    public private(set) var notBefore: [Int] = []
    /// Time its source works on a packet after it has handed over the one before.
    public private(set) var delay: [Int] = []
    /// First copy of each packet; one more entry at the end.
    public private(set) var firstCopy: [Int] = [0]
    /// Receiving core of each copy.
    public private(set) var core: [Int32] = []
    /// Time the receiving core works on each copy.
    public private(set) var work: [Int] = []
    /// Time each source works after its last packet.
    public private(set) var remainder: [Int] = []

    /// No sources.
    public init() {}

    /// Number of packets.
    public var count: Int { delay.count }
    /// Number of copies, all of which must be delivered or dropped.
    public var copyCount: Int { core.count }

    /// Appends a packet to the source that is open.
    ///
    /// - Parameters:
    ///   - cores: Receiving cores.
    ///   - work: Time each of them works on it.
    ///   - notBefore: Time before which it is not there.
    ///   - delay: Time its source works on it.
    public mutating func append(
        to cores: some Sequence<Int>,
        work: Int = 0,
        notBefore: Int = 0,
        delay: Int = 0
    ) {
        for core in cores { appendCopy(core: Int32(core), work: work) }
        closePacket(notBefore: notBefore, delay: delay)
    }

    /// Ends the packets of a source, and opens the next one.
    ///
    /// - Parameter remainder: Time the source works after its last packet.
    public mutating func endSource(remainder: Int = 0) {
        self.remainder.append(remainder)
        firstOfSource.append(count)
    }

    mutating func appendCopy(core: Int32, work: Int) {
        self.core.append(core)
        self.work.append(work)
    }

    mutating func closePacket(notBefore: Int, delay: Int) {
        self.notBefore.append(notBefore)
        self.delay.append(delay)
        firstCopy.append(core.count)
    }

    mutating func removeAll() {
        firstOfSource.removeAll(keepingCapacity: true)
        firstOfSource.append(0)
        notBefore.removeAll(keepingCapacity: true)
        delay.removeAll(keepingCapacity: true)
        firstCopy.removeAll(keepingCapacity: true)
        firstCopy.append(0)
        core.removeAll(keepingCapacity: true)
        work.removeAll(keepingCapacity: true)
        remainder.removeAll(keepingCapacity: true)
    }
}

extension PacketSchedule {
    /// Makes the schedule of a step anew.
    mutating func take(_ packets: StepPackets) {
        removeAll()
        for source in packets.remainder.indices {
            for packet in packets.firstOfSource[source]..<packets.firstOfSource[source + 1] {
                for copy in packets.firstCopy[packet]..<packets.firstCopy[packet + 1] {
                    appendCopy(
                        core: packets.core[copy],
                        work: Self.picoseconds(packets.work[copy])
                    )
                }
                closePacket(notBefore: 0, delay: Self.picoseconds(packets.delay[packet]))
            }
            endSource(remainder: Self.picoseconds(packets.remainder[source]))
        }
    }

    /// Nanoseconds as whole picoseconds, at most 0.1 s.
    ///
    /// Chip specs may claim latencies of 1000 s. With the bound the times of 10⁷ packets, one after the other,
    /// stay below 2⁶³.
    static func picoseconds(_ nanoseconds: Double) -> Int {
        Int((min(nanoseconds, 1e8) * 1000).rounded())
    }
}
