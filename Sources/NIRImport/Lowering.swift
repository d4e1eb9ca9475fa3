import NetworkIR

/// Turns a graph into populations and projections, stateless nodes folded into the projections.
///
/// Every node is visited once and holds one linear function for each population that it sees, so the
/// cost does not grow with the number of paths. Functions are dropped when their last reader is done.
struct Lowering {
    /// A population as a node sees it: which, and how many steps ago.
    private struct Source: Hashable, Comparable {
        var node: Int
        var delay: Int

        static func < (a: Self, b: Self) -> Bool { (a.node, a.delay) < (b.node, b.delay) }
    }

    /// What arrives at or leaves a node in a step.
    private struct Signal {
        var maps: [Source: LinearMap] = [:]
        /// Strides of the windows that slid over a source, one an axis.
        var strides: [Source: [Int]] = [:]
        /// Empty means all zero.
        var constant: [Double] = []
    }

    /// Warnings found on the way.
    private(set) var warnings: [String] = []

    private let graph: FlatGraph
    private let order: StepOrder
    private let delays: Delays
    private let settings: ImportSettings
    private let timeStep: Double
    private var signals: [Signal?]
    private var readersLeft: [Int]
    /// Numbers that live maps hold together.
    private var held = 0
    /// Multiplications that folding may still take: bounds time as `held` bounds memory.
    private var operationsLeft: Int
    /// The Delays that hold what cannot be folded, with what arrives at them: sums and constants.
    private var heldByDelays: [Int: Signal] = [:]

    init(
        _ graph: FlatGraph,
        order: StepOrder,
        delays: Delays,
        settings: ImportSettings,
        timeStep: Double
    ) {
        self.graph = graph
        self.order = order
        self.delays = delays
        self.settings = settings
        self.timeStep = timeStep
        operationsLeft = graph.limits.operations
        signals = Array(repeating: nil, count: graph.nodes.count)
        readersLeft = graph.outgoing().map(\.count)
    }

    /// Builds the network.
    mutating func network(name: String) throws(NIRError) -> Network {
        var delayOfEdge: [Edge: Int] = [:]
        for (edge, delay) in zip(graph.edges, order.delays) { delayOfEdge[edge] = delay }
        let incoming = graph.incoming()

        // Inputs first in the order of their names: nodes are sorted by path.
        var members = graph.nodes.indices.filter { graph.nodes[$0].isInput }
        var arriving: [Int: Signal] = [:]
        var taps: [(output: Int, node: Int)] = []
        for index in order.holding.sorted() {
            try hold(size: 0)
            let itself = Signal(maps: [Source(node: index, delay: 0): .identity])
            signals[index] = try delayed(index, itself)
        }
        for index in order.folding where !graph.nodes[index].isInput {
            let signal = try sum(incoming[index], delayOfEdge, count: count(index, isInput: true))
            switch graph.nodes[index].kind {
            case .input: break
            case .neuron, .threshold:
                members.append(index)
                arriving[index] = signal
            case .delay where order.holding.contains(index): heldByDelays[index] = signal
            case .output:
                if let node = tapped(signal) {
                    taps.append((index, node))
                    release(signal)
                } else {
                    members.append(index)
                    taps.append((index, index))
                    arriving[index] = signal
                }
            case .port, .affine, .scale, .delay, .flatten, .convolution, .pool:
                signals[index] = try applied(index, to: signal)
                if readersLeft[index] == 0 { drop(index) }
            }
        }

        members = inOrderOfStep(members)
        arriving.merge(heldByDelays) { $1 }
        var position: [Int: Int] = [:]
        for (place, node) in members.enumerated() { position[node] = place }
        var populations: [Population] = []
        var projections: [Projection] = []
        for (place, index) in members.enumerated() {
            let signal = arriving[index] ?? Signal()
            populations.append(
                Population(
                    path: graph.nodes[index].path,
                    shape: graph.nodes[index].outputShape ?? [],
                    dynamics: dynamics(index),
                    bias: signal.constant
                )
            )
            for (source, map) in signal.maps {
                // Every source of a signal is an input or a neuron, so it has a place.
                guard let from = position[source.node] else { continue }
                var projection = Projection(
                    source: from,
                    target: place,
                    delay: source.delay,
                    connectivity: connectivity(
                        map,
                        sources: count(source.node),
                        targets: count(index)
                    )
                )
                projection.windowStrides = signal.strides[source] ?? []
                projections.append(projection)
            }
        }
        try checkDelays(of: projections, count: populations.count)
        projections.sort { ($0.target, $0.source, $0.delay) < ($1.target, $1.source, $1.delay) }
        let outputs = taps.sorted { $0.output < $1.output }.compactMap { tap in
            position[tap.node].map {
                NetworkOutput(
                    name: graph.nodes[tap.output].path,
                    population: $0,
                    shape: graph.nodes[tap.output].outputShape ?? []
                )
            }
        }
        noteExporterFaults()
        var network = Network(
            name: name,
            timeStep: timeStep,
            reset: settings.resetRule,
            threshold: settings.thresholdRule,
            populations: populations,
            projections: projections,
            outputs: outputs
        )
        network.lowestPotential = settings.lowestPotential
        return network
    }

    /// Populations in the order of a step; the Delays among them last: they are read a step later.
    private func inOrderOfStep(_ members: [Int]) -> [Int] {
        var rank = [Int](repeating: 0, count: graph.nodes.count)
        for (place, node) in order.order.enumerated() where !graph.nodes[node].isInput {
            rank[node] = place + 1
        }
        // Inputs have rank 0 and keep the order of their names.
        return members.sorted { (rank[$0], $0) < (rank[$1], $1) } + heldByDelays.keys.sorted()
    }

    /// Whoever runs the network remembers each population for as long as its longest delay.
    private func checkDelays(of projections: [Projection], count: Int) throws(NIRError) {
        var longest = [Int](repeating: 0, count: count)
        for projection in projections {
            longest[projection.source] = max(longest[projection.source], projection.delay)
        }
        let sum = longest.reduce(0, +)
        guard sum <= graph.limits.rememberedSteps else {
            throw .tooLarge(
                file: graph.file,
                what: "the longest delays of all populations are \(sum) steps together",
                limit: "\(graph.limits.rememberedSteps)"
            )
        }
    }

    private func count(_ node: Int, isInput: Bool = false) -> Int {
        let node = graph.nodes[node]
        return elementCount((isInput ? node.inputShape : node.outputShape) ?? [])
    }

    private func connectivity(_ map: LinearMap, sources: Int, targets: Int) -> Connectivity {
        switch map {
        case .sparse(let sparse):
            // A matrix half full takes no more memory whole.
            multiplied(sources, targets) / 2 > sparse.count
                ? .sparse(sparse) : .dense(sparse.dense(sources: sources))
        case .identity: .oneToOne([Double](repeating: 1, count: targets))
        case .diagonal(let factors): .oneToOne(factors)
        case .dense(let weights): .dense(weights)
        }
    }

    /// The population that a signal is, one to one, in the running step; nil if it is anything else.
    private func tapped(_ signal: Signal) -> Int? {
        guard signal.constant.allSatisfy({ $0 == 0 }), signal.maps.count == 1,
            let (source, map) = signal.maps.first, source.delay == 0, map == .identity
        else { return nil }
        return source.node
    }
}

// MARK: - Signals

extension Lowering {
    /// Adds up what arrives at a node, in the order of its edges.
    private mutating func sum(
        _ edges: [Edge],
        _ delayOfEdge: [Edge: Int],
        count: Int
    ) throws(NIRError) -> Signal {
        var sum = Signal()
        for edge in edges {
            let delay = delayOfEdge[edge] ?? 0
            let signal =
                graph.nodes[edge.from].isPopulation
                ? Signal(maps: [Source(node: edge.from, delay: delay): .identity])
                : signals[edge.from] ?? Signal()
            if !signal.constant.isEmpty {
                sum.constant =
                    sum.constant.isEmpty
                    ? signal.constant : zip(sum.constant, signal.constant).map { $0 + $1 }
            }
            sum.strides.merge(signal.strides) { own, _ in own }
            for (source, map) in signal.maps {
                guard let other = sum.maps[source] else {
                    sum.maps[source] = map
                    try hold(size: map.size)
                    continue
                }
                let columns = self.count(source.node)
                let total = other.adding(map, rows: count, columns: columns)
                held -= weight(other)
                try work(max(total.size, 1))
                try hold(size: total.size)
                sum.maps[source] = total
            }
            readersLeft[edge.from] -= 1
            if readersLeft[edge.from] == 0 { drop(edge.from) }
        }
        return sum
    }

    /// What a stateless node makes of what arrives.
    private mutating func applied(_ index: Int, to signal: Signal) throws(NIRError) -> Signal {
        var result = Signal()
        switch graph.nodes[index].kind {
        case .input, .output, .neuron, .threshold, .port, .flatten: return signal
        case .delay: return try delayed(index, signal)
        case .scale(let scale):
            let count = count(index)
            let values = scale.values ?? []
            let factors = scale.isSingle ? Array(repeating: values[0], count: count) : values
            result.constant = zip(signal.constant, factors).map { $0 * $1 }
            result.strides = signal.strides
            for (source, map) in signal.maps {
                let columns = self.count(source.node)
                try work(max(map.size, count))
                let scaled = map.scaled(by: factors, columns: columns)
                held -= weight(map)
                try hold(size: scaled.size)
                result.maps[source] = scaled
            }
        case .convolution(let weight, let bias, let groups, let windows):
            return try applied(
                WindowOperator(
                    windows: windows,
                    channels: weight.shape[0],
                    inputsPerChannel: weight.shape[1],
                    groups: groups,
                    lengths: Array((graph.nodes[index].inputShape ?? []).dropFirst()),
                    weights: weight.values ?? []
                ),
                bias: bias?.values,
                to: signal
            )
        case .pool(let isMean, let windows):
            let shape = graph.nodes[index].inputShape ?? []
            let area = windows.kernel.reduce(1.0) { $0 * Double($1) }
            return try applied(
                WindowOperator(
                    windows: windows,
                    channels: shape[0],
                    inputsPerChannel: 1,
                    groups: shape[0],
                    lengths: Array(shape.dropFirst()),
                    weights: [isMean ? 1 / area : 1]
                ),
                bias: nil,
                to: signal
            )
        case .affine(let weight, let bias):
            let matrix = weight.values ?? []
            let (rows, inner) = (weight.shape[0], weight.shape[1])
            if !signal.constant.isEmpty {
                try work(matrix.count)
                result.constant = (0..<rows).map { row in
                    var sum = 0.0
                    for column in 0..<inner {
                        sum += matrix[row * inner + column] * signal.constant[column]
                    }
                    return sum
                }
            }
            if let bias = bias?.values {
                result.constant =
                    result.constant.isEmpty ? bias : zip(result.constant, bias).map { $0 + $1 }
            }
            for (source, map) in signal.maps {
                let columns = count(source.node)
                switch map {
                case .dense: try work(multiplied(multiplied(rows, inner), columns))
                case .sparse(let sparse):
                    try work(max(multiplied(rows, sparse.count), matrix.count))
                case .identity, .diagonal: try work(matrix.count)
                }
                held -= self.weight(map)
                try hold(size: multiplied(rows, columns))
                result.maps[source] = map.multiplied(
                    by: matrix,
                    rows: rows,
                    inner: inner,
                    columns: columns
                )
            }
        }
        return result
    }

    /// What a Delay makes of what arrives: each source that many steps earlier.
    ///
    /// Elements of different delays become functions of their own. A constant begins to arrive after the
    /// delay only, so that a population of the Delay's name has to hold it.
    private mutating func delayed(_ index: Int, _ signal: Signal) throws(NIRError) -> Signal {
        let steps = delays.steps[index]
        let distinct = Set(steps).sorted()
        var result = Signal()
        var maps = signal.maps.sorted { $0.key < $1.key }
        if signal.constant.contains(where: { $0 != 0 }) {
            result.constant = zip(signal.constant, steps).map { $1 == 0 ? $0 : 0 }
            let late = zip(signal.constant, steps).map { $1 == 0 ? 0 : $0 }
            if late.contains(where: { $0 != 0 }) {
                heldByDelays[index] = Signal(constant: late)
                maps.append((Source(node: index, delay: 0), .identity))
                try hold(size: 0)
            }
        }
        for (source, map) in maps {
            let columns = count(source.node)
            if let longest = distinct.last, source.delay + longest > graph.limits.delay {
                throw .malformed(
                    file: graph.file,
                    path: "node '\(graph.nodes[index].path)'",
                    what: "delays in a row add up to \(source.delay + longest) steps",
                    remedy: Delays.remedy(graph.limits),
                    fault: .delay
                )
            }
            var parts = [map]
            if distinct.count > 1 {
                let rows = multiplied(distinct.count, steps.count)
                let entries = map.entries(rows: steps.count, columns: columns)
                try work(max(rows, entries))
                let size = LinearMap.size(entries: entries, rows: rows)
                try hold(size: size)
                parts = map.split(by: steps, distinct, columns: columns)
                held -= size + 16 + weight(map)
                for part in parts { try hold(size: part.size) }
            }
            for (delay, part) in zip(distinct, parts) {
                let earlier = Source(node: source.node, delay: source.delay + delay)
                result.strides[earlier] = signal.strides[source]
                // What the Delay holds itself is read a step later at least.
                if part.isEmpty || (source.node == index && delay == 0) {
                    held -= weight(part)
                    continue
                }
                guard let other = result.maps[earlier] else {
                    result.maps[earlier] = part
                    continue
                }
                let total = other.adding(part, rows: steps.count, columns: columns)
                try work(max(total.size, 1))
                held -= weight(other) + weight(part)
                try hold(size: total.size)
                result.maps[earlier] = total
            }
        }
        return result
    }

    /// What a convolution or a pool makes of what arrives.
    private mutating func applied(
        _ slide: WindowOperator,
        bias: [Double]?,
        to signal: Signal
    ) throws(NIRError) -> Signal {
        var result = Signal()
        let rows = slide.rows
        guard !signal.maps.isEmpty || !signal.constant.isEmpty else {
            // Nothing vouches for the size of an input that no edge leads to.
            result.constant =
                bias.map { bias in
                    (0..<rows).map { bias[$0 / (rows / slide.channels)] }
                } ?? []
            return result
        }
        let entries = slide.entries
        try work(entries)
        try hold(size: LinearMap.size(entries: entries, rows: rows))
        let matrix = slide.matrix()
        let own = LinearMap.sparse(matrix)
        if !signal.constant.isEmpty {
            try work(entries)
            result.constant = (0..<rows).map { row in
                matrix.indices(of: row).reduce(0) { sum, k in
                    sum + matrix.weights[k] * signal.constant[Int(matrix.sources[k])]
                }
            }
        }
        if let bias {
            let area = rows / slide.channels
            if result.constant.isEmpty { result.constant = Array(repeating: 0, count: rows) }
            for row in 0..<rows { result.constant[row] += bias[row / area] }
        }
        // A population that arrives as it is shares the matrix.
        var isShared = false
        for (source, map) in signal.maps {
            let columns = count(source.node)
            let before = signal.strides[source] ?? slide.windows.stride.map { _ in 1 }
            result.strides[source] = zip(before, slide.windows.stride).map {
                $0.multipliedReportingOverflow(by: $1).partialValue
            }
            held -= weight(map)
            if map == .identity, !isShared {
                isShared = true
                result.maps[source] = own
                continue
            }
            try work(map.work(with: matrix, columns: columns))
            if case .dense = map {
                try hold(size: multiplied(rows, columns))
                held -= multiplied(rows, columns) + 16
            }
            let product = map.multiplied(
                by: matrix,
                columns: columns,
                mostEntries: LinearMap.entries(size: graph.limits.parameters - held, rows: rows)
            )
            guard let product else { throw heldTooLarge }
            try hold(size: product.size)
            result.maps[source] = product
        }
        if !isShared { held -= weight(own) }
        return result
    }

    private func multiplied(_ a: Int, _ b: Int) -> Int {
        let (product, overflow) = a.multipliedReportingOverflow(by: b)
        return overflow ? Int.max : product
    }

    /// Even an identity costs an entry.
    private func weight(_ map: LinearMap) -> Int { map.size + 16 }

    private mutating func hold(size: Int) throws(NIRError) {
        let (sum, overflow) = held.addingReportingOverflow(size)
        guard !overflow, sum <= graph.limits.parameters else { throw heldTooLarge }
        held = sum + 16
    }

    private var heldTooLarge: NIRError {
        .tooLarge(
            file: graph.file,
            what: "folding the stateless nodes makes more weights than are held",
            limit: "\(graph.limits.parameters)"
        )
    }

    private mutating func work(_ operations: Int) throws(NIRError) {
        guard operations <= operationsLeft else {
            throw .tooLarge(
                file: graph.file,
                what: "folding the stateless nodes into weights takes too many multiplications",
                limit: "\(graph.limits.operations)"
            )
        }
        operationsLeft -= operations
    }

    private mutating func drop(_ node: Int) {
        if let signal = signals[node] { release(signal) }
        signals[node] = nil
    }

    private mutating func release(_ signal: Signal) {
        for map in signal.maps.values { held -= weight(map) }
    }
}

// MARK: - Neurons

extension Lowering {
    private func dynamics(_ index: Int) -> Dynamics {
        let node = graph.nodes[index]
        let count = count(index)
        func values(_ parameter: Parameter?, absent: Double = 0) -> [Double] {
            guard let parameter, let values = parameter.values else {
                return [Double](repeating: absent, count: count)
            }
            if values.count == count { return values }
            // One value for all, or for all neurons of a channel.
            return (0..<count).map { values[$0 / (count / values.count)] }
        }
        let neuron: NeuronKind
        switch node.kind {
        case .neuron(let kind): neuron = kind
        case .threshold(let threshold): return .threshold(values(threshold))
        case .input: return .input
        case .output, .port, .affine, .scale, .delay, .flatten, .convolution, .pool: return .relay
        }
        func values(_ name: String, absent: Double = 0) -> [Double] {
            values(neuron.parameters[name], absent: absent)
        }
        func membrane(_ tau: String) -> LeakyIntegrator {
            LeakyIntegrator(tau: values(tau), r: values("r"), leak: values("v_leak"))
        }
        var firing: Firing {
            var firing = Firing(threshold: values("v_threshold"), reset: values("v_reset"))
            firing.resetsAtOnce = resetsAtOnce(index, neuron.model)
            return firing
        }
        var filter: SynapticFilter {
            SynapticFilter(tau: values("tau_syn"), inputGain: values("w_in", absent: 1))
        }
        let isNorse = settings.exporter == .norse
        switch neuron.model {
        case .integrateAndFire:
            let r = values("r")
            return .integrateAndFire(
                IntegrateAndFire(r: isNorse ? r.map { $0 / timeStep } : r, firing: firing)
            )
        case .leakyIntegrateAndFire: return .leakyIntegrateAndFire(membrane("tau"), firing)
        case .integrator: return .integrator(r: values("r"))
        case .leakyIntegrator: return .leakyIntegrator(membrane("tau"))
        case .currentBased:
            var filter = filter
            if isNorse {
                filter.inputGain = zip(filter.inputGain, filter.tau).map { $0 * $1 / timeStep }
            }
            return .currentBased(filter, membrane("tau_mem"), firing)
        case .currentBasedIntegrator:
            return .currentBasedIntegrator(filter, membrane("tau_mem"))
        }
    }

    /// Whether a neuron is snnTorch's Leaky, which keeps the input of the step after a spike.
    private func resetsAtOnce(_ index: Int, _ model: NeuronKind.Model) -> Bool {
        settings.exporter == .snntorch && model == .leakyIntegrateAndFire
            && !isRecurrentLeaky(index)
    }

    /// Whether a node is the neuron of an RLeaky, which snnTorch writes as `lif` beside `w_rec`.
    private func isRecurrentLeaky(_ index: Int) -> Bool {
        let path = graph.nodes[index].path
        guard path.hasSuffix("lif") else { return false }
        let recurrent = path.dropLast(3) + "w_rec"
        return graph.nodes.contains { $0.path == recurrent }
    }

    /// Says where the files of a tool mean something else than NIR's equations.
    private mutating func noteExporterFaults() {
        func nodes(_ models: [NeuronKind.Model]) -> [String] {
            graph.nodes.filter { node in
                guard case .neuron(let neuron) = node.kind else { return false }
                return models.contains(neuron.model)
            }.map(\.path)
        }
        switch settings.exporter {
        case .norse:
            // norse adds a spike's weight to v (IAF) or i (LIF) undivided, but writes r = w_in = 1.
            let corrected = nodes([.integrateAndFire, .currentBased])
            guard !corrected.isEmpty else { return }
            warnings.append(
                "norse writes r of IF and w_in of CubaLIF without its step: taken as r/dt and "
                    + "w_in·tau_syn/dt in \(list(corrected))."
            )
        case .snntorch:
            let losing = graph.nodes.indices.filter { index in
                guard case .neuron(let neuron) = graph.nodes[index].kind else { return false }
                return neuron.model == .currentBased
                    || (neuron.model == .leakyIntegrateAndFire && isRecurrentLeaky(index))
            }
            guard settings.reset == nil, !losing.isEmpty else { return }
            warnings.append(
                "snnTorch's Synaptic, RLeaky and RSynaptic with reset_mechanism=\"zero\" lose the input of "
                    + "the step after a spike, unless reset_delay=False: --reset zero-later does so in "
                    + "\(list(losing.map { graph.nodes[$0].path }))."
            )
        case nil, .sinabs, .unnormalisedSinabs, .lava: return
        }
    }
}
