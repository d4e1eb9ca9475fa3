import Diagnostics
import FixedPoint
import NetworkIR
import Yams

/// A network while its file is read.
struct NetworkDraft {
    /// Milliseconds of a step.
    let step: Double
    var populations: [PopulationRecipe] = []
    var projections: [ProjectionRecipe] = []
    var rules: [LearningRule] = []
    var imported: [ImportedProjection] = []
    var importedOutputs: [OutputRecipe] = []
    /// Step and conventions of the first network file that is a part.
    var importedStep: (step: Double, conventions: NetworkConventions)?
    /// Parts that were read.
    var parts = 0
    /// Stimuli that open the feedback of a part, by its path.
    var gates: [String: [(population: String, value: Double)]] = [:]
    /// Network files that were read.
    var loaded: [NetworkFiles.Request: Network] = [:]
    /// How late populations with feedback answer.
    var depths: [String: Int] = [:]
    private var values = 0
    private var places: [String: Int] = [:]
    private var neurons = 0
    private var pairs = 0
    private var synapses = 0
    /// Where neurons are, as far as that was asked.
    private var positions: [String: Positions] = [:]

    init(step: Double) { self.step = step }

    /// The population of a path.
    subscript(path: String) -> PopulationRecipe? { places[path].map { populations[$0] } }

    mutating func add(_ population: PopulationRecipe, _ entry: Entry) throws(DescriptionError) {
        try count(entry)
        guard places.updateValue(populations.count, forKey: population.path) == nil else {
            throw entry.refusal(
                .descriptionTwice,
                "is a second population of the path '\(population.path)'.",
                "Choose another name."
            )
        }
        populations.append(population)
        neurons += population.count
        guard neurons <= ExperimentReader.mostNeurons else {
            throw entry.refusal(
                .descriptionTooLarge,
                "brings the network to \(neurons) neurons. It may have "
                    + "\(ExperimentReader.mostNeurons).",
                "Lower count."
            )
        }
    }

    /// Takes a population out again: its place is taken by another.
    mutating func remove(_ path: String) {
        guard let place = places[path] else { return }
        neurons -= populations[place].count
        populations.remove(at: place)
        places = [:]
        for (index, population) in populations.enumerated() { places[population.path] = index }
    }

    /// Notes one population or projection more.
    func count(_ entry: Entry) throws(DescriptionError) {
        guard populations.count + projections.count + imported.count < ExperimentReader.mostEntries
        else {
            throw entry.refusal(
                .descriptionTooLarge,
                "is one more than the \(ExperimentReader.mostEntries) populations and projections that "
                    + "a network may have.",
                "Use fewer parts."
            )
        }
    }

    /// Notes the values of a part, which are read anew for each use.
    mutating func add(nodesOf part: Entry, _ entry: Entry) throws(DescriptionError) {
        func count(_ node: Node) -> Int {
            switch node {
            case .scalar, .alias: 1
            case .sequence(let sequence): sequence.reduce(1) { $0 + count($1) }
            case .mapping(let mapping): mapping.reduce(1) { $0 + 1 + count($1.value) }
            }
        }
        values += count(part.node)
        guard values <= ExperimentReader.mostPartValues else {
            throw entry.refusal(
                .descriptionTooLarge,
                "brings the values of all parts to \(values). There may be "
                    + "\(ExperimentReader.mostPartValues).",
                "Use fewer parts, or arrays of files."
            )
        }
    }

    /// Notes pairs that will be looked at, and synapses that will be stored.
    mutating func add(pairs count: Int, synapses more: Double, _ entry: Entry)
        throws(DescriptionError)
    {
        let (sum, overflow) = pairs.addingReportingOverflow(count)
        guard !overflow, sum <= ExperimentReader.mostPairs else {
            throw entry.refusal(
                .descriptionTooLarge,
                "brings the network to \(overflow ? Int.max : sum) pairs of neurons. It may have "
                    + "\(ExperimentReader.mostPairs).",
                "Lower the numbers of neurons, or a cutoff."
            )
        }
        pairs = sum
        let all = Double(synapses) + more
        guard all <= Double(ExperimentReader.mostSynapses) else {
            throw entry.refusal(
                .descriptionTooLarge,
                "brings the network to some \(Entry.plain(all.rounded())) synapses. It may have "
                    + "\(ExperimentReader.mostSynapses).",
                "Lower the numbers of neurons, the probability or the degree."
            )
        }
        synapses = Int(all.rounded(.up))
    }

    /// Where the neurons of a population are; of random ones, in the network of seed 0.
    mutating func positions(of population: PopulationRecipe) -> Positions? {
        if let known = positions[population.path] { return known }
        positions[population.path] = population.positions?.positions(
            shape: population.shape,
            RandomStream(seed: 0, purpose: .network),
            id: RandomStream.id(of: population.path)
        )
        return positions[population.path]
    }

    /// The recipe, once everything is read.
    func recipe(name: String, _ entry: Entry) throws -> NetworkRecipe {
        var recipe = NetworkRecipe(
            name: name,
            timeStep: importedStep?.step ?? step,
            populations: populations,
            projections: projections,
            rules: rules
        )
        recipe.stepInMilliseconds = step
        recipe.conventions = importedStep?.conventions ?? NetworkConventions()
        recipe.imported = imported
        recipe.gates = gates
        // Times of this file are told in the unit of the network file.
        for index in recipe.populations.indices {
            guard case .lif(var lif) = recipe.populations[index].neuron else { continue }
            lif.timeScale = recipe.timeStep / step
            recipe.populations[index].neuron = .lif(lif)
        }
        let names = Set(importedOutputs.map(\.name))
        recipe.outputs =
            importedOutputs + recipe.ownOutputs.filter { !names.contains($0.name) }
        return recipe
    }
}

/// Where in a network of parts something is read.
struct NetworkScope {
    /// Before the names of populations and projections; ends in `/` but at the top.
    var prefix = ""
    /// Parts within each other.
    var depth = 0
    /// Files and blocks that are being read.
    var chain: [String] = []
    /// Blocks of the file, by name.
    var blocks: [String: Entry] = [:]

    /// A path as it is called here.
    func local(_ path: String) -> String { String(path.dropFirst(prefix.utf8.count)) }
}

/// What projections of a section may name.
struct ProjectionNames {
    /// Projections of the section, with the word after their `connect`.
    let words: [(name: String, word: String?)]
    /// Populations of the section and of its parts.
    let populations: [String]

    init(words: [(name: String, word: String?)], _ draft: NetworkDraft, _ scope: NetworkScope) {
        self.words = words
        populations = draft.populations.map(\.path).filter { $0.hasPrefix(scope.prefix) }
            .map(scope.local)
    }
}
