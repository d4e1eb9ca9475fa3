/// How long to look for a better mapping.
public enum MappingEffort: String, Sendable, CaseIterable {
    /// One run of filling cores, and a short refinement.
    case fast
    /// Several runs, the best refined.
    case `default`
    /// Many runs, the best ones refined for long.
    case best

    /// Listeners that all runs of filling cores may read, for each pin of the network; two runs are
    /// always made, one of a large network or by `fast`.
    var growthCostPerPin: Int {
        switch self {
        case .fast: 1
        case .default: 18
        case .best: 500
        }
    }

    /// Most runs of filling cores.
    var mostGrowths: Int {
        switch self {
        case .fast: 1
        case .default: 6
        case .best: 12
        }
    }

    /// How many of them are refined.
    var refined: Int { self == .best ? 3 : 1 }

    /// Times that each is refined, from coarse to fine.
    var cycles: Int { self == .best ? 2 : 1 }

    /// Proposals for each group of neurons.
    var coarseSweeps: Int {
        switch self {
        case .fast: 10
        case .default: 50
        case .best: 200
        }
    }

    /// Proposals for each neuron.
    var fineSweeps: Int {
        switch self {
        case .fast: 4
        case .default: 30
        case .best: 150
        }
    }

    /// Passes of `CoreAssignment.exchange`, and cores compared in each.
    var exchanges: (passes: Int, cores: Int) {
        switch self {
        case .fast: (0, 0)
        case .default: (3, 3)
        case .best: (4, 6)
        }
    }

    /// Proposals of annealing for the places of cores.
    ///
    /// - Parameter cores: Number of cores.
    /// - Returns: Number of proposals.
    package func placeProposals(cores: Int) -> Int {
        switch self {
        case .fast: min(500 * cores, 200_000)
        case .default: min(24_000 * cores, 1_600_000)
        case .best: min(60_000 * cores, 10_000_000)
        }
    }
}
