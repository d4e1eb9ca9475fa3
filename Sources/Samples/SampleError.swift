/// What is wrong with samples, their file, or their fit to a network.
///
/// `source` is the path of the file, or a word for samples that came from memory.
public enum SampleError: Error, Sendable, Equatable {
    /// The file could not be opened or is not a zip archive.
    case unreadableFile(source: String, reason: String)
    /// The file is a single numpy array.
    case singleArray(source: String)
    /// An array that must be there is not.
    case missingArray(source: String, name: String, present: [String])
    /// Both `spikes` and `spikes/…` are there.
    case ambiguousArrays(source: String, named: String)
    /// An array is there twice.
    case duplicateArray(source: String, name: String)
    /// An array cannot be unpacked.
    case unreadableArray(source: String, array: String, reason: String)
    /// An array ends before or after what its header declares.
    case wrongLength(source: String, array: String, declared: Int, isShort: Bool)
    /// The header of an array is not what numpy writes.
    case badHeader(source: String, array: String, reason: String)
    /// An array holds Python objects.
    case pickledObjects(source: String, array: String)
    /// An array holds elements of a type that does not count here.
    case unsupportedType(source: String, array: String, type: String, allowed: String)
    /// A spike array is not (samples, steps, channels…) with every dimension at least 1.
    case badShape(source: String, array: String, shape: [Int])
    /// An array is larger than permitted.
    case tooLarge(source: String, array: String, what: String, count: Int, limit: Int)
    /// Elements are neither 0 nor 1: the first of them and how many there are.
    case notBinary(
        source: String,
        array: String,
        sample: Int,
        step: Int,
        channel: [Int],
        value: String,
        count: Int
    )
    /// There is not one label for each sample.
    case labelCount(source: String, labelShape: [Int], samples: Int)
    /// A label is not a class number.
    case badLabel(source: String, sample: Int, value: String)
    /// Two inputs differ in samples or steps.
    case unequalInputs(
        source: String,
        first: String,
        firstShape: [Int],
        second: String,
        secondShape: [Int]
    )
    /// Two samples given as lists differ in steps.
    case unequalSamples(source: String, sample: Int, steps: Int, expected: Int)
    /// A channel given in a list lies outside the shape.
    case noSuchChannel(source: String, sample: Int, step: Int, channel: Int, channelCount: Int)
    /// An Input node of the network gets no spikes.
    case noSpikes(node: String, present: [String])
    /// Spikes are meant for an Input node that the network does not have.
    case noNode(array: String, nodes: [String])
    /// The channels of an array are not those of the Input node.
    case wrongChannels(array: String, channelShape: [Int], node: String, nodeShape: [Int])
    /// The file could not be written.
    case cannotWrite(path: String, reason: String)
}

extension SampleError: CustomStringConvertible {
    /// The message for the user: where, what, the limit, what to do.
    public var description: String {
        switch self {
        case .unreadableFile(let source, let reason):
            "\(source): cannot be read as an NPZ file: \(reason). "
                + "An NPZ file is a complete zip archive of numpy arrays: "
                + "write it with numpy.savez_compressed."
        case .singleArray(let source):
            "\(source): is a single numpy array (.npy), not an NPZ file. "
                + "Write it with numpy.savez_compressed(path, spikes=array, labels=labels)."
        case .missingArray(let source, let name, let present):
            "\(source): has no array '\(name)'; it has \(listed(present)). "
                + "Samples need '\(name)' of shape (samples, steps, channels…); "
                + "save it under that name."
        case .ambiguousArrays(let source, let named):
            "\(source): has both 'spikes' and '\(named)'. "
                + "It must have either one array 'spikes' or one array 'spikes/NAME' for each "
                + "Input node. Remove or rename one of them."
        case .duplicateArray(let source, let name):
            "\(source): has the array '\(name)' twice. Each name may be there once; "
                + "write the file anew."
        case .unreadableArray(let source, let array, let reason):
            "\(source): array '\(array)' cannot be unpacked: \(reason). "
                + "Arrays must be intact, and stored or deflated without a password: "
                + "write the file anew with numpy.savez_compressed."
        case .wrongLength(let source, let array, let declared, let isShort):
            "\(source): array '\(array)' is \(isShort ? "shorter" : "longer") than the "
                + "\(declared) bytes that its header declares. "
                + "Shape and data must agree; write the file anew."
        case .badHeader(let source, let array, let reason):
            "\(source): array '\(array)' has no valid numpy header: \(reason). "
                + "Versions 1.0 and 2.0 of the npy format are read; "
                + "write the file with numpy.savez_compressed."
        case .pickledObjects(let source, let array):
            "\(source): array '\(array)' holds pickled Python objects, which could run any code "
                + "and are never read. Make it a plain array of numbers, for example "
                + "numpy.stack(samples).astype('uint8')."
        case .unsupportedType(let source, let array, let type, let allowed):
            "\(source): array '\(array)' holds elements of type '\(type)'. "
                + "It must hold \(allowed). Convert it with .astype before saving."
        case .badShape(let source, let array, let shape):
            "\(source): array '\(array)' has the shape \(tuple(shape)). "
                + "It must be (samples, steps, channels…) with three or more dimensions, "
                + "each at least 1. Reshape it before saving."
        case .tooLarge(let source, let array, let what, let count, let limit):
            "\(source): array '\(array)' has \(count) \(what); at most \(limit) are read. "
                + "Split the samples over several files."
        case .notBinary(let source, let array, let sample, let step, let channel, let value, let n):
            "\(source): array '\(array)' has the value \(value) at sample \(sample), step \(step), "
                + "channel \(position(channel))\(n > 1 ? ", and \(n - 1) more such values" : ""). "
                + "Every value must be 0 or 1. Encode the data as spikes before saving."
        case .labelCount(let source, let labelShape, let samples):
            "\(source): array 'labels' has the shape \(tuple(labelShape)), "
                + "but there are \(samples) samples. "
                + "It must have the shape (\(samples),): one class for each sample."
        case .badLabel(let source, let sample, let value):
            "\(source): array 'labels' has the value \(value) at sample \(sample). "
                + "Classes are whole numbers from 0. Renumber them."
        case .unequalInputs(let source, let first, let firstShape, let second, let secondShape):
            "\(source): array '\(first)' has the shape \(tuple(firstShape)) and array "
                + "'\(second)' has \(tuple(secondShape)). All inputs must have the same samples "
                + "and steps (the first two dimensions). Pad the shorter one with zeros."
        case .unequalSamples(let source, let sample, let steps, let expected):
            "\(source): sample \(sample) has \(steps) steps, the first has \(expected). "
                + "All samples must have the same steps. Pad the shorter ones with empty steps."
        case .noSuchChannel(let source, let sample, let step, let channel, let channelCount):
            "\(source): channel \(channel) at sample \(sample), step \(step) does not exist. "
                + "Channels are 0...\(channelCount - 1). Enlarge the shape or renumber them."
        case .noSpikes(let node, let present):
            "The Input node '\(node)' gets no spikes; the samples have \(listed(present)). "
                + "A network with several Input nodes needs an array 'spikes/NAME' for each. "
                + "Add 'spikes/\(node)'."
        case .noNode(let array, let nodes):
            "The samples have an array '\(array)', but the network's Input nodes are "
                + "\(listed(nodes)). Each array must belong to a node. Remove or rename it."
        case .wrongChannels(let array, let channelShape, let node, let nodeShape):
            "Array '\(array)' has channels of shape \(tuple(channelShape)), the Input node "
                + "'\(node)' wants \(tuple(nodeShape)). They must be equal, or a flat list of as "
                + "many channels. Transpose or reshape the array."
        case .cannotWrite(let path, let reason):
            "\(path): cannot be written: \(reason). "
                + "The folder must exist and be writable. Choose another path."
        }
    }
}

/// A shape as Python writes it.
private func tuple(_ shape: [Int]) -> String {
    "(" + shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? ",)" : ")")
}

/// A channel as a user counts it: a number, or indices.
private func position(_ channel: [Int]) -> String {
    channel.count == 1 ? String(channel[0]) : tuple(channel)
}

/// Up to 12 names.
private func listed(_ names: [String]) -> String {
    if names.isEmpty { return "none" }
    let shown = names.prefix(12).map { "'\($0)'" }.joined(separator: ", ")
    return names.count > 12 ? shown + " and \(names.count - 12) more" : shown
}
