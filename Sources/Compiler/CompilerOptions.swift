public import Mapping

/// What the user may ask of the compiler.
public struct CompilerOptions: Sendable {
    /// Most neurons put on one core, below the chip's own limit; nil leaves that limit alone.
    public var neuronsPerCore: Int?
    /// How long to look for a better mapping.
    public var effort: MappingEffort
    /// Seed of the random choices of the mapping.
    public var seed: UInt64
    /// Whether the compilation can make the quantised network afterwards, which needs the author's.
    ///
    /// Without, the weights of the network are let go as soon as they are quantised.
    public var keepsNetwork = true
    /// Which weight of a projection reaches the rail of the weight format.
    public var scale = ScaleRule.max
    /// The same for projections into a population, by its path; stands above `scale`.
    public var scaleOfPopulation: [String: ScaleRule] = [:]
    /// Proposals of annealing for the places of cores; nil for what the effort says.
    public var placeProposals: Int?
    /// Physical cores that hold nothing, in any order.
    public var deadCores: [Int] = []
    /// Physical cores for the neurons of a population, by its path: nowhere else, and nothing else there.
    ///
    /// Populations with the same list share its cores.
    public var pinned: [String: [Int]] = [:]
    /// How often senders spiked in a run, which weighs their packets; nil if all count the same.
    public var rates: SpikeRates?
    /// Called while the mapping is sought, with the share that is done, 0...1.
    public var progress: @Sendable (Double) -> Void

    /// Makes options.
    ///
    /// - Parameters:
    ///   - neuronsPerCore: Most neurons put on one core, at least 1; nil for the chip's limit.
    ///   - effort: How long to look for a better mapping.
    ///   - seed: Seed of the random choices of the mapping.
    ///   - progress: Called with the share that is done.
    public init(
        neuronsPerCore: Int? = nil,
        effort: MappingEffort = .default,
        seed: UInt64 = 1,
        progress: @escaping @Sendable (Double) -> Void = { _ in }
    ) {
        self.neuronsPerCore = neuronsPerCore
        self.effort = effort
        self.seed = seed
        self.progress = progress
    }

    /// The same options for a compilation of which only the arithmetic matters: the shortest search for a
    /// mapping, no network kept, no progress.
    public var quick: CompilerOptions {
        var options = self
        options.effort = .fast
        options.keepsNetwork = false
        options.progress = { _ in }
        return options
    }
}
