extension FlatGraph {
    /// Finds the shapes that the file leaves open, and checks both ends of every edge.
    ///
    /// - Returns: Warnings.
    mutating func inferShapes() throws(NIRError) -> [String] {
        spreadShapes()
        try checkOutputShapes()
        return try checkEdges() + broadcastWarnings() + checkNeuronCount()
    }

    /// Walks from the nodes with known shapes until nothing changes: each node is visited once.
    private mutating func spreadShapes() {
        let outgoing = outgoing()
        var isVisited = nodes.map { $0.outputShape != nil }
        var work = nodes.indices.filter { isVisited[$0] }
        // A Flatten with a stored input shape knows its output shape as well.
        for index in nodes.indices where !isVisited[index] && nodes[index].inputShape != nil {
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
