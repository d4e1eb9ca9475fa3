import FuzzSupport
import HDF5
import NIRImport
import NetworkIR

// NIR graphs put together from the input, with the right names of groups, types and parameters: so the shapes, edges and
// values of a graph are tested rather than its spelling. What the child process may answer is the business of
// fuzz-answers.

/// Types of nodes and their parameters; those of a neuron may all be there.
private let types: [(name: String, parameters: [String])] = [
    ("Input", ["shape"]), ("Output", ["shape"]), ("Affine", ["weight", "bias"]),
    ("Linear", ["weight"]), ("Scale", ["scale"]), ("Delay", ["delay"]),
    ("Threshold", ["threshold"]), ("Flatten", ["start_dim", "end_dim", "input_type"]),
    ("Conv1d", ["weight", "bias", "stride", "padding", "dilation", "groups", "input_shape"]),
    ("Conv2d", ["weight", "bias", "stride", "padding", "dilation", "groups", "input_shape"]),
    ("SumPool2d", ["kernel_size", "stride", "padding"]),
    ("AvgPool2d", ["kernel_size", "stride", "padding"]), ("I", ["r"]),
    ("IF", ["r", "v_threshold", "v_reset"]), ("LI", ["tau", "r", "v_leak"]),
    ("LIF", ["tau", "r", "v_leak", "v_threshold", "v_reset"]),
    ("CubaLI", ["tau_syn", "tau_mem", "r", "v_leak", "w_in"]),
    ("CubaLIF", ["tau_syn", "tau_mem", "r", "v_leak", "v_threshold", "v_reset", "w_in"]),
    ("NIRGraph", []), ("Unknown", []),
]

/// Numbers that are seldom right.
private let oddities: [Double] = [
    0, -1, 0.5, 1e-300, 1e300, -.infinity, .nan, 4_294_967_296, 9.3e18, 65_537,
]

/// Builds a file of one graph.
private struct Builder {
    var input: Input

    /// Mostly a small whole number; now and then one that is seldom right.
    mutating func number() -> Double {
        let byte = input.byte()
        return byte < 240 ? Double(byte % 16) : oddities[byte % oddities.count]
    }

    /// Mostly a short extent.
    mutating func extent() -> Int {
        let byte = input.byte()
        return byte < 250 ? byte % 8 : 1 << (byte % 7 * 9)
    }

    func text(_ texts: [String], _ shape: [Int] = []) -> HDF5Object {
        .dataset(HDF5Dataset(shape: shape, element: .text, contents: .texts(texts)))
    }

    /// An array of any shape; its numbers are there if they are few.
    mutating func array() -> HDF5Object {
        let choice = input.byte()
        if choice >= 250 { return text(["same"]) }
        var dataset = HDF5Dataset(shape: [], element: choice % 2 == 0 ? .float : .integer)
        for _ in 0..<choice / 2 % 6 { dataset.shape.append(extent()) }
        guard dataset.count <= HDF5Dataset.inlineLimit else { return .dataset(dataset) }
        // Of a larger array the first numbers repeat.
        let few = (0..<min(dataset.count, 4)).map { _ in number() }
        let all = (0..<dataset.count).map { few[$0 % 4] }
        dataset.contents =
            dataset.element == .float
            ? .floats(all) : .integers(all.map { Int64(exactly: $0.rounded()) ?? .max })
        return .dataset(dataset)
    }

    mutating func graph(_ depth: Int) -> HDF5Group {
        var nodes: [String: HDF5Object] = [:]
        let count = 2 + input.byte() % 8
        let names = (0..<count).map { "n\($0)" }
        for (index, name) in names.enumerated() {
            let choice = index < 2 && input.byte() < 250 ? index : input.byte()
            let type = types[choice % types.count]
            if type.name == "NIRGraph", depth < 3 {
                nodes[name] = .group(graph(depth + 1))
                continue
            }
            var members = ["type": text([type.name])]
            for parameter in type.parameters where input.byte() < 240 {
                members[parameter] = array()
            }
            nodes[name] = .group(HDF5Group(members: members))
        }
        var edges: [String] = []
        for _ in 0..<input.byte() % 16 {
            edges.append(names[input.byte() % count])
            edges.append(names[input.byte() % count])
        }
        return HDF5Group(members: [
            "type": text(["NIRGraph"]), "nodes": .group(HDF5Group(members: nodes)),
            "edges": text(edges, [edges.count / 2, 2]),
        ])
    }
}

/// A file whose large arrays hold one number.
private struct Source: HDF5Source {
    let root: HDF5Group
    let value: Double

    func structure() throws(HDF5Error) -> HDF5Group { root }

    func doubles(_ requests: [HDF5Request]) throws(HDF5Error) -> [[Double]] {
        var arrays: [[Double]] = []
        for request in requests {
            guard request.count <= 1 << 16 else {
                throw .damaged(file: "fuzz.nir", reason: "a large array")
            }
            arrays.append([Double](repeating: value, count: request.count))
        }
        return arrays
    }
}

/// Reads one input; libFuzzer calls it.
///
/// - Parameters:
///   - data: The input.
///   - count: Its bytes.
/// - Returns: 0.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzGraphs(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var builder = Builder(input: Input(data, count))
    var settings = ImportSettings(timeStep: 0.5)
    settings.exporter = Exporter.allCases.dropFirst(builder.input.byte() % 8).first
    let value = builder.number()
    var limits = NIRFile.Limits()
    limits.operations = 1 << 22
    limits.neurons = 1 << 14
    limits.parameters = 1 << 18
    let root = HDF5Group(members: ["node": .group(builder.graph(0))])
    let source = Source(root: root, value: value)
    // Errors are the answer to bad graphs; only crashes, hangs and large memory are faults.
    do {
        _ = try NIRFile.read(source, name: "n", settings: settings, limits: limits)
    } catch {
        _ = "\(error)"
    }
    return 0
}
