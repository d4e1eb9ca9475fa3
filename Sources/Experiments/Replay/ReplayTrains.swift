import Analysis
import ChipImage
import Events

/// The spikes of a replay, recorded and emulated, neuron by neuron.
struct ReplayTrains {
    /// Most spikes that are kept: 16 bytes each.
    static let mostSpikes = 1 << 26

    /// Neurons of the image in the order of populations; each has a train on both sides.
    let neurons: [(population: Int, index: Int, address: NeuronAddress)]
    private var numbers: [NeuronAddress: Int] = [:]
    private var recorded: [[Double]]
    private var emulated: [[Double]]
    private var spikeCount = 0
    /// Whether some spikes were not kept: then the trains say nothing.
    var isTooLong: Bool { spikeCount > Self.mostSpikes }

    /// Prepares for the neurons of an image.
    ///
    /// - Parameters:
    ///   - image: The image.
    ///   - populations: Populations that are compared.
    init(_ image: ChipImage, populations: Set<Int>) {
        let map = SourceMap(image)
        neurons = populations.sorted().flatMap { population in
            map.addresses(ofPopulation: population).enumerated().map {
                (population, $0.offset, $0.element)
            }
        }
        for (number, neuron) in neurons.enumerated() { numbers[neuron.address] = number }
        recorded = .init(repeating: [], count: neurons.count)
        emulated = recorded
    }

    /// Whether a spike is of a neuron that is compared.
    func holds(_ spike: Spike) -> Bool { numbers[spike.address] != nil }

    /// Keeps the spikes of a step.
    mutating func append(recorded spikes: [Spike], emulated others: [Spike]) {
        spikeCount += spikes.count + others.count
        guard !isTooLong else { return }
        for spike in spikes {
            guard let number = numbers[spike.address] else { continue }
            // A neuron spikes once a step at the most.
            if recorded[number].last != Double(spike.step) {
                recorded[number].append(Double(spike.step))
            }
        }
        for spike in others {
            guard let number = numbers[spike.address] else { continue }
            emulated[number].append(Double(spike.step))
        }
    }

    /// The trains of a neuron over a range of steps, times since its begin.
    func trains(
        of number: Int,
        steps: Range<UInt64>
    ) -> (recorded: SpikeTrain, emulated: SpikeTrain) {
        let (first, last) = (Double(steps.lowerBound), Double(steps.upperBound))
        func train(_ times: [Double]) -> SpikeTrain {
            let begin = times.partition(before: first)
            let end = times.partition(before: last)
            return SpikeTrain(times[begin..<end].map { $0 - first }, in: 0...(last - first))
        }
        return (train(recorded[number]), train(emulated[number]))
    }
}

extension [Double] {
    /// Number of elements below a bound, of ascending ones.
    fileprivate func partition(before bound: Double) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < bound { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
