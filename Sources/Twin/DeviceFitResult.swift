import ChipImage
package import ChipSpec

/// Why the data do not tell a parameter.
package enum NotIdentified: String, Sendable, CaseIterable {
    /// The neuron spikes less often than is needed.
    case fewSpikes = "too few spikes"
    /// The neuron never spikes, and its membrane stays below half of the threshold.
    case neverNearThreshold = "never near threshold"
    /// The recording is nearly as likely under any value.
    case flatLikelihood = "flat likelihood"
    /// The image gives the neuron no register for it.
    case noRegister = "no such register"
    /// The neuron's model is not fitted.
    case modelHasNoTwin = "model not fitted"
}

/// What is known of a parameter of a neuron.
package struct ParameterEstimate: Sendable, Equatable {
    /// Posterior mean, of the logarithm.
    package var factor: Double
    /// Lower end of the 95 % interval.
    package var low: Double
    /// Upper end.
    package var high: Double
    /// Why the data do not tell it; nil if they do.
    package var notIdentified: NotIdentified?

    static let absent = ParameterEstimate(factor: 0, low: 0, high: 0, notIdentified: .noRegister)
}

/// Distance of the held-out part of a recording from a neuron by itself.
package struct HeldOutDistance: Sendable, Equatable {
    /// Recorded spikes.
    package var spikes: Int
    /// Distance of the nominal neuron.
    package var nominal: Double
    /// Distance of the fitted neuron.
    package var fitted: Double
}

/// What was found of a neuron.
package struct NeuronEstimate: Sendable {
    /// Recorded spikes in the fitted part.
    package var spikes = 0
    /// Scale of the noise, as a share of the threshold.
    package var noise = 0.0
    /// Estimates by parameter.
    package var parameters: [MismatchParameter: ParameterEstimate] = [:]
    /// Distances on the part that is held out; nil without one.
    package var heldOut: HeldOutDistance?
    /// Why the neuron is not fitted at all; nil if it is.
    package var reason: NotIdentified?

    init(reason: NotIdentified?) { self.reason = reason }
}

/// What a fit found of a device.
package struct DeviceFitResult: Sendable {
    /// Parameters that were estimated.
    package let parameters: [MismatchParameter]
    /// Estimates, by neuron in the order of (core, slot).
    package let neurons: [NeuronEstimate]
    /// How the parameters are spread over the neurons.
    package let prior: PopulationPrior
    /// Share of spikes that the recording lost.
    package let lost: Double
    /// Probability in a step of a spike that the model does not expect.
    package let stray: Double
    /// Steps fitted.
    package let fittedSteps: Int
    /// Steps recorded.
    package let steps: Int
    private let places: [(core: UInt32, slot: Int, population: Int)]

    init(
        wiring: Wiring,
        image: ChipImage,
        parameters: [MismatchParameter],
        neurons: [NeuronEstimate],
        prior: PopulationPrior,
        lost: Double,
        stray: Double,
        fittedSteps: Int,
        steps: Int
    ) {
        self.parameters = parameters
        self.neurons = neurons
        self.prior = prior
        self.lost = lost
        self.stray = stray
        self.fittedSteps = fittedSteps
        self.steps = steps
        places = wiring.neurons.map { (image.cores[$0.core].core, $0.slot, $0.population) }
    }

    /// Core and slot of a neuron, and its population.
    ///
    /// - Parameter neuron: Index in `neurons`.
    /// - Returns: Physical core, slot, index of the population.
    package func place(of neuron: Int) -> (core: UInt32, slot: Int, population: Int) {
        places[neuron]
    }

    /// The distances of all neurons together.
    package var heldOut: HeldOutDistance {
        neurons.compactMap(\.heldOut).reduce(
            into: HeldOutDistance(spikes: 0, nominal: 0, fitted: 0)
        ) {
            $0.spikes += $1.spikes
            $0.nominal += $1.nominal
            $0.fitted += $1.fitted
        }
    }

    /// The device that was found.
    package var device: Device {
        var device = Device.ideal
        device.known = columns { $0.factor }.mapValues { KnownFactors(factors: $0) }
        return device
    }

    /// Numbers of each core by parameter, `[slot]`; 0 where there is none.
    ///
    /// - Parameter value: Which number.
    /// - Returns: By core and parameter.
    package func columns(_ value: (ParameterEstimate) -> Double) -> [UInt32: [MismatchParameter:
        [Double]]]
    {
        var result: [UInt32: [MismatchParameter: [Double]]] = [:]
        for (index, neuron) in neurons.enumerated() {
            let place = places[index]
            for (parameter, estimate) in neuron.parameters where estimate.factor > 0 {
                var column = result[place.core]?[parameter] ?? []
                while column.count < place.slot { column.append(0) }
                column.append(min(max(value(estimate), 0.001), KnownFactors.largest))
                result[place.core, default: [:]][parameter] = column
            }
        }
        return result
    }
}
