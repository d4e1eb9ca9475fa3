/// An array parameter of a node: its place, its shape and, when read, its values.
struct Parameter {
    /// Path in the HDF5 file.
    var path: String
    var shape: [Int]
    /// Number of elements.
    var count: Int
    /// Nil until read.
    var values: [Double]?

    /// Whether one value stands for all neurons: shape () or (1).
    var isSingle: Bool { shape.isEmpty || shape == [1] }
}

/// What a node does; shapes are those of the file.
enum NodeKind {
    /// An Input of the top graph.
    case input
    /// An Output of the top graph.
    case output
    /// An Input or Output of a nested graph: passes on what it gets.
    case port(isOutput: Bool)
    /// Affine, or Linear without a bias.
    case affine(weight: Parameter, bias: Parameter?)
    case scale(Parameter)
    /// Puts out what came in some time ago, each element its own time.
    case delay(Parameter)
    /// Spikes where the input is above the threshold; has no state.
    case threshold(Parameter)
    case flatten(first: Int, last: Int)
    /// Conv1d or Conv2d, a cross-correlation: weight `[output][input of the group][row][column]`, the
    /// rows for Conv2d only.
    case convolution(weight: Parameter, bias: Parameter?, groups: Int, Windows)
    /// SumPool2d or AvgPool2d.
    case pool(isMean: Bool, Windows)
    case neuron(NeuronKind)
}

/// The neuron models with their parameters by NIR's names.
struct NeuronKind {
    enum Model {
        case integrateAndFire
        case leakyIntegrateAndFire
        case integrator
        case leakyIntegrator
        case currentBased
        case currentBasedIntegrator
    }

    var model: Model
    var parameters: [String: Parameter]
}

/// A node of the flattened graph.
struct Node {
    /// Names of the enclosing graphs and of the node, with slashes.
    var path: String
    var kind: NodeKind
    /// Shape that arrives; nil while unknown.
    var inputShape: [Int]?
    /// Shape that leaves; nil while unknown.
    var outputShape: [Int]?

    var isNeuron: Bool {
        if case .neuron = kind { true } else { false }
    }

    /// Whether it is a population of its own rather than folded; Outputs may be both.
    var isPopulation: Bool {
        switch kind {
        case .input, .neuron, .threshold: true
        case .output, .port, .affine, .scale, .delay, .flatten, .convolution, .pool: false
        }
    }

    var isInput: Bool {
        if case .input = kind { true } else { false }
    }

    var isOutput: Bool {
        if case .output = kind { true } else { false }
    }
}

/// A connection between two nodes of the flattened graph, by index.
struct Edge: Hashable {
    var from: Int
    var to: Int
}

/// Shapes as text: (3, 4).
func text(_ shape: [Int]) -> String {
    "(" + shape.map(String.init).joined(separator: ", ") + ")"
}

/// Number of elements of a shape; `Int.max` if it does not fit.
func elementCount(_ shape: [Int]) -> Int {
    shape.reduce(1) { product, length in
        let (next, overflow) = product.multipliedReportingOverflow(by: length)
        return overflow ? Int.max : next
    }
}
