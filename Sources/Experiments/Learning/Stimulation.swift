import ChipImage
import Description
import Emulator
import FixedPoint

/// Drives the inputs of a machine as the stimuli of a phase say.
struct Stimulation {
    private struct Poisson {
        var port: Int
        var channels: Int
        var id: UInt32
        /// Spikes when a 32-bit draw is below it.
        var threshold: UInt64
    }

    private struct Given {
        var port: Int
        var steps: [UInt32]
        var channels: [UInt32]
        var period: Int?
    }

    private struct Current {
        var population: Int
        /// One entry a neuron.
        var raw: [Int64]
        var from: Int
        var to: Int
    }

    private let stream: RandomStream
    private let portCount: Int
    private var poissons: [Poisson] = []
    private var given: [Given] = []
    private var currents: [Current] = []

    init(_ stimuli: [Stimulus], machine: Machine, stepsPerSecond: Double) throws {
        stream = RandomStream(seed: machine.seed, purpose: .stimulus)
        let image = machine.image
        portCount = image.inputs.count
        func port(_ name: String) throws -> Int {
            guard let port = image.inputs.firstIndex(where: { $0.name == name }) else {
                throw LearningRun.UnknownName(
                    description: "A stimulus drives '\(name)', which is no input of the network."
                )
            }
            return port
        }
        for stimulus in stimuli {
            switch stimulus {
            case .poisson(let input, let rate):
                let port = try port(input)
                let share = min(1, max(0, 1 - PortableMath.exp(-rate / stepsPerSecond)))
                poissons.append(
                    Poisson(
                        port: port,
                        channels: image.inputs[port].channelCount,
                        id: RandomStream.id(of: input),
                        threshold: UInt64((share * 4_294_967_296).rounded())
                    )
                )
            case .spikes(let input, let steps, let channels, let period):
                given.append(
                    Given(port: try port(input), steps: steps, channels: channels, period: period)
                )
            case .current(let path, let value, let from, let to):
                let populations = image.network.populations
                guard let population = populations.firstIndex(where: { $0.path == path }) else {
                    throw LearningRun.UnknownName(
                        description: "A stimulus drives '\(path)', which is no population."
                    )
                }
                let units = MembraneUnits(image, population: population)
                currents.append(
                    Current(
                        population: population,
                        raw: (0..<populations[population].count).map { neuron in
                            let bias = units.bias(toMoveRestBy: value, of: neuron).rounded()
                            return Int64(min(max(bias, -0x1p40), 0x1p40))
                        },
                        from: Int((from * stepsPerSecond).rounded()),
                        to: Int((to * stepsPerSecond).rounded())
                    )
                )
            }
        }
    }

    /// Input spikes of a step, one list a port; moves biases where currents begin and end.
    mutating func inputs(at step: Int, machine: Machine) -> [[UInt32]] {
        for current in currents {
            if step == current.from { add(current, sign: 1, machine) }
            if step == current.to { add(current, sign: -1, machine) }
        }
        guard !poissons.isEmpty || !given.isEmpty else { return [] }
        var ports = [Set<UInt32>](repeating: [], count: portCount)
        for poisson in poissons {
            var words: Philox4x32.Block = (0, 0, 0, 0)
            for channel in 0..<UInt32(poisson.channels) {
                if channel & 3 == 0 {
                    words = stream.words(
                        channel >> 2,
                        poisson.id,
                        UInt32(truncatingIfNeeded: machine.currentStep)
                    )
                }
                let word =
                    switch channel & 3 {
                    case 0: words.0
                    case 1: words.1
                    case 2: words.2
                    default: words.3
                    }
                if UInt64(word) < poisson.threshold { ports[poisson.port].insert(channel) }
            }
        }
        for list in given {
            let time = UInt32(truncatingIfNeeded: list.period.map { step % $0 } ?? step)
            var low = 0
            var high = list.steps.count
            while low < high {
                let middle = (low + high) / 2
                if list.steps[middle] < time { low = middle + 1 } else { high = middle }
            }
            while low < list.steps.count, list.steps[low] == time {
                ports[list.port].insert(list.channels[low])
                low += 1
            }
        }
        return ports.map { $0.sorted() }
    }

    /// Takes back currents that last beyond the phase.
    ///
    /// - Parameters:
    ///   - machine: The chip.
    ///   - step: Steps the phase had.
    func end(machine: Machine, after step: Int) {
        for current in currents where current.from < step && current.to >= step {
            add(current, sign: -1, machine)
        }
    }

    private func add(_ current: Current, sign: Int64, _ machine: Machine) {
        let population = current.population
        for (neuron, raw) in current.raw.enumerated() {
            let bias = Int64(machine.bias(population: population, neuron: neuron))
            machine.setBias(
                population: population,
                neuron: neuron,
                raw: Int32(clamping: bias + sign * raw)
            )
        }
    }
}
