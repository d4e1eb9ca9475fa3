import ChipImage
public import ChipSpec

/// One learning trace of a projection's rule, as the synapses of the projection read it.
public struct LearningTrace: Sendable {
    /// The register: x1 or x2 follow presynaptic spikes, y1, y2, y3 postsynaptic ones.
    public let register: RuleVariable
    /// Neurons whose spikes it follows, by their index in the population; ascending.
    ///
    /// A presynaptic neuron is there once for each axon at which its spikes act: on another core it has another
    /// register, with a mismatch of its own, and with another delay another course.
    public let neurons: [Int]
    /// Physical core that holds the register of each neuron.
    public let cores: [Int]
    let projection: Int
    /// Entries of the lines or neurons of the rule's bank.
    let entries: [Int]
}

extension Machine {
    /// A learning trace of a projection's rule.
    ///
    /// - Parameters:
    ///   - register: x1, x2, y1, y2 or y3.
    ///   - projection: Index in `NetworkTable.projections`.
    /// - Returns: Where it is; nil if the projection does not learn, or its rule has no such trace.
    public func learningTrace(_ register: RuleVariable, of projection: Int) -> LearningTrace? {
        guard let learning, let bank = learning.bankOfProjection[projection],
            let rule = image.network.projections[projection].rule,
            let program = image.network.rules?[rule],
            program.traces.contains(where: { $0.register == register })
        else { return nil }
        let blocks = learning.blocks(of: projection)
        let places: [(neuron: UInt32, core: UInt32, entry: Int)]
        if TraceColumn.number(of: register) < 2 {
            let lines = Set(
                blocks.flatMap { block in (0..<block.rowLine.count).map { block.rowLine[$0] } }
            )
            places = lines.map { (bank.lines[Int($0)].index, bank.lines[Int($0)].core, Int($0)) }
        } else {
            let posts = Set(blocks.flatMap { block in (0..<block.count).map { block.post[$0] } })
            places = posts.map { (bank.posts[Int($0)].index, bank.posts[Int($0)].core, Int($0)) }
        }
        let sorted = places.sorted { $0 < $1 }
        return LearningTrace(
            register: register,
            neurons: sorted.map { Int($0.neuron) },
            cores: sorted.map { Int($0.core) },
            projection: projection,
            entries: sorted.map(\.entry)
        )
    }

    /// What a learning trace is between two steps.
    ///
    /// On the engine `loihi` it is what it was at the last end of an epoch; the traces of the steps of an epoch
    /// are worked out at its end.
    ///
    /// - Parameters:
    ///   - trace: A trace of this machine, or of one of the same image.
    ///   - columns: Which of its neurons, by their place in `LearningTrace.neurons`; nil for all.
    /// - Returns: The register of each.
    public func values(of trace: LearningTrace, at columns: [Int]? = nil) -> [Int32] {
        guard let learning else { return [] }
        let entries = columns.map { $0.map { trace.entries[$0] } } ?? trace.entries
        if let engine = learning.loihi[trace.projection]?.engine {
            return entries.map { engine.trace(trace.register, of: $0) }
        }
        let column = learning.bankOfProjection[trace.projection]?.column(trace.register)
        return entries.map { column?.value[$0] ?? 0 }
    }
}
