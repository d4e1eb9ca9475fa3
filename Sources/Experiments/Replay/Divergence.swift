public import Analysis
import ChipImage
import ChipSpec
import Emulator
import Events
import SpikeTrace

/// Where a replay and its recording part, and what the emulated neuron did around it.
public struct Divergence: Sendable {
    /// One step of the emulated neuron.
    public struct Point: Sendable, Hashable {
        /// Time step.
        public var step: UInt64
        /// Membrane potential after the step, raw.
        public var membrane: Int32
        /// Synaptic current after the step, raw.
        public var current: Int32
        /// Whether the recording has a spike of the neuron.
        public var isRecorded: Bool
        /// Whether the emulated neuron spiked.
        public var isEmulated: Bool
    }

    /// Steps of history before the difference.
    static let before: UInt64 = 12
    /// Steps after it.
    static let after: UInt64 = 4

    /// The spike that only one side has.
    public var difference: SpikeComparison.Difference
    /// Index of the neuron's population.
    public var population: Int
    /// Its index in the population.
    public var index: Int
    /// Its threshold, raw, the device's mismatch included.
    public var threshold: Int32
    /// The emulated neuron around the difference.
    public var history: [Point]
}

extension Replay {
    /// Finds the first difference, and runs up to it once more to watch the neuron.
    func divergence(
        _ outcome: Outcome,
        _ reader: SpikeTraceReader,
        _ ports: Set<Int>
    ) throws -> Divergence? {
        let first = outcome.neurons.compactMap { neuron in
            neuron.firstDifference.map { (step: $0, neuron: neuron) }
        }.min { ($0.step, $0.neuron.address) < ($1.step, $1.neuron.address) }
        guard let (step, neuron) = first else { return nil }
        let watched =
            (step - min(step, Divergence.before))..<min(step + Divergence.after + 1, outcome.steps)
        var history: [Divergence.Point] = []
        try run(reader, outcome.facts, steps: 0..<watched.upperBound, ports) { machine, recorded in
            let now = machine.currentStep - 1
            guard watched.contains(now) else { return }
            history.append(
                Divergence.Point(
                    step: now,
                    membrane: machine.membranePotential(at: neuron.address) ?? 0,
                    current: machine.synapticCurrent(at: neuron.address) ?? 0,
                    isRecorded: recorded.contains { $0.address == neuron.address },
                    isEmulated: machine.spikes.contains { $0.address == neuron.address }
                )
            )
        }
        let isMissing = history.first { $0.step == step }?.isRecorded ?? false
        let device = device ?? outcome.facts?.device ?? .ideal
        let tables = EffectiveTables(image, on: device)
        let core = image.cores.firstIndex { $0.core == neuron.address.core } ?? 0
        return Divergence(
            difference: SpikeComparison.Difference(
                Spike(step: step, core: neuron.address.core, neuron: neuron.address.neuron),
                onlyIn: isMissing ? .recorded : .emulated
            ),
            population: neuron.population,
            index: neuron.index,
            threshold: tables.neurons[core].threshold[Int(neuron.address.neuron)],
            history: history
        )
    }
}

/// The spikes of one neuron on both sides, in a stretch of a replay.
public struct NeuronRaster: Sendable, Hashable {
    /// Path of its population and index in it.
    public var name: String
    /// Recorded steps.
    public var recorded: [Double]
    /// Emulated steps.
    public var emulated: [Double]
    /// Whether it deviates (`NeuronComparison.deviates`).
    public var deviates: Bool
    /// The steps shown.
    public var steps: Range<UInt64>
}

extension Replay {
    /// Most neurons of a picture.
    private static let mostRasters = 20

    /// Rasters of the worst neurons and, where there is room, of others that spike.
    func rasters(_ outcome: Outcome, _ trains: ReplayTrains) -> [NeuronRaster] {
        let start = outcome.divergence?.difference.step ?? 0
        let length = UInt64(rasterSteps)
        let first = start - min(start, length / 5)
        let steps = first..<min(first + length, max(outcome.steps, first + 1))
        var chosen = outcome.neurons.indices.filter { outcome.neurons[$0].deviates }
            .sorted {
                outcome.neurons[$0].differenceCount > outcome.neurons[$1].differenceCount
            }
            .prefix(Self.mostRasters)
        let isChosen = Set(chosen)
        let others = outcome.neurons.indices.filter { !isChosen.contains($0) }
            .map { (number: $0, trains: trains.trains(of: $0, steps: steps)) }
            .sorted {
                ($1.trains.recorded.count, $0.number) < ($0.trains.recorded.count, $1.number)
            }
        chosen += others.prefix(Self.mostRasters - chosen.count).map(\.number)
        return chosen.sorted().map { number in
            let neuron = outcome.neurons[number]
            let pair = trains.trains(of: number, steps: steps)
            let offset = Double(steps.lowerBound)
            return NeuronRaster(
                name: "\(outcome.populations[neuron.population])[\(neuron.index)]",
                recorded: pair.recorded.times.map { $0 + offset },
                emulated: pair.emulated.times.map { $0 + offset },
                deviates: neuron.deviates,
                steps: steps
            )
        }
    }
}
