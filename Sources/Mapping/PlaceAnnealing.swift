import FixedPoint

/// Places of cores, and the packets between them.
///
/// The cost is Σ packets × distance over all pairs of cores, and over what enters from outside.
package struct PlaceAnnealing: Sendable {
    /// Packets between a core and its partners, in both directions:
    /// `partners[offsets[c]..<offsets[c + 1]]`.
    private var offsets: [Int]
    private var partners: [Int32]
    private var traffic: [Int32]
    /// Packets to each core from outside.
    private let fromOutside: [Int32]
    /// `[place][place]`, row-major.
    private let distance: [UInt16]
    /// Distance of each place from where packets enter.
    private let fromEntry: [UInt16]
    private let placeCount: Int
    /// Kind of each core; empty where all may lie anywhere.
    private let kind: [Int32]
    /// Whether cores of a kind may lie on a place, `[kind][place]`.
    private let allows: [[Bool]]
    /// Place of each core.
    package private(set) var place: [Int32]
    /// Core of each place, −1 for none.
    private var core: [Int32]

    /// Sets cores on places.
    ///
    /// - Parameters:
    ///   - traffic: Packets from one core to another, `[from][to]`, of pairs that send any.
    ///   - fromOutside: Packets to each core from outside.
    ///   - distance: Distance between places, `[place][place]`, row-major, symmetric.
    ///   - fromEntry: Distance of each place from where packets enter.
    ///   - place: First place of each core.
    ///   - kind: Kind of each core; empty where all may lie anywhere.
    ///   - allows: Whether cores of a kind may lie on a place, `[kind][place]`.
    package init(
        traffic: [(from: Int32, to: Int32, packets: Int32)],
        fromOutside: [Int32],
        distance: [UInt16],
        fromEntry: [UInt16],
        place: [Int32],
        kind: [Int32] = [],
        allows: [[Bool]] = []
    ) {
        let count = place.count
        // Both directions of a pair count as one.
        var pairs: [(from: Int32, to: Int32, packets: Int32)] = []
        let sorted = traffic.lazy.filter { $0.from != $0.to }
            .map { (min($0.from, $0.to), max($0.from, $0.to), $0.packets) }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
        for pair in sorted {
            if let last = pairs.last, (last.from, last.to) == (pair.0, pair.1) {
                pairs[pairs.count - 1].packets &+= pair.2
            } else {
                pairs.append(pair)
            }
        }
        offsets = [Int](repeating: 0, count: count + 1)
        for pair in pairs {
            offsets[Int(pair.from) + 1] += 1
            offsets[Int(pair.to) + 1] += 1
        }
        for core in 0..<count { offsets[core + 1] += offsets[core] }
        partners = [Int32](repeating: 0, count: offsets[count])
        self.traffic = partners
        var next = offsets
        for pair in pairs {
            for (one, other) in [(pair.from, pair.to), (pair.to, pair.from)] {
                partners[next[Int(one)]] = other
                self.traffic[next[Int(one)]] = pair.packets
                next[Int(one)] += 1
            }
        }
        self.fromOutside = fromOutside
        self.distance = distance
        self.fromEntry = fromEntry
        placeCount = fromEntry.count
        self.kind = kind
        self.allows = allows
        self.place = place
        core = [Int32](repeating: -1, count: placeCount)
        for (index, spot) in place.enumerated() { core[Int(spot)] = Int32(index) }
    }

    /// Sum of packets × distance.
    package var cost: Int64 {
        var twice: Int64 = 0
        var entering: Int64 = 0
        for core in place.indices {
            let row = Int(place[core]) * placeCount
            for k in offsets[core]..<offsets[core + 1] {
                let away = distance[row + Int(place[Int(partners[k])])]
                twice += Int64(traffic[k]) * Int64(away)
            }
            entering += Int64(fromOutside[core]) * Int64(fromEntry[Int(place[core])])
        }
        return twice / 2 + entering
    }

    /// Moves cores to free places and swaps them, under a falling temperature.
    ///
    /// - Parameters:
    ///   - proposals: Number of proposals.
    ///   - seed: Seed of the random choices.
    package mutating func anneal(proposals: Int, seed: UInt64) {
        guard place.count > 0, placeCount > 1, proposals > 0 else { return }
        var draws = Draws(seed: seed, use: 5 << 16)
        // Hot enough to shuffle what lies near, cold enough at the end to settle.
        var total: Int64 = 0
        let samples = 256
        for _ in 0..<samples {
            let (one, spot) = proposal(&draws)
            total += change(moving: one, to: spot).magnitude64
        }
        let start = max(Double(total) / Double(samples) / 1.5, 1)
        let end = max(start / 200, 0.2)
        let period = 256
        let rounds = max(proposals / period, 1)
        let ratio = PortableMath.log(end / start)
        for round in 0..<rounds {
            let share = Double(round) / Double(max(rounds - 1, 1))
            let heat = start * PortableMath.exp(ratio * share)
            for _ in 0..<period {
                let (one, spot) = proposal(&draws)
                if place[one] == Int32(spot) || !mayLie(one, on: spot) { continue }
                let loss = change(moving: one, to: spot)
                let bound = -PortableMath.log(draws.unit() + 0x1p-33) * heat
                if Double(loss) <= bound { move(one, to: spot) }
            }
        }
    }

    /// Whether a core may lie on a place, and the one that is there on its own.
    @inline(__always)
    private func mayLie(_ one: Int, on spot: Int) -> Bool {
        guard !kind.isEmpty else { return true }
        let other = Int(core[spot])
        return allows[Int(kind[one])][spot]
            && (other < 0 || allows[Int(kind[other])][Int(place[one])])
    }

    /// A core, and a place for it.
    private func proposal(_ draws: inout Draws) -> (core: Int, place: Int) {
        let one = draws.below(place.count)
        return (one, draws.below(placeCount))
    }

    /// What moving a core, and the one that is there in its stead, would change.
    private func change(moving one: Int, to spot: Int) -> Int64 {
        let from = Int(place[one])
        let other = Int(core[spot])
        var change = shift(one, from: from, to: spot, besides: other)
        if other >= 0 { change += shift(other, from: spot, to: from, besides: one) }
        return change
    }

    @inline(__always)
    private func shift(_ one: Int, from: Int, to spot: Int, besides other: Int) -> Int64 {
        let before = from &* placeCount
        let after = spot &* placeCount
        var change =
            Int64(fromOutside[one]) * (Int64(fromEntry[spot]) - Int64(fromEntry[from]))
        for k in offsets[one]..<offsets[one + 1] {
            let partner = Int(partners[k])
            // The distance between the two does not change.
            if partner == other { continue }
            let there = Int(place[partner])
            change &+=
                Int64(traffic[k])
                &* (Int64(distance[after &+ there]) &- Int64(distance[before &+ there]))
        }
        return change
    }

    private mutating func move(_ one: Int, to spot: Int) {
        let from = Int(place[one])
        let other = core[spot]
        core[spot] = Int32(one)
        core[from] = other
        place[one] = Int32(spot)
        if other >= 0 { place[Int(other)] = Int32(from) }
    }
}

extension Int64 {
    fileprivate var magnitude64: Int64 { self < 0 ? -self : self }
}
