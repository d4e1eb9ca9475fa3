/// What there is to put on cores, and which spikes join it: a hypergraph.
///
/// A vertex is a group of neurons that stay together. A net is an axon: one sender (or several with the
/// same home and the same targets) and all vertices that listen to it. A core that holds a listener
/// spends an axon in on the net, and a packet if the sender lives elsewhere. Arrays of vertices are
/// `[vertex]`, those of nets `[net]`.
package struct MappingGraph: Sendable {
    /// One axon, or several with the same sender and the same listeners.
    package struct Net: Sendable, Equatable {
        /// Packets that it sends to each core, in units of one spike.
        package var weight: Int64
        /// Vertex that holds its sender; −1 for input channels.
        package var home: Int32
        /// Axons in that a core spends on it.
        package var axons: Int32

        /// Makes a net.
        ///
        /// - Parameters:
        ///   - weight: Packets.
        ///   - home: Vertex of the sender, −1 for input channels.
        ///   - axons: Axons in.
        package init(weight: Int64, home: Int32, axons: Int32) {
            self.weight = weight
            self.home = home
            self.axons = axons
        }
    }

    /// Neurons of each vertex.
    package var neurons: [Int32]
    /// Bytes of synapse memory that each vertex needs wherever it lies.
    package var bytes: [Int64]
    /// Axons in that each vertex needs wherever it lies: of nets that nobody else listens to.
    package var ownAxons: [Int32]
    /// Nets that vertex v listens to: `inNets[inOffsets[v]..<inOffsets[v + 1]]`, ascending, distinct.
    package var inOffsets: [Int]
    /// Nets that vertices listen to.
    package var inNets: [Int32]
    /// What each net is.
    package var nets: [Net]
    /// Bytes of row headers that a core spends on each net.
    package var headerBytes: [Int32]
    /// Label of each vertex, empty where all are alike.
    ///
    /// Vertices of two labels never share a core.
    package var label: [Int32]
    /// Weight of a net of mean importance: 1 unless nets are weighed by rates.
    package var weightUnit: Int64
    /// Whether any net has row headers.
    package let hasHeaders: Bool
    /// Vertices that listen to net e: `outVertices[outOffsets[e]..<outOffsets[e + 1]]`, ascending.
    package var outOffsets: [Int] = [0]
    /// Vertices that listen to nets.
    package var outVertices: [Int32] = []
    /// Nets whose sender vertex v holds: `homeNets[homeOffsets[v]..<homeOffsets[v + 1]]`, ascending.
    package var homeOffsets: [Int] = [0]
    /// Nets by home.
    package var homeNets: [Int32] = []

    /// Makes a graph and its reverse lists.
    ///
    /// - Parameters:
    ///   - neurons: Neurons of each vertex.
    ///   - bytes: Bytes of synapse memory of each vertex.
    ///   - ownAxons: Axons in of each vertex that it shares with nobody.
    ///   - inOffsets: Vertices + 1 offsets into `inNets`.
    ///   - inNets: Nets that vertices listen to, ascending and distinct within a vertex.
    ///   - nets: What each net is.
    ///   - headerBytes: Bytes of row headers of each net.
    ///   - label: Labels of the vertices; empty where all are alike.
    ///   - weightUnit: Weight of a net of mean importance.
    package init(
        neurons: [Int32],
        bytes: [Int64],
        ownAxons: [Int32],
        inOffsets: [Int],
        inNets: [Int32],
        nets: [Net],
        headerBytes: [Int32],
        label: [Int32] = [],
        weightUnit: Int64 = 1
    ) {
        self.neurons = neurons
        self.bytes = bytes
        self.ownAxons = ownAxons
        self.inOffsets = inOffsets
        self.inNets = inNets
        self.nets = nets
        self.headerBytes = headerBytes
        self.label = label
        self.weightUnit = weightUnit
        hasHeaders = headerBytes.contains { $0 > 0 }
        reverse()
    }

    /// Number of vertices.
    package var vertexCount: Int { neurons.count }

    /// Number of nets.
    package var netCount: Int { nets.count }

    private mutating func reverse() {
        outOffsets = [Int](repeating: 0, count: netCount + 1)
        for net in inNets { outOffsets[Int(net) + 1] += 1 }
        for net in 0..<netCount { outOffsets[net + 1] += outOffsets[net] }
        var next = outOffsets
        outVertices = [Int32](repeating: 0, count: inNets.count)
        for vertex in 0..<vertexCount {
            for k in inOffsets[vertex]..<inOffsets[vertex + 1] {
                let net = Int(inNets[k])
                outVertices[next[net]] = Int32(vertex)
                next[net] += 1
            }
        }
        homeOffsets = [Int](repeating: 0, count: vertexCount + 1)
        for net in nets where net.home >= 0 { homeOffsets[Int(net.home) + 1] += 1 }
        for vertex in 0..<vertexCount { homeOffsets[vertex + 1] += homeOffsets[vertex] }
        var position = homeOffsets
        homeNets = [Int32](repeating: 0, count: homeOffsets[vertexCount])
        for net in 0..<netCount where nets[net].home >= 0 {
            let home = Int(nets[net].home)
            homeNets[position[home]] = Int32(truncatingIfNeeded: net)
            position[home] += 1
        }
    }
}

/// What a core can hold.
package struct CoreLimits: Sendable, Equatable {
    /// Neurons.
    package var neurons: Int
    /// Bytes of synapse memory.
    package var bytes: Int
    /// Axons in.
    package var axons: Int
    /// Routes out: pairs of a neuron of the core and a core that listens to it.
    package var routes: Int

    /// Makes limits.
    ///
    /// - Parameters:
    ///   - neurons: Most neurons.
    ///   - bytes: Most bytes of synapse memory.
    ///   - axons: Most axons in.
    ///   - routes: Most routes out.
    package init(neurons: Int, bytes: Int, axons: Int, routes: Int) {
        self.neurons = neurons
        self.bytes = bytes
        self.axons = axons
        self.routes = routes
    }
}
