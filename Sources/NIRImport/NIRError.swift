/// Why a NIR file is refused.
public enum NIRError: Error, Equatable, CustomStringConvertible {
    /// Neither the exporter nor a time step is given.
    case noTimeStep(file: String)
    /// The time step is not a positive number.
    case badTimeStep(file: String, timeStep: Double)
    /// A part that every NIR file has is not there.
    case missing(file: String, path: String, what: String)
    /// A part is there and is not what it must be.
    case malformed(
        file: String,
        path: String,
        what: String,
        remedy: String,
        fault: Fault = .kind
    )
    /// A part is there and does not unpack or is of a kind that is not read; the reason is a sentence.
    case unreadable(file: String, path: String, reason: String)
    /// The node type does not exist in NIR.
    case unknownNode(file: String, node: String, type: String)
    /// An edge that cannot be.
    case badEdge(
        file: String,
        from: String,
        to: String,
        what: String,
        remedy: String,
        fault: EdgeFault = .shapes
    )
    /// A cycle of nodes that act at once.
    case algebraicLoop(file: String, nodes: [String])
    /// A step longer than a time constant.
    case unstableStep(
        file: String,
        node: String,
        parameter: String,
        timeStep: Double,
        tau: Double,
        count: Int
    )
    /// More than is read.
    case tooLarge(file: String, what: String, limit: String)

    /// In what way a part is not what it must be.
    public enum Fault: Sendable {
        /// It is of another kind: a group, text, a list.
        case kind
        /// Its shape does not fit the others.
        case shape
        /// It holds infinities, or what is not a number.
        case notFinite
        /// It holds a time constant of 0 or less.
        case timeConstant
        /// It holds a delay below 0, or one that is too long.
        case delay
        /// It is an Output that nothing leads into.
        case unfedOutput
        /// It is a nested graph with several Inputs or Outputs.
        case ports
    }

    /// In what way an edge cannot be.
    public enum EdgeFault: Sendable {
        /// A node of that name is not there.
        case missingNode
        /// It leaves an Output or enters an Input.
        case wrongWay
        /// It is there already.
        case twice
        /// Its two ends have different shapes.
        case shapes
    }

    /// Node types that are read: all of nir 1.0.8.
    static let supportedTypes = [
        "Input", "Output", "Affine", "Linear", "Scale", "Conv1d", "Conv2d", "SumPool2d",
        "AvgPool2d", "Flatten", "Delay", "Threshold", "I", "IF", "LI", "LIF", "CubaLI", "CubaLIF",
        "NIRGraph",
    ]

    /// Where, what, the limit and what to do.
    public var description: String {
        switch self {
        case .noTimeStep(let file):
            "\(file): a NIR file does not hold its time step. Name the tool that wrote it (--from "
                + Exporter.allCases.map(\.rawValue).joined(separator: "|")
                + ") or give the step in the unit of its time constants (--dt)."
        case .badTimeStep(let file, let timeStep):
            "\(file): the time step is \(timeStep). It must be a positive number. Give the step in "
                + "the unit of the file's time constants."
        case .missing(let file, let path, let what):
            "\(file): \(path): \(what) is missing. Every NIR file has it: export the network again."
        case .malformed(let file, let path, let what, let remedy, _):
            "\(file): \(path): \(what). \(remedy)"
        case .unreadable(let file, let path, let reason):
            "\(file): \(path) cannot be read: \(reason)"
        case .unknownNode(let file, let node, let type):
            "\(file): node '\(node)' has type '\(type)', which NIR does not have. Supported are "
                + "\(Self.supportedTypes.joined(separator: ", ")). Export it as one of these."
        case .badEdge(let file, let from, let to, let what, let remedy, _):
            "\(file): edge '\(from)' → '\(to)': \(what). \(remedy)"
        case .algebraicLoop(let file, let nodes):
            "\(file): the nodes \(nodes.map { "'\($0)'" }.joined(separator: " → ")) form a loop "
                + "without a neuron. A loop needs at least one neuron, or a Delay of at least a step. "
                + "Remove an edge or put a neuron in."
        case .unstableStep(let file, let node, let parameter, let timeStep, let tau, let count):
            "\(file): node '\(node)': \(parameter) is \(tau) in \(count) neuron"
                + "\(count == 1 ? "" : "s"), shorter than the time step of \(timeStep). dt/tau must "
                + "not exceed 1, else the membrane overshoots. The file was probably written with "
                + "another step: give the right --from or --dt."
        case .tooLarge(let file, let what, let limit):
            "\(file): \(what). The limit is \(limit). Split the network into smaller files."
        }
    }
}
