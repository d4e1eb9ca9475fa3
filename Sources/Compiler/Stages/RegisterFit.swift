package import ChipImage
package import ChipSpec
import FixedPoint
package import NetworkIR

/// The neuron registers of a chip for one soma model: what fits, and how it is rounded.
package struct RegisterFit: Sendable {
    private let soma: SomaSpec
    private let accumulator: ClosedRange<Int64>
    private let model: NeuronModel

    /// Looks at the registers of a chip.
    ///
    /// - Parameters:
    ///   - chip: The chip.
    ///   - model: Soma arithmetic of the population.
    package init(chip: ChipSpec, model: NeuronModel) {
        soma = chip.soma
        accumulator = chip.dendrite.accumulator.minimum...chip.dendrite.accumulator.maximum
        self.model = model
    }

    /// Largest threshold that a membrane potential can still exceed.
    private var largestThreshold: Int64 {
        min(((1 << soma.thresholdBits) - 1) << soma.thresholdShift, soma.membrane.maximum - 1)
    }

    /// Largest magnitude of a bias, either sign.
    private var largestBias: Int64 {
        min(((1 << (soma.biasMantissaBits - 1)) - 1) << soma.biasMaximumExponent, Int64(Int32.max))
    }

    /// Smallest unit of v at which all real-valued registers fit.
    ///
    /// - Parameter population: Its real numbers.
    /// - Returns: Author's units per raw 1; 0 if anything fits.
    package func smallestUnit(for population: LoweredPopulation) -> Double {
        func least(_ values: [Double], _ largest: Int64) -> Double {
            (values.map(\.magnitude).max() ?? 0) / Double(max(largest, 1))
        }
        let unit = max(
            least(population.threshold, largestThreshold),
            least(population.membraneBias, largestBias),
            least(population.currentBias, largestBias),
            least(population.resetPotential, soma.membrane.maximum),
            least(population.origin, soma.membrane.maximum),
            least(
                population.noise.map { $0.stationaryDeviation * noiseFactor(population) },
                (1 << soma.noiseBits) - 1
            ),
            // Finer log-odds than this are not in the table of a sampling soma.
            population.psp == nil ? 0 : Double(sign: .plus, exponent: -36, significand: 1)
        )
        // Below this, a unit could underflow.
        return unit < 1e-200 ? 0 : unit
    }

    /// Finest scale of the weights of each neuron alone: nothing clips, and its registers fit.
    ///
    /// - Parameters:
    ///   - population: Its real numbers.
    ///   - blocks: Projections into it.
    ///   - unitFactor: Raw units of v per raw weight of 1.
    /// - Returns: Effective weight per raw 1, one a neuron; 1 where a neuron has neither weights nor registers.
    func rowScales(
        of population: LoweredPopulation,
        _ blocks: [WeightBlock],
        _ unitFactor: Double
    ) -> [Double] {
        population.gain.indices.map { neuron in
            let floor = max(
                population.threshold[neuron].magnitude / Double(max(largestThreshold, 1)),
                population.membraneBias[neuron].magnitude / Double(max(largestBias, 1)),
                population.origin[neuron].magnitude / Double(soma.membrane.maximum)
            )
            let finest = blocks.map { $0.finestScale(of: neuron) }.max() ?? 0
            let scale = max(finest, floor * unitFactor)
            return scale < 1e-200 ? 1 : scale
        }
    }

    /// Whether all biases are whole and fit at a unit.
    ///
    /// - Parameters:
    ///   - population: Its real numbers.
    ///   - unit: Author's units per raw 1.
    /// - Returns: Whether rounding loses nothing.
    package func areBiasesExact(_ population: LoweredPopulation, unit: Double) -> Bool {
        (population.membraneBias + population.currentBias).allSatisfy {
            let exact = $0 / unit
            return (Double(bias($0, unit: unit)) - exact).magnitude <= 1e-6
                * max(1, exact.magnitude)
        }
    }

    /// Rounds all registers of a population.
    ///
    /// - Parameters:
    ///   - population: Its real numbers.
    ///   - unit: Author's units per raw 1, at least `smallestUnit`.
    ///   - path: Name for messages.
    ///   - rule: When the author's neuron spikes.
    ///   - compartmentExponents: Exponents of the compartments.
    ///   - reach: What each neuron's accumulators can meet, `[neuron][compartment]`.
    /// - Returns: The registers.
    /// - Throws: `CompilerError.negativeThreshold`.
    package func quantised(
        _ population: LoweredPopulation,
        unit: Double,
        path: String,
        rule: ThresholdRule,
        compartmentExponents: [Int],
        reach: [[ClosedRange<Int64>]]
    ) throws -> QuantisedPopulation {
        let below = population.threshold.indices.map {
            rule == .greaterOrEqual && isOnThresholdGrid(population, $0)
        }
        let thresholds = population.threshold.indices.map {
            threshold(population, $0, unit: unit, rule: rule)
        }
        let negative = thresholds.indices.filter { thresholds[$0] < 0 }
        if let first = negative.first {
            throw CompilerError.negativeThreshold(
                population: path,
                neuron: first,
                count: negative.count,
                threshold: population.threshold[first]
            )
        }
        let flat = reach.flatMap { $0 }
        let largestInput =
            reach.map { sums in
                zip(sums, compartmentExponents).reduce(Int64(0)) { total, compartment in
                    let fitted = compartment.0.clamped(to: accumulator)
                    let largest = max(fitted.upperBound, -fitted.lowerBound)
                    return total + largest << Int64(compartment.1)
                }
            }.max() ?? 0
        return QuantisedPopulation(
            lowered: population,
            unit: unit,
            compartmentExponents: compartmentExponents,
            threshold: thresholds.map { Int32($0) },
            membraneDecay: population.membraneLoss.map { decay($0) },
            currentDecay: population.currentLoss.map { currentDecay($0, population.hasCurrent) },
            membraneBias: population.membraneBias.map { bias($0, unit: unit) },
            currentBias: population.currentBias.map { bias($0, unit: unit) },
            resetPotential: population.resetPotential.map { potential($0, unit: unit) },
            initialPotential: population.origin.map { potential(-$0, unit: unit) },
            thresholdIsBelow: below,
            largestInput: largestInput << Int64(soma.accumulatorShift),
            accumulatorReach: (flat.map(\.lowerBound).min() ?? 0)...(flat.map(\.upperBound).max()
                ?? 0),
            neuronsThatCanSaturate: reach.filter { sums in
                sums.contains {
                    !accumulator.contains($0.lowerBound) || !accumulator.contains($0.upperBound)
                }
            }.count,
            noise: noise(population, unit: unit),
            sampling: population.psp.map { SamplingTable($0, population, unit: unit) }
        )
    }

    /// Amplitude register for a stationary deviation of 1 raw unit.
    ///
    /// A step's noise must have the share √(1 − a²) of the deviation it adds up to, a the share of v
    /// that the decay register leaves. One register serves all neurons: the mean square decides.
    private func noiseFactor(_ population: LoweredPopulation) -> Double {
        let full = Double(1 << soma.decayBits)
        var squares = 0.0
        for loss in population.membraneLoss {
            let kept = 1 - Double(decay(loss)) / full
            squares += 1 - kept * kept
        }
        let share = (squares / Double(max(population.membraneLoss.count, 1))).squareRoot()
        return share * NoiseTable.amplitudePerDeviation
    }

    private func noise(_ population: LoweredPopulation, unit: Double) -> [NoiseTable] {
        let factor = noiseFactor(population)
        guard population.noise.contains(where: { $0.stationaryDeviation != 0 }) else { return [] }
        return population.noise.map { source in
            // The unit is at least `smallestUnit`: the amplitude fits its register.
            let amplitude = (source.stationaryDeviation / unit * factor).rounded()
            return NoiseTable(
                amplitude: Int(min(amplitude, Double((1 << soma.noiseBits) - 1))),
                sharedSource: source.shared
            )
        }
    }

    /// Whether v moves in steps of the threshold's unit only, so that a threshold between two steps
    /// can be rounded without changing any comparison.
    private func isOnThresholdGrid(_ population: LoweredPopulation, _ neuron: Int) -> Bool {
        if soma.thresholdShift == 0 { return true }
        return soma.thresholdShift <= soma.accumulatorShift && population.reset == .zero
            && population.membraneLoss[neuron] == 0 && population.currentLoss[neuron] == 1
            && population.membraneBias[neuron] == 0 && population.currentBias[neuron] == 0
            && population.origin[neuron] == 0 && population.resetPotential[neuron] == 0
    }

    private func threshold(
        _ population: LoweredPopulation,
        _ neuron: Int,
        unit: Double,
        rule: ThresholdRule
    ) -> Int64 {
        let step = Double(Int64(1) << soma.thresholdShift)
        var exact = population.threshold[neuron] / unit / step
        // What a Double loses in two divisions must not move a whole number below itself.
        if (exact - exact.rounded()).magnitude <= 1e-9 * max(1, exact.magnitude) {
            exact = exact.rounded()
        }
        let mantissa: Double
        if !isOnThresholdGrid(population, neuron) {
            mantissa = rule == .greater ? exact.rounded() : (exact - 1 / step).rounded()
        } else if population.reset == .subtract {
            // The register is also what is subtracted: nearest.
            mantissa = rule == .greater ? exact.rounded() : exact.rounded() - 1
        } else {
            mantissa = rule == .greater ? exact.rounded(.down) : exact.rounded(.up) - 1
        }
        let first = model.spikesAtThreshold ? mantissa + 1 : mantissa
        return min(Int64(first) << Int64(soma.thresholdShift), largestThreshold)
    }

    /// Nearest mantissa · 2^exponent, with the smallest exponent that holds it.
    private func bias(_ value: Double, unit: Double) -> Int32 {
        let largest = Int64(1) << Int64(soma.biasMantissaBits - 1)
        let raw = value / unit
        for exponent in 0...soma.biasMaximumExponent {
            let mantissa = (raw / Double(1 << exponent)).rounded()
            guard mantissa.magnitude < Double(largest) || exponent == soma.biasMaximumExponent
            else {
                continue
            }
            let fitted = min(max(mantissa, -Double(largest)), Double(largest - 1))
            return Int32(clamping: Int64(fitted) << Int64(exponent))
        }
        return 0
    }

    private func potential(_ value: Double, unit: Double) -> Int32 {
        // The unit is at least `smallestUnit`; rounding can pass a rail by one.
        let raw = Int64((value / unit).rounded())
        let lowest = model == .odinLIF ? 0 : -soma.membrane.maximum
        return Int32(clamping: min(max(raw, lowest), soma.membrane.maximum))
    }

    private func decay(_ loss: Double) -> UInt16 {
        let full = Double(1 << soma.decayBits)
        return UInt16(min(max((loss * full).rounded(), 0), full - 1))
    }

    /// Loihi's current loses one 4096th more than its register says (`docs/NUMERICS.md`, section 4).
    private func currentDecay(_ loss: Double, _ hasCurrent: Bool) -> UInt16 {
        guard hasCurrent else { return 0 }
        guard model == .cubaLIF else { return decay(loss) }
        let full = Double(1 << soma.decayBits)
        return UInt16(min(max((loss * full).rounded() - 1, 0), full - 1))
    }
}

extension NoiseTable {
    /// Amplitude register for a standard deviation of 1 raw unit a step: 256 over that of the sum of
    /// four random bytes (`docs/NUMERICS.md`, section 8).
    package static let amplitudePerDeviation = 256 / 21_845.0.squareRoot()
}

extension QuantisedPopulation {
    /// Stationary deviation that a source gives the membrane, author's units.
    ///
    /// - Parameters:
    ///   - source: A source of the population.
    ///   - decayBits: Bits of the decay registers.
    /// - Returns: Root of the mean square over the neurons.
    package func deviation(of source: NoiseTable, decayBits: Int) -> Double {
        let full = Double(1 << decayBits)
        var squares = 0.0
        for decay in membraneDecay {
            let kept = 1 - Double(decay) / full
            squares += 1 - kept * kept
        }
        let share = (squares / Double(max(membraneDecay.count, 1))).squareRoot()
        guard share > 0 else { return 0 }
        return Double(source.amplitude) / NoiseTable.amplitudePerDeviation * unit / share
    }
}

extension SamplingTable {
    fileprivate init(
        _ psp: PostsynapticPotential,
        _ population: LoweredPopulation,
        unit: Double
    ) {
        let (shape, steps): (PSPShape, Int) =
            switch psp {
            case .rectangular(let steps): (.rectangular, steps)
            case .exponential: (.exponential, 1)
            case .alpha: (.alpha, 1)
            }
        self.init(
            logOddsPerRaw: unit,
            refractorySteps: population.refractorySteps,
            psp: shape,
            pspSteps: steps
        )
    }
}
