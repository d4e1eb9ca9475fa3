public import ChipSpec
import FixedPoint
import NetworkIR

/// What a compilation did: scales, errors, fill of the cores, traffic, statistics of the passes.
public struct CompileReport: Sendable, Equatable, Codable {
    /// Name of the network.
    public var network: String
    /// Name of the chip.
    public var chip: String
    /// Length of a step in the unit of the file's time constants.
    public var timeStep: Double
    /// What a spike does to v: `zero` or `subtract`.
    public var reset: String
    /// When a neuron spikes: `>` or `>=`.
    public var threshold: String
    /// Populations on the chip.
    public var populations: [PopulationReport]
    /// Projections, in the order of the image.
    public var projections: [ProjectionReport]
    /// Author's parameters against registers, population by population, then delays.
    public var parameters: [ParameterReport]
    /// Used cores, ascending by physical core.
    public var cores: [CoreReport]
    /// The core nearest to one of its limits.
    public var fullestCore: FullestCore
    /// Cores of the chip.
    public var coresOfChip: Int
    /// Fewest cores that could hold the neurons and the bytes of synapses, whatever the packets.
    public var leastCores: Int
    /// How much of each limit the used cores use together.
    public var resources: [ResourceReport]
    /// Fewest packets that any mapping sends: cores of a sender's targets, filled with nothing else.
    public var leastPackets: Int
    /// Packets between cores, or from outside, if every neuron and every input channel spikes once.
    public var packets: Int
    /// The same if neurons filled the cores in the order of the network; nil if that breaks a limit.
    public var packetsInOrder: Int?
    /// Packets that stay within the core of their sender.
    public var localPackets: Int
    /// Links that packets cross; inputs enter at tile 0.
    public var hops: Int
    /// Links that packets cross at least, wherever these cores are placed; nil for multicast.
    public var leastHops: Int?
    /// Packets and hops of the run whose rates weigh them; nil without.
    public var rates: RatesReport?
    /// Dead cores of the device, which hold nothing; nil if none were named.
    public var deadCores: [Int]?
    /// Populations that are pinned to cores; nil without.
    public var pins: [PinReport]?
    /// What convolutions cost in synapse memory; nil without any.
    public var kernels: KernelReport?
    /// Statistics of the passes, in their order.
    public var passes: [PassReport]
    /// What the user should know: approximations, possible saturation, scales that had to be coarse.
    public var notes: [String]

    private enum CodingKeys: String, CodingKey {
        case network, chip, timeStep, reset, threshold, populations, projections, parameters
        // `cores` is their number in JSON.
        case cores = "perCore"
        case fullestCore, coresOfChip, leastCores, resources, leastPackets, packets, packetsInOrder,
            localPackets
        case hops, leastHops, rates, deadCores, pins, kernels, passes, notes
    }
}

/// What a recorded run would send.
public struct RatesReport: Sendable, Equatable, Codable {
    /// Steps of the run.
    public var steps: UInt64
    /// Spikes of neurons and input channels.
    public var spikes: UInt64
    /// Senders that never spiked.
    public var silentSenders: Int
    /// Packets between cores, or from outside, a step.
    public var packetsPerStep: Double
    /// The same of the mapping that the compiler finds without rates.
    public var packetsPerStepUnweighted: Double
    /// The same if neurons filled the cores in the order of the network; nil if that breaks a limit.
    public var packetsPerStepInOrder: Double?
    /// Links that the packets cross, a step; inputs enter at tile 0.
    public var hopsPerStep: Double
}

/// A population that is pinned to cores.
public struct PinReport: Sendable, Equatable, Codable {
    /// Path in the network file.
    public var population: String
    /// Cores that hold neurons of it, ascending.
    public var cores: [Int]
}

/// How much of one limit the used cores use.
public struct ResourceReport: Sendable, Equatable, Codable {
    /// Which limit.
    public var resource: CoreResource
    /// Sum over the used cores, and their limits together.
    public var fill: Fill
    /// Largest share of the limit that a core uses, 0...1.
    public var fullest: Double
    /// Cores that use at least 95 % of it.
    public var coresNearLimit: Int
    /// Cores of which no other limit is nearer.
    public var coresItBinds: Int
}

/// A population in a report.
public struct PopulationReport: Sendable, Equatable, Codable {
    /// Path in the network file.
    public var path: String
    /// NIR's name of the model.
    public var model: String
    /// Soma arithmetic on the chip.
    public var soma: NeuronModel
    /// Number of neurons.
    public var neurons: Int
    /// Steps behind the input.
    public var depth: Int
    /// Author's units of membrane potential per raw 1 of v.
    public var membraneUnit: Double
    /// Smallest and largest raw threshold; empty where there is none.
    public var thresholds: [Int32]
    /// Smallest and largest membrane decay register.
    public var membraneDecays: [UInt16]
    /// Smallest and largest current decay register; empty without a current.
    public var currentDecays: [UInt16]
    /// Exponents of the compartments.
    public var compartmentExponents: [Int]
    /// Lowest and highest sum an accumulator can be asked to hold if all sources spike at once.
    public var accumulatorReach: [Int64]
    /// Neurons of which an accumulator can then leave its range.
    public var neuronsThatCanSaturate: Int
}

/// A projection in a report.
public struct ProjectionReport: Sendable, Equatable, Codable {
    /// Source population or input.
    public var source: String
    /// Target population.
    public var target: String
    /// Delay on the chip in steps.
    public var delay: Int
    /// Sign mode of the weights.
    public var signMode: SignMode
    /// Author's effective weight (gain included) per raw weight of 1.
    public var scale: Double
    /// Exponent of the projection; compartment or row exponent.
    public var exponent: Int
    /// Compartment of the target.
    public var compartment: Int
    /// Synapses in the image.
    public var synapses: Int
    /// Author's weights other than 0.
    public var weights: Int
    /// Author's weights other than 0 that rounded to 0 and are left out.
    public var weightsRoundedToZero: Int
    /// Share of `weights` that rounded to 0, 0...1.
    public var zeroedShare: Double
    /// Weights beyond the rail of the weight format, which hold the rail.
    public var weightsClipped: Int
    /// Share of `weights` that were clipped, 0...1.
    public var clippedShare: Double
    /// Largest quantisation error of a weight, in effective weight.
    public var largestError: Double
    /// Root-mean-square quantisation error over weights other than 0.
    public var rootMeanSquareError: Double
    /// Power of the weights over power of the error, in decibels; nil if there is no error.
    public var signalToErrorInDecibels: Double?
}

/// A core in a report.
public struct CoreReport: Sendable, Equatable, Codable {
    /// Physical core.
    public var core: Int
    /// Paths of its populations.
    public var populations: [String]
    /// Neurons.
    public var neurons: Fill
    /// Axons in.
    public var axonsIn: Fill
    /// Synapse memory in bytes.
    public var synapseBytes: Fill
    /// Routes out.
    public var axonsOut: Fill
    /// Rows.
    public var rows: Int
    /// Synapses.
    public var synapses: Int
}

/// How much of a limit is used.
public struct Fill: Sendable, Equatable, Codable {
    /// What is used.
    public var used: Int
    /// What there is.
    public var limit: Int

    /// Makes a fill.
    ///
    /// - Parameters:
    ///   - used: What is used.
    ///   - limit: What there is.
    public init(used: Int, limit: Int) {
        self.used = used
        self.limit = limit
    }

    /// Share of the limit, 0...1.
    public var share: Double { limit == 0 ? 0 : Double(used) / Double(limit) }
}

/// The core nearest to one of its limits.
public struct FullestCore: Sendable, Equatable, Codable {
    /// Physical core.
    public var core: Int
    /// Which limit.
    public var resource: CoreResource
    /// How near.
    public var fill: Fill
}

/// Statistics of a pass.
public struct PassReport: Sendable, Equatable, Codable {
    /// The pass, a verb.
    public var name: String
    /// Its counts.
    public var statistics: [Statistic]
    /// Wall time in seconds; nil where nobody looked at a clock.
    public var seconds: Double?
    /// Most memory that the program held during the pass, in bytes; nil where nobody looked.
    public var peakBytes: Int?
}

/// A count with a name.
public struct Statistic: Sendable, Equatable, Codable {
    /// What is counted.
    public var name: String
    /// The count.
    public var count: Int

    init(_ name: String, _ count: Int) {
        self.name = name
        self.count = count
    }
}

extension CompileReport {
    /// Gathers a report from the last stages.
    init(
        routing: Routing,
        usage: [CoreUsage],
        chip: ChipSpec,
        passes: [PassReport],
        notes: [String]
    ) {
        let placement = routing.placement
        let quantised = placement.partitioning.quantised
        let network = quantised.canonical.network
        self.network = network.name
        self.chip = chip.name
        timeStep = network.timeStep
        reset = network.reset.rawValue
        threshold = network.threshold.rawValue
        populations = quantised.populations.map { PopulationReport($0, of: quantised) }
        projections = quantised.projections.indices.map { ProjectionReport($0, of: quantised) }
        parameters = ParameterReport.all(of: quantised, chip: chip)
        // The image's cores ascend by physical core; `usage` is in their order.
        let order = placement.physicalCore.indices.sorted {
            placement.physicalCore[$0] < placement.physicalCore[$1]
        }
        cores = zip(order, usage).map { index, usage in
            func fill(_ resource: CoreResource) -> Fill {
                Fill(used: usage.amount(of: resource), limit: chip.limit(of: resource))
            }
            return CoreReport(
                core: placement.physicalCore[index],
                populations: placement.partitioning.cores[index].slices.map {
                    network.populations[quantised.canonical.onChip[$0.population]].path
                },
                neurons: fill(.neurons),
                axonsIn: fill(.axonsIn),
                synapseBytes: fill(.synapseBytes),
                axonsOut: fill(.axonsOut),
                rows: usage.rows,
                synapses: usage.synapses
            )
        }
        fullestCore = FullestCore(core: 0, resource: .neurons, fill: Fill(used: 0, limit: 1))
        for core in cores {
            let fills: [(CoreResource, Fill)] = [
                (.neurons, core.neurons), (.axonsIn, core.axonsIn),
                (.synapseBytes, core.synapseBytes), (.axonsOut, core.axonsOut),
            ]
            for (resource, fill) in fills where fill.share > fullestCore.fill.share {
                fullestCore = FullestCore(core: core.core, resource: resource, fill: fill)
            }
        }
        coresOfChip = chip.mesh.coreCount
        leastPackets = quantised.leastPackets(neuronsOfCore: chip.core.neurons)
        resources = CoreResource.allCases.compactMap { ResourceReport($0, usage, chip) }
        let kernels = KernelReport(placement.partitioning, chip: chip)
        self.kernels = kernels
        leastCores =
            CoreResource.additive.map { resource in
                var used = usage.reduce(0) { $0 + $1.amount(of: resource) }
                // Another mapping may have each kernel on one core.
                if resource == .synapseBytes { used -= kernels?.repeatedBytes(on: chip) ?? 0 }
                let limit = max(chip.limit(of: resource), 1)
                return (used + limit - 1) / limit
            }.max() ?? 0
        packets = routing.packets
        packetsInOrder = placement.partitioning.packetsInOrder
        localPackets = routing.localPackets
        hops = routing.hops
        leastHops = routing.leastHops(on: chip)
        rates = RatesReport(routing)
        let choice = placement.partitioning.choice
        deadCores = choice.dead.isEmpty ? nil : choice.dead
        let pins = choice.label.indices.filter { choice.label[$0] > 0 }.map { index in
            let holders = placement.partitioning.cores.indices.filter { core in
                placement.partitioning.cores[core].slices.contains { $0.population == index }
            }
            return PinReport(
                population: network.populations[quantised.canonical.onChip[index]].path,
                cores: holders.map { placement.physicalCore[$0] }.sorted()
            )
        }
        self.pins = pins.isEmpty ? nil : pins
        self.passes = passes
        self.notes = notes
    }
}

extension CoreResource {
    /// Limits that add up over neurons whatever these share.
    fileprivate static let additive: [CoreResource] = [.neurons, .synapseBytes]
}

extension ResourceReport {
    /// Sums up a limit; nil for one that the chip does not have.
    fileprivate init?(_ resource: CoreResource, _ usage: [CoreUsage], _ chip: ChipSpec) {
        let limit = chip.limit(of: resource)
        guard limit > 0, !usage.isEmpty else { return nil }
        let amounts = usage.map { $0.amount(of: resource) }
        self.resource = resource
        let (available, overflow) = limit.multipliedReportingOverflow(by: usage.count)
        fill = Fill(used: amounts.reduce(0, +), limit: overflow ? Int.max : available)
        fullest = Fill(used: amounts.max() ?? 0, limit: limit).share
        coresNearLimit = amounts.count { Fill(used: $0, limit: limit).share >= 0.95 }
        coresItBinds = usage.count { usage in
            let nearest = CoreResource.allCases.max {
                Fill(used: usage.amount(of: $0), limit: chip.limit(of: $0)).share
                    < Fill(used: usage.amount(of: $1), limit: chip.limit(of: $1)).share
            }
            return nearest == resource
        }
    }
}

extension RatesReport {
    /// Divides by the steps; nil without rates.
    fileprivate init?(_ routing: Routing) {
        let partitioning = routing.placement.partitioning
        guard let rates = partitioning.rates, let packets = partitioning.packetsOfRun,
            let hops = routing.hopsOfRun
        else { return nil }
        func perStep(_ count: Int) -> Double { Double(count) / Double(rates.steps) }
        steps = rates.steps
        spikes = UInt64(rates.total)
        silentSenders = rates.spikes.reduce(0) { $0 + $1.count { $0 == 0 } }
        packetsPerStep = perStep(packets)
        packetsPerStepUnweighted = perStep(partitioning.packetsOfRunUnweighted ?? packets)
        packetsPerStepInOrder = partitioning.packetsOfRunInOrder.map(perStep)
        hopsPerStep = perStep(hops)
    }
}

extension PopulationReport {
    init(_ population: QuantisedPopulation, of quantised: QuantisedNetwork) {
        func extremes<Number: Comparable>(_ values: [Number]) -> [Number] {
            guard let least = values.min(), let most = values.max() else { return [] }
            return [least, most]
        }
        let lowered = population.lowered
        let author = quantised.canonical.network.populations[lowered.population]
        path = author.path
        model = author.dynamics.modelName
        soma = lowered.model
        neurons = author.count
        depth = quantised.canonical.depth[lowered.population]
        membraneUnit = population.unit
        thresholds = extremes(population.threshold)
        membraneDecays = extremes(population.membraneDecay)
        currentDecays = lowered.hasCurrent ? extremes(population.currentDecay) : []
        compartmentExponents = population.compartmentExponents
        accumulatorReach = [
            population.accumulatorReach.lowerBound, population.accumulatorReach.upperBound,
        ]
        neuronsThatCanSaturate = population.neuronsThatCanSaturate
    }
}

extension ProjectionReport {
    init(_ index: Int, of quantised: QuantisedNetwork) {
        let network = quantised.canonical.network
        let author = network.projections[index]
        let projection = quantised.projections[index]
        let error = projection.error
        source = network.populations[author.source].path
        target = network.populations[author.target].path
        delay = quantised.canonical.delay[index]
        signMode = projection.signMode
        scale = projection.scale
        exponent = projection.exponent
        compartment = projection.compartment
        synapses = projection.synapses
        weights = error.weights
        weightsRoundedToZero = error.lost
        zeroedShare = Fill(used: error.lost, limit: error.weights).share
        weightsClipped = error.clipped
        clippedShare = Fill(used: error.clipped, limit: error.weights).share
        largestError = error.largest
        rootMeanSquareError = error.rootMeanSquare
        let decibelsPerNeper = 4.342_944_819_032_518
        signalToErrorInDecibels =
            error.squares > 0 && error.power > 0
            ? decibelsPerNeper * PortableMath.log(error.power / error.squares) : nil
    }
}
