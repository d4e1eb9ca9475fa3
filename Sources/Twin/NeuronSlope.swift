import ChipSpec
import FixedPoint

/// Log-likelihood of a neuron, its slope and its Fisher information in the logarithms of the factors.
///
/// For the way to the region of high likelihood: whether a spike was lost is decided at once, and slopes come
/// from running neurons with slightly other factors along.
struct NeuronSlope {
    var logLikelihood = 0.0
    /// `[parameter]`.
    var slope: [Double]
    /// `[parameter][parameter]`.
    var information: [[Double]]
    /// Spikes of the model that the recording has not.
    var lost = 0
    /// Recorded spikes that the model does not expect.
    var stray = 0
    /// Highest potential in a step without spike, less the threshold, as a share of the threshold.
    var nearest = -1.0

    /// Odds that a spike is lost, and that one strays in a step.
    private static let lostFloor = 0.01
    private static let strayFloor = 1e-4

    init(
        _ evidence: NeuronEvidence,
        _ parameters: [MismatchParameter],
        at factors: SomaFactors,
        noise: Double,
        steps: Int
    ) {
        let count = parameters.count
        slope = .init(repeating: 0, count: count)
        information = .init(repeating: .init(repeating: 0, count: count), count: count)
        let soma = evidence.soma
        // A decay register has steps of about 1/400: slopes are taken over more than that.
        let shift = min(0.05, max(0.01, noise / 2))
        var sets = [factors]
        for parameter in parameters {
            var other = factors
            other[parameter] *= PortableMath.exp(shift)
            sets.append(other)
        }
        let registers = sets.map { soma.registers(evidence.tables, slot: evidence.slot, $0) }
        let threshold = registers[0].threshold
        let inverse = evidence.inverseNoise(noise, threshold)
        var states = registers.map(soma.initial)
        var untilReset = 0
        var asleep = 0
        var best = Int64.min
        var product = 1.0
        var tilt = [Double](repeating: 0, count: count)
        for step in 0..<steps {
            if untilReset == 0 {
                for index in states.indices { states[index] = soma.initial(registers[index]) }
                untilReset = evidence.stepsPerReset
                asleep = soma.depth
            }
            untilReset -= 1
            if asleep > 0 {
                asleep -= 1
                continue
            }
            let input = Int64(evidence.inputs[step])
            for index in states.indices {
                soma.advance(&states[index], input, registers[index])
            }
            let distance = states[0].v - threshold
            let x = (Double(distance) - 0.5) * inverse
            let isRecorded = evidence.spikes[step] != 0
            let isFar = isRecorded ? x > SpikeOdds.reach : x < -SpikeOdds.reach
            var spikes = isRecorded
            if !isFar {
                let (p, density) = SpikeOdds.normal(x)
                let probability = isRecorded ? p : 1 - p
                let floor = isRecorded ? Self.strayFloor : Self.lostFloor
                let likelihood = probability + floor * (1 - probability)
                product *= likelihood
                if product < 1e-200 {
                    logLikelihood += PortableMath.log(product)
                    product = 1
                }
                // What the floor explains does not pull.
                let share = probability / likelihood
                let pull = (isRecorded ? density : -density) / max(probability, 1e-15) * share
                let weight = density * density / max(p * (1 - p), 1e-15) * share
                if isRecorded {
                    stray += share < 0.5 ? 1 : 0
                } else if x > 3.5 {
                    lost += 1
                    spikes = true
                }
                for index in 0..<count {
                    let other = Double(states[index + 1].v - registers[index + 1].threshold)
                    tilt[index] = (other - Double(distance)) * inverse / shift
                    slope[index] += pull * tilt[index]
                    for column in 0...index {
                        information[index][column] += weight * tilt[index] * tilt[column]
                    }
                }
            }
            if spikes {
                for index in states.indices { soma.spike(&states[index], registers[index]) }
            } else {
                best = max(best, distance)
            }
        }
        logLikelihood += PortableMath.log(product)
        nearest = Double(max(best, -(1 << 40))) / max(1, Double(threshold.magnitude))
        for row in 0..<count {
            for column in 0..<row { information[column][row] = information[row][column] }
        }
    }
}

/// Small symmetric systems of equations.
enum SmallMatrix {
    /// Lower triangle L with L · Lᵀ = matrix; entries that are not positive enough are lifted.
    static func root(_ matrix: [[Double]]) -> [[Double]] {
        let count = matrix.count
        var root = [[Double]](repeating: .init(repeating: 0, count: count), count: count)
        for row in 0..<count {
            for column in 0...row {
                var sum = matrix[row][column]
                for k in 0..<column { sum -= root[row][k] * root[column][k] }
                root[row][column] =
                    row == column
                    ? max(sum, 1e-6 * matrix[row][row], 1e-12).squareRoot()
                    : sum / root[column][column]
            }
        }
        return root
    }

    /// Solves matrix · x = right.
    static func solved(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
        let root = root(matrix)
        var x = right
        for row in x.indices {
            for k in 0..<row { x[row] -= root[row][k] * x[k] }
            x[row] /= root[row][row]
        }
        for row in x.indices.reversed() {
            for k in (row + 1)..<max(row + 1, x.count) { x[row] -= root[k][row] * x[k] }
            x[row] /= root[row][row]
        }
        return x
    }

    /// The inverse of a matrix.
    static func inverse(_ matrix: [[Double]]) -> [[Double]] {
        matrix.indices.map { row in
            solved(matrix, matrix.indices.map { $0 == row ? 1 : 0 })
        }
    }
}
