import ChipImage
import ChipSpec
import Compiler
import Events
import FixedPoint
import NetworkIR
import TestSupport

/// What a run gave: one row a step, one array a population of the network.
struct Recording: Equatable {
    /// Whether each neuron spiked.
    var spikes: [[[Bool]]] = []
    /// Membrane potentials after the step, in the run's own numbers.
    var v: [[[Double]]] = []

    /// Spikes of a population over all steps.
    func count(_ population: Int) -> Int {
        spikes.reduce(0) { $0 + $1[population].filter { $0 }.count }
    }
}

/// Input spikes, `[step][population][channel]`; empty for populations that are no inputs.
typealias Drive = [[[Bool]]]

/// Spikes drawn with a probability a step, then silent steps.
func randomDrive(
    for network: Network,
    steps: Int,
    silent: Int,
    rate: Double,
    seed: UInt64
) -> Drive {
    var random = SplitMix64(seed: seed)
    return (0..<steps + silent).map { step in
        network.populations.map { population in
            guard population.dynamics == .input else { return [] }
            return (0..<population.count).map { _ in step < steps && random.chance(rate) }
        }
    }
}

/// Forward Euler in Doubles, as the doc comments of `Dynamics` say.
func floatRun(_ network: Network, _ drive: Drive) -> Recording {
    let h = network.timeStep
    var v = network.populations.map { [Double](repeating: 0, count: $0.count) }
    var current = v
    var recording = Recording()
    for step in drive.indices {
        var spikes = network.populations.map { [Bool](repeating: false, count: $0.count) }
        for (p, population) in network.populations.enumerated() {
            if population.dynamics == .input {
                spikes[p] = drive[step][p]
                continue
            }
            var x =
                population.bias.isEmpty
                ? [Double](repeating: 0, count: population.count) : population.bias
            for projection in network.projections where projection.target == p {
                guard step >= projection.delay else { continue }
                let source =
                    projection.delay == 0
                    ? spikes[projection.source]
                    : recording.spikes[step - projection.delay][projection.source]
                for target in x.indices {
                    switch projection.connectivity {
                    case .oneToOne(let weights): if source[target] { x[target] += weights[target] }
                    case .dense(let weights):
                        for k in source.indices where source[k] {
                            x[target] += weights[target * source.count + k]
                        }
                    case .sparse(let sparse):
                        for k in sparse.indices(of: target) where source[Int(sparse.sources[k])] {
                            x[target] += sparse.weights[k]
                        }
                    }
                }
            }
            for k in x.indices {
                let firing: Firing?
                switch population.dynamics {
                case .input, .relay, .threshold, .integrator, .currentBasedIntegrator, .noisy,
                    .sampling:
                    continue
                case .integrateAndFire(let neuron):
                    v[p][k] += h * neuron.r[k] * x[k]
                    firing = neuron.firing
                case .leakyIntegrateAndFire(let m, let fire):
                    v[p][k] += h / m.tau[k] * (m.leak[k] - v[p][k] + m.r[k] * x[k])
                    firing = fire
                case .leakyIntegrator(let m):
                    v[p][k] += h / m.tau[k] * (m.leak[k] - v[p][k] + m.r[k] * x[k])
                    firing = nil
                case .currentBased(let s, let m, let fire):
                    current[p][k] += h / s.tau[k] * (s.inputGain[k] * x[k] - current[p][k])
                    v[p][k] += h / m.tau[k] * (m.leak[k] - v[p][k] + m.r[k] * current[p][k])
                    firing = fire
                }
                guard let firing else { continue }
                let threshold = firing.threshold[k]
                spikes[p][k] =
                    network.threshold == .greater ? v[p][k] > threshold : v[p][k] >= threshold
                if spikes[p][k] {
                    v[p][k] =
                        network.reset == .subtractThreshold ? v[p][k] - threshold : firing.reset[k]
                }
            }
        }
        recording.spikes.append(spikes)
        recording.v.append(v)
    }
    return recording
}

/// `docs/NUMERICS.md` over the tables of the quantised network: no cores, axons, rows or routes.
///
/// Potentials are raw. Populations are brought back to the author's time: row t is step t + depth.
func integerRun(_ quantised: QuantisedNetwork, on chip: ChipSpec, _ drive: Drive) -> Recording {
    let canonical = quantised.canonical
    let network = canonical.network
    let deepest = canonical.depth.max() ?? 0
    let rails = chip.dendrite.accumulator
    // Accumulators of each step of arrival: [step][population][neuron][compartment].
    let longest = canonical.delay.max() ?? 1
    let empty = network.populations.map {
        [[Int64]](repeating: [Int64](repeating: 0, count: 8), count: $0.count)
    }
    var sums = [[[[Int64]]]](repeating: empty, count: drive.count + deepest + longest + 1)
    var v = network.populations.map { [Int64](repeating: 0, count: $0.count) }
    var u = v
    for population in quantised.populations {
        v[population.lowered.population] = population.initialPotential.map { Int64($0) }
    }
    var raw = Recording()
    var last = network.populations.map { [Bool](repeating: false, count: $0.count) }
    for step in 0..<drive.count + deepest {
        // The canonical order: neurons of the chip first, inputs after them.
        for p in canonical.onChip + canonical.inputs {
            for k in last[p].indices where last[p][k] {
                for (index, projection) in network.projections.enumerated()
                where projection.source == p {
                    let table = quantised.projections[index]
                    for target in 0..<network.populations[projection.target].count {
                        guard let w = table.layout.index(ofSource: k, target: target) else {
                            continue
                        }
                        let arrival = step + canonical.delay[index] - 1
                        let charge = Int64(table.weights[w]) << Int64(table.rowExponent)
                        let old = sums[arrival][projection.target][target][table.compartment]
                        sums[arrival][projection.target][target][table.compartment] =
                            chip.synapse.weightPlanes == nil
                            ? rails.fitted(old + charge) : old + charge
                    }
                }
            }
        }
        var spikes = network.populations.map { [Bool](repeating: false, count: $0.count) }
        for population in quantised.populations {
            let p = population.lowered.population
            guard step >= canonical.depth[p] else { continue }
            for k in v[p].indices {
                var s: Int64 = 0
                for (c, exponent) in population.compartmentExponents.enumerated() {
                    s += sums[step][p][k][c] << Int64(exponent)
                }
                spikes[p][k] = update(&v[p][k], &u[p][k], s, population, k, chip)
            }
        }
        if step < drive.count {
            for p in canonical.inputs { spikes[p] = drive[step][p] }
        }
        raw.spikes.append(spikes)
        raw.v.append(v.map { $0.map { Double($0) } })
        last = spikes
    }
    return shifted(raw, by: canonical.depth, steps: drive.count)
}

/// The reference machine on an image, brought to the same form.
func imageRun(_ image: ChipImage, _ canonical: CanonicalNetwork, _ drive: Drive) -> Recording {
    var machine = ReferenceMachine(image: image, device: .ideal)
    var raw = Recording()
    let shape = canonical.network.populations.map(\.count)
    for step in 0..<drive.count + (canonical.depth.max() ?? 0) {
        var spikes = shape.map { [Bool](repeating: false, count: $0) }
        var v = shape.map { [Double](repeating: 0, count: $0) }
        var inputs: [NeuronAddress] = []
        if step < drive.count {
            for (port, p) in canonical.inputs.enumerated() {
                spikes[p] = drive[step][p]
                for channel in spikes[p].indices where spikes[p][channel] {
                    inputs.append(
                        NeuronAddress(
                            core: NeuronAddress.firstInputCore + UInt32(port),
                            neuron: UInt32(channel)
                        )
                    )
                }
            }
        }
        let out = Set(machine.step(inputs: inputs).map(\.address))
        for (c, core) in image.cores.enumerated() {
            for segment in core.segments {
                let p = canonical.onChip[Int(segment.population)]
                for slot in segment.firstSlot..<segment.firstSlot + segment.count {
                    let k = Int(core.neurons.indexInPopulation[Int(slot)])
                    v[p][k] = Double(machine.v[c][Int(slot)])
                    spikes[p][k] = out.contains(NeuronAddress(core: core.core, neuron: slot))
                }
            }
        }
        raw.spikes.append(spikes)
        raw.v.append(v)
    }
    return shifted(raw, by: canonical.depth, steps: drive.count)
}

/// Brings every population back to the author's time: row t is step t + depth.
func shifted(_ raw: Recording, by depth: [Int], steps: Int) -> Recording {
    Recording(
        spikes: (0..<steps).map { step in depth.indices.map { raw.spikes[step + depth[$0]][$0] } },
        v: (0..<steps).map { step in depth.indices.map { raw.v[step + depth[$0]][$0] } }
    )
}

/// One soma, one step.
private func update(
    _ v: inout Int64,
    _ u: inout Int64,
    _ s: Int64,
    _ population: QuantisedPopulation,
    _ k: Int,
    _ chip: ChipSpec
) -> Bool {
    let drive = s << Int64(chip.soma.accumulatorShift)
    let full = Int64(1) << Int64(chip.soma.decayBits)
    // Both chips of the tests round decays towards zero, as Swift's division does.
    func decayed(_ x: Int64, _ d: Int64) -> Int64 { x * (full - d) / full }
    let bias = Int64(population.membraneBias[k])
    let top = Int64(1) << 23
    if population.lowered.model == .cubaLIF {
        u = decayed(u, Int64(population.currentDecay[k]) + 1) + drive
        while u > top { u -= 2 * top }
        while u <= -top { u += 2 * top }
        v = decayed(v, Int64(population.membraneDecay[k])) + u + bias
        v = min(max(v, -top + 1), top - 1)
        guard v > Int64(population.threshold[k]) else { return false }
        v = 0
        return true
    }
    if population.lowered.model == .trueNorth {
        let threshold = Int64(population.threshold[k])
        v = max(v + drive + bias, -393_216)
        guard v >= threshold else {
            v = max(v, 1 - (1 << 18))
            return false
        }
        v = population.lowered.reset == .subtract ? v - threshold : 0
        return true
    }
    var input = drive
    if population.lowered.hasCurrent {
        u = decayed(u, Int64(population.currentDecay[k])) + drive
        u = min(max(u + Int64(population.currentBias[k]), -top), top - 1)
        input = u
    }
    let decay = population.lowered.model == .integrateAndFire ? 0 : population.membraneDecay[k]
    v = min(max(decayed(v, Int64(decay)) + input + bias, -top), top - 1)
    guard population.lowered.model != .li, v > Int64(population.threshold[k]) else { return false }
    v =
        population.lowered.reset == .subtract
        ? v - Int64(population.threshold[k]) : Int64(population.resetPotential[k])
    return true
}
