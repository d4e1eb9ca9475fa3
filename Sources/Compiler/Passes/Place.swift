package import ChipSpec
import Interconnect
import Mapping
import NetworkIR

/// Gives each core a place on the chip.
///
/// Cores are set in the order of filling, tiles by their distance from tile 0, where inputs enter; then
/// annealing shortens the ways of the packets. It is kept only if it does.
package struct Place: ListedPass {
    package static let pass = CompilerPass.place
    let chip: ChipSpec
    let options: CompilerOptions
    /// Places that annealing may use, for each core to be placed.
    private static let placesPerCore = 2
    /// Most places whose distances are kept in a table.
    private static let mostPlaces = 8192

    /// Makes the pass.
    ///
    /// - Parameters:
    ///   - chip: The chip.
    ///   - options: What the user asks for.
    package init(chip: ChipSpec, options: CompilerOptions = CompilerOptions()) {
        self.chip = chip
        self.options = options
    }

    package func run(_ partitioning: Partitioning) -> Placement {
        let topology = Topology(chip)
        let distances = (0..<topology.tileCount).map {
            topology.distance(fromTile: 0, toTile: $0)
        }
        let tiles = distances.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }
        let count = partitioning.cores.count
        let choice = partitioning.choice
        let places = tiles.lazy.flatMap { tile in
            tile * chip.mesh.coresPerTile..<(tile + 1) * chip.mesh.coresPerTile
        }
        let wanted = min(chip.mesh.coreCount, Self.placesPerCore * count)
        let sources = AxonSources(partitioning.quantised)
        var placement = Placement(
            partitioning: partitioning,
            physicalCore: [],
            sources: sources,
            axons: partitioning.axons(sources)
        )
        var candidates: [Int]
        if choice.isFree {
            candidates = Array(places.prefix(wanted))
            placement.physicalCore = Array(candidates.prefix(count))
        } else {
            let labels = partitioning.cores.map { choice.label(of: $0) }
            placement.physicalCore = choice.places(for: labels, in: Array(places)).places
            // Pinned cores may lie far away, and all of theirs are places for them.
            let own = Set(placement.physicalCore + choice.pinned.joined())
            candidates = Array(places.filter { choice.allows($0, label: 0) }.prefix(wanted))
            candidates += own.subtracting(candidates).sorted()
        }
        if count > chip.mesh.coresPerTile, candidates.count <= Self.mostPlaces {
            shorten(&placement, candidates, topology)
        }
        return placement
    }

    package func statistics(of output: Placement) -> [Statistic] {
        let tiles = Set(output.physicalCore.map { $0 / chip.mesh.coresPerTile })
        return [Statistic("tiles", tiles.count)]
    }

    package func violation(in output: Placement, of input: Partitioning) -> String? {
        let places = Set(output.physicalCore)
        if places.count != input.cores.count { return "two cores share a place." }
        for (core, place) in zip(input.cores, output.physicalCore)
        where !input.choice.allows(place, label: input.choice.label(of: core)) {
            return "core \(place) is dead, or not among those that a population is pinned to."
        }
        return places.allSatisfy { (0..<chip.mesh.coreCount).contains($0) }
            ? nil : "a core lies outside the chip."
    }

    private func shorten(
        _ placement: inout Placement,
        _ candidates: [Int],
        _ topology: Topology
    ) {
        let partitioning = placement.partitioning
        let choice = partitioning.choice
        let traffic = CoreTraffic(placement)
        let tiles = candidates.map { $0 / chip.mesh.coresPerTile }
        var distance: [UInt16] = []
        distance.reserveCapacity(tiles.count * tiles.count)
        for from in tiles {
            for to in tiles {
                distance.append(
                    UInt16(clamping: topology.distance(fromTile: from, toTile: to))
                )
            }
        }
        var placeOf: [Int: Int32] = [:]
        for (index, core) in candidates.enumerated() { placeOf[core] = Int32(index) }
        var annealing = PlaceAnnealing(
            traffic: traffic.pairs,
            fromOutside: traffic.fromOutside,
            distance: distance,
            fromEntry: tiles.map {
                UInt16(clamping: topology.distance(fromTile: 0, toTile: $0))
            },
            place: placement.physicalCore.map { placeOf[$0, default: 0] },
            kind: choice.pinned.isEmpty
                ? [] : partitioning.cores.map { Int32(choice.label(of: $0)) },
            allows: (0...choice.pinned.count).map { label in
                candidates.map { choice.allows($0, label: label) }
            }
        )
        let before = annealing.cost
        annealing.anneal(
            proposals: options.placeProposals
                ?? options.effort.placeProposals(cores: placement.physicalCore.count),
            seed: options.seed
        )
        guard annealing.cost < before else { return }
        placement.physicalCore = annealing.place.map { candidates[Int($0)] }
    }
}

/// Packets between cores if every neuron and every input channel spikes once, or as often as in a run.
struct CoreTraffic {
    /// Pairs of cores that send any, each once, by sender and receiver.
    private(set) var pairs: [(from: Int32, to: Int32, packets: Int32)] = []
    /// Packets to each core from outside.
    private(set) var fromOutside: [Int32]

    init(_ placement: Placement) {
        let partitioning = placement.partitioning
        let sources = placement.sources
        let canonical = partitioning.quantised.canonical
        var home = [Int32](repeating: -1, count: sources.count)
        for (index, core) in partitioning.cores.enumerated() {
            for slice in core.slices {
                let population = canonical.onChip[slice.population]
                for neuron in slice.neurons {
                    for number in sources.numbers(of: Int(neuron), in: population) {
                        home[number] = Int32(index)
                    }
                }
            }
        }
        var weight: [Int32] = []
        if let rates = partitioning.rates {
            weight = [Int32](repeating: 1, count: sources.count)
            for (population, spikes) in rates.spikes.enumerated() {
                for neuron in spikes.indices {
                    for number in sources.numbers(of: neuron, in: population) {
                        weight[number] = Int32(clamping: rates.weight(of: neuron, in: population))
                    }
                }
            }
        }
        fromOutside = [Int32](repeating: 0, count: partitioning.cores.count)
        var fromCore = [Int32](repeating: 0, count: partitioning.cores.count)
        for (index, axons) in placement.axons.enumerated() {
            var senders: [Int32] = []
            for number in axons {
                let from = home[Int(number)]
                // All weights together fit 32 bits.
                let packets = weight.isEmpty ? 1 : weight[Int(number)]
                if from < 0 {
                    fromOutside[index] &+= packets
                } else {
                    if fromCore[Int(from)] == 0 { senders.append(from) }
                    fromCore[Int(from)] &+= packets
                }
            }
            for from in senders.sorted() {
                pairs.append((from, Int32(index), fromCore[Int(from)]))
                fromCore[Int(from)] = 0
            }
        }
    }
}
