public import ChipImage
public import ChipSpec
public import Emulator
public import Energy
public import Events
public import Interconnect
public import Samples

/// Receives the spikes of a step: neurons, then inputs, in canonical order.
public typealias SpikeSink = (_ spikes: [Spike]) throws -> Void

/// Runs a chip image over samples.
public struct ChipRun: Sendable {
    /// What runs.
    public let image: ChipImage
    /// Whose fixed pattern it has.
    public var device: Device = .ideal
    /// How the host is used.
    public var machine = MachineOptions()
    /// Prices and latencies; the chip's first table if nil.
    public var table: EnergyTable?
    /// How actions become time; the standard model of the chip if nil.
    public var timing: TimingModel?
    /// Steps of the run of which a timeline is kept.
    public var timelineSteps: Range<UInt64> = 0..<0
    /// How the answer is read.
    public var readout: Readout
    /// What happens between samples.
    public var between: BetweenSamples = .reset
    /// Steps with input; the samples' own length if nil.
    public var inputSteps: Int?
    /// Index of the output that answers.
    public var output = 0

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - image: A verified image.
    ///   - readout: How the answer is read off the output.
    public init(image: ChipImage, readout: Readout) {
        self.image = image
        self.readout = readout
    }

    /// The steps of each sample.
    ///
    /// - Parameter samples: Their length counts unless `inputSteps` is set.
    /// - Returns: The plan.
    public func plan(for samples: SampleSet) -> SamplePlan {
        SamplePlan(
            inputSteps: inputSteps ?? samples.stepCount,
            drainSteps: image.network.drainSteps,
            between: between
        )
    }

    /// What a run cost, by the table of this run.
    ///
    /// - Parameter result: The run.
    /// - Returns: Counts times prices, and the static power over the chip time.
    public func energy(of result: RunResult) -> EnergyReport {
        EnergyReport(
            counts: result.counts,
            table: table ?? image.chip.energyTables[0],
            chipTimeInSeconds: result.chipTimeInNanoseconds * 1e-9,
            chipTimeIsLowerBound: result.chipTimeIsLowerBound
        )
    }

    /// Runs all samples in order.
    ///
    /// - Parameters:
    ///   - samples: Inputs in the order of the image's ports (`SampleSet.matched`).
    ///   - sink: Receives every spike, step by step.
    ///   - probe: Called after each step with the machine, for `--probe`.
    ///   - progress: Called after each sample with the number of samples done.
    /// - Returns: What the run found out.
    /// - Throws: `TimingError`, or what the sink throws.
    public func callAsFunction(
        _ samples: SampleSet,
        sink: SpikeSink? = nil,
        probe: ((Machine) throws -> Void)? = nil,
        progress: ((Int) -> Void)? = nil
    ) throws -> RunResult {
        var session = try Session(self, plan: plan(for: samples), ports: samples.inputs.count)
        var results: [SampleResult] = []
        for sample in 0..<samples.sampleCount {
            let result = try session.run(sample, of: samples, sink: sink, probe: probe)
            results.append(result)
            progress?(sample + 1)
        }
        return session.finish(results, labels: samples.labels)
    }
}

/// A run under way.
private struct Session: ~Copyable {
    let plan: SamplePlan
    let readout: Readout
    let image: ChipImage
    let machine: Machine
    var clock: StepClock
    let timelineSteps: Range<UInt64>
    var timeline: [TimelineStep] = []
    var spikesOfSender: [UInt64]
    let map: SourceMap
    let outputPopulation: Int
    let outputAddresses: [NeuronAddress]
    let outputUnits: MembraneUnits
    let outputDepth: Int
    let readsPotentials: Bool
    let resets: Bool
    let largestCore: Int
    var builder = SpikeDigestBuilder()
    var neuronSpikes: [UInt64]
    var inputSpikes: [UInt64]
    var chipTime = 0.0
    var isLowerBound = false
    var overruns: UInt64 = 0

    init(_ run: ChipRun, plan: SamplePlan, ports: Int) throws {
        self.plan = plan
        readout = run.readout
        image = run.image
        machine = Machine(image: run.image, device: run.device, options: run.machine)
        clock = try StepClock(
            chip: run.image.chip,
            prices: run.table ?? run.image.chip.energyTables[0],
            packets: machine.packetTable,
            model: run.timing ?? StepClock.standardModel(of: run.image.chip)
        )
        machine.recordsVisits = clock.needsVisits
        timelineSteps = run.timelineSteps
        spikesOfSender = .init(repeating: 0, count: machine.packetTable.senderCount)
        map = SourceMap(run.image)
        outputPopulation = run.image.network.outputs[run.output].population
        let population = run.image.network.populations[outputPopulation]
        outputAddresses = map.addresses(ofPopulation: outputPopulation)
        outputUnits = MembraneUnits(run.image, population: outputPopulation)
        outputDepth = population.depth
        readsPotentials = run.readout == .membrane || run.readout == .last
        resets = run.between == .reset
        largestCore = run.image.cores.map(\.neurons.count).max() ?? 0
        neuronSpikes = .init(repeating: 0, count: run.image.network.populations.count)
        inputSpikes = .init(repeating: 0, count: ports)
    }

    mutating func run(
        _ sample: Int,
        of samples: SampleSet,
        sink: SpikeSink?,
        probe: ((Machine) throws -> Void)?
    ) throws -> SampleResult {
        let start = chipTime
        if resets { reset() }
        var reader = OutputReader(neurons: outputAddresses.count)
        let window = outputDepth..<(outputDepth + plan.inputSteps)
        for step in 0..<plan.stepsPerSample {
            let inputs = inputs(of: samples, sample: sample, step: step)
            machine.step(inputs: inputs)
            note(window.contains(step), step: step, &reader)
            try emit(inputs, to: sink)
            try probe?(machine)
            noteTime()
        }
        return SampleResult(
            outputCounts: reader.counts,
            answer: reader.answer(readout),
            chipTimeInNanoseconds: chipTime - start
        )
    }

    private mutating func reset() {
        machine.reset()
        note(clock.resetDuration(neurons: largestCore))
    }

    private mutating func noteTime() {
        let step = machine.currentStep - 1
        clock.recordsTimeline = timelineSteps.contains(step)
        let activity = machine.activity
        let time = clock.duration(of: activity)
        if let recorded = clock.timeline {
            timeline.append(TimelineStep(step: step, start: chipTime, time: time, what: recorded))
        }
        for sender in activity.senders { spikesOfSender[Int(sender)] += 1 }
        machine.lose(clock.dropped)
        note(time)
    }

    private mutating func note(_ time: StepTime) {
        chipTime += time.nanoseconds
        isLowerBound = isLowerBound || time.isLowerBound
        if time.isOverrun { overruns += 1 }
    }

    private func inputs(of samples: SampleSet, sample: Int, step: Int) -> [[UInt32]] {
        guard step < min(plan.inputSteps, samples.stepCount) else { return [] }
        return samples.inputs.indices.map {
            Array(samples.spikes(sample: sample, step: step, input: $0))
        }
    }

    private mutating func note(_ isInWindow: Bool, step: Int, _ reader: inout OutputReader) {
        for spike in machine.spikes {
            guard let neuron = map.neuron(at: spike.address) else { continue }
            neuronSpikes[neuron.population] += 1
            if isInWindow && neuron.population == outputPopulation {
                reader.note(spike: neuron.index, atStep: step)
            }
        }
        if readsPotentials && isInWindow {
            let potentials = outputAddresses.enumerated().map { neuron, address in
                outputUnits.potential(machine.membranePotential(at: address) ?? 0, of: neuron)
            }
            reader.note(potentials: potentials)
        }
    }

    private mutating func emit(_ inputs: [[UInt32]], to sink: SpikeSink?) throws {
        var spikes = machine.spikes
        let step = machine.currentStep - 1
        for (port, channels) in inputs.enumerated() {
            inputSpikes[port] += UInt64(channels.count)
            let core = NeuronAddress.firstInputCore + UInt32(port)
            for channel in channels {
                spikes.append(Spike(step: step, core: core, neuron: channel))
            }
        }
        builder.append(spikes)
        try sink?(spikes)
    }

    consuming func finish(_ results: [SampleResult], labels: [Int]?) -> RunResult {
        machine.finish()
        let inputs = zip(image.inputs, inputSpikes).map {
            PopulationSpikes(path: $0.name, neurons: $0.channelCount, spikes: $1)
        }
        let populations = zip(image.network.populations, neuronSpikes).map {
            PopulationSpikes(path: $0.path, neurons: $0.count, spikes: $1)
        }
        return RunResult(
            samples: results,
            correct: labels.map { labels in
                zip(results, labels).count { $0.answer == $1 }
            },
            populations: inputs + populations,
            steps: machine.currentStep,
            counts: machine.counts,
            packets: machine.packets,
            chipTimeInNanoseconds: chipTime,
            chipTimeIsLowerBound: isLowerBound,
            overruns: overruns,
            timing: TimingResult(
                model: clock.model,
                usage: clock.usage,
                packets: machine.packetTable,
                spikesOfSender: spikesOfSender,
                timeline: timeline
            ),
            digest: builder.finish()
        )
    }
}
