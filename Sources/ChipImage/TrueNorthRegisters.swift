package import ChipSpec

/// Registers of a `trueNorth` neuron besides those that all models have.
///
/// Of the common ones, `threshold` is α, `membraneBias` the leak λ and `resetPotential` R.
public struct TrueNorthRegisters: Sendable, Hashable {
    /// Words a neuron takes in `NeuronTables.modelRegisters`.
    public static let count = 7
    /// Axon types.
    public static let types = 4
    /// Values of a weight.
    public static let weightRange: ClosedRange<Int32> = -256...255
    /// Values of the threshold mask and the negative threshold.
    public static let thresholdRange: ClosedRange<Int32> = 0...(1 << 18) - 1
    /// Largest magnitude of the membrane potential before threshold and reset.
    public static let ceiling: Int32 = 393_216

    /// s: weight of each axon type, −256...255.
    public var weights: [Int32]
    /// b: whether the synapses of an axon type are stochastic.
    public var hasStochasticSynapses: [Bool]
    /// c: whether the leak is stochastic.
    public var hasStochasticLeak: Bool
    /// ε: whether the leak turns with the sign of the membrane potential.
    public var hasLeakReversal: Bool
    /// γ: 0 sets R at a spike, 1 subtracts the threshold, 2 changes nothing.
    public var resetMode: Int
    /// κ: whether the negative threshold saturates instead of resetting.
    public var saturatesBelow: Bool
    /// M: bits of the random number that is added to the threshold.
    public var thresholdMask: Int32
    /// β, 0 or more.
    public var negativeThreshold: Int32

    /// Makes the registers of a neuron without anything stochastic.
    ///
    /// - Parameters:
    ///   - weights: s, one an axon type.
    ///   - hasStochasticSynapses: b, one an axon type.
    ///   - hasStochasticLeak: c.
    ///   - hasLeakReversal: ε.
    ///   - resetMode: γ, 0...2.
    ///   - saturatesBelow: κ.
    ///   - thresholdMask: M.
    ///   - negativeThreshold: β.
    public init(
        weights: [Int32],
        hasStochasticSynapses: [Bool] = [false, false, false, false],
        hasStochasticLeak: Bool = false,
        hasLeakReversal: Bool = false,
        resetMode: Int = 0,
        saturatesBelow: Bool = true,
        thresholdMask: Int32 = 0,
        negativeThreshold: Int32 = thresholdRange.upperBound
    ) {
        self.weights = weights
        self.hasStochasticSynapses = hasStochasticSynapses
        self.hasStochasticLeak = hasStochasticLeak
        self.hasLeakReversal = hasLeakReversal
        self.resetMode = resetMode
        self.saturatesBelow = saturatesBelow
        self.thresholdMask = thresholdMask
        self.negativeThreshold = negativeThreshold
    }

    /// Reads the registers of a neuron from its words, of which there must be `count`.
    ///
    /// - Parameter words: s of types 0...3, flags, M, β; flags are bit G for b of type G, 16 for c, 32 for
    ///   ε, 64 for κ, and 128 times γ.
    public init(words: ArraySlice<Int32>) {
        let words = Array(words)
        let flags = words[4]
        self.init(
            weights: Array(words[0..<4]),
            hasStochasticSynapses: (0..<Self.types).map { flags >> Int32($0) & 1 == 1 },
            hasStochasticLeak: flags & 16 != 0,
            hasLeakReversal: flags & 32 != 0,
            resetMode: Int(flags >> 7),
            saturatesBelow: flags & 64 != 0,
            thresholdMask: words[5],
            negativeThreshold: words[6]
        )
    }

    /// The registers as the words of `NeuronTables.modelRegisters`.
    public var words: [Int32] {
        var flags = Int32(resetMode) << 7
        for type in 0..<Self.types where hasStochasticSynapses[type] { flags |= 1 << Int32(type) }
        if hasStochasticLeak { flags |= 16 }
        if hasLeakReversal { flags |= 32 }
        if saturatesBelow { flags |= 64 }
        return weights + [flags, thresholdMask, negativeThreshold]
    }

    /// Whether every register holds what it can.
    var isValid: Bool {
        weights.allSatisfy(Self.weightRange.contains) && (0...2).contains(resetMode)
            && Self.thresholdRange.contains(thresholdMask)
            && Self.thresholdRange.contains(negativeThreshold)
    }

    /// Whether a reset potential is one: 2^VR − 1 or its negative, VR 0...18.
    ///
    /// - Parameter value: R.
    /// - Returns: Whether the register holds it.
    static func isResetPotential(_ value: Int32) -> Bool {
        let next = Int64(value).magnitude + 1
        return next <= 1 << 18 && next.nonzeroBitCount == 1
    }
}

extension NeuronTables {
    /// Registers of a `trueNorth` neuron.
    ///
    /// - Parameter slot: A slot of a core of such neurons.
    /// - Returns: Its registers.
    public func trueNorthRegisters(ofSlot slot: Int) -> TrueNorthRegisters {
        let first = slot * TrueNorthRegisters.count
        return TrueNorthRegisters(words: modelRegisters[first..<first + TrueNorthRegisters.count])
    }
}

extension NeuronModel {
    /// Words a neuron of this model takes in `NeuronTables.modelRegisters`.
    package var modelRegisterCount: Int {
        switch self {
        case .trueNorth: TrueNorthRegisters.count
        case .odinLIF: ODINRegisters.count
        case .cubaLIF, .lif, .integrateAndFire, .li, .noisyLIF, .sampling: 0
        }
    }
}
