import HDF5
import NIRImport
import NetworkIR
import TestSupport
import Testing

@Suite("Convolutions and pools of NIR")
struct WindowsTests {
    /// A node and the matrix that it is, by the definition of the operators.
    private struct Layer {
        var node: HDF5Object
        /// Shape that leaves.
        var shape: [Int]
        /// `[output][input]`; nil for a Scale, which is one itself.
        var matrix: [[Double]]?
        var factors: [Double] = []
    }

    /// A convolution (weights as given) or a pool (weight 1 or 1/area, one channel from itself).
    private static func matrix(
        _ input: [Int],
        _ output: [Int],
        kernel: [Int],
        stride: [Int],
        before: [Int],
        dilation: [Int],
        weight: (_ output: Int, _ input: Int, _ row: Int, _ column: Int) -> Double?
    ) -> [[Double]] {
        var rows: [[Double]] = []
        for channel in 0..<output[0] {
            for y in 0..<output[1] {
                for x in 0..<output[2] {
                    var row = [Double](repeating: 0, count: input.reduce(1, *))
                    for from in 0..<input[0] {
                        for ky in 0..<kernel[0] {
                            for kx in 0..<kernel[1] {
                                let iy = y * stride[0] + ky * dilation[0] - before[0]
                                let ix = x * stride[1] + kx * dilation[1] - before[1]
                                guard (0..<input[1]).contains(iy), (0..<input[2]).contains(ix),
                                    let weight = weight(channel, from, ky, kx)
                                else { continue }
                                row[(from * input[1] + iy) * input[2] + ix] += weight
                            }
                        }
                    }
                    rows.append(row)
                }
            }
        }
        return rows
    }

    private static func convolution(_ input: [Int], _ random: inout SplitMix64) -> Layer? {
        let groups = random.pick([1, 1, input[0]])
        let outputs = groups * random.int(1...2)
        let kernel = [random.int(1...3), random.int(1...3)]
        let isSame = random.chance(0.3)
        let stride = isSame ? [1, 1] : [random.int(1...2), random.int(1...3)]
        let dilation = [random.int(1...2), random.int(1...2)]
        let padding = [random.int(0...2), random.int(0...2)]
        var shape = [outputs]
        var before: [Int] = []
        for axis in 0..<2 {
            let span = dilation[axis] * (kernel[axis] - 1)
            before.append(isSame ? span / 2 : padding[axis])
            let room = input[axis + 1] + (isSame ? span : 2 * padding[axis]) - span - 1
            guard room >= 0 else { return nil }
            shape.append(room / stride[axis] + 1)
        }
        let perGroup = input[0] / groups
        let values = (0..<outputs * perGroup * kernel[0] * kernel[1]).map { _ in
            random.chance(0.1) ? 0 : random.double(-1...1)
        }
        let node = HDF5Object.node(
            "Conv2d",
            [
                "weight": .floats(values, shape: [outputs, perGroup] + kernel),
                "stride": .integers(stride), "dilation": .integers(dilation),
                "padding": isSame ? .text("same") : .integers(padding),
                "groups": .integers([groups], shape: []),
                "bias": .floats((0..<outputs).map { _ in random.double(-1...1) }),
                "input_shape": .integers(Array(input[1...])),
            ]
        )
        let matrix = matrix(
            input,
            shape,
            kernel: kernel,
            stride: stride,
            before: before,
            dilation: dilation
        ) { output, from, row, column in
            let group = output / (outputs / groups)
            guard from / perGroup == group else { return nil }
            let place = (output * perGroup + from % perGroup) * kernel[0] + row
            return values[place * kernel[1] + column]
        }
        return Layer(node: node, shape: shape, matrix: matrix)
    }

    private static func pool(_ input: [Int], _ random: inout SplitMix64) -> Layer? {
        let isMean = random.chance(0.5)
        let kernel = [random.int(1...3), random.int(1...3)]
        let stride = [random.int(1...3), random.int(1...3)]
        let padding = [random.int(0...1), random.int(0...1)]
        var shape = [input[0]]
        for axis in 0..<2 {
            let room = input[axis + 1] + 2 * padding[axis] - kernel[axis]
            guard room >= 0 else { return nil }
            shape.append(room / stride[axis] + 1)
        }
        let node = HDF5Object.node(
            isMean ? "AvgPool2d" : "SumPool2d",
            [
                "kernel_size": .integers(kernel), "stride": .integers(stride),
                "padding": .integers(padding),
            ]
        )
        let factor = isMean ? 1 / Double(kernel[0] * kernel[1]) : 1
        let matrix = matrix(
            input,
            shape,
            kernel: kernel,
            stride: stride,
            before: padding,
            dilation: [1, 1]
        ) { output, from, _, _ in output == from ? factor : nil }
        return Layer(node: node, shape: shape, matrix: matrix)
    }

    private static func scale(_ shape: [Int], _ random: inout SplitMix64) -> Layer {
        let factors = (0..<shape.reduce(1, *)).map { _ in random.double(-2...2) }
        return Layer(
            node: .node("Scale", ["scale": .floats(factors, shape: shape)]),
            shape: shape,
            factors: factors
        )
    }

    private static func linear(_ shape: [Int], _ random: inout SplitMix64) -> [[Double]] {
        let count = shape.reduce(1, *)
        return (0..<3).map { _ in
            (0..<count).map { _ in random.chance(0.3) ? 0 : random.double(-1...1) }
        }
    }

    @Test(
        "chains of them fold to the same numbers as chains of whole matrices",
        arguments: 0..<60
    )
    func chains(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let input = [random.int(1...3), random.int(4...7), random.int(4...7)]
        var nodes: [String: HDF5Object] = ["in": .node("Input", ["shape": .integers(input)])]
        var twin: [String: HDF5Object] = ["in": .input(input.reduce(1, *))]
        var edges: [(String, String)] = []
        var last = "in"
        var shape = input
        for index in 0..<random.int(1...4) {
            let layer: Layer? =
                switch random.int(0...4) {
                case 0...1: Self.convolution(shape, &random)
                case 2...3: Self.pool(shape, &random)
                default: Self.scale(shape, &random)
                }
            guard let layer else { continue }
            let name = "l\(index)"
            nodes[name] = layer.node
            twin[name] = layer.matrix.map { .linear($0) } ?? .scale(layer.factors)
            edges.append((last, name))
            last = name
            shape = layer.shape
        }
        // A neuron behind a Linear, and one behind the chain itself.
        nodes["f"] = .flatten(0, -1)
        twin["f"] = .flatten(0, -1)
        let matrix = Self.linear(shape, &random)
        for (name, object) in [
            ("w", HDF5Object.linear(matrix)), ("n", .integrateAndFire(shape.reduce(1, *))),
            ("m", .integrateAndFire(3)), ("out", .output(3)),
        ] {
            nodes[name] = object
            twin[name] = object
        }
        edges += [(last, "f"), ("f", "n"), ("f", "w"), ("w", "m"), ("m", "out")]
        let folded = try MemoryFile(nodes: nodes, edges: edges).imported().network
        let whole = try MemoryFile(nodes: twin, edges: edges).imported().network
        #expect(folded.projections.count == 2)
        for (one, other) in zip(folded.projections, whole.projections) {
            let columns = folded.populations[one.source].count
            let rows = folded.populations[one.target].count
            #expect(one.matrix(rows, columns) == other.matrix(rows, columns))
            if case .sparse(let sparse) = one.connectivity {
                #expect(sparse.fault(sources: columns, targets: rows) == nil)
                #expect(sparse.count * 2 < rows * columns)
            }
        }
    }

    @Test("branches of convolutions, pools and the population itself add up", arguments: 0..<20)
    func branches(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let shape = [2, 5, 6]
        func weights() -> [Double] { (0..<2 * 2 * 9).map { _ in random.double(-1...1) } }
        func node(_ values: [Double]) -> HDF5Object {
            .node(
                "Conv2d",
                [
                    "weight": .floats(values, shape: [2, 2, 3, 3]), "padding": .text("same"),
                    "bias": .floats([0.5, -0.25]),
                ]
            )
        }
        func linear(_ values: [Double]) -> HDF5Object {
            .linear(
                Self.matrix(
                    shape,
                    shape,
                    kernel: [3, 3],
                    stride: [1, 1],
                    before: [1, 1],
                    dilation: [1, 1]
                ) { values[(($0 * 2 + $1) * 3 + $2) * 3 + $3] }
            )
        }
        let (a, b) = (weights(), weights())
        let edges = [
            ("in", "a"), ("in", "b"), ("in", "f"), ("a", "f"), ("b", "f"), ("b", "c"), ("c", "f"),
            ("f", "n"), ("n", "out"),
        ]
        let common: [String: HDF5Object] = [
            "f": .flatten(0, -1), "n": .integrateAndFire(60), "out": .output(60),
        ]
        let folded = try MemoryFile(
            nodes: common.merging([
                "in": .input(2, 5, 6), "a": node(a), "b": node(b), "c": node(a),
            ]) { $1 },
            edges: edges
        ).imported().network
        let whole = try MemoryFile(
            nodes: common.merging([
                "in": .input(60), "a": linear(a), "b": linear(b), "c": linear(a),
            ]) { $1 },
            edges: edges
        ).imported().network
        #expect(folded.projections.count == 1)
        #expect(folded.projections[0].matrix(60, 60) == whole.projections[0].matrix(60, 60))
        // a and b: one bias each; c: the bias of b through the kernel, and its own.
        #expect(folded.populations[1].bias.count == 60)
        let center = 2 * 6 + 2
        let kernel = a.prefix(18)
        let through = kernel.prefix(9).reduce(0, +) * 0.5 - kernel.suffix(9).reduce(0, +) * 0.25
        #expect((folded.populations[1].bias[center] - (1.5 + through)).magnitude < 1e-12)
    }

    /// Shape 2 × 34 × 34, 16 channels of 5 × 5, sum-pool, 32 channels of 3 × 3, sum-pool, 10 neurons.
    private static func image() -> MemoryFile {
        func ints(_ values: Int...) -> HDF5Object { .integers(values) }
        func neuron() -> HDF5Object {
            .node("IF", ["r": .floats([1]), "v_threshold": .floats([1])])
        }
        func convolution(_ outputs: Int, _ inputs: Int, _ kernel: Int, padding: Int) -> HDF5Object {
            .node(
                "Conv2d",
                [
                    "weight": .large([outputs, inputs, kernel, kernel]), "stride": ints(1, 1),
                    "padding": ints(padding, padding), "dilation": ints(1, 1),
                    "groups": .integers([1], shape: []), "bias": .large([outputs]),
                ]
            )
        }
        func pool() -> HDF5Object {
            .node(
                "SumPool2d",
                ["kernel_size": ints(2, 2), "stride": ints(2, 2), "padding": ints(0, 0)]
            )
        }
        let names = ["in", "c1", "n1", "p1", "n2", "c2", "n3", "p2", "n4", "f", "w", "n5", "out"]
        return MemoryFile(
            nodes: [
                "in": .input(2, 34, 34), "c1": convolution(16, 2, 5, padding: 2), "n1": neuron(),
                "p1": pool(), "n2": neuron(), "c2": convolution(32, 16, 3, padding: 1),
                "n3": neuron(), "p2": pool(), "n4": neuron(), "f": .flatten(0, -1),
                "w": .node("Linear", ["weight": .large([10, 2048])]), "n5": neuron(),
                "out": .output(10),
            ],
            edges: Array(zip(names, names.dropFirst()))
        )
    }

    @Test("an image of 2 × 34 × 34 through five layers never becomes a whole matrix")
    func largeImage() throws {
        // The largest matrix, whole, would have 42 million numbers.
        var limits = NIRFile.Limits()
        limits.parameters = 6_000_000
        let network = try Self.image().imported(limits: limits).network
        #expect(network.populations.dropFirst().reduce(0) { $0 + $1.count } == 34_426)
        let counts = network.projections.map { projection in
            switch projection.connectivity {
            case .sparse(let sparse): sparse.count
            case .dense(let weights), .oneToOne(let weights): -weights.count
            }
        }
        // (34 · 5 − 6)² pairs of pixels for each of 16 · 2 kernels, four for each pooled pixel.
        #expect(counts == [860_672, 18_496, 1_229_312, 8192, -20_480])
    }

    @Test("what they fold to is bounded in memory")
    func limit() throws {
        var limits = NIRFile.Limits()
        limits.parameters = 2_000_000
        let error = #expect(throws: NIRError.self) { try Self.image().imported(limits: limits) }
        #expect("\(String(describing: error))".contains("2000000"))
    }

    /// The message that a network of one node is refused with.
    private func refusal(
        _ shape: [Int],
        _ type: String,
        _ change: (inout [String: HDF5Object]) -> Void
    ) throws -> String {
        var parameters: [String: HDF5Object] =
            type == "Conv2d"
            ? ["weight": .floats([Double](repeating: 1, count: 36), shape: [2, 2, 3, 3])]
            : ["kernel_size": .integers([2, 2]), "stride": .integers([2])]
        change(&parameters)
        let file = MemoryFile(
            nodes: [
                "in": .node("Input", ["shape": .integers(shape)]), "x": .node(type, parameters),
                "n": .node("IF", ["r": .floats([1]), "v_threshold": .floats([1])]),
                "out": .node("Output", ["shape": .integers(shape)]),
            ],
            edges: [("in", "x"), ("x", "n"), ("in", "out")]
        )
        do {
            _ = try file.imported()
            return ""
        } catch let error as NIRError {
            return error.description
        }
    }

    @Test("what does not fit is refused with node, place and remedy")
    func refusals() throws {
        let good = [2, 5, 5]
        let faults: [(text: String, part: String)] = [
            (try refusal([5, 5], "Conv2d") { _ in }, "convolves shape (5, 5)"),
            (try refusal([3, 5, 5], "Conv2d") { _ in }, "2 channels first"),
            (try refusal([2, 2, 5], "Conv2d") { _ in }, "no shorter than the kernel"),
            (try refusal(good, "Conv2d") { $0["stride"] = .integers([0]) }, "it is (0)"),
            (try refusal(good, "Conv2d") { $0["stride"] = .integers([1, 1, 1]) }, "(1, 1, 1)"),
            (try refusal(good, "Conv2d") { $0["dilation"] = .integers([1 << 40]) }, "dilation"),
            (try refusal(good, "Conv2d") { $0["padding"] = .integers([-1]) }, "it is (-1)"),
            (try refusal(good, "Conv2d") { $0["padding"] = .text("reflect") }, "'reflect'"),
            (
                try refusal(good, "Conv2d") {
                    $0["padding"] = .text("same")
                    $0["stride"] = .integers([2])
                }, "stride of 1"
            ),
            (try refusal(good, "Conv2d") { $0["groups"] = .integers([3]) }, "3 groups"),
            (try refusal(good, "Conv2d") { $0["bias"] = .floats([1]) }, "one bias for each"),
            (try refusal(good, "Conv2d") { $0["weight"] = .floats([1]) }, "4 axes"),
            (
                try refusal(good, "Conv2d") { $0["weight"] = .large([1 << 31, 1 << 31, 1, 1]) },
                "elements"
            ),
            (try refusal(good, "Conv2d") { $0["input_shape"] = .integers([5]) }, "two axes"),
            (try refusal(good, "Conv2d") { $0["input_shape"] = .integers([4, 5]) }, "'in' → 'x'"),
            (
                try refusal(good, "Conv2d") { $0["padding"] = .integers([1 << 30]) },
                "more values than are read"
            ),
            (try refusal([5, 5], "SumPool2d") { _ in }, "pools windows of (2, 2)"),
            (try refusal([1, 1, 5], "AvgPool2d") { _ in }, "room for the windows"),
            (try refusal(good, "SumPool2d") { $0["stride"] = nil }, "'stride' is missing"),
        ]
        for (text, part) in faults { #expect(text.contains(part), "\(part): \(text)") }
    }
}

extension Projection {
    /// `[target][source]`, whatever the connectivity.
    fileprivate func matrix(_ rows: Int, _ columns: Int) -> [Double] {
        switch connectivity {
        case .dense(let weights): return weights
        case .sparse(let sparse): return sparse.dense(sources: columns)
        case .oneToOne(let weights):
            var matrix = [Double](repeating: 0, count: rows * columns)
            for (index, weight) in weights.enumerated() {
                matrix[index * columns + index] = weight
            }
            return matrix
        }
    }
}
