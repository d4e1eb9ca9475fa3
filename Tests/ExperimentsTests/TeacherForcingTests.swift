import Analysis
import ChipImage
import ChipSpec
import Compiler
import Emulator
import Events
import Experiments
import NetworkIR
import Samples
import SpikeTrace
import TestSupport
import Testing

/// Replays of recordings that another chip made.
@Suite("Replay against a changed chip")
struct TeacherForcingTests {
    private let recordings: RecordedRun

    init() throws { recordings = try RecordedRun() }

    /// What is changed in three neurons of the chip that records.
    enum Change: CaseIterable, CustomStringConvertible {
        case thresholds
        case weights

        var description: String { self == .thresholds ? "thresholds" : "weights" }
    }

    /// An image with three neurons changed that spike often, and which.
    private func changed(
        _ image: ChipImage,
        _ change: Change,
        _ population: Int,
        busiest: [NeuronAddress]
    ) throws -> (image: ChipImage, places: Set<NeuronAddress>) {
        var image = image
        let places = Set([busiest[0], busiest[2], busiest[5]])
        switch change {
        case .thresholds:
            for (index, core) in image.cores.enumerated() {
                for place in places where place.core == core.core {
                    let threshold = core.neurons.threshold[Int(place.neuron)]
                    image.cores[index].neurons.threshold[Int(place.neuron)] = threshold / 5 * 6
                }
            }
        case .weights:
            let map = SourceMap(image)
            let targets = Set(places.compactMap { map.neuron(at: $0)?.index })
            let projection = try #require(
                image.network.projections.firstIndex {
                    $0.target == image.network.populations[population].path
                }
            )
            let weights = image.synapses(ofProjection: projection).map { place in
                let weight = Int32(image.cores[place.core].synapses.weights[place.synapse])
                return targets.contains(place.post) ? weight / 4 * 3 : weight
            }
            image = try image.settingWeights(weights, ofProjection: projection)
        }
        return (image, places)
    }

    private func check(
        _ image: ChipImage,
        _ samples: SampleSet,
        _ change: Change
    ) throws {
        var counts: [NeuronAddress: Int] = [:]
        let first = try recordings.record(image, samples)
        for spike in try first.allSpikes() where !spike.address.isInput {
            counts[spike.address, default: 0] += 1
        }
        let map = SourceMap(image)
        // Neurons that others listen to: those of the first population.
        let busiest = counts.filter { map.neuron(at: $0.key)?.population == 0 }
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
        let (other, places) = try changed(image, change, 0, busiest: busiest)
        let reader = try recordings.record(other, samples, to: "changed.mcap")
        var replay = Replay(image: image)
        let free = try replay(reader)
        replay.isTeacherForced = true
        let forced = try replay(reader)
        #expect(Set(forced.deviating.map(\.address)) == places)
        #expect(!forced.isEqual && forced.isSameImage == false)
        // Free running: many more deviate, among them neurons that are as they were.
        #expect(free.deviating.count > 6, "\(free.deviating.count)")
        // The first difference is the same, and its neuron one of the three.
        #expect(forced.divergence?.difference.step == free.divergence?.difference.step)
        let divergence = try #require(forced.divergence)
        #expect(
            places.contains(
                NeuronAddress(
                    core: divergence.difference.core,
                    neuron: divergence.difference.neuron
                )
            )
        )
        // Its history shows why: the membrane is above the threshold where it spiked alone.
        let point = try #require(
            divergence.history.first { $0.step == divergence.difference.step }
        )
        #expect(point.isEmulated != point.isRecorded)
        #expect((point.membrane > divergence.threshold) == point.isEmulated)
        // The recording on the chip that made it.
        replay = Replay(image: other)
        replay.isTeacherForced = true
        #expect(try replay(reader).isEqual)
    }

    @Test("names exactly the three neurons changed: digits", arguments: Change.allCases)
    func digits(change: Change) throws {
        let (network, samples) = try ReplayFixtures.digits(20)
        let image = try Compiler.compile(network, for: DigitsFixture.chip("pilot")).image
        try check(image, samples, change)
    }

    @Test(
        "names exactly the three neurons changed: a random recurrent network",
        arguments: Change.allCases
    )
    func recurrent(change: Change) throws {
        let (network, samples) = try ReplayFixtures.recurrent(seed: 3, steps: 600)
        let image = try Compiler.compile(network, for: DigitsFixture.chip("pilot")).image
        try check(image, samples, change)
    }

    @Test(
        "its own recording has no difference, forced or not, on any number of threads",
        arguments: ["pilot", "loihi", "spinnaker2"]
    )
    func ownRecording(chip: String) throws {
        let (network, samples) = try ReplayFixtures.digits(8)
        let image = try Compiler.compile(network, for: DigitsFixture.chip(chip)).image
        let device = Device.drawn(from: image.chip, coefficient: 0.2, seed: 11)
        let reader = try recordings.record(image, samples, device: device)
        for threads in [1, 2, 4] {
            var replay = Replay(image: image)
            replay.machine = MachineOptions(
                threads: threads,
                partitionSize: 32,
                smallestSplitWork: 0
            )
            for isForced in [false, true] {
                replay.isTeacherForced = isForced
                let outcome = try replay(reader)
                #expect(outcome.isEqual && outcome.comparison.isEqual, "\(threads) threads")
                #expect(outcome.isSameImage == true && outcome.deviating.isEmpty)
                #expect(outcome.comparison.total.recorded > 1000)
            }
        }
    }

    @Test("a spike within the tolerance is the same spike")
    func tolerance() throws {
        let (network, samples) = try ReplayFixtures.recurrent(seed: 4, steps: 200)
        let image = try Compiler.compile(network, for: DigitsFixture.chip("pilot")).image
        let reader = try recordings.record(image, samples)
        let address = try #require(
            try reader.allSpikes().first { !$0.address.isInput }?.address
        )
        let late = try reader.allSpikes().map { spike in
            var spike = spike
            if spike.address == address { spike.step += 2 }
            return spike
        }
        let shifted = try recordings.write(late, of: image, samples, to: "late.mcap")
        var replay = Replay(image: image)
        // The last steps are past the end of the samples.
        replay.tolerance = 1
        #expect(try replay(shifted).deviating.map(\.address) == [address])
        let deviating = try #require(try replay(shifted).deviating.first)
        #expect(deviating.distances.latency == -2)
        replay.tolerance = 2
        let outcome = try replay(shifted)
        #expect(outcome.deviating.isEmpty && outcome.isEqual && !outcome.comparison.isEqual)
    }

    @Test("with repeated trials a neuron deviates beyond what the recording's own trials do")
    func trials() throws {
        let (network, samples) = try ReplayFixtures.recurrent(seed: 5, steps: 100)
        let image = try Compiler.compile(network, for: DigitsFixture.chip("pilot")).image
        let repeated = try SampleSet(
            inputs: [
                InputSpikes(
                    name: nil,
                    channelShape: [16],
                    samples: (0..<4).map { _ in
                        (0..<100).map { Array(samples.spikes(sample: 0, step: $0, input: 0)) }
                    }
                )
            ]
        )
        let reader = try recordings.record(image, repeated)
        var replay = Replay(image: image)
        replay.trials = 4
        let equal = try replay(reader)
        #expect(equal.neurons.allSatisfy { $0.trialDistances?.vanRossum == 0 && !$0.deviates })
        // One neuron is silent in every second trial: the model is nearer to it than it is to itself.
        let spikes = try reader.allSpikes()
        let busy = try #require(spikes.first { !$0.address.isInput }?.address)
        let length = equal.steps / 4
        let unreliable = spikes.filter { $0.address != busy || $0.step / length % 2 == 0 }
        let written = try recordings.write(unreliable, of: image, repeated, to: "unreliable.mcap")
        let outcome = try replay(written)
        let neuron = try #require(outcome.neurons.first { $0.address == busy })
        #expect(neuron.differenceCount > 0 && !neuron.deviates && outcome.deviating.isEmpty)
        let trial = try #require(neuron.trialDistances?.vanRossum)
        #expect(abs(neuron.distances.vanRossum - trial / 2) < 1e-9)
        replay.trials = 1
        #expect(try replay(written).deviating.map(\.address) == [busy])
        replay.trials = 7
        #expect(throws: Replay.Fault.self) { try replay(written) }
    }

    @Test("inputs and populations are chosen by name")
    func names() throws {
        let (network, samples) = try ReplayFixtures.digits(4)
        let image = try Compiler.compile(network, for: DigitsFixture.chip("pilot")).image
        let reader = try recordings.record(image, samples)
        let paths = image.network.populations.map(\.path)
        var replay = Replay(image: image)
        replay.compared = [paths[1]]
        replay.inputs = [image.inputs[0].name]
        let outcome = try replay(reader)
        #expect(outcome.neurons.count == image.network.populations[1].count)
        #expect(outcome.isEqual && outcome.comparison.populations[0].recorded == 0)
        replay.compared = ["core/0"]
        #expect(try replay(reader).isEqual)
        replay.compared = ["nobody"]
        #expect(throws: Replay.Fault.self) { try replay(reader) }
        replay.compared = nil
        replay.inputs = ["nobody"]
        #expect(throws: Replay.Fault.self) { try replay(reader) }
    }

    @Test("two recordings are compared spike by spike")
    func traces() throws {
        let (network, samples) = try ReplayFixtures.recurrent(seed: 6, steps: 100)
        let image = try Compiler.compile(network, for: DigitsFixture.chip("pilot")).image
        let first = try recordings.record(image, samples)
        let again = try recordings.record(image, samples, to: "again.mcap")
        let same = try TraceComparison(first, again)
        #expect(same.isEqual && same.facts.isEmpty && same.firstDifference == nil)
        #expect(same.channels.count == 2)
        #expect(same.channels.allSatisfy { $0.distances?.vanRossum == 0 && $0.counts.missing == 0 })
        var spikes = try first.allSpikes()
        let index = try #require(spikes.lastIndex { !$0.address.isInput })
        let removed = spikes.remove(at: index)
        let short = try recordings.write(spikes, of: image, samples, to: "short.mcap")
        let comparison = try TraceComparison(first, short)
        #expect(!comparison.isEqual && comparison.differenceCount == 1)
        #expect(
            comparison.firstDifference == SpikeComparison.Difference(removed, onlyIn: .recorded)
        )
        #expect(comparison.channels[0].counts.missing == 1)
    }
}
