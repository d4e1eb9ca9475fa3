public import NetworkIR

/// Why a network cannot be run in floating point.
public enum FloatReferenceError: Error, Equatable, CustomStringConvertible {
    /// A projection without delay comes from a population that is computed later in a step.
    case projectionAgainstOrder(network: String, source: String, target: String)
    /// An array of the network does not have one value a neuron or a synapse.
    case wrongSize(network: String, what: String, count: Int, expected: Int)
    /// The arrays of a sparse projection contradict themselves or its populations.
    case malformedWeights(
        network: String,
        source: String,
        target: String,
        fault: SparseWeightsFault
    )
    /// A spike is given for an input channel that does not exist.
    case noSuchChannel(network: String, input: String, channel: Int, count: Int)
    /// Spikes are given for more or fewer inputs than the network has.
    case wrongInputCount(network: String, count: Int, expected: Int)
    /// A neuron is random, so that it has no reference in floating point.
    case randomNeuron(network: String, population: String, model: String)

    /// Where, what, the limit and what to do.
    public var description: String {
        switch self {
        case .projectionAgainstOrder(let network, let source, let target):
            "\(network): the projection from '\(source)' to '\(target)' has no delay, but "
                + "'\(target)' comes first in a step. Order the populations by dependency, or give "
                + "the projection a delay of at least 1 step."
        case .wrongSize(let network, let what, let count, let expected):
            "\(network): \(what) has \(count) values, \(expected) are needed. Give one a neuron or "
                + "a synapse."
        case .malformedWeights(let network, let source, let target, let fault):
            "\(network): the projection from '\(source)' to '\(target)' \(fault). Sources must exist "
                + "and ascend within each target."
        case .noSuchChannel(let network, let input, let channel, let count):
            "\(network): a spike on channel \(channel) of input '\(input)', which has the channels "
                + "0 to \(count - 1). Give input data of the network's shape."
        case .wrongInputCount(let network, let count, let expected):
            "\(network): spikes for \(count) inputs are given, the network has \(expected). Give one "
                + "list an input, empty if it is silent."
        case .randomNeuron(let network, let population, let model):
            "\(network): population '\(population)' is of the random model \(model). Only models "
                + "without noise run in floating point; run it on a chip."
        }
    }
}
