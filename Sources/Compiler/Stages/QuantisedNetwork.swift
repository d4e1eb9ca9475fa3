package import ChipImage
package import ChipSpec
import NetworkIR

/// A projection in the chip's integers.
package struct QuantisedProjection: Sendable, Equatable {
    /// Sign mode; `mixed` on chips without sign modes.
    package var signMode: SignMode
    /// Charge of a raw weight 1 in v is 2^(exponent + accumulatorShift) raw units.
    package var exponent: Int
    /// Part of the exponent that shifts each weight.
    package var rowExponent: Int
    /// Compartment of the target; its exponent is the rest.
    package var compartment: Int
    /// Author's effective weight (gain included) per raw weight of 1.
    package var scale: Double
    /// How the weights lie.
    package var layout: WeightLayout
    /// Raw weights; 0 is no synapse unless the projection has weight registers.
    package var weights: [Int16]
    /// Whether every pair in `isPresent` is a synapse, whatever its weight.
    package var hasWeightRegisters = false
    /// Pairs that are synapses; nil means all.
    package var isPresent: [Bool]?
    /// Index in `NetworkTable.rules`; nil where the weights are fixed.
    package var rule: Int?
    /// What rounding did.
    package var error: QuantisationError
    /// How weights are spread over axons; nil where one axon carries all of a sender's weights.
    package var planes: WeightPlanes?
    /// Kernels that its weights repeat; nil where it is no convolution.
    package var kernels: KernelTable?
    /// Whether the chip holds each kernel of a core once, and not each of its synapses.
    package var isShared = false

    /// Whether the image holds a synapse.
    ///
    /// - Parameter k: Index in the layout.
    /// - Returns: Whether it does.
    package func isSynapse(_ k: Int) -> Bool {
        hasWeightRegisters ? isPresent?[k] ?? true : weights[k] != 0
    }

    /// The kernels, where the chip holds each once.
    package var sharedKernels: KernelTable? { isShared ? kernels : nil }

    /// Planes that hold a part of a weight.
    ///
    /// - Parameter k: Index in the layout.
    /// - Returns: Bit p for plane p; plane 0 alone without planes, none without a synapse.
    @inline(__always)
    package func planes(of k: Int) -> UInt8 {
        guard isSynapse(k) else { return 0 }
        switch planes {
        case nil: return 1
        case .bits: return UInt8(truncatingIfNeeded: weights[k]) & 0xF
        case .signs:
            // Of a weight of 0 that learns, the mode of its projection tells the sign.
            return weights[k] < 0 || weights[k] == 0 && signMode == .inhibitory ? 2 : 1
        }
    }

    /// What a plane holds of a weight.
    ///
    /// - Parameter k: Index in the layout, of a weight that has a part in the plane.
    /// - Returns: Weight of the synapse in the image.
    @inline(__always)
    package func part(of k: Int) -> Int16 { planes == .bits ? 1 : weights[k] }

    /// Synapses in the image.
    package var synapses: Int {
        if planes != nil {
            return weights.indices.reduce(0) { $0 + planes(of: $1).nonzeroBitCount }
        }
        return hasWeightRegisters
            ? isPresent?.count { $0 } ?? weights.count : error.weights - error.lost
    }
}

/// The planes of a set, ascending.
struct PlaneSet: Sequence, IteratorProtocol {
    private var rest: UInt8

    /// The planes whose bits are set.
    init(_ bits: UInt8) { rest = bits }

    mutating func next() -> Int? {
        guard rest != 0 else { return nil }
        let plane = rest.trailingZeroBitCount
        rest &= rest &- 1
        return plane
    }
}

extension WeightPlanes? {
    /// Axons that a sender may have on a core for each kind of row.
    var count: Int {
        switch self {
        case nil: 1
        case .bits: 4
        case .signs: 2
        }
    }
}

/// What rounding did to the weights of a projection, in the author's effective weights.
package struct QuantisationError: Sendable, Equatable {
    /// Weights other than 0 of the author.
    package var weights = 0
    /// Those of them that became 0.
    package var lost = 0
    /// Weights beyond a rail of the register.
    package var clipped = 0
    /// Largest difference.
    package var largest = 0.0
    /// Sum of the squared differences.
    package var squares = 0.0
    /// Sum of the squared weights.
    package var power = 0.0
}

/// A population in the chip's integers: one register a neuron.
package struct QuantisedPopulation: Sendable, Equatable {
    /// The real numbers it came from.
    package var lowered: LoweredPopulation
    /// Author's units of membrane potential per raw 1 of v.
    package var unit: Double
    /// Exponents of the compartments, ascending.
    package var compartmentExponents: [Int]
    /// Registers.
    package var threshold: [Int32]
    /// Membrane decay.
    package var membraneDecay: [UInt16]
    /// Current decay.
    package var currentDecay: [UInt16]
    /// Membrane bias.
    package var membraneBias: [Int32]
    /// Current bias.
    package var currentBias: [Int32]
    /// Reset potential.
    package var resetPotential: [Int32]
    /// Potential after a state reset.
    package var initialPotential: [Int32]
    /// Whether the author's threshold was rounded so that v ≥ θ became v > θ − 1.
    package var thresholdIsBelow: [Bool]
    /// Largest magnitude of what the accumulators of any neuron can add to u or v in one step.
    package var largestInput: Int64
    /// Lowest and highest sum an accumulator of any neuron can be asked to hold in one step.
    package var accumulatorReach: ClosedRange<Int64>
    /// Neurons of which an accumulator can leave its range.
    package var neuronsThatCanSaturate: Int
    /// Noise on the membrane.
    package var noise: [NoiseTable] = []
    /// What a `sampling` soma needs besides; nil for other models.
    package var sampling: SamplingTable?

    /// Author's units of membrane potential per raw 1 of v: one for all, or one a neuron.
    package var membraneScale: [Double] {
        lowered.normalisation.isEmpty ? [unit] : lowered.normalisation.map { unit * $0 }
    }
}

/// A network in the chip's integers.
package struct QuantisedNetwork: Sendable, Equatable {
    /// The network it came from.
    package var canonical: CanonicalNetwork
    /// Populations on the chip, in the order of `CanonicalNetwork.onChip`.
    package var populations: [QuantisedPopulation]
    /// One a projection of the network.
    package var projections: [QuantisedProjection]
    /// What the user should know.
    package var notes: [String]
}

extension QuantisedNetwork {
    /// Lets go of the author's weights, which no later pass reads: 8 bytes a synapse.
    mutating func dropAuthorsWeights() {
        for index in canonical.network.projections.indices {
            canonical.network.projections[index].connectivity = .sparse(
                SparseWeights(offsets: [0], sources: [], weights: [])
            )
        }
    }
}

/// What the synapses of one row have in common, besides their axon.
package struct RowKind: Sendable, Hashable, Comparable {
    /// Index of the source in `Network.populations`.
    package var source: Int
    /// 1 + index of the projection where it is plastic, else 0: plastic rows follow static ones.
    package var projection = 0
    /// Delay on the chip.
    package var delay: Int
    /// Exponent of each weight.
    package var exponent: Int
    /// Compartment.
    package var compartment: Int
    /// Plane of the weights; 0 where there are none.
    package var plane = 0

    package static func < (a: Self, b: Self) -> Bool {
        (a.source, a.projection, a.delay, a.exponent, a.compartment, a.plane)
            < (b.source, b.projection, b.delay, b.exponent, b.compartment, b.plane)
    }
}

extension QuantisedNetwork {
    /// Row kind of a projection.
    ///
    /// - Parameters:
    ///   - projection: Index of the projection.
    ///   - plane: Plane of its weights.
    /// - Returns: What its rows have in common.
    package func rowKind(of projection: Int, plane: Int = 0) -> RowKind {
        let table = projections[projection]
        return RowKind(
            source: canonical.network.projections[projection].source,
            projection: table.rule == nil ? 0 : projection + 1,
            delay: canonical.delay[projection],
            exponent: table.rowExponent,
            // The planes of bits are the axon types, whose counts are compartments.
            compartment: table.planes == .bits ? plane : table.compartment,
            plane: plane
        )
    }

    /// Row kinds in ascending order, and the kinds of each projection.
    ///
    /// - Returns: Kinds, and indices into them, `[projection][plane]`.
    package func rowKinds() -> (kinds: [RowKind], ofProjection: [[Int]]) {
        let all = projections.indices.map { projection in
            (0..<projections[projection].planes.count).map {
                rowKind(of: projection, plane: $0)
            }
        }
        let kinds = Set(all.joined()).sorted()
        var index: [RowKind: Int] = [:]
        for (position, kind) in kinds.enumerated() { index[kind] = position }
        return (kinds, all.map { $0.map { index[$0, default: 0] } })
    }

    /// Whether each kind of row has an axon of its own.
    package var hasPlanes: Bool { projections.contains { $0.planes != nil } }
}
