import HDF5

extension Node {
    /// All array parameters with their names, in a fixed order.
    fileprivate var parameters: [(name: String, Parameter)] {
        switch kind {
        case .affine(let weight, let bias):
            [("weight", weight)] + (bias.map { [("bias", $0)] } ?? [])
        case .convolution(let weight, let bias, _, _):
            [("weight", weight)] + (bias.map { [("bias", $0)] } ?? [])
        case .scale(let scale): [("scale", scale)]
        case .delay(let delay): [("delay", delay)]
        case .threshold(let threshold): [("threshold", threshold)]
        case .neuron(let neuron):
            neuron.parameters.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        case .input, .output, .port, .flatten, .pool: []
        }
    }

    mutating func set(_ values: [Double], of name: String) {
        switch kind {
        case .affine(var weight, var bias):
            if name == "weight" { weight.values = values } else { bias?.values = values }
            kind = .affine(weight: weight, bias: bias)
        case .convolution(var weight, var bias, let groups, let windows):
            if name == "weight" { weight.values = values } else { bias?.values = values }
            kind = .convolution(weight: weight, bias: bias, groups: groups, windows)
        case .scale(var scale):
            scale.values = values
            kind = .scale(scale)
        case .delay(var delay):
            delay.values = values
            kind = .delay(delay)
        case .threshold(var threshold):
            threshold.values = values
            kind = .threshold(threshold)
        case .neuron(var neuron):
            neuron.parameters[name]?.values = values
            kind = .neuron(neuron)
        case .input, .output, .port, .flatten, .pool: break
        }
    }
}

extension FlatGraph {
    /// Reads the large arrays; their shapes fit the graph by now.
    mutating func readParameters(_ source: some HDF5Source) throws {
        var requests: [HDF5Request] = []
        var places: [(node: Int, name: String)] = []
        var total = 0
        for (index, node) in nodes.enumerated() {
            for (name, parameter) in node.parameters {
                let (sum, overflow) = total.addingReportingOverflow(parameter.count)
                guard !overflow, sum <= limits.parameters else {
                    throw NIRError.tooLarge(
                        file: file,
                        what: "the parameters up to \(parameter.path) of shape "
                            + "\(text(parameter.shape)) are more numbers than are read",
                        limit: "\(limits.parameters)"
                    )
                }
                total = sum
                guard parameter.values == nil else { continue }
                requests.append(HDF5Request(path: parameter.path, count: parameter.count))
                places.append((index, name))
            }
        }
        for (place, values) in zip(places, try source.doubles(requests)) {
            nodes[place.node].set(values, of: place.name)
        }
    }

    /// Checks numbers: finite, time constants positive and not shorter than a step.
    ///
    /// - Returns: Warnings.
    func checkValues(timeStep: Double) throws(NIRError) -> [String] {
        var slow: [String] = []
        for node in nodes {
            for (name, parameter) in node.parameters {
                let values = parameter.values ?? []
                try checkFinite(values, parameter.path)
                guard name.hasPrefix("tau") else { continue }
                try checkTimeConstants(values, name, parameter.path, node.path, timeStep)
                if values.contains(where: {
                    $0 > 1e4 * timeStep && $0 != Self.stepsWithoutLeak * timeStep
                }) {
                    slow.append(node.path)
                }
            }
        }
        guard !slow.isEmpty else { return [] }
        return [
            "Time constants in \(list(slow)) are longer than 10,000 steps of \(timeStep): is dt "
                + "right?"
        ]
    }

    private func checkFinite(_ values: [Double], _ path: String) throws(NIRError) {
        guard let first = values.firstIndex(where: { !$0.isFinite }) else { return }
        let count = values.count { !$0.isFinite }
        throw .malformed(
            file: file,
            path: path,
            what: "element \(first) is \(values[first])"
                + (count > 1 ? ", and \(count - 1) more are not finite" : ""),
            remedy: "All parameters must be finite numbers: train or export the network again.",
            fault: .notFinite
        )
    }

    private func checkTimeConstants(
        _ values: [Double],
        _ name: String,
        _ path: String,
        _ node: String,
        _ timeStep: Double
    ) throws(NIRError) {
        if let tau = values.first(where: { $0 <= 0 }) {
            throw .malformed(
                file: file,
                path: path,
                what: "\(name) is \(tau) in \(values.count { $0 <= 0 }) neuron(s)",
                remedy: "Time constants must be positive: export the network again.",
                fault: .timeConstant
            )
        }
        // Files hold single precision: a tau of one step may read as a hair less.
        let limit = timeStep * (1 - 1e-6)
        if let tau = values.first(where: { $0 < limit }) {
            throw .unstableStep(
                file: file,
                node: node,
                parameter: name,
                timeStep: timeStep,
                tau: tau,
                count: values.count { $0 < limit }
            )
        }
    }

    /// Nodes that no input reaches, and nodes that reach no output.
    func reachabilityWarnings() -> [String] {
        let fed = reached(from: nodes.indices.filter { nodes[$0].isInput }, outgoing()) { $0.to }
        let read = reached(from: nodes.indices.filter { nodes[$0].isOutput }, incoming()) {
            $0.from
        }
        var warnings: [String] = []
        let unfed = nodes.indices.filter { !fed[$0] }.map { nodes[$0].path }
        let unread = nodes.indices.filter { !read[$0] }.map { nodes[$0].path }
        if !unfed.isEmpty { warnings.append("No input reaches \(list(unfed)).") }
        if !unread.isEmpty { warnings.append("No output depends on \(list(unread)).") }
        return warnings
    }

    private func reached(
        from start: [Int],
        _ edges: [[Edge]],
        _ end: (Edge) -> Int
    ) -> [Bool] {
        var isReached = [Bool](repeating: false, count: nodes.count)
        var work = start
        for index in start { isReached[index] = true }
        while let index = work.popLast() {
            for edge in edges[index] where !isReached[end(edge)] {
                isReached[end(edge)] = true
                work.append(end(edge))
            }
        }
        return isReached
    }
}
