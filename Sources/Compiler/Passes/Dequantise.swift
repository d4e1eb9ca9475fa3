import ChipImage
import ChipSpec
import FixedPoint
package import NetworkIR

/// Turns the chip's integers back into the author's network.
///
/// τ follows from the decay register; r, w_in and v_leak take up what the rounding of τ would change
/// in the charge of a spike, so that a float run adds exactly what the chip adds.
package struct Dequantise: Pass {
    package static let name = "dequantise"
    let chip: ChipSpec

    package func run(_ quantised: QuantisedNetwork) -> Network {
        var network = quantised.canonical.network
        for population in quantised.populations {
            network.populations[population.lowered.population] = dequantised(
                population,
                author: network.populations[population.lowered.population],
                step: network.timeStep,
                rule: network.threshold
            )
        }
        for (index, projection) in quantised.projections.enumerated() {
            let target = network.projections[index].target
            guard let chipIndex = quantised.canonical.chipIndex[target] else { continue }
            let gain = quantised.populations[chipIndex].lowered.gain
            var weights = [Double](repeating: 0, count: projection.weights.count)
            for neuron in gain.indices where gain[neuron] != 0 {
                for k in projection.layout.indices(of: neuron) {
                    weights[k] = Double(projection.weights[k]) * projection.scale / gain[neuron]
                }
            }
            network.projections[index].connectivity =
                network.projections[index].connectivity.replacing(weights)
        }
        return network
    }

    package func statistics(of output: Network) -> [Statistic] {
        [Statistic("populations", output.populations.count)]
    }

    package func violation(in output: Network, of input: QuantisedNetwork) -> String? {
        for projection in output.projections
        where !projection.connectivity.weights.allSatisfy(\.isFinite) {
            return "a weight of projection \(projection.source) → \(projection.target) is infinite."
        }
        return nil
    }

    private func dequantised(
        _ population: QuantisedPopulation,
        author: Population,
        step: Double,
        rule: ThresholdRule
    ) -> Population {
        let lowered = population.lowered
        let full = Double(1 << chip.soma.decayBits)
        // A decay register of 0 is a leak so slow that it is lost in a Double's rounding.
        let slow = Double(sign: .plus, exponent: -60, significand: 1)
        let loss = population.membraneDecay.map { $0 == 0 ? slow : Double($0) / full }
        let currentLoss = population.currentDecay.map {
            lowered.model == .cubaLIF
                ? (Double($0) + 1) / full : $0 == 0 ? slow : Double($0) / full
        }
        let indices = population.membraneBias.indices
        let factors = lowered.normalisation
        func unit(_ neuron: Int) -> Double {
            factors.isEmpty ? population.unit : population.unit * factors[neuron]
        }
        let bias = indices.map { Double(population.membraneBias[$0]) * unit($0) }
        let currentBias = indices.map { Double(population.currentBias[$0]) * unit($0) }
        let origin =
            factors.isEmpty ? lowered.origin : zip(lowered.origin, factors).map { $0 * $1 }
        // The soma of some chips spikes at its register, that of others above it.
        let inclusive: Int64 = lowered.model.spikesAtThreshold ? 1 : 0
        var firing = Firing(
            threshold: population.threshold.indices.map {
                let above: Int64 = population.thresholdIsBelow[$0] ? 1 : 0
                let threshold = Int64(population.threshold[$0]) + above - inclusive
                return Double(threshold) * unit($0) + origin[$0]
            },
            reset: population.resetPotential.indices.map {
                Double(population.resetPotential[$0]) * unit($0) + origin[$0]
            }
        )
        firing.resetsAtOnce = author.dynamics.firing?.resetsAtOnce ?? false
        let leaky = LeakyIntegrator(
            tau: loss.map { step / $0 },
            r: indices.map { authorR(author, $0) * (lowered.membraneLoss[$0] / loss[$0]) },
            leak: indices.map { bias[$0] / loss[$0] + origin[$0] }
        )
        var result = author
        result.bias = []
        // The τ whose exact decay the register is; −h/ln(1 − loss).
        func exactTau(_ losses: [Double]) -> [Double] {
            losses.map { step / max(-PortableMath.log(1 - $0), slow) }
        }
        let constant = indices.map { bias[$0] + origin[$0] }
        switch author.dynamics {
        case .input, .relay, .threshold, .integrator, .currentBasedIntegrator: break
        case .noisy:
            result.bias = constant
            result.dynamics = .noisy(
                NoisyNeuron(
                    membraneTau: exactTau(loss),
                    currentTau: lowered.hasCurrent ? exactTau(currentLoss) : [],
                    firing: firing,
                    refractory: Double(lowered.refractorySteps) * step,
                    noise: population.noise.map { source in
                        NoiseSource(
                            stationaryDeviation: population.deviation(
                                of: source,
                                decayBits: chip.soma.decayBits
                            ),
                            shared: source.sharedSource
                        )
                    }
                )
            )
        case .sampling:
            result.bias = constant
        case .integrateAndFire(let neuron):
            result.dynamics = .integrateAndFire(IntegrateAndFire(r: neuron.r, firing: firing))
            if population.membraneBias.contains(where: { $0 != 0 }) {
                result.bias = indices.map {
                    lowered.gain[$0] == 0
                        ? 0 : bias[$0] / (lowered.gain[$0] * (factors.isEmpty ? 1 : factors[$0]))
                }
            }
        case .leakyIntegrateAndFire:
            result.dynamics = .leakyIntegrateAndFire(leaky, firing)
        case .leakyIntegrator:
            result.dynamics = .leakyIntegrator(leaky)
        case .currentBased(let filter, _, _):
            let newFilter = SynapticFilter(
                tau: currentLoss.map { step / $0 },
                inputGain: indices.map {
                    filter.inputGain[$0] * (lowered.currentLoss[$0] / currentLoss[$0])
                }
            )
            result.dynamics = .currentBased(newFilter, leaky, firing)
            if population.currentBias.contains(where: { $0 != 0 }) {
                result.bias = indices.map {
                    lowered.gain[$0] == 0 ? 0 : currentBias[$0] / lowered.gain[$0]
                }
            }
        }
        return result
    }

    private func authorR(_ author: Population, _ neuron: Int) -> Double {
        switch author.dynamics {
        case .input, .relay, .threshold, .integrator, .currentBasedIntegrator, .noisy, .sampling: 0
        case .integrateAndFire(let parameters): parameters.r[neuron]
        case .leakyIntegrateAndFire(let leaky, _), .leakyIntegrator(let leaky),
            .currentBased(_, let leaky, _):
            leaky.r[neuron]
        }
    }
}
