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
        case "Scale": return try elementwise("scale", nodePath) { .scale($0) }
        case "Delay": return try elementwise("delay", nodePath) { .delay($0) }
        case "Threshold": return try elementwise("threshold", nodePath) { .threshold($0) }
        case "Flatten": return try flatten(nodePath: nodePath)
        case "Conv1d": return try convolution(axes: 1, nodePath: nodePath)
        case "Conv2d": return try convolution(axes: 2, nodePath: nodePath)
        case "SumPool2d": return try pool(isMean: false, nodePath: nodePath)
        case "AvgPool2d": return try pool(isMean: true, nodePath: nodePath)
        case "I": return try neuron(.integrator, ["r"], [], nodePath)
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
        case "CubaLI":
            return try neuron(
                .currentBasedIntegrator,
                ["tau_syn", "tau_mem", "r", "v_leak"],
                ["w_in"],
                nodePath
            )
        case "CubaLIF":
            return try neuron(
                .currentBased,
                ["tau_syn", "tau_mem", "r", "v_leak", "v_threshold"],
                ["v_reset", "w_in"],
                nodePath
            )
        default: throw .unknownNode(file: file, node: nodePath, type: type)
        }
    }

    /// A node of one parameter, each element by itself.
    private func elementwise(
        _ name: String,
        _ nodePath: String,
        _ kind: (Parameter) -> NodeKind
    ) throws(NIRError) -> Node {
        let parameter = try parameter(name)
        let shape = parameter.isSingle ? nil : parameter.shape
        return Node(
            path: nodePath,
            kind: kind(parameter),
            inputShape: shape,
            outputShape: shape
        )
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

    private func convolution(axes: Int, nodePath: String) throws(NIRError) -> Node {
        let weight = try parameter("weight")
        guard weight.shape.count == axes + 2 else {
            throw malformed(
                "weight",
                "the weight has shape \(text(weight.shape))",
                "It must have \(axes + 2) axes: outputs, inputs of a group, and the kernel's.",
                .shape
            )
        }
        guard weight.count <= limits.parameters else {
            throw .tooLarge(
                file: file,
                what:
                    "\(weight.path): a weight of shape \(text(weight.shape)) has \(weight.count) elements",
                limit: "\(limits.parameters)"
            )
        }
        let bias = try optionalParameter("bias")
        if let bias, bias.shape != [weight.shape[0]] {
            throw malformed(
                "bias",
                "the bias has shape \(text(bias.shape)), the weight \(text(weight.shape))",
                "There must be one bias for each of the \(weight.shape[0]) output channels.",
                .shape
            )
        }
        let groups = try lengths("groups", axes: 1, least: 1, absent: 1)[0]
        guard weight.shape[0].isMultiple(of: groups) else {
            throw malformed(
                "groups",
                "there are \(groups) groups for the \(weight.shape[0]) output channels of Conv\(axes)d "
                    + "node '\(nodePath)'",
                "Groups must divide the output channels: export the network again.",
                .shape
            )
        }
        let windows = Windows(
            kernel: Array(weight.shape[2...]),
            stride: try lengths("stride", axes: axes, least: 1, absent: 1),
            padding: try padding(axes: axes),
            dilation: try lengths("dilation", axes: axes, least: 1, absent: 1)
        )
        guard windows.padding != .same || windows.stride.allSatisfy({ $0 == 1 }) else {
            throw malformed(
                "padding",
                "the padding is 'same' and the stride \(text(windows.stride))",
                "Padding 'same' needs a stride of 1: give the padding as numbers."
            )
        }
        // snnTorch leaves an empty one in the layers of an RLeaky.
        let image = try dataset("input_shape")?.count == 0 ? nil : try shape("input_shape")
        guard image.map({ $0.count == axes }) ?? true else {
            throw malformed(
                "input_shape",
                "the shape of the input is \(text(image ?? []))",
                "It must have \(axes == 1 ? "one axis" : "two axes") without the channels: export it "
                    + "again."
            )
        }
        let (channels, overflow) = weight.shape[1].multipliedReportingOverflow(by: groups)
        return Node(
            path: nodePath,
            kind: .convolution(weight: weight, bias: bias, groups: groups, windows),
            inputShape: overflow ? nil : image.map { [channels] + $0 }
        )
    }

    private func pool(isMean: Bool, nodePath: String) throws(NIRError) -> Node {
        let kernel = try lengths("kernel_size", axes: 2, least: 1)
        let windows = Windows(
            kernel: kernel,
            stride: try lengths("stride", axes: 2, least: 1),
            padding: .zeros(try lengths("padding", axes: 2, least: 0, absent: 0)),
            dilation: [1, 1]
        )
        return Node(path: nodePath, kind: .pool(isMean: isMean, windows))
    }

    /// Whole numbers, one an axis; a single one stands for all.
    private func lengths(
        _ name: String,
        axes: Int,
        least: Int,
        absent: Int? = nil
    ) throws(NIRError) -> [Int] {
        guard let values = try integers(name) else {
            guard let absent else {
                throw .missing(file: file, path: path + "/" + name, what: "the parameter '\(name)'")
            }
            return [Int](repeating: absent, count: axes)
        }
        // Products of two of them fit.
        let limit = Int(Int32.max)
        guard values.count == 1 || values.count == axes,
            values.allSatisfy({ (least...limit).contains($0) })
        else {
            throw malformed(
                name,
                "it is \(text(values))",
                "It must be a number of \(least) to \(limit), or one for each of \(axes) axes: export the "
                    + "network again."
            )
        }
        return values.count == axes ? values : [Int](repeating: values[0], count: axes)
    }

    private func padding(axes: Int) throws(NIRError) -> Windows.Padding {
        guard let dataset = try dataset("padding"), dataset.element == .text else {
            return .zeros(try lengths("padding", axes: axes, least: 0, absent: 0))
        }
        switch try string("padding", "the padding") {
        case "same": return .same
        case "valid": return .zeros([Int](repeating: 0, count: axes))
        case let other:
            throw malformed(
                "padding",
                "the padding is '\(other)'",
                "It must be 'same', 'valid' or numbers: export the network again."
            )
        }
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
