import ChipImage
import FixedPoint

/// What a recording says of one neuron.
struct NeuronEvidence: Sendable {
    let soma: SolitarySoma
    let tables: NeuronTables
    let slot: Int
    /// What the soma reads in each step.
    let inputs: [Int32]
    /// 1 in steps with a recorded spike.
    let spikes: [UInt8]
    let stepsPerReset: Int

    /// Recorded spikes in the first steps.
    func spikeCount(in steps: Range<Int>) -> Int {
        spikes[steps].reduce(0) { $0 + Int($1) }
    }

    /// Scale of the distance to the threshold.
    func inverseNoise(_ noise: Double, _ threshold: Int64) -> Double {
        1 / max(0.5, noise * Double(threshold.magnitude))
    }

    /// Log-likelihood of the recorded spikes, the membrane of the model following them.
    ///
    /// Between recorded spikes it keeps up to four hypotheses: none was lost, or one was lost in some step.
    /// Where a spike sets v to the reset potential, they meet again at the next recorded spike.
    ///
    /// - Parameters:
    ///   - factors: Of the neuron.
    ///   - noise: Standard deviation of the noise, as a share of the threshold.
    ///   - odds: Of spikes lost and strayed.
    ///   - steps: How many, from the first.
    ///   - least: Below this the answer does not matter, and −∞ may be given: no step adds anything.
    /// - Returns: Natural logarithm of the probability.
    func logLikelihood(
        _ factors: SomaFactors,
        noise: Double,
        _ odds: SpikeOdds,
        steps: Int,
        least: Double = -.infinity
    ) -> Double {
        var sums: [Double]?
        return logLikelihood(factors, noise: noise, odds, steps: steps, least: least, sums: &sums)
    }

    /// Log-likelihoods of blocks of 256 steps, each given what was recorded before it.
    func blockLogLikelihoods(
        _ factors: SomaFactors,
        noise: Double,
        _ odds: SpikeOdds,
        steps: Int
    ) -> [Double] {
        var sums: [Double]? = []
        _ = logLikelihood(
            factors,
            noise: noise,
            odds,
            steps: steps,
            least: -.infinity,
            sums: &sums
        )
        var last = 0.0
        return (sums ?? []).map { sum in
            defer { last = sum }
            return sum - last
        }
    }

    private func logLikelihood(
        _ factors: SomaFactors,
        noise: Double,
        _ odds: SpikeOdds,
        steps: Int,
        least: Double,
        sums: inout [Double]?
    ) -> Double {
        let registers = soma.registers(tables, slot: slot, factors)
        let inverse = inverseNoise(noise, registers.threshold)
        return SpikeOdds.withTable { table in
            unsafe inputs.withUnsafeBufferPointer { inputs in
                unsafe spikes.withUnsafeBufferPointer { spikes in
                    var filter = LossFilter(soma, registers, inverse, odds)
                    var untilReset = 0
                    var asleep = 0
                    for step in 0..<steps {
                        if untilReset == 0 {
                            filter.reset()
                            untilReset = stepsPerReset
                            asleep = soma.depth
                        }
                        untilReset &-= 1
                        if step & 255 == 255 {
                            let sum = filter.finish()
                            if sum < least { return -.infinity }
                            sums?.append(sum)
                        }
                        if asleep > 0 {
                            asleep &-= 1
                            continue
                        }
                        let input = unsafe Int64(inputs[step])
                        if unsafe spikes[step] != 0 {
                            filter.recorded(input, table)
                        } else {
                            filter.none(input, table)
                        }
                    }
                    return filter.finish()
                }
            }
        }
    }

    /// Spikes of the model in some steps, by itself on the recorded input.
    ///
    /// Before them it follows the recorded spikes.
    func spikes(_ factors: SomaFactors, in steps: Range<Int>) -> [Int] {
        let registers = soma.registers(tables, slot: slot, factors)
        var state = soma.initial(registers)
        var untilReset = 0
        var asleep = 0
        var result: [Int] = []
        for step in 0..<steps.upperBound {
            if untilReset == 0 {
                state = soma.initial(registers)
                untilReset = stepsPerReset
                asleep = soma.depth
            }
            untilReset -= 1
            if asleep > 0 {
                asleep -= 1
                continue
            }
            soma.advance(&state, Int64(inputs[step]), registers)
            let spikesItself = state.v > registers.threshold
            guard step < steps.lowerBound ? spikes[step] != 0 : spikesItself else { continue }
            if step >= steps.lowerBound { result.append(step) }
            soma.spike(&state, registers)
        }
        return result
    }
}

/// Where the membrane may be, given which spikes were recorded.
private struct LossFilter {
    private struct Hypothesis {
        var state: SolitarySoma.State
        var weight: Double
    }

    private let soma: SolitarySoma
    private let registers: SolitarySoma.Registers
    private let inverse: Double
    /// Potential at which a spike has no chance.
    private let farBelow: Int64
    private let lost: Double
    private let stray: Double
    private var a: Hypothesis
    private var b: Hypothesis
    private var c: Hypothesis
    private var d: Hypothesis
    private var count = 1
    private var product = 1.0
    private var sum = 0.0

    /// Weights below this are let go.
    private static let least = 1e-4

    init(
        _ soma: SolitarySoma,
        _ registers: SolitarySoma.Registers,
        _ inverse: Double,
        _ odds: SpikeOdds
    ) {
        self.soma = soma
        self.registers = registers
        self.inverse = inverse
        farBelow = registers.threshold - Int64(min(SpikeOdds.reach / inverse, 0x1p40))
        lost = odds.lost
        stray = odds.stray
        a = Hypothesis(state: soma.initial(registers), weight: 1)
        b = a
        c = a
        d = a
    }

    @inline(__always)
    mutating func reset() {
        a = Hypothesis(state: soma.initial(registers), weight: 1)
        count = 1
    }

    /// Probability that a hypothesis spikes in this step, once its membrane is up to date.
    @inline(__always)
    private func probability(_ hypothesis: Hypothesis, _ table: SpikeOdds.Table) -> Double {
        // v is whole, and spikes strictly above: half a unit on either side.
        table.probability((Double(hypothesis.state.v &- registers.threshold) - 0.5) * inverse)
    }

    /// A hypothesis after a recorded spike, weighed.
    private func weighed(_ hypothesis: Hypothesis, recorded table: SpikeOdds.Table) -> Hypothesis {
        var result = hypothesis
        let p = probability(hypothesis, table)
        result.weight *= (1 - lost) * p + stray * (1 - p)
        soma.spike(&result.state, registers)
        return result
    }

    /// Weight of a spike of a hypothesis that the recording lost; keeps the likeliest.
    private func branch(
        _ hypothesis: Hypothesis,
        _ table: SpikeOdds.Table,
        _ likeliest: inout (weight: Double, state: SolitarySoma.State)
    ) -> Double {
        let weight = hypothesis.weight * lost * probability(hypothesis, table)
        if weight > likeliest.weight { likeliest = (weight, hypothesis.state) }
        return weight
    }

    /// Probability that a hypothesis does not spike.
    private func silence(_ hypothesis: Hypothesis, _ table: SpikeOdds.Table) -> Double {
        (1 - stray) * (1 - probability(hypothesis, table))
    }

    @inline(__always)
    private mutating func multiply(_ likelihood: Double) {
        product *= likelihood
        if product < 1e-200 {
            sum += PortableMath.log(max(product, 1e-300))
            product = 1
        }
    }

    @inline(__always)
    mutating func recorded(_ input: Int64, _ table: SpikeOdds.Table) {
        soma.advance(&a.state, input, registers)
        if count == 1 {
            let p = probability(a, table)
            multiply((1 - lost) * p + stray * (1 - p))
            soma.spike(&a.state, registers)
            return
        }
        recordedByMany(input, table)
    }

    @inline(never)
    private mutating func recordedByMany(_ input: Int64, _ table: SpikeOdds.Table) {
        a = weighed(a, recorded: table)
        var all = a.weight
        if count > 1 {
            soma.advance(&b.state, input, registers)
            b = weighed(b, recorded: table)
            all += b.weight
        }
        if count > 2 {
            soma.advance(&c.state, input, registers)
            c = weighed(c, recorded: table)
            all += c.weight
        }
        if count > 3 {
            soma.advance(&d.state, input, registers)
            d = weighed(d, recorded: table)
            all += d.weight
        }
        multiply(all)
        if !soma.subtracts {
            // v is the reset potential in all of them, and u never knew of spikes.
            a.weight = 1
            count = 1
            return
        }
        let scale = 1 / all
        a.weight *= scale
        b.weight *= scale
        c.weight *= scale
        d.weight *= scale
        prune()
    }

    @inline(__always)
    mutating func none(_ input: Int64, _ table: SpikeOdds.Table) {
        soma.advance(&a.state, input, registers)
        if count == 1 {
            guard a.state.v > farBelow else { return }
            let p = probability(a, table)
            let silent = (1 - stray) * (1 - p)
            let secret = lost * p
            let all = silent + secret
            multiply(all)
            guard secret > Self.least * all else { return }
            var other = a.state
            soma.spike(&other, registers)
            let share = secret / all
            a.weight = 1 - share
            b = Hypothesis(state: other, weight: share)
            count = 2
            if a.weight < Self.least { prune() }
            return
        }
        noneByMany(input, table)
    }

    @inline(never)
    private mutating func noneByMany(_ input: Int64, _ table: SpikeOdds.Table) {
        var likeliest = (weight: 0.0, state: a.state)
        var secret = branch(a, table, &likeliest)
        a.weight *= silence(a, table)
        var all = a.weight
        if count > 1 {
            soma.advance(&b.state, input, registers)
            secret += branch(b, table, &likeliest)
            b.weight *= silence(b, table)
            all += b.weight
        }
        if count > 2 {
            soma.advance(&c.state, input, registers)
            secret += branch(c, table, &likeliest)
            c.weight *= silence(c, table)
            all += c.weight
        }
        if count > 3 {
            soma.advance(&d.state, input, registers)
            secret += branch(d, table, &likeliest)
            d.weight *= silence(d, table)
            all += d.weight
        }
        all += secret
        multiply(all)
        let scale = 1 / max(all, 1e-300)
        a.weight *= scale
        b.weight *= scale
        c.weight *= scale
        d.weight *= scale
        if secret * scale > Self.least {
            soma.spike(&likeliest.state, registers)
            insert(Hypothesis(state: likeliest.state, weight: secret * scale))
        }
        prune()
    }

    /// Takes a hypothesis in, in place of the least likely one if there are four.
    private mutating func insert(_ new: Hypothesis) {
        switch count {
        case 1: b = new
        case 2: c = new
        case 3: d = new
        default:
            let least = min(min(a.weight, b.weight), min(c.weight, d.weight))
            guard new.weight > least else { return }
            if a.weight == least {
                a = new
            } else if b.weight == least {
                b = new
            } else if c.weight == least {
                c = new
            } else {
                d = new
            }
            return
        }
        count += 1
    }

    /// Lets hypotheses go that have next to no weight.
    private mutating func prune() {
        if count > 3, d.weight < Self.least { count = 3 }
        if count > 2, c.weight < Self.least {
            c = d
            count -= 1
        }
        if count > 1, b.weight < Self.least {
            b = c
            c = d
            count -= 1
        }
        if count > 1, a.weight < Self.least {
            a = b
            b = c
            c = d
            count -= 1
        }
        if count == 1 { a.weight = 1 }
    }

    mutating func finish() -> Double { sum + PortableMath.log(max(product, 1e-300)) }
}
