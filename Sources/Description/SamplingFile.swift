import Yams

/// Arms of a sampling study.
public struct SamplingFile {
    /// Path of the file.
    public let path: String
    /// Names of the arms, in file order; empty if the document is the only one.
    public var arms: [String] { variants.names }
    private let variants: Variants
    private let folder: String

    /// Reads a sampling study.
    ///
    /// - Parameter path: Path of a YAML file of at most 1 MiB.
    /// - Throws: `DescriptionError`.
    public init(path: String) throws {
        try self.init(text: YAMLFile.text(of: path, "sampling study"), path: path)
    }

    /// Reads a sampling study from its text.
    ///
    /// A rule alone is a study of that rule in which nothing else is said, with an arm `without` SAL and one
    /// `with` it.
    ///
    /// - Parameters:
    ///   - text: YAML.
    ///   - path: What messages name; files are found relative to its folder.
    /// - Throws: `DescriptionError`.
    public init(text: String, path: String) throws {
        self.path = path
        folder = YAMLFile.folder(of: path)
        var root = try YAMLFile.root(text, file: path, "sampling study")
        if let mapping = root.node.mapping, mapping["sampling"] == nil, mapping["dw"] != nil {
            root = Entry(
                file: path,
                key: "",
                node: [
                    "sampling": "sampling", "rule": root.node, "seeds": "200-203",
                    "initialNoise": ["0", "1"],
                    "arms": ["without": ["alignmentRate": "0"], "with": [:]],
                ]
            )
        }
        variants = try Variants(root, keys: SamplingKeys.document)
    }

    /// Reads an arm.
    ///
    /// - Parameter arm: One of `arms`, or nil for the document as it stands.
    /// - Throws: `DescriptionError`.
    /// - Returns: The study.
    public func sampling(arm: String? = nil) throws -> Sampling {
        let root = try variants.document(arm)
        do {
            var sampling = try SamplingReader(folder: folder).sampling(root)
            sampling.arm = arm
            return sampling
        } catch var error as DescriptionError {
            error.arm = arm
            throw error
        }
    }
}
