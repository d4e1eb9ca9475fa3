package import ChipImage
package import ChipSpec
import Dispatch
import FixedPoint
import Synchronization

/// Estimates the mismatch of a device from a recording, neuron by neuron (`docs/DEVICES.md`).
package struct DeviceFit: Sendable {
    /// What was recorded.
    package let image: ChipImage
    /// Which parameters are estimated: of threshold, membraneTau, currentTau and bias.
    package var parameters: [MismatchParameter]
    /// Share of the recording that is fitted; the rest, its end, is held out.
    package var fittedShare = 0.75
    /// Threads that work side by side; the result is the same for any number.
    package var threads = 1
    /// Seed of the random walks.
    package var seed: UInt64 = 1
    /// Spikes below which a neuron is called silent.
    package var fewestSpikes = 10
    /// Draws from the posterior of each neuron.
    package var draws = 350

    /// Share of lost spikes below which no lost ones are looked for.
    private static let leastLoss = 5e-4

    /// Parameters that can be estimated.
    package static let possible: [MismatchParameter] = [
        .threshold, .membraneTau, .currentTau, .bias,
    ]

    /// Plans a fit.
    ///
    /// - Parameters:
    ///   - image: What was recorded.
    ///   - parameters: Which to estimate; nil for those of the chip's mismatch that can be.
    package init(image: ChipImage, parameters: [MismatchParameter]? = nil) {
        self.image = image
        self.parameters =
            parameters
            ?? Self.possible.filter { image.chip.mismatch.parameters.contains($0) }
    }

    /// Estimates.
    ///
    /// - Parameters:
    ///   - recording: The recording.
    ///   - progress: Called with the number of neurons done, of three times as many as the image has, one call at a
    ///     time.
    /// - Returns: What was found.
    package func callAsFunction(
        _ recording: RecordedSpikes,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> DeviceFitResult {
        let wiring = Wiring(image)
        let evidence = evidence(recording, wiring)
        let fitted = fittedSteps(of: recording)
        let counter = Mutex(0)
        let tick: @Sendable () -> Void = {
            counter.withLock {
                $0 += 1
                progress($0)
            }
        }
        // First under wide assumptions, then under what the neurons together say.
        let wide = PopulationPrior(parameters)
        let near = sideBySide(evidence.count) { index -> NeuronSampler? in
            defer { tick() }
            guard let data = evidence[index] else { return nil }
            var sampler = NeuronSampler(
                data,
                parameters: parameters.filter { data.has($0) },
                steps: fitted,
                prior: wide,
                odds: SpikeOdds(lost: 0.001, stray: 1e-5),
                seed: seed,
                neuron: index
            )
            sampler.approach()
            return sampler
        }
        let firstOdds = lossOdds(near)
        let firstLost = lostSpikes(near, firstOdds, recording)
        let nearer = firstLost.map { self.evidence(recording, wiring, lost: $0) } ?? evidence
        let rough = population(near.map { $0.map(Finding.init) }, under: wide)
        let first = sideBySide(evidence.count) { index -> (NeuronSampler, [[Double]])? in
            defer { tick() }
            guard var sampler = near[index], let data = nearer[index] else { return nil }
            sampler.evidence = data
            sampler.prior = rough
            sampler.odds = firstOdds
            sampler.retryIfLost()
            if firstLost != nil { sampler.settleNoise() }
            // Only the noise is taken from the others yet.
            sampler.prior = wide
            sampler.prior.noise = rough.noise
            sampler.settleNoise()
            return (sampler, sampler.sample(draws / 3, warmUp: draws / 3))
        }
        let prior = population(
            first.map { $0.map { Finding($0.0, $0.1) } },
            under: wide
        )
        let odds = lossOdds(first.map { $0?.0 })
        let lost = lostSpikes(
            first.map { found in
                guard var sampler = found?.0, let points = found?.1 else { return nil }
                sampler.settle(at: Self.mean(points))
                return sampler
            },
            odds,
            recording
        )
        let nearest = lost.map { self.evidence(recording, wiring, lost: $0) } ?? evidence
        let second = sideBySide(evidence.count) { index -> NeuronEstimate in
            defer { tick() }
            guard var (sampler, _) = first[index], let data = evidence[index],
                let likely = nearest[index]
            else {
                return NeuronEstimate(reason: .modelHasNoTwin)
            }
            sampler.evidence = likely
            sampler.prior = prior
            sampler.odds = odds
            sampler.retryIfLost()
            sampler.settleNoise()
            let points = sampler.sample(draws, warmUp: draws / 5)
            return estimate(data, sampler, points, prior, fitted, recording)
        }
        return DeviceFitResult(
            wiring: wiring,
            image: image,
            parameters: parameters,
            neurons: second,
            prior: prior,
            lost: odds.lost,
            stray: odds.stray,
            fittedSteps: fitted,
            steps: recording.steps
        )
    }

    /// Distance of the held-out part of a recording from the neurons of a device, each by itself.
    ///
    /// - Parameters:
    ///   - recording: The recording.
    ///   - device: Factors that are known; others are nominal.
    /// - Returns: Sum over neurons.
    package func heldOut(_ recording: RecordedSpikes, of device: Device) -> Double {
        let wiring = Wiring(image)
        let held = fittedSteps(of: recording)..<recording.steps
        var sum = 0.0
        for (index, data) in evidence(recording, wiring).enumerated() {
            guard let data else { continue }
            let core = image.cores[wiring.neurons[index].core].core
            var factors = SomaFactors()
            for parameter in Self.possible {
                let slot = UInt32(wiring.neurons[index].slot)
                factors[parameter] = device.known[core]?.factor(parameter, at: slot) ?? 1
            }
            sum += SpikeDistance.between(
                held.filter { data.spikes[$0] != 0 },
                data.spikes(factors, in: held),
                window: recording.stepsPerReset ?? 256
            )
        }
        return sum
    }

    /// First step of the part that is held out, at a state reset where there are some.
    func fittedSteps(of recording: RecordedSpikes) -> Int {
        let steps = Int(Double(recording.steps) * fittedShare)
        guard let period = recording.stepsPerReset, steps > period else { return max(1, steps) }
        return steps / period * period
    }

    /// Spikes that the recording lost; nil where it hardly lost any.
    private func lostSpikes(
        _ samplers: [NeuronSampler?],
        _ odds: SpikeOdds,
        _ recording: RecordedSpikes
    ) -> LostSpikes? {
        guard odds.lost > Self.leastLoss else { return nil }
        let found = sideBySide(samplers.count) { index -> [NeuronEvidence.Loss] in
            guard let sampler = samplers[index] else { return [] }
            return sampler.evidence.lostSpikes(
                sampler.factors(sampler.point),
                noise: sampler.noise,
                odds,
                steps: sampler.steps
            )
        }
        return LostSpikes(found, steps: recording.steps)
    }

    func evidence(
        _ recording: RecordedSpikes,
        _ wiring: Wiring,
        lost: LostSpikes? = nil
    ) -> [NeuronEvidence?] {
        var result: [NeuronEvidence?] = []
        let period = recording.stepsPerReset ?? .max
        // 2^27 steps of neurons, 640 MB, at a time.
        let block = max(1, (1 << 27) / max(1, recording.steps))
        var first = 0
        while first < wiring.neuronCount {
            let range = first..<min(first + block, wiring.neuronCount)
            let forced = TeacherForcing(recording, wiring, neurons: range, lost: lost)
            for neuron in range {
                let place = wiring.neurons[neuron]
                let population = image.network.populations[place.population]
                guard let soma = SolitarySoma(population, chip: image.chip), soma.fires else {
                    result.append(nil)
                    continue
                }
                let offset = (neuron - first) * recording.steps
                result.append(
                    NeuronEvidence(
                        soma: soma,
                        tables: image.cores[place.core].neurons,
                        slot: place.slot,
                        inputs: Array(forced.inputs[offset..<(offset + recording.steps)]),
                        spikes: Array(forced.spikes[offset..<(offset + recording.steps)]),
                        stepsPerReset: period
                    )
                )
            }
            first = range.upperBound
        }
        return result
    }

    /// What was found of a neuron so far.
    private struct Finding {
        var parameters: [MismatchParameter]
        var means: [Double]
        var variances: [Double]
        /// Logarithm; nil of a neuron that hardly spikes.
        var noise: Double?
        var spikes: Int

        /// The approach's own estimate.
        init(_ sampler: NeuronSampler) {
            self.init(sampler, [])
            means = sampler.point
            variances = sampler.point.indices.map { sampler.covariance[$0][$0] }
        }

        /// Moments of draws.
        init(_ sampler: NeuronSampler, _ points: [[Double]]) {
            parameters = sampler.parameters
            let moments = parameters.indices.map { place in
                DeviceFit.moments(points.map { $0[place] })
            }
            means = moments.map(\.mean)
            variances = moments.map(\.variance)
            spikes = sampler.evidence.spikeCount(in: 0..<sampler.steps)
            noise = PortableMath.log(sampler.noise)
        }
    }

    private func population(_ findings: [Finding?], under wide: PopulationPrior) -> PopulationPrior
    {
        var prior = wide
        for parameter in parameters {
            let posteriors = findings.compactMap { finding -> (mean: Double, variance: Double)? in
                guard let finding,
                    let place = finding.parameters.firstIndex(of: parameter)
                else { return nil }
                return (finding.means[place], finding.variances[place])
            }
            prior.spreads[parameter] = PopulationPrior.estimated(
                from: posteriors,
                under: wide.spread(parameter),
                floor: 0.01
            )
        }
        let noise = findings.compactMap { $0 }.filter { $0.spikes >= fewestSpikes }
            .compactMap(\.noise).sorted()
        if noise.count >= 4 {
            let moments = Self.moments(noise)
            prior.noise = PopulationPrior.Spread(
                mean: noise[noise.count / 2],
                deviation: min(max(0.5, moments.variance.squareRoot()), 1),
                neurons: noise.count
            )
        }
        return prior
    }

    private func lossOdds(_ samplers: [NeuronSampler?]) -> SpikeOdds {
        var (lost, stray, spikes, steps) = (0, 0, 0, 0)
        for case .some(let sampler) in samplers {
            lost += sampler.lost
            stray += sampler.stray
            spikes += sampler.evidence.spikeCount(in: 0..<sampler.steps)
            steps += sampler.steps
        }
        let all = Double(max(1, spikes + lost))
        return SpikeOdds(
            lost: min(max(Double(lost) / all, 1e-5), 0.2),
            stray: min(max(Double(stray) / Double(max(1, steps)), 1e-6), 0.001)
        )
    }

    private func estimate(
        _ data: NeuronEvidence,
        _ sampler: NeuronSampler,
        _ points: [[Double]],
        _ prior: PopulationPrior,
        _ fitted: Int,
        _ recording: RecordedSpikes
    ) -> NeuronEstimate {
        let mean = Self.mean(points)
        let factors = sampler.factors(mean)
        let spikes = data.spikeCount(in: 0..<fitted)
        var estimate = NeuronEstimate(reason: nil)
        estimate.spikes = spikes
        estimate.noise = sampler.noise
        let nearest = sampler.nearest
        let widths = sampler.widths(points)
        for parameter in parameters {
            guard let place = sampler.parameters.firstIndex(of: parameter) else {
                estimate.parameters[parameter] = .absent
                continue
            }
            let sorted = points.map { $0[place] }.sorted()
            let moments = Self.moments(sorted)
            // Quantiles of a few hundred draws that hang together are a little narrow; the deviation is not.
            let width = widths[place]
            let reach = sampler.isExact ? 0 : 1.96 * width * moments.variance.squareRoot()
            func end(_ share: Double) -> Double {
                moments.mean + width * (Self.quantile(sorted, share) - moments.mean)
            }
            let spread = prior.spread(parameter)
            let isFlat = moments.variance > 0.5 * spread.deviation * spread.deviation
            let reason: NotIdentified? =
                spikes >= fewestSpikes
                ? (isFlat ? .flatLikelihood : nil)
                : (spikes == 0 && nearest < -0.5 ? .neverNearThreshold : .fewSpikes)
            estimate.parameters[parameter] = ParameterEstimate(
                factor: PortableMath.exp(moments.mean),
                low: PortableMath.exp(min(end(0.025), moments.mean - reach)),
                high: PortableMath.exp(max(end(0.975), moments.mean + reach)),
                notIdentified: reason
            )
        }
        let held = fitted..<recording.steps
        if !held.isEmpty {
            let window = recording.stepsPerReset ?? 256
            let recorded = held.filter { data.spikes[$0] != 0 }
            func distance(_ factors: SomaFactors) -> Double {
                SpikeDistance.between(recorded, data.spikes(factors, in: held), window: window)
            }
            estimate.heldOut = HeldOutDistance(
                spikes: recorded.count,
                nominal: distance(SomaFactors()),
                fitted: distance(factors)
            )
        }
        return estimate
    }

    private func sideBySide<Result: Sendable>(
        _ count: Int,
        _ body: @escaping @Sendable (Int) -> Result
    ) -> [Result] {
        let slots = Mutex<[Result?]>(.init(repeating: nil, count: count))
        let next = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: max(1, min(threads, count))) { _ in
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                let result = body(index)
                slots.withLock { $0[index] = result }
            }
        }
        return slots.withLock { $0.compactMap(\.self) }
    }

    static func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
        let count = Double(max(1, values.count))
        let mean = values.reduce(0, +) / count
        return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count)
    }

    static func mean(_ points: [[Double]]) -> [Double] {
        guard let first = points.first else { return [] }
        return first.indices.map { index in
            points.reduce(0) { $0 + $1[index] } / Double(points.count)
        }
    }

    private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let index = min(Int(place), sorted.count - 2)
        return sorted[index] + (place - Double(index)) * (sorted[index + 1] - sorted[index])
    }
}

extension NeuronEvidence {
    /// Whether a parameter acts on the neuron.
    func has(_ parameter: MismatchParameter) -> Bool {
        switch parameter {
        case .threshold: return true
        case .membraneTau: return soma.leaks && tables.membraneDecay[slot] > 0
        case .currentTau:
            let top = 1 << soma.decayBits
            let decay = Int(tables.currentDecay[slot]) + (soma.isLoihi ? 1 : 0)
            return soma.hasCurrent && decay > 0 && decay < top
        case .bias:
            return tables.membraneBias[slot] != 0
                || soma.hasCurrent && tables.currentBias[slot] != 0
        default: return false
        }
    }
}
