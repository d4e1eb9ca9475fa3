public import FixedPoint

/// How the weights of a matrix are kept.
public enum WeightPrecision: Sendable, Equatable {
    /// As 32-bit floating point numbers.
    case float
    /// As 16-bit registers of which the upper 8 bits are visible to the passes.
    ///
    /// One LSB of a register is fullScale/32768; a synapse sees min((register + 128) >> 8, 127), in
    /// units of fullScale/128.
    case registers(fullScale: Float)
}

/// The weights between two layers, as they are kept and as the passes feel them.
///
/// `[post][pre]`, row-major. What a pass feels of a synapse is its visible weight times the synapse's own
/// gain; updates act on the kept weight and do not know the gain.
public struct WeightMatrix: Sendable, Equatable {
    /// Number of postsynaptic neurons.
    public let rows: Int
    /// Number of presynaptic neurons.
    public let columns: Int
    /// How the weights are kept.
    public let precision: WeightPrecision
    /// Gain of each synapse, `[post][pre]`; 1 without mismatch.
    public let gains: [Float]
    /// What the passes feel: visible weight times gain, `[post][pre]`.
    public private(set) var effective: [Float]
    private var floats: [Float]
    private var kept: [Int16]

    /// Keeps weights.
    ///
    /// - Parameters:
    ///   - weights: `[post][pre]`, row-major; registers take the nearest value they have.
    ///   - rows: Number of postsynaptic neurons.
    ///   - columns: Number of presynaptic neurons.
    ///   - precision: Float, or registers of a full scale above 0.
    ///   - gains: Gain of each synapse; empty: all 1.
    public init(
        weights: [Float],
        rows: Int,
        columns: Int,
        precision: WeightPrecision,
        gains: [Float] = []
    ) {
        precondition(weights.count == rows * columns, "one weight for each pair of neurons")
        precondition(gains.isEmpty || gains.count == weights.count, "one gain for each synapse")
        self.rows = rows
        self.columns = columns
        self.precision = precision
        self.gains = gains.isEmpty ? Array(repeating: 1, count: weights.count) : gains
        effective = weights
        floats = weights
        kept = []
        if case .registers(let fullScale) = precision {
            precondition(fullScale > 0 && fullScale.isFinite, "a full scale is above 0")
            kept = weights.map {
                Int16(max(-32768, min(32767, ($0 / fullScale * 32768).rounded())))
            }
            floats = []
        }
        refresh()
    }

    /// The registers, `[post][pre]`; nil in float.
    public var registers: [Int16]? { kept.isEmpty && !floats.isEmpty ? nil : kept }

    /// The kept weights, hidden bits included, without gains: `[post][pre]`.
    public var weights: [Float] {
        switch precision {
        case .float: floats
        case .registers(let fullScale): kept.map { Float($0) * (fullScale / 32768) }
        }
    }

    /// Replaces the registers.
    ///
    /// - Parameter registers: `[post][pre]`, as many as the matrix has.
    public mutating func setRegisters(_ registers: [Int16]) {
        precondition(precision != .float, "a matrix of floats has no registers")
        precondition(registers.count == kept.count, "one register for each synapse")
        kept = registers
        refresh()
    }

    /// Replaces the weights; registers take the nearest value they have.
    ///
    /// - Parameter weights: `[post][pre]`, as many as the matrix has.
    public mutating func setWeights(_ weights: [Float]) {
        self = WeightMatrix(
            weights: weights,
            rows: rows,
            columns: columns,
            precision: precision,
            gains: gains
        )
    }

    /// Takes over the kept weights of the partner synapses, bit for bit.
    ///
    /// - Parameter forward: Of the same precision, with rows and columns exchanged.
    public mutating func copyTranspose(of forward: WeightMatrix) {
        precondition(forward.rows == columns && forward.columns == rows, "partners")
        precondition(forward.precision == precision, "a copy has the same registers")
        for i in 0..<rows {
            for j in 0..<columns {
                if kept.isEmpty {
                    floats[i &* columns &+ j] = forward.floats[j &* rows &+ i]
                } else {
                    kept[i &* columns &+ j] = forward.kept[j &* rows &+ i]
                }
            }
        }
        refresh()
    }

    /// Gives each weight the sign of its partner and keeps its magnitude; 0 counts as positive.
    ///
    /// - Parameter forward: With rows and columns exchanged.
    public mutating func copySigns(of forward: WeightMatrix) {
        precondition(forward.rows == columns && forward.columns == rows, "partners")
        precondition(forward.precision == precision, "signs are read from the same registers")
        for i in 0..<rows {
            for j in 0..<columns {
                let (own, partner) = (i &* columns &+ j, j &* rows &+ i)
                if kept.isEmpty {
                    let magnitude = floats[own].magnitude
                    floats[own] = forward.floats[partner] < 0 ? -magnitude : magnitude
                } else {
                    // −32768 has no positive partner.
                    let magnitude = min(Int32(kept[own]).magnitude, 32767)
                    kept[own] = Int16(magnitude) * (forward.kept[partner] < 0 ? -1 : 1)
                }
            }
        }
        refresh()
    }

    /// Adds an update: w += increment − shrink · w.
    ///
    /// Registers are rounded stochastically to their LSB and saturate. Cost: a block of Philox for
    /// four synapses.
    ///
    /// - Parameters:
    ///   - increments: In the unit of the weights, in this layout or, `transposed`, in that of the
    ///     partner: `[pre][post]`.
    ///   - transposed: Whether the increments are those of the partner synapses.
    ///   - shrink: Weight decay of this update, 0...1.
    ///   - stream: Of this matrix alone, purpose `stochasticRounding`.
    ///   - update: Number of the update.
    public mutating func add(
        _ increments: [Float],
        transposed: Bool = false,
        shrink: Float = 0,
        stream: RandomStream,
        update: UInt32
    ) {
        precondition(increments.count == effective.count, "one increment for each synapse")
        let source = Increments(
            rows: rows,
            columns: columns,
            rowStep: transposed ? 1 : columns,
            columnStep: transposed ? rows : 1
        )
        switch precision {
        case .float:
            source.add(increments, shrink: shrink, to: &floats)
        case .registers(let fullScale):
            source.add(
                increments,
                shrink: shrink,
                lsbPerUnit: 32768 / fullScale,
                stream: stream,
                update: update,
                to: &kept
            )
        }
        refresh()
    }

    private mutating func refresh() {
        switch precision {
        case .float: scale(floats, by: gains, into: &effective)
        case .registers(let fullScale):
            show(kept, unit: fullScale / 128, gains: gains, into: &effective)
        }
    }
}
