import Mapping
import TestSupport
import Testing

@Suite("Places of cores")
struct PlaceAnnealingTests {
    private typealias Pair = (from: Int32, to: Int32, packets: Int32)

    /// Manhattan distances on a grid.
    private func grid(_ width: Int, _ height: Int) -> (distance: [UInt16], fromEntry: [UInt16]) {
        let places = (0..<width * height).map { (x: $0 % width, y: $0 / width) }
        let distance = places.flatMap { one in
            places.map { UInt16(abs(one.x - $0.x) + abs(one.y - $0.y)) }
        }
        return (distance, places.map { UInt16($0.x + $0.y) })
    }

    private func plainCost(
        _ place: [Int],
        _ traffic: [Pair],
        _ outside: [Int32],
        _ distance: [UInt16],
        _ fromEntry: [UInt16]
    ) -> Int64 {
        var cost: Int64 = 0
        for pair in traffic {
            let (one, other) = (place[Int(pair.from)], place[Int(pair.to)])
            cost += Int64(pair.packets) * Int64(distance[one * fromEntry.count + other])
        }
        for (core, packets) in outside.enumerated() {
            cost += Int64(packets) * Int64(fromEntry[place[core]])
        }
        return cost
    }

    @Test("finds the best of all places of five cores", arguments: 1...8 as ClosedRange<UInt64>)
    func best(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let (distance, fromEntry) = grid(3, 2)
        var traffic: [Pair] = []
        for from in 0..<5 as Range<Int32> {
            for to in 0..<5 as Range<Int32> where random.int(0...1) == 1 {
                traffic.append((from, to, Int32(random.int(1...50))))
            }
        }
        let outside = (0..<5).map { _ in Int32(random.int(0...60)) }
        var annealing = PlaceAnnealing(
            traffic: traffic,
            fromOutside: outside,
            distance: distance,
            fromEntry: fromEntry,
            place: [0, 1, 2, 3, 4]
        )
        #expect(
            annealing.cost == plainCost([0, 1, 2, 3, 4], traffic, outside, distance, fromEntry)
        )
        // A run may end beside the best place: the best of three never does here.
        var lowest = Int64.max
        for run in 1...3 as ClosedRange<UInt64> {
            annealing.anneal(proposals: 20_000, seed: run)
            let place = annealing.place.map { Int($0) }
            #expect(Set(place).count == 5)
            #expect(annealing.cost == plainCost(place, traffic, outside, distance, fromEntry))
            lowest = min(lowest, annealing.cost)
        }
        let best = permutations(of: Array(0..<6), 5)
            .map { plainCost($0, traffic, outside, distance, fromEntry) }.min()
        #expect(lowest == best)
    }

    @Test("puts a shuffled ring back into a ring")
    func ring() {
        var random = SplitMix64(seed: 2)
        let (distance, fromEntry) = grid(4, 4)
        let order = random.shuffled(Array(0..<16)).map { Int32($0) }
        let traffic: [Pair] = (0..<16).map { (order[$0], order[($0 + 1) % 16], 10) }
        var annealing = PlaceAnnealing(
            traffic: traffic,
            fromOutside: [Int32](repeating: 0, count: 16),
            distance: distance,
            fromEntry: fromEntry,
            place: Array(0..<16)
        )
        annealing.anneal(proposals: 200_000, seed: 1)
        // A grid of even sides has a closed way through all places, one step each.
        #expect(annealing.cost == 160)
    }

    private func permutations(of items: [Int], _ count: Int) -> [[Int]] {
        if count == 0 { return [[]] }
        return items.flatMap { item in
            permutations(of: items.filter { $0 != item }, count - 1).map { [item] + $0 }
        }
    }
}
