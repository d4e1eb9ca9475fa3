import Diagnostics
public import NetworkIR
import Yams

/// A network as a YAML file describes it (`docs/NETWORKS.md`): populations, projections and parts.
public struct NetworkFile: Sendable {
    /// Name of the network.
    public let name: String
    /// One sentence.
    public let summary: String
    /// Seed of the network if no other is asked for.
    public let seed: UInt64
    /// The network, to be drawn.
    public let recipe: NetworkRecipe

    /// Reads a network file.
    ///
    /// - Parameters:
    ///   - path: Path of a YAML file of at most 1 MiB.
    ///   - files: How network files of other kinds are read; nil where they are refused.
    /// - Throws: `DescriptionError`, and what `files` throws.
    public init(path: String, files: NetworkFiles? = nil) throws {
        try self.init(text: YAMLFile.text(of: path, "network"), path: path, files: files)
    }

    /// Reads a network from its text.
    ///
    /// - Parameters:
    ///   - text: YAML.
    ///   - path: What messages name; files are found relative to its folder.
    ///   - files: How network files of other kinds are read; nil where they are refused.
    /// - Throws: `DescriptionError`, and what `files` throws.
    public init(text: String, path: String, files: NetworkFiles? = nil) throws {
        let root = try YAMLFile.root(text, file: path, "network")
        var reader = ExperimentReader(folder: YAMLFile.folder(of: path))
        reader.files = files
        let section = try root.section(NetworkKeys.document)
        name = try section.required("network", "It is the name.").text(atMost: 64)
        summary = try section["summary"]?.text() ?? ""
        seed = UInt64(try section["seed"]?.integer(0...Int.max) ?? 1)
        let step = try section["stepInMilliseconds"]?.number(1e-6...1e6, "ms") ?? 1
        var scope = NetworkScope()
        scope.chain = ["file " + path]
        var draft = NetworkDraft(step: step)
        // As a part of nothing its parameters have their defaults.
        let own = try reader.filled(root, with: nil, parameters: section["parameters"])
        try reader.read(own.section(NetworkKeys.document), scope, into: &draft)
        var recipe = try draft.recipe(name: name, root)
        if let outputs = section["outputs"] {
            recipe.outputs = try Self.outputs(outputs, draft)
        }
        self.recipe = recipe
    }

    /// Draws the network.
    ///
    /// - Parameter seed: Of all distributions and connections; the file's own if nil.
    /// - Returns: The network.
    public func network(seed: UInt64? = nil) -> Network { recipe.network(seed: seed ?? self.seed) }

    /// Populations whose spikes are put out.
    private static func outputs(_ entry: Entry, _ draft: NetworkDraft) throws(DescriptionError)
        -> [OutputRecipe]
    {
        let neurons = draft.populations.filter { !$0.isInput }
        var outputs: [OutputRecipe] = []
        for item in try entry.list(1...10_000) {
            let path = try item.reference(neurons.map(\.path), "population of neurons")
            guard let population = draft[path], !outputs.contains(where: { $0.name == path }) else {
                throw item.refusal(.descriptionTwice, "is '\(path)', which stands there before.")
            }
            outputs.append(OutputRecipe(name: path, population: path, shape: population.shape))
        }
        return outputs
    }
}

/// Every key of a network file, by section, beside those that experiments have too.
package enum NetworkKeys {
    static let document = [
        "network", "summary", "stepInMilliseconds", "seed", "parameters", "populations",
        "projections", "parts", "blocks", "outputs",
    ]

    /// Sections of experiments that networks have too.
    private static let shared = [
        "population", "noise", "psp", "positions", "grid", "ring", "random", "distribution",
        "normal", "lognormal", "weights", "kernel", "projection", "connect", "csr", "delay",
        "normalDelay", "distance", "steps", "part", "block", "addFeedback", "addedNoise", "rule",
        "trace",
    ]

    /// Keys by section, as the JSON Schema names its definitions; `document` is the file.
    package static let bySection: [String: [String]] = ExperimentKeys.bySection
        .filter { shared.contains($0.key) }
        .merging(["document": document]) { $1 }
}
