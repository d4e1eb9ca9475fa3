extension FlatGraph {
    /// Finds the shapes that the file leaves open, and checks both ends of every edge.
    ///
    /// - Returns: Warnings.
    mutating func inferShapes() throws(NIRError) -> [String] {
        let warnings = settleInputs() + openChannels()
        let declared = nodes.map(\.inputShape)
        spreadShapes()
        try checkOutputShapes()
        return try warnings + layoutWarnings(declared) + checkEdges() + broadcastWarnings()
            + checkNeuronCount()
    }

    /// Walks from the nodes with known shapes until nothing changes: each node is visited once.
    private mutating func spreadShapes() {
        let outgoing = outgoing()
        var isVisited = nodes.map { $0.outputShape != nil }
        var work = nodes.indices.filter { isVisited[$0] }
        // A convolution with a stored input shape knows its output shape as well.
        for index in nodes.indices where !isVisited[index] && nodes[index].isConvolution {
            guard nodes[index].inputShape != nil else { continue }
            nodes[index].settleOutputShape()
            isVisited[index] = true
            work.append(index)
        }
        var next = 0
        func spread() {
            while next < work.count {
                let index = work[next]
                next += 1
                for edge in outgoing[index] where !isVisited[edge.to] {
                    nodes[edge.to].inputShape = nodes[index].outputShape
                    nodes[edge.to].settleOutputShape()
                    isVisited[edge.to] = true
                    work.append(edge.to)
                }
            }
        }
        spread()
        // A Flatten may store the shape that it takes: nir derives it, not always right (of kernels
        // that are no squares), so what arrives goes first.
        for index in nodes.indices where !isVisited[index] && nodes[index].inputShape != nil {
            nodes[index].settleOutputShape()
            isVisited[index] = true
            work.append(index)
            spread()
        }
        // What no shape reaches keeps the shape of its own parameters.
        for index in nodes.indices where !isVisited[index] {
            nodes[index].inputShape = nodes[index].storedShape
            nodes[index].settleOutputShape()
            isVisited[index] = true
            work.append(index)
            spread()
        }
    }

    /// Refuses the nodes whose parameters and input shape give no output shape.
    private func checkOutputShapes() throws(NIRError) {
        for node in nodes where node.outputShape == nil {
            let shape = node.inputShape.map(text) ?? "unknown"
            let (what, remedy): (String, String)
            switch node.kind {
            case .input, .output, .neuron, .port, .affine, .scale, .delay, .threshold: continue
            case .flatten(let first, let last):
                what = "it flattens the axes \(first) to \(last) of shape \(shape)"
                remedy =
                    "The axes must exist and be in order: export it again without a batch axis."
            case .convolution(let weight, _, let groups, _):
                what =
                    "it convolves shape \(shape) with a weight of shape \(text(weight.shape)) in "
                    + "\(groups) group\(groups == 1 ? "" : "s")"
                remedy =
                    "The shape must have \(weight.shape[1] * groups) channels first, then one axis for "
                    + "each of the kernel, no shorter than the kernel without the padding: export it "
                    + "again."
            case .pool(_, let windows):
                what = "it pools windows of \(text(windows.kernel)) over shape \(shape)"
                remedy =
                    "The shape must have three axes, (channels, rows, columns), with room for the "
                    + "windows: export it again."
            }
            throw .malformed(
                file: file,
                path: "node '\(node.path)'",
                what: what,
                remedy: remedy,
                fault: .shape
            )
        }
    }

    private func checkEdges() throws(NIRError) -> [String] {
        var warnings: [String] = []
        var hasInput = [Bool](repeating: false, count: nodes.count)
        for edge in edges {
            hasInput[edge.to] = true
            let source = nodes[edge.from]
            let target = nodes[edge.to]
            guard let left = source.outputShape, let entered = target.inputShape, left != entered
            else { continue }
            if target.takesAnyLayout, elementCount(left) == elementCount(entered) {
                warnings.append(
                    "Output '\(target.path)' declares shape \(text(entered)), '\(source.path)' gives "
                        + "\(text(left)): same elements, taken in order."
                )
                continue
            }
            throw .badEdge(
                file: file,
                from: source.path,
                to: target.path,
                what: "'\(source.path)' gives shape \(text(left)), '\(target.path)' takes "
                    + text(entered),
                remedy: "Both ends of an edge must have one shape: export the network again.",
                fault: .shapes
            )
        }
        for (index, node) in nodes.enumerated() where node.takesAnyLayout && !hasInput[index] {
            throw .malformed(
                file: file,
                path: "node '\(node.path)'",
                what: "nothing leads into this Output",
                remedy: "Add an edge into it, or remove it.",
                fault: .unfedOutput
            )
        }
        return warnings
    }

    /// Gives an Input the shape of what it leads to, where it declares that with a batch axis, or none.
    ///
    /// nirtorch 2 writes (1) for an Input that it traces, and every exporter keeps the batch axis unless
    /// it is told not to (snnTorch's `ignore_dims`).
    private mutating func settleInputs() -> [String] {
        var warnings: [String] = []
        let outgoing = outgoing()
        for index in nodes.indices where nodes[index].isInput {
            guard let declared = nodes[index].outputShape else { continue }
            let taken = Set(outgoing[index].map { nodes[$0.to].takenShape(of: declared) })
            guard taken.count == 1, let first = taken.first, let shape = first, shape != declared
            else { continue }
            let batch = declared.count - shape.count
            guard
                declared == [1]
                    || (batch > 0 && declared.dropFirst(batch) == shape[...]
                        && declared.prefix(batch).allSatisfy { $0 == 1 })
            else { continue }
            nodes[index].inputShape = shape
            nodes[index].outputShape = shape
            warnings.append(
                "Input '\(nodes[index].path)' declares shape \(text(declared)), what it leads to takes "
                    + "\(text(shape)): taken so."
            )
        }
        return warnings
    }

    /// Lets neurons behind a convolution that have one value a channel take the shape that arrives.
    ///
    /// snnTorch writes them so where an RLeaky convolves its own spikes.
    private mutating func openChannels() -> [String] {
        var open: [Int] = []
        for edge in edges {
            guard case .convolution(let weight, _, _, _) = nodes[edge.from].kind,
                case .neuron = nodes[edge.to].kind,
                nodes[edge.to].outputShape == [weight.shape[0]], weight.shape[0] > 1
            else { continue }
            nodes[edge.to].inputShape = nil
            nodes[edge.to].outputShape = nil
            open.append(edge.to)
        }
        guard !open.isEmpty else { return [] }
        return [
            "One value stands for all neurons of a channel in \(list(open.map { nodes[$0].path }))."
        ]
    }

    /// Says where a Flatten stores another shape than what arrives.
    private func layoutWarnings(_ declared: [[Int]?]) -> [String] {
        nodes.indices.compactMap { index in
            guard case .flatten = nodes[index].kind, let stored = declared[index],
                let shape = nodes[index].inputShape, stored != shape
            else { return nil }
            return "Node '\(nodes[index].path)' declares an input of shape \(text(stored)), "
                + "\(text(shape)) arrives: taken as it arrives."
        }
    }

    private func broadcastWarnings() -> [String] {
        let names = nodes.filter { node in
            let count = elementCount(node.outputShape ?? [])
            switch node.kind {
            case .neuron(let neuron):
                return count > 1 && neuron.parameters.values.contains { $0.isSingle }
            case .scale(let parameter), .delay(let parameter), .threshold(let parameter):
                return count > 1 && parameter.isSingle
            default: return false
            }
        }.map(\.path)
        return names.isEmpty ? [] : ["A single value stands for all neurons in \(list(names))."]
    }

    private func checkNeuronCount() throws(NIRError) -> [String] {
        var total = 0
        for node in nodes {
            let count = elementCount(node.outputShape ?? [])
            total = count > limits.neurons ? Int.max : total + count
            guard total <= limits.neurons else {
                throw .tooLarge(
                    file: file,
                    what: "the nodes up to '\(node.path)' put out more values than are read",
                    limit: "\(limits.neurons)"
                )
            }
        }
        return []
    }
}

extension Node {
    /// The shape that the node takes by its parameters, if these tell; of an Input of that shape.
    fileprivate func takenShape(of declared: [Int]) -> [Int]? {
        switch kind {
        case .convolution(let weight, _, let groups, let windows):
            // Of the image only the number of axes is known.
            let rank = windows.kernel.count + 1
            guard declared.count > rank, declared[declared.count - rank] == weight.shape[1] * groups
            else { return inputShape }
            return Array(declared.suffix(rank))
        default: return inputShape
        }
    }

    fileprivate var isConvolution: Bool {
        if case .convolution = kind { true } else { false }
    }

    /// Whether only the number of elements matters to it: the Outputs.
    fileprivate var takesAnyLayout: Bool {
        switch kind {
        case .output, .port(isOutput: true): true
        default: false
        }
    }

    /// Shape of the first parameter, for nodes that nothing reaches.
    fileprivate var storedShape: [Int]? {
        switch kind {
        case .scale(let parameter), .delay(let parameter), .threshold(let parameter):
            parameter.shape
        case .neuron(let neuron): neuron.parameters["r"]?.shape
        default: nil
        }
    }

    /// Derives the output shape from the input shape; nil if it cannot be.
    fileprivate mutating func settleOutputShape() {
        guard outputShape == nil, let inputShape else { return }
        switch kind {
        case .input, .output, .neuron, .port, .affine, .scale, .delay, .threshold:
            outputShape = inputShape
        case .flatten(let first, let last): outputShape = flattened(inputShape, first, last)
        case .convolution(let weight, _, let groups, let windows):
            guard inputShape.first == weight.shape[1] * groups,
                let lengths = windows.outputs(of: Array(inputShape.dropFirst()))
            else { return }
            outputShape = [weight.shape[0]] + lengths
        case .pool(_, let windows):
            guard let lengths = windows.outputs(of: Array(inputShape.dropFirst())) else { return }
            outputShape = inputShape.prefix(1) + lengths
        }
    }

    private func flattened(_ inputShape: [Int], _ first: Int, _ last: Int) -> [Int]? {
        let rank = inputShape.count
        guard (-rank..<rank).contains(first), (-rank..<rank).contains(last) else { return nil }
        let start = first < 0 ? first + rank : first
        let end = last < 0 ? last + rank : last
        guard start <= end else { return nil }
        let merged = elementCount(Array(inputShape[start...end]))
        return inputShape[..<start] + [merged] + inputShape[(end + 1)...]
    }
}

/// Names for a message: the first few, and how many more.
func list(_ names: [String]) -> String {
    names.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
        + (names.count > 5 ? " and \(names.count - 5) more" : "")
}
