package import ChipSpec
import FixedPoint

/// How a parameter is spread over the neurons of a device: the logarithm of its factor is normal.
package struct PopulationPrior: Sendable, Equatable {
    /// Mean and standard deviation of a logarithm.
    package struct Spread: Sendable, Equatable {
        /// Mean of the logarithm.
        package var mean: Double
        /// Standard deviation of the logarithm.
        package var deviation: Double
        /// Neurons it was estimated from; 0 if it is assumed.
        package var neurons: Int

        /// Mean of the factor itself: e^(μ + σ²/2).
        package var meanFactor: Double {
            PortableMath.exp(mean + deviation * deviation / 2)
        }

        /// Coefficient of variation of the factor: √(e^(σ²) − 1).
        package var coefficientOfVariation: Double {
            (PortableMath.exp(deviation * deviation) - 1).squareRoot()
        }
    }

    /// Spread of each parameter.
    package var spreads: [MismatchParameter: Spread]
    /// Spread of the scale of the noise, as a share of the threshold.
    package var noise: Spread

    /// What is assumed before anything is known: wide.
    static let wide = Spread(mean: 0, deviation: 0.4, neurons: 0)

    init(_ parameters: [MismatchParameter]) {
        spreads = Dictionary(
            parameters.map { ($0, Self.wide) },
            uniquingKeysWith: { first, _ in first }
        )
        noise = Spread(mean: PortableMath.log(0.01), deviation: 2, neurons: 0)
    }

    func spread(_ parameter: MismatchParameter) -> Spread { spreads[parameter] ?? Self.wide }

    /// Estimates a spread from what was found for each neuron under another one (empirical Bayes).
    ///
    /// A posterior of mean m and variance V under a prior (μ₀, ω₀²) stands for a measurement with precision
    /// 1/V − 1/ω₀²; mean and variance of the population are those under which the measurements are most
    /// likely, by expectation and maximisation.
    ///
    /// - Parameters:
    ///   - posteriors: Mean and variance of the logarithm for each neuron.
    ///   - prior: Under which they were found.
    ///   - floor: Smallest deviation.
    /// - Returns: The spread; the prior itself where fewer than four neurons tell anything.
    static func estimated(
        from posteriors: [(mean: Double, variance: Double)],
        under prior: Spread,
        floor: Double
    ) -> Spread {
        let assumed = prior.deviation * prior.deviation
        var measurements: [(value: Double, variance: Double)] = []
        for posterior in posteriors where posterior.variance < 0.5 * assumed {
            let precision = 1 / max(posterior.variance, 1e-12) - 1 / assumed
            let value =
                (posterior.mean / max(posterior.variance, 1e-12) - prior.mean / assumed) / precision
            measurements.append((value, 1 / precision))
        }
        guard measurements.count >= 4 else { return prior }
        let count = Double(measurements.count)
        var mean = measurements.reduce(0) { $0 + $1.value } / count
        var variance = max(
            floor * floor,
            measurements.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) } / count
        )
        for _ in 0..<100 {
            var sum = 0.0
            var squares = 0.0
            let moments = measurements.map { measurement in
                let shrunk = 1 / (1 / variance + 1 / measurement.variance)
                return (
                    shrunk * (mean / variance + measurement.value / measurement.variance), shrunk
                )
            }
            for (value, _) in moments { sum += value }
            mean = sum / count
            for (value, spread) in moments { squares += (value - mean) * (value - mean) + spread }
            variance = max(floor * floor, squares / count)
        }
        return Spread(
            mean: mean,
            deviation: variance.squareRoot(),
            neurons: measurements.count
        )
    }
}
