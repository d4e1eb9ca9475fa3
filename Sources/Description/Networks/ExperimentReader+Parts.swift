import Diagnostics
import NetworkIR
import Yams

extension ExperimentReader {
    /// Parts within each other.
    static let deepestPart = 8
    /// Parts of a network, all of them.
    static let mostParts = 1000
    /// Values that all parts hold together, in files and blocks.
    static let mostPartValues = 1 << 21

    /// Reads the parts of a section: files, blocks and network files of other kinds.
    func parts(_ section: Section, _ scope: NetworkScope, into draft: inout NetworkDraft) throws {
        var scope = scope
        for (name, block) in try section["blocks"]?.named() ?? [] { scope.blocks[name] = block }
        let named = try section["parts"]?.named() ?? []
        for (name, entry) in named {
            draft.parts += 1
            guard draft.parts <= Self.mostParts, scope.depth < Self.deepestPart else {
                throw entry.refusal(
                    .descriptionTooLarge,
                    draft.parts > Self.mostParts
                        ? "is part \(draft.parts). A network has at most \(Self.mostParts)."
                        : "is a part within \(scope.depth) others. They go \(Self.deepestPart) deep.",
                    "Use fewer parts."
                )
            }
            let parts = try entry.section(ExperimentKeys.part)
            let kind = try parts.one(of: ["use", "nir"])
            let body = try parts.required(kind, "")
            var inner = scope
            inner.prefix += name + "/"
            inner.depth += 1
            if kind == "use" {
                try parts.refuse(except: ["use", "with", "inputs"], "a part with use")
                try use(body, parts, inner, into: &draft)
            } else {
                try parts.refuse(
                    except: ["nir", "from", "dt", "reset", "inputs", "addFeedback"],
                    "a part with nir"
                )
                try nir(body, parts, inner, into: &draft)
            }
            if let inputs = parts["inputs"] { try bind(inputs, scope, inner, in: &draft) }
            if let feedback = parts["addFeedback"] {
                try addFeedback(feedback, inner, into: &draft)
            }
        }
    }

    /// Reads a file or a block under a prefix.
    private func use(
        _ entry: Entry,
        _ parts: Section,
        _ scope: NetworkScope,
        into draft: inout NetworkDraft
    ) throws {
        let name = try entry.text()
        var scope = scope
        let isFile = name.contains("/") || name.hasSuffix(".yaml")
        let path = isFile ? Entry.path(name, in: folder) : name
        let link = isFile ? "file " + path : "block \(name) of \(entry.file)"
        guard !scope.chain.contains(link) else {
            throw entry.refusal(
                .descriptionReference,
                "uses '\(name)', which is being read: \((scope.chain + [link]).suffix(9).joined(separator: " > ")).",
                "Take the part out of one of them."
            )
        }
        scope.chain.append(link)
        if isFile {
            let root: Entry
            do {
                root = try YAMLFile.root(YAMLFile.text(of: path, "network"), file: path, "network")
            } catch let error as DescriptionError where error.line == 0 {
                throw entry.refusal(error.code, "names '\(name)'. \(error.what)", error.advice)
            }
            let section = try root.section(NetworkKeys.document)
            if let step = section["stepInMilliseconds"],
                try step.number(1e-6...1e6, "ms") != draft.step
            {
                throw step.refusal(
                    "is \(step.shown) in a part of a network whose step is \(draft.step) ms. They must "
                        + "be equal.",
                    "Delete one of the two: times are in ms, whatever the step."
                )
            }
            try draft.add(nodesOf: root, entry)
            let whole = try filled(root, with: parts["with"], parameters: section["parameters"])
            var reader = ExperimentReader(folder: YAMLFile.folder(of: path))
            reader.files = files
            scope.blocks = [:]
            try reader.read(whole.section(NetworkKeys.document), scope, into: &draft)
            return
        }
        let known = try entry.reference(scope.blocks.keys.sorted(), "block of this file")
        guard let block = scope.blocks[known] else { return }
        try draft.add(nodesOf: block, entry)
        let section = try block.section(ExperimentKeys.block)
        let whole = try filled(block, with: parts["with"], parameters: section["parameters"])
        try read(whole.section(ExperimentKeys.block), scope, into: &draft)
    }

    // MARK: Parameters

    /// A document with the values of its parameters where `$name` stands.
    ///
    /// - Parameters:
    ///   - document: A network file or a block.
    ///   - with: Values that its user gives.
    ///   - parameters: Names and defaults; one that is empty has none.
    func filled(_ document: Entry, with given: Entry?, parameters: Entry?) throws(DescriptionError)
        -> Entry
    {
        var values: [String: Node] = [:]
        var missing: [String] = []
        for (name, value) in try parameters?.named() ?? [] {
            values[name] = value.node
            if value.node.scalar?.string.isEmpty ?? false { missing.append(name) }
        }
        for (name, value) in try given?.named() ?? [] {
            try value.checkName(name, values.keys.sorted(), "parameter of this part")
            values[name] = value.node
            missing.removeAll { $0 == name }
        }
        if let name = missing.first {
            throw (given ?? document).refusal(
                .descriptionMissing,
                "lacks the parameter \(name).",
                "Add with: { \(name): … } to the part."
            )
        }
        guard let mapping = document.node.mapping, !values.isEmpty else { return document }
        var filled = mapping
        for key in ["populations", "projections", "parts"] {
            if let node = mapping[key] { filled[key] = try Self.filled(node, values, document) }
        }
        return Entry(file: document.file, key: document.key, node: .mapping(filled))
    }

    private static func filled(_ node: Node, _ values: [String: Node], _ document: Entry)
        throws(DescriptionError) -> Node
    {
        switch node {
        case .scalar(let scalar):
            guard scalar.string.hasPrefix("$") else { return node }
            let name = String(scalar.string.dropFirst())
            guard let value = values[name] else {
                let place = Entry(file: document.file, key: document.key, node: node)
                throw place.refusal(
                    .descriptionReference,
                    "has \(place.shown), which is no parameter. It must be one of: "
                        + "\(values.keys.sorted().prefix(20).joined(separator: ", ")).",
                    Entry.suggestion(name, among: values.keys.sorted())
                )
            }
            return marked(value, scalar.mark)
        case .sequence(var sequence):
            for index in sequence.indices {
                sequence[index] = try filled(sequence[index], values, document)
            }
            return .sequence(sequence)
        case .mapping(let mapping):
            var copy = mapping
            for (key, value) in mapping { copy[key] = try filled(value, values, document) }
            return .mapping(copy)
        case .alias: return node
        }
    }

    /// A value that messages place where it is put in: its own file may be another.
    private static func marked(_ node: Node, _ mark: Mark?) -> Node {
        switch node {
        case .scalar(var scalar):
            scalar.mark = mark
            return .scalar(scalar)
        case .sequence(var sequence):
            sequence.mark = mark
            for index in sequence.indices { sequence[index] = marked(sequence[index], mark) }
            return .sequence(sequence)
        case .mapping(let mapping):
            var copy = mapping
            copy.mark = mark
            for (key, value) in mapping { copy[key] = marked(value, mark) }
            return .mapping(copy)
        case .alias: return node
        }
    }

    // MARK: Inputs

    /// Puts populations of the outer network in the place of inputs of a part.
    private func bind(
        _ entry: Entry,
        _ outer: NetworkScope,
        _ inner: NetworkScope,
        in draft: inout NetworkDraft
    ) throws(DescriptionError) {
        let inputs = draft.populations.filter { $0.isInput && $0.path.hasPrefix(inner.prefix) }
        for (name, value) in try entry.inputs() {
            try value.checkName(name, inputs.map { inner.local($0.path) }, "input of this part")
            let others = draft.populations.map(\.path).filter {
                $0.hasPrefix(outer.prefix) && $0 != inner.prefix + name
            }
            let path = outer.prefix
                + (try value.reference(others.map(outer.local), "other population"))
            guard let input = draft[inner.prefix + name], let feeder = draft[path] else { continue }
            guard input.count == feeder.count else {
                throw value.refusal(
                    .descriptionProjection,
                    "is '\(outer.local(path))' of \(feeder.count) neurons, in the place of an input of "
                        + "\(input.count). The numbers must be equal.",
                    "Change count, or project from one to a population of the part."
                )
            }
            let usesPlaces = draft.projections.contains {
                $0.source == input.path && $0.dependsOnDistance
            }
            guard !usesPlaces else {
                throw value.refusal(
                    .descriptionProjection,
                    "takes the place of '\(name)', whose positions its part uses.",
                    "Project from '\(outer.local(path))' to populations of the part instead."
                )
            }
            draft.remove(input.path)
            for index in draft.projections.indices
            where draft.projections[index].source == input.path {
                draft.projections[index].source = path
            }
            for index in draft.imported.indices where draft.imported[index].source == input.path {
                draft.imported[index].source = path
            }
        }
    }

    // MARK: Network files of other kinds

    private func nir(
        _ entry: Entry,
        _ parts: Section,
        _ scope: NetworkScope,
        into draft: inout NetworkDraft
    ) throws {
        guard let files else {
            throw entry.refusal(
                .descriptionReference,
                "names a NIR file, which is not read here.",
                "Use compile, run or learn."
            )
        }
        let request = NetworkFiles.Request(
            path: Entry.path(try entry.text(), in: folder),
            exporter: try parts["from"]?.reference(files.exporters, "exporter"),
            timeStep: try parts["dt"]?.number(1e-12...1e12),
            reset: try parts["reset"]?.word(ResetRule.self)
        )
        let network = try draft.loaded[request] ?? files.load(request)
        draft.loaded[request] = network
        if let feedback = parts["addFeedback"] { try note(depthsOf: network, scope, feedback, &draft) }
        let conventions = NetworkConventions(reset: network.reset, threshold: network.threshold)
        let first = draft.importedStep ?? (network.timeStep, conventions)
        guard first.conventions == conventions else {
            throw entry.refusal(
                .descriptionKeysTogether,
                "has spikes at v \(network.threshold.rawValue) threshold and reset "
                    + "'\(network.reset.rawValue)', another network file of this network "
                    + "\(first.conventions.threshold.rawValue) and "
                    + "'\(first.conventions.reset.rawValue)'. All must agree.",
                "Write reset: zero or reset: subtract for both, and take files of one exporter."
            )
        }
        draft.importedStep = first
        let paths = network.populations.map { scope.prefix + $0.path }
        for (index, population) in network.populations.enumerated() {
            var population = population
            population.path = paths[index]
            population.dynamics = population.dynamics.inUnits(first.step / network.timeStep)
            try draft.add(
                PopulationRecipe(
                    path: paths[index],
                    shape: population.shape,
                    neuron: .given(population),
                    bias: .constant(0),
                    compartments: population.compartments
                ),
                entry
            )
        }
        for projection in network.projections {
            try draft.count(entry)
            try draft.add(pairs: projection.connectivity.weights.count, synapses: 0, entry)
            draft.imported.append(
                ImportedProjection(
                    source: paths[projection.source],
                    target: paths[projection.target],
                    projection: projection
                )
            )
        }
        draft.importedOutputs += network.outputs.map {
            OutputRecipe(
                name: scope.prefix + $0.name,
                population: paths[$0.population],
                shape: $0.shape
            )
        }
    }
}

extension ExperimentReader {
    /// Notes how late the populations of a network answer: feedback must not change it.
    private func note(
        depthsOf network: Network,
        _ scope: NetworkScope,
        _ entry: Entry,
        _ draft: inout NetworkDraft
    ) throws(DescriptionError) {
        // Populations of one loop share a depth, which feedback through others would take from them.
        let loops = network.loops()
        let ofSeveral = loops.indices.first { index in
            loops.indices.contains { $0 != index && loops[$0] == loops[index] }
        }
        guard let depths = network.depths(), ofSeveral == nil else {
            throw entry.refusal(
                .descriptionFeedback,
                "is for a network with a loop"
                    + (ofSeveral.map { " of several populations, '\(network.populations[$0].path)' among them" }
                        ?? " that has no delay")
                    + ". It can be added where loops lead from a population to itself.",
                "Describe the feedback as projections."
            )
        }
        for (index, population) in network.populations.enumerated() {
            draft.depths[scope.prefix + population.path] = depths[index]
        }
    }
}

extension Entry {
    /// Inputs of a part and what takes their place: their names may be paths.
    fileprivate func inputs() throws(DescriptionError) -> [(String, Entry)] {
        guard let mapping = node.mapping, mapping.count <= 10_000 else {
            throw refusal("is \(shown). It must be a section of inputs and populations.")
        }
        var result: [(String, Entry)] = []
        for (name, value) in mapping {
            let text = try Entry(file: file, key: key, node: name).text(atMost: 1024)
            result.append((text, child(text, value)))
        }
        return result
    }
}

extension Connectivity {
    /// The weights, in their layout.
    var weights: [Double] {
        switch self {
        case .dense(let weights), .oneToOne(let weights): weights
        case .sparse(let sparse): sparse.weights
        }
    }
}

extension Dynamics {
    /// The same neurons where a step is that many times as long in the unit of times.
    func inUnits(_ factor: Double) -> Dynamics {
        guard factor != 1 else { return self }
        func scaled(_ values: [Double], _ factor: Double) -> [Double] { values.map { $0 * factor } }
        func leaky(_ membrane: LeakyIntegrator) -> LeakyIntegrator {
            LeakyIntegrator(
                tau: scaled(membrane.tau, factor),
                r: membrane.r,
                leak: membrane.leak
            )
        }
        func filter(_ filter: SynapticFilter) -> SynapticFilter {
            SynapticFilter(tau: scaled(filter.tau, factor), inputGain: filter.inputGain)
        }
        switch self {
        case .input, .relay, .threshold, .sampling: return self
        case .integrator(let r): return .integrator(r: scaled(r, 1 / factor))
        case .integrateAndFire(let neuron):
            return .integrateAndFire(
                IntegrateAndFire(r: scaled(neuron.r, 1 / factor), firing: neuron.firing)
            )
        case .leakyIntegrateAndFire(let membrane, let firing):
            return .leakyIntegrateAndFire(leaky(membrane), firing)
        case .leakyIntegrator(let membrane): return .leakyIntegrator(leaky(membrane))
        case .currentBased(let current, let membrane, let firing):
            return .currentBased(filter(current), leaky(membrane), firing)
        case .currentBasedIntegrator(let current, let membrane):
            return .currentBasedIntegrator(filter(current), leaky(membrane))
        case .noisy(var neuron):
            neuron.membraneTau = scaled(neuron.membraneTau, factor)
            neuron.currentTau = scaled(neuron.currentTau, factor)
            neuron.refractory *= factor
            return .noisy(neuron)
        }
    }
}