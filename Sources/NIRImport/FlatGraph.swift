import HDF5

/// The nodes and edges of a file with nested graphs dissolved, sorted by path.
struct FlatGraph {
    let file: String
    let limits: NIRFile.Limits
    var nodes: [Node]
    /// Sorted by (to, from), no duplicates.
    var edges: [Edge]

    /// Reads the structure of a file; all shapes are known afterwards, large arrays are not read.
    init(_ root: HDF5Group, file: String, limits: NIRFile.Limits) throws(NIRError) {
        var reader = FlatGraphReader(file: file, limits: limits)
        let top = try GroupReader(file: file, limits: limits, path: "", group: root)
            .subgroup("node", "the group /node with the network")
        try reader.read(top)
        self.file = file
        self.limits = limits
        (nodes, edges) = try reader.flattened()
    }

    /// Edges that enter each node.
    func incoming() -> [[Edge]] {
        var incoming = [[Edge]](repeating: [], count: nodes.count)
        for edge in edges { incoming[edge.to].append(edge) }
        return incoming
    }

    /// Edges that leave each node.
    func outgoing() -> [[Edge]] {
        var outgoing = [[Edge]](repeating: [], count: nodes.count)
        for edge in edges { outgoing[edge.from].append(edge) }
        return outgoing
    }
}

/// Collects the nested graphs of a file.
private struct FlatGraphReader {
    /// What a name stands for in its graph.
    enum Member {
        case node(Int)
        case graph(Int)
    }

    /// One graph, nested or not.
    struct Graph {
        var reader: GroupReader
        /// Path of the graph in the network with a slash behind, empty at the top.
        var prefix: String
        var members: [String: Member] = [:]
        var edges: [(from: String, to: String)] = []
        var inputs: [Int] = []
        var outputs: [Int] = []
    }

    let file: String
    let limits: NIRFile.Limits
    var graphs: [Graph] = []
    var nodes: [Node] = []

    init(file: String, limits: NIRFile.Limits) {
        self.file = file
        self.limits = limits
    }

    /// Reads the top graph and all graphs in it, by a work list: depth is the file's choice.
    mutating func read(_ top: GroupReader) throws(NIRError) {
        let type = try top.string("type", "the type of the network")
        guard type == "NIRGraph" else {
            throw top.malformed(
                "type",
                "the network has type '\(type)'",
                "It must be 'NIRGraph': export it again."
            )
        }
        graphs = [Graph(reader: top, prefix: "")]
        var next = 0
        while next < graphs.count {
            try readGraph(next)
            next += 1
        }
    }

    private mutating func readGraph(_ index: Int) throws(NIRError) {
        let reader = graphs[index].reader
        let members = try reader.subgroup("nodes", "the group with the nodes")
        for name in members.group.members.keys.sorted() {
            let node = try members.subgroup(name, "the node '\(graphs[index].prefix)\(name)'")
            let type = try node.string("type", "the type of node '\(graphs[index].prefix)\(name)'")
            let path = graphs[index].prefix + name
            if type == "NIRGraph" {
                graphs[index].members[name] = .graph(graphs.count)
                graphs.append(Graph(reader: node, prefix: path + "/"))
                continue
            }
            let read = try node.node(type: type, nodePath: path, isNested: index > 0)
            switch type {
            case "Input": graphs[index].inputs.append(nodes.count)
            case "Output": graphs[index].outputs.append(nodes.count)
            default: break
            }
            graphs[index].members[name] = .node(nodes.count)
            nodes.append(read)
        }
        graphs[index].edges = try edges(of: reader)
        try checkPorts(of: graphs[index], isNested: index > 0)
    }

    private func edges(of reader: GroupReader) throws(NIRError) -> [(from: String, to: String)] {
        guard let dataset = try reader.dataset("edges") else {
            throw .missing(
                file: file,
                path: reader.path + "/edges",
                what: "the list of edges"
            )
        }
        guard dataset.count > 0 else { return [] }
        guard dataset.element == .text, dataset.shape.count == 2, dataset.shape[1] == 2 else {
            throw reader.malformed(
                "edges",
                "the edges are \(reader.kind(of: dataset)) of shape \(text(dataset.shape))",
                "They must be text of shape (edges, 2): names of source and target."
            )
        }
        guard case .texts(let names) = dataset.contents, dataset.shape[0] <= limits.edges else {
            throw .tooLarge(
                file: file,
                what: "\(reader.path)/edges: there are \(dataset.shape[0]) edges",
                limit: "\(limits.edges)"
            )
        }
        return stride(from: 0, to: names.count - 1, by: 2).map { (names[$0], names[$0 + 1]) }
    }

    private func checkPorts(of graph: Graph, isNested: Bool) throws(NIRError) {
        let what = isNested ? "the nested graph" : "the network"
        for (kind, ports) in [("Input", graph.inputs), ("Output", graph.outputs)] {
            guard !ports.isEmpty else {
                throw .missing(
                    file: file,
                    path: graph.reader.path + "/nodes",
                    what: "an \(kind) node of \(what)"
                )
            }
            guard ports.count == 1 || !isNested else {
                throw graph.reader.malformed(
                    "nodes",
                    "the nested graph has \(ports.count) \(kind) nodes",
                    "It must have one: edges do not say which is meant.",
                    .ports
                )
            }
        }
    }

    /// Replaces names by indices, and graphs by their ports.
    func flattened() throws(NIRError) -> (nodes: [Node], edges: [Edge]) {
        let order = nodes.indices.sorted { nodes[$0].path < nodes[$1].path }
        var position = [Int](repeating: 0, count: nodes.count)
        for (new, old) in order.enumerated() { position[old] = new }

        var edges: [Edge] = []
        for graph in graphs {
            var seen: Set<Edge> = []
            for (from, to) in graph.edges {
                func refused(
                    _ what: String,
                    _ remedy: String,
                    _ fault: NIRError.EdgeFault
                ) -> NIRError {
                    .badEdge(
                        file: file,
                        from: graph.prefix + from,
                        to: graph.prefix + to,
                        what: what,
                        remedy: remedy,
                        fault: fault
                    )
                }
                let source = try port(from, of: graph, isSource: true, refused)
                let target = try port(to, of: graph, isSource: false, refused)
                if graph.outputs.contains(source) {
                    throw refused(
                        "it leaves an Output node",
                        "Read the node before the Output.",
                        .wrongWay
                    )
                }
                if graph.inputs.contains(target) {
                    throw refused(
                        "it enters an Input node",
                        "Feed the node behind the Input.",
                        .wrongWay
                    )
                }
                let edge = Edge(from: position[source], to: position[target])
                guard seen.insert(edge).inserted else {
                    throw refused(
                        "it is there twice",
                        "Remove one, or double the weights if twice the input is meant.",
                        .twice
                    )
                }
                edges.append(edge)
            }
        }
        edges.sort { ($0.to, $0.from) < ($1.to, $1.from) }
        return (order.map { nodes[$0] }, edges)
    }

    private func port(
        _ name: String,
        of graph: Graph,
        isSource: Bool,
        _ refused: (String, String, NIRError.EdgeFault) -> NIRError
    ) throws(NIRError) -> Int {
        switch graph.members[name] {
        case .node(let index): return index
        // Each nested graph was found to have one port of each kind.
        case .graph(let index): return (isSource ? graphs[index].outputs : graphs[index].inputs)[0]
        case nil:
            let known = graph.members.keys.sorted()
            let shown = known.prefix(12).map { "'\($0)'" }.joined(separator: ", ")
            throw refused(
                "there is no node '\(name)'",
                "The nodes here are \(shown)\(known.count > 12 ? " and \(known.count - 12) more" : ""): "
                    + "export the network again.",
                .missingNode
            )
        }
    }
}
