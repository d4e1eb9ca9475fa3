/// Arms of a training study, and the axis they lie on, if any.
public struct TrainingFile {
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

    /// Reads a training study.
    ///
    /// - Parameter path: Path of a YAML file of at most 1 MiB.
    /// - Throws: `DescriptionError`.
    public init(path: String) throws {
        try self.init(text: YAMLFile.text(of: path, "training study"), path: path)
    }

    /// Reads a training study from its text.
    ///
    /// - Parameters:
    ///   - text: YAML.
    ///   - path: What messages name; files are found relative to its folder.
    /// - Throws: `DescriptionError`.
    public init(text: String, path: String) throws {
        self.path = path
        folder = YAMLFile.folder(of: path)
        variants = try Variants(
            YAMLFile.root(text, file: path, "training study"),
            keys: TrainingKeys.document
        )
    }

    /// Reads an arm.
    ///
    /// - Parameter arm: One of `arms`, or nil for the document as it stands.
    /// - Throws: `DescriptionError`.
    /// - Returns: The study.
    public func training(arm: String? = nil) throws -> Training {
        let root = try variants.document(arm)
        do {
            var training = try TrainingReader(folder: folder).training(root)
            training.arm = arm
            training.axisValue = arm.flatMap { axisPlaces[$0]?.value }
            return training
        } catch var error as DescriptionError {
            error.arm = arm
            throw error
        }
    }
}

/// Every key of a training study, by section; sections that experiments have are theirs.
package enum TrainingKeys {
    static let document = [
        "training", "summary", "chip", "chipSettings", "seeds", "data", "network", "weights",
        "epochs", "batch", "learningRate", "momentum", "feedback", "tracking", "decay", "mismatch",
        "inputNoise", "spikeNoise", "thresholdNoise", "alignment", "arms", "axis",
    ]
    static let data = ["images", "yinYang", "temporalXOR", "validation", "test"]
    static let images = ["file", "inputs", "labels", "scale"]
    static let generated = ["samples"]
    static let network = ["hidden", "gain"]
    static let weights = ["fullScale"]
    static let alignment = ["refractory", "psp", "rule", "warmUp", "everyEpoch"]

    /// Keys by section, as the JSON Schema names its definitions; `document` is the file.
    package static let bySection: [String: [String]] = [
        "document": document, "data": data, "images": images, "generated": generated,
        "network": network, "weights": weights, "alignment": alignment,
    ]
}
