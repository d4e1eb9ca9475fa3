import Diagnostics
import NetworkIR
import Yams

extension ExperimentReader {
    /// Largest network, in neurons.
    static let mostNeurons = 1 << 20
    /// Largest network, in pairs of neurons that are looked at when it is drawn.
    static let mostPairs = 1 << 27
    /// Largest network, in synapses of projections that are stored as lists.
    static let mostSynapses = 1 << 26
    /// Most populations and projections of a network together.
    static let mostEntries = 65_535

    func network(_ entry: Entry, name: String, step: Double) throws -> NetworkRecipe {
        let section = try entry.section(ExperimentKeys.network)
        var draft = NetworkDraft(step: step)
        try read(section, NetworkScope(), into: &draft)
        return try draft.recipe(name: name, section.entry)
    }

    /// Reads populations, parts and projections.
    func read(_ section: Section, _ scope: NetworkScope, into draft: inout NetworkDraft) throws {
        var models: [String: Entry] = [:]
        let list = section["populations"]
        if scope.depth == 0 {
            _ = try section.required("populations", "A network has at least one.")
        }
        for (path, entry) in try list?.named() ?? [] {
            let whole = try resolved(entry, models)
            models[path] = whole
            var population = try population(path, whole)
            population.path = scope.prefix + path
            try draft.add(population, entry)
        }
        try parts(section, scope, into: &draft)
        guard !draft.populations.isEmpty || scope.depth > 0 else {
            throw (list ?? section.entry).refusal(
                "is empty. A network has at least one population."
            )
        }
        let named = try section["projections"]?.named() ?? []
        let words = named.map { name, entry in
            (name, entry.node.mapping?["connect"]?.scalar?.string)
        }
        let names = ProjectionNames(words: words, draft, scope)
        let first = draft.projections.count
        for (name, entry) in named {
            try draft.count(entry)
            draft.projections.append(try projection(name, entry, names, scope, &draft))
        }
        var place: [String: Int] = [:]
        for index in first..<draft.projections.count {
            place[draft.projections[index].name] = index
        }
        for (position, (_, entry)) in named.enumerated() {
            let projection = draft.projections[first + position]
            if let forward = projection.feedbackOf.flatMap({ place[$0] }) {
                try checkFeedback(projection, draft.projections[forward], scope, entry)
            }
        }
    }

    private func checkFeedback(
        _ projection: ProjectionRecipe,
        _ forward: ProjectionRecipe,
        _ scope: NetworkScope,
        _ entry: Entry
    ) throws(DescriptionError) {
        let name = scope.local(forward.name)
        guard forward.source == projection.target, forward.target == projection.source else {
            throw entry.refusal(
                .descriptionFeedback,
                "leads from \(scope.local(projection.source)) to \(scope.local(projection.target)), but "
                    + "is the feedback of \(name), which leads from \(scope.local(forward.source)) to "
                    + "\(scope.local(forward.target)).",
                "Swap from and to."
            )
        }
        guard forward.feedbackOf == nil else {
            throw entry.refusal(
                .descriptionFeedback,
                "is the feedback of \(name), which is a feedback itself.",
                "Name the forward projection."
            )
        }
        guard forward.delays.isFixed else {
            throw entry.refusal(
                .descriptionFeedback,
                "is the feedback of \(name), whose delay differs from synapse to synapse.",
                "Give \(name) one delay."
            )
        }
        let isMirrored =
            switch (projection.pairs, forward.pairs) {
            case (.mirrored, _), (.oneToOne, .oneToOne): true
            case (.all, .all): projection.allowsAutapses == forward.allowsAutapses
            default: false
            }
        guard isMirrored else {
            throw entry.refusal(
                .descriptionFeedback,
                "connects other pairs than \(name), whose feedback it is. Each pair must be there in "
                    + "both directions.",
                "Leave connect out: a feedback has the pairs of its forward projection."
            )
        }
    }

    /// The name of a rule: a file, or the rule itself.
    func rule(_ entry: Entry, name: String, _ rules: inout [LearningRule]) throws -> String {
        let rule: LearningRule
        if entry.node.mapping != nil {
            rule = try RuleFile.rule(entry, name: "rule of \(name)")
        } else {
            let file = try entry.text()
            do {
                rule = try RuleFile.rule(path: Entry.path(file, in: folder))
            } catch let error as DescriptionError where error.line == 0 {
                throw entry.refusal(error.code, "names '\(file)'. \(error.what)", error.advice)
            }
        }
        if let known = rules.first(where: { $0.name == rule.name }) {
            guard known == rule else {
                throw entry.refusal(
                    .descriptionTwice,
                    "is a rule of the name '\(rule.name)', which another rule of the network has.",
                    "Give one of them another name."
                )
            }
        } else {
            rules.append(rule)
        }
        return rule.name
    }
}
