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

    /// A document with the values of its parameters where `$name` stands: those that its user gives, or
    /// their defaults, of which an empty one is none.
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
            let path =
                outer.prefix
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
