/// Arms of a circuit study.
public struct CircuitFile {
    /// Path of the file.
    public let path: String
    /// Names of the arms, in file order; empty if the document is the only one.
    public var arms: [String] { variants.names }
    private let variants: Variants
    private let folder: String

    /// Reads a circuit study.
    ///
    /// - Parameter path: Path of a YAML file of at most 1 MiB.
    /// - Throws: `DescriptionError`.
    public init(path: String) throws {
        try self.init(text: YAMLFile.text(of: path, "circuit study"), path: path)
    }

    /// Reads a circuit study from its text.
    ///
    /// - Parameters:
    ///   - text: YAML.
    ///   - path: What messages name; files are found relative to its folder.
    /// - Throws: `DescriptionError`.
    public init(text: String, path: String) throws {
        self.path = path
        folder = YAMLFile.folder(of: path)
        variants = try Variants(
            YAMLFile.root(text, file: path, "circuit study"),
            keys: CircuitKeys.document
        )
    }

    /// Reads an arm.
    ///
    /// - Parameter arm: One of `arms`, or nil for the document as it stands.
    /// - Throws: `DescriptionError`.
    /// - Returns: The study.
    public func circuit(arm: String? = nil) throws -> Circuit {
        let root = try variants.document(arm)
        do {
            var circuit = try CircuitReader(folder: folder).circuit(root)
            circuit.arm = arm
            return circuit
        } catch var error as DescriptionError {
            error.arm = arm
            throw error
        }
    }
}

/// Every key of a circuit study, by section.
package enum CircuitKeys {
    static let document = [
        "circuit", "summary", "chip", "chipSettings", "seeds", "task", "network", "dendrites",
        "schedule", "learning", "feedback", "alignment", "numerics", "arms",
    ]
    static let task = ["teacher", "yinYang"]
    static let teacher = ["weights", "training", "validation"]
    static let yinYang = ["training", "test", "scale", "constant", "target", "otherTarget"]
    static let network = [
        "hidden", "refractory", "inputTau", "bias", "fullScale", "initial", "initialFeedback",
    ]
    static let dendrites = ["apical", "nudging", "averaging"]
    static let schedule = ["epochs", "patterns", "steps", "lag", "testSteps", "testLag"]
    static let learning = ["rule", "rates", "decay"]
    static let alignment = ["rule", "eta", "decay", "patterns", "firstPatterns", "steps", "inputs"]

    /// Keys by section, as the JSON Schema names its definitions; `document` is the file.
    package static let bySection: [String: [String]] = [
        "document": document, "task": task, "teacher": teacher, "yinYang": yinYang,
        "network": network, "dendrites": dendrites, "schedule": schedule, "learning": learning,
        "alignment": alignment,
    ]
}
