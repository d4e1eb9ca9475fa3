import FixedPoint

/// Draws which pairs of a projection are synapses.
///
/// Each row of the matrix is a function of the seed, the projection's name and the row, so rows may
/// be drawn in any order. Memory grows with the synapses; of dense patterns, with the pairs.
struct PairDrawing {
    let draws: ProjectionDraws
    let sources: Int
    let targets: Int
    /// Whether a neuron may not project to itself, from a population to itself.
    let excludesSelf: Bool
    /// Pairs beyond which rows are drawn by gaps and picks instead of pair by pair.
    static let mostPairsOneByOne = 1 << 27

    private var isWide: Bool { sources * targets > Self.mostPairsOneByOne }

    private func allows(_ target: Int, _ source: Int) -> Bool { !excludesSelf || target != source }

    /// All pairs, with flags where some are left out.
    func all() -> PairPattern {
        var present = [Bool](repeating: true, count: sources * targets)
        if excludesSelf {
            for neuron in 0..<min(sources, targets) { present[neuron * sources + neuron] = false }
        }
        return .dense(present)
    }

    /// Each pair with the same probability.
    func pairs(probability: Double) -> SparsePairs {
        var pairs = SparsePairs(targets: targets)
        guard !isWide else {
            // The gap to the next synapse of a row is geometric: floor(ln u / ln(1 − p)).
            let rate = PortableMath.log(1 - probability)
            for target in 0..<targets {
                var source = -1
                var number = 0
                while probability > 0 {
                    let share = draws.uniform(number, row: target, Parameter.gaps)
                    number += 1
                    let gap = probability < 1 ? (PortableMath.log(share) / rate).rounded(.down) : 0
                    guard gap < Double(sources - source - 1) else { break }
                    source += 1 + Int(gap)
                    if allows(target, source) { pairs.sources.append(Int32(source)) }
                }
                pairs.endRow()
            }
            return pairs
        }
        for target in 0..<targets {
            for source in 0..<sources where allows(target, source) {
                let pair = target * sources + source
                if draws.uniform(pair, Parameter.probability) < probability {
                    pairs.sources.append(Int32(source))
                }
            }
            pairs.endRow()
        }
        return pairs
    }

    /// As many sources for each target.
    func pairs(inDegree degree: Int) -> SparsePairs {
        var pairs = SparsePairs(targets: targets)
        for target in 0..<targets {
            pairs.sources += picks(
                degree,
                of: sources,
                row: target,
                excluding: excludesSelf ? target : nil,
                keys: Parameter.inDegree,
                picks: Parameter.inPicks
            )
            pairs.endRow()
        }
        return pairs
    }

    /// As many targets for each source.
    func pairs(outDegree degree: Int) -> SparsePairs {
        var rows = SparsePairs(targets: sources)
        for source in 0..<sources {
            rows.sources += picks(
                degree,
                of: targets,
                row: source,
                excluding: excludesSelf ? source : nil,
                keys: Parameter.outDegree,
                picks: Parameter.outPicks
            )
            rows.endRow()
        }
        return rows.transposed(sources: targets)
    }

    /// Each pair with the probability that belongs to its distance.
    func pairs(
        _ kernel: Kernel,
        from origins: Positions,
        to places: Positions,
        wrap: [Double]
    ) -> SparsePairs {
        let cells = NeighbourCells(origins, reach: kernel.reach, wrap: wrap)
        var pairs = SparsePairs(targets: targets)
        var candidates: [Int32] = []
        for target in 0..<targets {
            cells.candidates(around: places, target, into: &candidates)
            for candidate in candidates {
                let source = Int(candidate)
                guard allows(target, source) else { continue }
                let separation = places.separation(target, source, of: origins, wrap: wrap)
                let probability = kernel.value(at: separation)
                guard probability > 0 else { continue }
                let share = draws.uniform(target * sources + source, Parameter.probability)
                if share < probability { pairs.sources.append(candidate) }
            }
            pairs.endRow()
        }
        return pairs
    }

    /// A random subset, ascending: the candidates with the smallest draws or, of very many, different ones
    /// picked one after the other (Floyd's method).
    private func picks(
        _ count: Int,
        of candidates: Int,
        row: Int,
        excluding own: Int?,
        keys: UInt32,
        picks: UInt32
    ) -> [Int32] {
        guard isWide else {
            var keyed = (0..<candidates).filter { $0 != own }.map {
                draws.key($0, row: row, keys)
            }
            keyed.sort { $0 < $1 }
            return keyed.prefix(count).map { Int32($0.1) }.sorted()
        }
        let all = own == nil ? candidates : candidates - 1
        var chosen: Set<Int32> = []
        chosen.reserveCapacity(count)
        for (number, last) in (max(0, all - count)..<all).enumerated() {
            let share = draws.uniform(number, row: row, picks)
            let pick = Int32(min(last, Int(share * Double(last + 1))))
            if !chosen.insert(pick).inserted { chosen.insert(Int32(last)) }
        }
        guard let own else { return chosen.sorted() }
        return chosen.map { $0 < own ? $0 : $0 + 1 }.sorted()
    }
}
