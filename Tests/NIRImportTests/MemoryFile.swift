import HDF5
import NIRImport
import NetworkIR

/// A NIR file in memory; large arrays are served like those of a real file.
struct MemoryFile: HDF5Source {
    var root: HDF5Group
    var arrays: [String: [Double]] = [:]

    /// A file with one graph.
    init(nodes: [String: HDF5Object], edges: [(String, String)]) {
        root = HDF5Group(members: [
            "version": .text("1.0.8"), "node": .graph(nodes: nodes, edges: edges),
        ])
    }

    func structure() throws(HDF5Error) -> HDF5Group { root }

    func doubles(_ requests: [HDF5Request]) throws(HDF5Error) -> [[Double]] {
        requests.map { arrays[$0.path] ?? [Double](repeating: 0, count: $0.count) }
    }

    /// Reads the file with a step of 1 unless the settings say otherwise.
    func imported(
        _ settings: ImportSettings = ImportSettings(timeStep: 1),
        limits: NIRFile.Limits = NIRFile.Limits()
    ) throws -> ImportedNetwork {
        try NIRFile.read(self, name: "memory.nir", settings: settings, limits: limits)
    }
}

extension HDF5Object {
    static func text(_ text: String) -> HDF5Object {
        .dataset(HDF5Dataset(shape: [], element: .text, contents: .texts([text])))
    }

    static func integers(_ values: [Int], shape: [Int]? = nil) -> HDF5Object {
        let contents = HDF5Contents.integers(values.map { Int64($0) })
        return .dataset(
            HDF5Dataset(shape: shape ?? [values.count], element: .integer, contents: contents)
        )
    }

    static func floats(_ values: [Double], shape: [Int]? = nil) -> HDF5Object {
        .dataset(
            HDF5Dataset(
                shape: shape ?? [values.count],
                element: .float,
                contents: .floats(values)
            )
        )
    }

    /// An array whose elements come in the second phase.
    static func large(_ shape: [Int]) -> HDF5Object {
        .dataset(HDF5Dataset(shape: shape, element: .float))
    }

    static func node(_ type: String, _ parameters: [String: HDF5Object] = [:]) -> HDF5Object {
        .group(HDF5Group(members: parameters.merging(["type": .text(type)]) { $1 }))
    }

    static func graph(nodes: [String: HDF5Object], edges: [(String, String)]) -> HDF5Object {
        .node(
            "NIRGraph",
            [
                "nodes": .group(HDF5Group(members: nodes)),
                "edges": .dataset(
                    HDF5Dataset(
                        shape: [edges.count, 2],
                        element: .text,
                        contents: .texts(edges.flatMap { [$0.0, $0.1] })
                    )
                ),
            ]
        )
    }

    static func input(_ shape: Int...) -> HDF5Object { .node("Input", ["shape": .integers(shape)]) }

    static func output(_ shape: Int...) -> HDF5Object {
        .node("Output", ["shape": .integers(shape)])
    }

    static func linear(_ rows: [[Double]]) -> HDF5Object {
        .node(
            "Linear",
            ["weight": .floats(rows.flatMap { $0 }, shape: [rows.count, rows[0].count])]
        )
    }

    static func affine(_ rows: [[Double]], _ bias: [Double]) -> HDF5Object {
        .node(
            "Affine",
            [
                "weight": .floats(rows.flatMap { $0 }, shape: [rows.count, rows[0].count]),
                "bias": .floats(bias),
            ]
        )
    }

    static func scale(_ factors: [Double]) -> HDF5Object {
        .node("Scale", ["scale": .floats(factors)])
    }

    static func delay(_ delays: [Double]) -> HDF5Object {
        .node("Delay", ["delay": .floats(delays)])
    }

    static func threshold(_ thresholds: [Double]) -> HDF5Object {
        .node("Threshold", ["threshold": .floats(thresholds)])
    }

    static func flatten(_ first: Int, _ last: Int, from shape: [Int]? = nil) -> HDF5Object {
        var parameters: [String: HDF5Object] = [
            "start_dim": .integers([first], shape: []), "end_dim": .integers([last], shape: []),
        ]
        if let shape { parameters["input_type"] = .integers(shape) }
        return .node("Flatten", parameters)
    }

    /// An IF neuron with r = 1, threshold 1.
    static func integrateAndFire(_ count: Int, r: Double = 1) -> HDF5Object {
        let ones = [Double](repeating: 1, count: count)
        return .node("IF", ["r": .floats(ones.map { $0 * r }), "v_threshold": .floats(ones)])
    }

    static func leakyIntegrateAndFire(tau: [Double]) -> HDF5Object {
        let ones = [Double](repeating: 1, count: tau.count)
        return .node(
            "LIF",
            [
                "tau": .floats(tau), "r": .floats(ones), "v_leak": .floats(ones),
                "v_threshold": .floats(ones),
            ]
        )
    }
}
