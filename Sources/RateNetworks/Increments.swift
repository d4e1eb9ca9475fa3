import FixedPoint

/// Where the increments of a matrix lie: in its own layout or in that of its partner.
struct Increments {
    var rows: Int
    var columns: Int
    var rowStep: Int
    var columnStep: Int

    /// w += increment − shrink · w, in float.
    func add(_ increments: [Float], shrink: Float, to weights: inout [Float]) {
        let source = increments.span
        var target = weights.mutableSpan
        for row in 0..<rows {
            for column in 0..<columns {
                let index = row &* columns &+ column
                let w = target[index]
                target[index] =
                    w + (source[row &* rowStep &+ column &* columnStep] - shrink * w)
            }
        }
    }

    /// The same in registers, rounded stochastically to their LSB and saturated.
    ///
    /// - Parameters:
    ///   - increments: In the unit of the weights.
    ///   - shrink: Weight decay of this update.
    ///   - lsbPerUnit: 32768 over the full scale.
    ///   - stream: Word k mod 4 of block k/4 belongs to register k.
    ///   - update: Third word of the address.
    ///   - registers: `[post][pre]`.
    func add(
        _ increments: [Float],
        shrink: Float,
        lsbPerUnit: Float,
        stream: RandomStream,
        update: UInt32,
        to registers: inout [Int16]
    ) {
        let source = increments.span
        var target = registers.mutableSpan
        var draws: Philox4x32.Block = (0, 0, 0, 0)
        for row in 0..<rows {
            for column in 0..<columns {
                let index = row &* columns &+ column
                let word: UInt32
                switch index & 3 {
                case 0:
                    draws = stream.words(UInt32(truncatingIfNeeded: index >> 2), 0, update)
                    word = draws.0
                case 1: word = draws.1
                case 2: word = draws.2
                default: word = draws.3
                }
                let register = Int32(target[index])
                let change =
                    source[row &* rowStep &+ column &* columnStep] * lsbPerUnit
                    - shrink * Float(register)
                let sum = register &+ rounded(change, word)
                target[index] = Int16(truncatingIfNeeded: max(-32768, min(32767, sum)))
            }
        }
    }
}

/// floor(x + draw · 2⁻³²): up with the probability of the fraction.
///
/// Beyond ±65536 LSB, where any register saturates, x is cut; NaN counts as +65536.
@inline(__always)
private func rounded(_ x: Float, _ draw: UInt32) -> Int32 {
    let cut = x < 65_536 ? (x > -65_536 ? x : -65_536) : 65_536
    // The offset makes truncation a floor.
    return Int32(Double(cut) + Double(draw) * 0x1p-32 + 131_072) &- 131_072
}

/// What the passes feel of float weights.
func scale(_ weights: [Float], by gains: [Float], into effective: inout [Float]) {
    let source = weights.span
    let factors = gains.span
    var target = effective.mutableSpan
    for index in 0..<target.count { target[index] = source[index] * factors[index] }
}

/// What the passes feel of registers: visible bits, times the unit, times the gain.
func show(_ registers: [Int16], unit: Float, gains: [Float], into effective: inout [Float]) {
    let source = registers.span
    let factors = gains.span
    var target = effective.mutableSpan
    for index in 0..<target.count {
        let visible = min((Int32(source[index]) &+ 128) >> 8, 127)
        target[index] = Float(visible) * unit * factors[index]
    }
}
