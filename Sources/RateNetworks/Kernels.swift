/// Four samples of a batch side by side.
///
/// Activations are `[neuron][lane]` of these. All sums run in a fixed order, so results do not depend on
/// the width of the machine's vectors.
typealias Lanes = SIMD4<Float>

/// A matrix times the columns of a batch: output = matrix · input.
///
/// - Parameters:
///   - matrix: `[row][column]`, row-major.
///   - rows: Number of rows.
///   - columns: Number of columns.
///   - input: `[column][lane]`.
///   - width: Lanes a neuron.
///   - output: `[row][lane]`, overwritten.
func multiply(
    _ matrix: [Float],
    rows: Int,
    columns: Int,
    by input: [Lanes],
    width: Int,
    into output: inout [Lanes]
) {
    precondition(
        matrix.count == rows * columns && input.count == columns * width
            && output.count == rows * width,
        "matrix and batch belong together"
    )
    let weights = matrix.span
    let inputs = input.span
    var outputs = output.mutableSpan
    for row in 0..<rows {
        for lane in 0..<width {
            var sum = Lanes.zero
            var index = lane
            for column in 0..<columns {
                sum += weights[row &* columns &+ column] * inputs[index]
                index &+= width
            }
            outputs[row &* width &+ lane] = sum
        }
    }
}

/// The sum over a batch of outer products: output[r][c] = scale · Σ_s row[r][s] · column[c][s].
///
/// - Parameters:
///   - row: `[row][lane]`; unused lanes are 0.
///   - column: `[column][lane]`.
///   - rows: Number of rows.
///   - columns: Number of columns.
///   - width: Lanes a neuron.
///   - scale: For example 1 over the number of samples.
///   - output: `[row][column]`, overwritten.
func outerProducts(
    _ row: [Lanes],
    _ column: [Lanes],
    rows: Int,
    columns: Int,
    width: Int,
    scale: Float,
    into output: inout [Float]
) {
    precondition(
        output.count == rows * columns && row.count == rows * width
            && column.count == columns * width,
        "matrix and batch belong together"
    )
    let left = row.span
    let right = column.span
    var outputs = output.mutableSpan
    for r in 0..<rows {
        for c in 0..<columns {
            var sum = Lanes.zero
            for lane in 0..<width {
                sum += left[r &* width &+ lane] * right[c &* width &+ lane]
            }
            outputs[r &* columns &+ c] = scale * ((sum[0] + sum[2]) + (sum[1] + sum[3]))
        }
    }
}

/// Rectifies: x = max(x, 0).
func rectify(_ values: inout [Lanes]) {
    var span = values.mutableSpan
    for index in 0..<span.count {
        span[index].replace(with: 0, where: span[index] .< 0)
    }
}

/// Multiplies by the slope of the rectifier: δ = 0 where the neuron is silent.
func gate(_ deltas: inout [Lanes], by activations: [Lanes]) {
    precondition(deltas.count == activations.count, "one error a neuron")
    let active = activations.span
    var span = deltas.mutableSpan
    for index in 0..<span.count {
        span[index].replace(with: 0, where: active[index] .<= 0)
    }
}

/// Momentum: v = momentum · v − rate · gradient.
func accumulate(_ gradient: [Float], into velocity: inout [Float], momentum: Float, rate: Float) {
    precondition(gradient.count == velocity.count, "one velocity a weight")
    let slopes = gradient.span
    var span = velocity.mutableSpan
    for index in 0..<span.count {
        span[index] = momentum * span[index] - rate * slopes[index]
    }
}

/// Transposes `[row][column]` into `[column][row]`.
func transpose(_ matrix: [Float], rows: Int, columns: Int, into output: inout [Float]) {
    precondition(matrix.count == rows * columns && output.count == matrix.count, "sizes agree")
    let source = matrix.span
    var target = output.mutableSpan
    for row in 0..<rows {
        for column in 0..<columns {
            target[column &* rows &+ row] = source[row &* columns &+ column]
        }
    }
}
