import HDF5

/// Reads the parts of one group of the file, with errors that name file and place.
struct GroupReader {
    let file: String
    let limits: NIRFile.Limits
    /// Path of the group in the file.
    let path: String
    let group: HDF5Group

    func malformed(
        _ name: String,
        _ what: String,
        _ remedy: String,
        _ fault: NIRError.Fault = .kind
    ) -> NIRError {
        .malformed(file: file, path: path + "/" + name, what: what, remedy: remedy, fault: fault)
    }

    /// A sub-group that must be there.
    func subgroup(_ name: String, _ what: String) throws(NIRError) -> GroupReader {
        switch group[name] {
        case nil: throw .missing(file: file, path: path + "/" + name, what: what)
        case .unreadable(let reason): throw unreadable(name, reason)
        case .dataset:
            throw malformed(name, "\(what) is an array", "It must be a group: export it again.")
        case .group(let group):
            return GroupReader(file: file, limits: limits, path: path + "/" + name, group: group)
        }
    }

    /// A data set, or nil if there is none of that name.
    func dataset(_ name: String) throws(NIRError) -> HDF5Dataset? {
        switch group[name] {
        case nil: return nil
        case .unreadable(let reason): throw unreadable(name, reason)
        case .group:
            throw malformed(name, "this is a group", "It must be an array: export it again.")
        case .dataset(let dataset): return dataset
        }
    }

    /// A text that must be there.
    func string(_ name: String, _ what: String) throws(NIRError) -> String {
        guard let dataset = try dataset(name) else {
            throw .missing(file: file, path: path + "/" + name, what: what)
        }
        guard case .texts(let texts) = dataset.contents, texts.count == 1 else {
            throw malformed(name, "\(what) is not one text", "Export the network again.")
        }
        return texts[0]
    }

    /// Whole numbers, or nil if there is no data set of that name.
    func integers(_ name: String) throws(NIRError) -> [Int]? {
        guard let dataset = try dataset(name) else { return nil }
        guard dataset.shape.count <= 1, case .integers(let values) = dataset.contents else {
            throw malformed(
                name,
                "it holds no short list of whole numbers, but \(kind(of: dataset)) of shape "
                    + text(dataset.shape),
                "Export the network again."
            )
        }
        return values.map { Int($0) }
    }

    /// A shape of positive lengths, or nil if there is no data set of that name.
    func shape(_ name: String) throws(NIRError) -> [Int]? {
        guard let lengths = try integers(name) else { return nil }
        guard lengths.count <= 32, lengths.allSatisfy({ $0 > 0 }) else {
            throw malformed(
                name,
                "the shape is \(text(lengths))",
                "A shape has at most 32 axes of at least 1 element each: export it again.",
                .shape
            )
        }
        let count = elementCount(lengths)
        guard count <= limits.neurons else {
            throw .tooLarge(
                file: file,
                what: "\(path): a shape of \(text(lengths)) has \(count) elements",
                limit: "\(limits.neurons)"
            )
        }
        return lengths
    }

    /// An array of numbers that must be there.
    func parameter(_ name: String) throws(NIRError) -> Parameter {
        guard let parameter = try optionalParameter(name) else {
            throw .missing(file: file, path: path + "/" + name, what: "the parameter '\(name)'")
        }
        return parameter
    }

    /// An array of numbers, or nil if there is no data set of that name.
    func optionalParameter(_ name: String) throws(NIRError) -> Parameter? {
        guard let dataset = try dataset(name) else { return nil }
        let values: [Double]?
        switch dataset.contents {
        case .texts: values = nil
        case .integers(let integers): values = integers.map { Double($0) }
        case .floats(let floats): values = floats
        case nil: values = nil
        }
        guard dataset.element != .text else {
            throw malformed(name, "it holds text", "It must hold numbers: export it again.")
        }
        guard dataset.count > 0 else {
            throw malformed(name, "it is empty", "It must hold numbers: export it again.", .shape)
        }
        return Parameter(
            path: path + "/" + name,
            shape: dataset.shape,
            count: dataset.count,
            values: values
        )
    }

    func kind(of dataset: HDF5Dataset) -> String {
        switch dataset.element {
        case .integer: "integers"
        case .float: "floating point numbers"
        case .text: "text"
        }
    }

    private func unreadable(_ name: String, _ reason: String) -> NIRError {
        .unreadable(file: file, path: path + "/" + name, reason: reason)
    }
}

extension GroupReader {
    /// Reads the group as a node that is not a graph.
    ///
    /// - Parameters:
    ///   - type: NIR's name of the type.
    ///   - nodePath: Path of the node in the network.
    ///   - isNested: Whether it lies in a nested graph.
    /// - Throws: `NIRError` for what is missing, malformed or of another type.
    /// - Returns: The node; its large arrays are not read yet.
    func node(type: String, nodePath: String, isNested: Bool) throws(NIRError) -> Node {
        switch type {
        case "Input", "Output":
            guard let shape = try shape("shape") else {
                throw .missing(file: file, path: path + "/shape", what: "the shape")
            }
            let isOutput = type == "Output"
            return Node(
                path: nodePath,
                kind: isNested ? .port(isOutput: isOutput) : isOutput ? .output : .input,
                inputShape: shape,
                outputShape: shape
            )
        case "Affine", "Linear": return try affine(hasBias: type == "Affine", nodePath: nodePath)
        case "Scale":
            let scale = try parameter("scale")
            let shape = scale.isSingle ? nil : scale.shape
            return Node(
                path: nodePath,
                kind: .scale(scale),
                inputShape: shape,
                outputShape: shape
            )
        case "Flatten": return try flatten(nodePath: nodePath)
        case "IF":
            return try neuron(.integrateAndFire, ["r", "v_threshold"], ["v_reset"], nodePath)
        case "LI": return try neuron(.leakyIntegrator, ["tau", "r", "v_leak"], [], nodePath)
        case "LIF":
            return try neuron(
                .leakyIntegrateAndFire,
                ["tau", "r", "v_leak", "v_threshold"],
                ["v_reset"],
                nodePath
            )
        case "CubaLIF":
            return try neuron(
                .currentBased,
                ["tau_syn", "tau_mem", "r", "v_leak", "v_threshold"],
                ["v_reset", "w_in"],
                nodePath
            )
        case let type where NIRError.knownTypes.contains(type):
            throw .unsupportedNode(file: file, node: nodePath, type: type)
        default: throw .unknownNode(file: file, node: nodePath, type: type)
        }
    }

    private func affine(hasBias: Bool, nodePath: String) throws(NIRError) -> Node {
        let weight = try parameter("weight")
        guard weight.shape.count == 2 else {
            throw malformed(
                "weight",
                "the weight has shape \(text(weight.shape))",
                "It must have two axes, (outputs, inputs).",
                .shape
            )
        }
        let bias = hasBias ? try parameter("bias") : nil
        if let bias, bias.shape != [weight.shape[0]] {
            throw malformed(
                "bias",
                "the bias has shape \(text(bias.shape)), the weight \(text(weight.shape))",
                "There must be one bias for each of the \(weight.shape[0]) outputs.",
                .shape
            )
        }
        return Node(
            path: nodePath,
            kind: .affine(weight: weight, bias: bias),
            inputShape: [weight.shape[1]],
            outputShape: [weight.shape[0]]
        )
    }

    private func flatten(nodePath: String) throws(NIRError) -> Node {
        func one(_ name: String) throws(NIRError) -> Int {
            guard let values = try integers(name) else {
                throw .missing(file: file, path: path + "/" + name, what: "the parameter '\(name)'")
            }
            guard values.count == 1 else {
                throw malformed(
                    name,
                    "it holds \(values.count) numbers",
                    "It must hold one.",
                    .shape
                )
            }
            return values[0]
        }
        return Node(
            path: nodePath,
            kind: .flatten(first: try one("start_dim"), last: try one("end_dim")),
            inputShape: try shape("input_type")
        )
    }

    private func neuron(
        _ model: NeuronKind.Model,
        _ required: [String],
        _ optional: [String],
        _ nodePath: String
    ) throws(NIRError) -> Node {
        var parameters: [String: Parameter] = [:]
        for name in required { parameters[name] = try parameter(name) }
        for name in optional { parameters[name] = try optionalParameter(name) }
        // One value stands for all neurons; everything else must have one shape.
        var shape: (of: String, [Int])?
        for name in required + optional {
            guard let parameter = parameters[name], !parameter.isSingle else { continue }
            guard let known = shape else {
                shape = (name, parameter.shape)
                continue
            }
            guard known.1 == parameter.shape else {
                throw malformed(
                    name,
                    "'\(name)' has shape \(text(parameter.shape)), '\(known.of)' has "
                        + text(known.1),
                    "All parameters of a neuron must have one shape, or a single value.",
                    .shape
                )
            }
        }
        return Node(
            path: nodePath,
            kind: .neuron(NeuronKind(model: model, parameters: parameters)),
            inputShape: shape?.1,
            outputShape: shape?.1
        )
    }
}
