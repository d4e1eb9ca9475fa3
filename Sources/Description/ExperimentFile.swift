import Yams

/// Arms of an experiment, and the axis they lie on, if any.
public struct ExperimentFile {
    /// Path of the file.
    public let path: String
    /// Names of the arms, in file order; empty if the document is the only one.
    public var arms: [String] { variants.names }
    /// The axis of the figure; nil without.
    public var axis: VariantAxis? { variants.axis }
    /// For each arm that lies on the axis, where, and to which line it belongs.
    public var axisPlaces: [String: (value: Double, line: String)] { variants.places }
    private let variants: Variants
    private let folder: String
    private let files: NetworkFiles?

    /// Reads an experiment file.
    ///
    /// - Parameters:
    ///   - path: Path of a YAML file of at most 1 MiB.
    ///   - files: How network files of other kinds are read; nil where they are refused.
    /// - Throws: `DescriptionError`.
    public init(path: String, files: NetworkFiles? = nil) throws {
        try self.init(text: YAMLFile.text(of: path, "experiment"), path: path, files: files)
    }

    /// Reads an experiment from its text.
    ///
    /// - Parameters:
    ///   - text: YAML.
    ///   - path: What messages name; files are found relative to its folder.
    ///   - files: How network files of other kinds are read; nil where they are refused.
    /// - Throws: `DescriptionError`.
    public init(text: String, path: String, files: NetworkFiles? = nil) throws {
        self.path = path
        self.files = files
        folder = YAMLFile.folder(of: path)
        variants = try Variants(
            YAMLFile.root(text, file: path, "experiment"),
            keys: ExperimentKeys.document
        )
    }

    /// Reads an arm.
    ///
    /// - Parameter arm: One of `arms`, or nil for the document as it stands.
    /// - Throws: `DescriptionError`.
    /// - Returns: The experiment.
    public func experiment(arm: String? = nil) throws -> Experiment {
        let root = try variants.document(arm)
        do {
            var reader = ExperimentReader(folder: folder)
            reader.files = files
            var experiment = try reader.experiment(root)
            experiment.arm = arm
            experiment.axisValue = arm.flatMap { axisPlaces[$0]?.value }
            return experiment
        } catch var error as DescriptionError {
            error.arm = arm
            throw error
        }
    }
}
