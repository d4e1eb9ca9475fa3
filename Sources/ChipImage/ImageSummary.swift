import ChipSpec

/// How much of a chip an image uses.
public struct ImageSummary: Sendable, Equatable {
    /// What a core can run out of.
    public enum Resource: String, Sendable, CaseIterable {
        /// Slots for neurons.
        case neurons = "neurons"
        /// Axons in.
        case axonsIn = "axons in"
        /// Routes out.
        case routes = "routes"
        /// Bytes of synapse memory.
        case synapseMemory = "bytes of synapse memory"
    }

    /// What one core holds.
    public struct Core: Sendable, Equatable {
        /// Physical core.
        public let core: UInt32
        /// Paths of the populations on it, in the order of their slots.
        public let populations: [String]
        /// Neurons.
        public let neurons: Int
        /// Axons in.
        public let axonsIn: Int
        /// Rows of synapses.
        public let rows: Int
        /// Synapses.
        public let synapses: Int
        /// Those of them that learn.
        public let plasticSynapses: Int
        /// Synapse memory, row headers included.
        public let bytes: Int
        /// Routes out.
        public let routes: Int

        /// How much of a resource is used.
        ///
        /// - Parameter resource: Which.
        /// - Returns: In the unit of the chip spec's limit.
        public func used(_ resource: Resource) -> Int {
            switch resource {
            case .neurons: neurons
            case .axonsIn: axonsIn
            case .routes: routes
            case .synapseMemory: bytes
            }
        }
    }

    /// Used cores, ascending.
    public let cores: [Core]
    /// Cores of the chip.
    public let coresAvailable: Int
    /// Limits of every core, by resource.
    public let available: [Resource: Int]
    /// Routes of all inputs.
    public let inputRoutes: Int

    /// Neurons of all cores.
    public var neurons: Int { cores.reduce(0) { $0 + $1.neurons } }
    /// Axons in of all cores.
    public var axonsIn: Int { cores.reduce(0) { $0 + $1.axonsIn } }
    /// Rows of all cores.
    public var rows: Int { cores.reduce(0) { $0 + $1.rows } }
    /// Synapses of all cores.
    public var synapses: Int { cores.reduce(0) { $0 + $1.synapses } }
    /// Synapses of all cores that learn.
    public var plasticSynapses: Int { cores.reduce(0) { $0 + $1.plasticSynapses } }
    /// Synapse memory of all cores.
    public var bytes: Int { cores.reduce(0) { $0 + $1.bytes } }
    /// Routes of all neurons.
    public var routes: Int { cores.reduce(0) { $0 + $1.routes } }

    /// The core nearest to one of its limits, which limit, and the used share of it.
    ///
    /// The first of equals; nil without cores.
    public var fullest: (core: UInt32, resource: Resource, share: Double)? {
        var best: (core: UInt32, resource: Resource, share: Double)?
        for core in cores {
            for resource in Resource.allCases {
                let share = Double(core.used(resource)) / Double(max(available[resource] ?? 0, 1))
                if share > best?.share ?? -1 { best = (core.core, resource, share) }
            }
        }
        return best
    }

    /// Counts the tables of an image.
    ///
    /// - Parameter image: A verified image.
    init(_ image: ChipImage) {
        cores = zip(image.cores, image.synapseBytes()).map { tables, bytes in
            var populations: [String] = []
            for segment in tables.segments {
                let path = image.network.populations[Int(segment.population)].path
                if !populations.contains(path) { populations.append(path) }
            }
            return Core(
                core: tables.core,
                populations: populations,
                neurons: tables.neurons.count,
                axonsIn: tables.synapses.axonCount,
                rows: tables.synapses.rowDelay.count,
                synapses: tables.synapses.weights.count,
                plasticSynapses: tables.synapses.plasticSynapses,
                bytes: bytes,
                routes: tables.routes.routes.count
            )
        }
        coresAvailable = image.chip.mesh.coreCount
        available = [
            .neurons: image.chip.core.neurons, .axonsIn: image.chip.core.axonsIn,
            .routes: image.chip.core.axonsOut,
            .synapseMemory: image.chip.core.synapseMemoryInBytes,
        ]
        inputRoutes = image.inputs.reduce(0) { $0 + $1.routes.routes.count }
    }
}

extension ChipImage {
    /// How much of the chip the image uses; the image must be verified.
    public var summary: ImageSummary { ImageSummary(self) }
}
