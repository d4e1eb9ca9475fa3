package import ChipImage
package import Events

/// A recording as a fit reads it: the spikes of each step as sender numbers, and when the state was reset.
package struct RecordedSpikes: Sendable {
    /// Steps of the recording.
    package let steps: Int
    /// Steps from one state reset to the next; nil where there was none after the first.
    package let stepsPerReset: Int?
    /// Step t owns `senders[offsets[t]..<offsets[t + 1]]`, ascending.
    let offsets: [Int]
    let senders: [UInt32]
    /// Spikes of addresses that the image does not have.
    package let strangers: Int

    /// Most steps of a recording that is fitted.
    package static let mostSteps = 1 << 26

    /// Sorts a recording by step and sender.
    ///
    /// - Parameters:
    ///   - spikes: In canonical order, neurons and inputs.
    ///   - steps: Steps of the recording, at most `mostSteps`; later spikes are left out.
    ///   - stepsPerReset: Steps from one state reset to the next.
    ///   - image: What was recorded.
    package init(_ spikes: [Spike], steps: Int, stepsPerReset: Int?, image: ChipImage) {
        self.init(spikes, steps: steps, stepsPerReset: stepsPerReset, wiring: Wiring(image))
    }

    init(_ spikes: [Spike], steps: Int, stepsPerReset: Int?, wiring: Wiring) {
        var offsets = [0]
        var senders: [UInt32] = []
        var strangers = 0
        offsets.reserveCapacity(steps + 1)
        senders.reserveCapacity(spikes.count)
        for spike in spikes {
            guard spike.step < UInt64(steps) else { break }
            guard let sender = wiring.sender(spike.address) else {
                strangers += 1
                continue
            }
            while offsets.count <= Int(spike.step) { offsets.append(senders.count) }
            // A wire spikes once in a step.
            if senders.count > (offsets.last ?? 0), senders.last == UInt32(sender) { continue }
            senders.append(UInt32(sender))
        }
        while offsets.count <= steps { offsets.append(senders.count) }
        self.steps = steps
        self.stepsPerReset = stepsPerReset
        self.offsets = offsets
        self.senders = senders
        self.strangers = strangers
    }

    /// Spikes of a step.
    func spikes(ofStep step: Int) -> ArraySlice<UInt32> {
        senders[offsets[step]..<offsets[step + 1]]
    }

    /// Whether the state is reset before a step.
    func isReset(before step: Int) -> Bool {
        step == 0 || stepsPerReset.map { step % $0 == 0 } ?? false
    }
}

/// Input and spikes of some neurons, step by step, with the recorded spikes of their sources delivered.
struct TeacherForcing: Sendable {
    /// Which neurons.
    let neurons: Range<Int>
    let steps: Int
    /// What the soma reads, `[neuron][step]`; sums beyond 32 bits are at the rail of any membrane.
    let inputs: [Int32]
    /// 1 where a neuron's spike is recorded, `[neuron][step]`.
    let spikes: [UInt8]

    init(
        _ recording: RecordedSpikes,
        _ wiring: Wiring,
        neurons: Range<Int>,
        lost: LostSpikes? = nil
    ) {
        let steps = recording.steps
        var inputs = [Int32](repeating: 0, count: neurons.count * steps)
        var spikes = [UInt8](repeating: 0, count: neurons.count * steps)
        var dendrites = Dendrites(wiring, neurons: neurons)
        var expected = ExpectedCharge(wiring, neurons: neurons)
        for step in 0..<steps {
            if recording.isReset(before: step) {
                dendrites.reset()
                expected.reset()
            } else {
                dendrites.deliver(recording.spikes(ofStep: step - 1))
                if let lost { expected.deliver(lost.entries(ofStep: step - 1)) }
            }
            for neuron in neurons {
                var input = dendrites.read(neuron)
                if lost != nil { input &+= expected.read(neuron) }
                inputs[(neuron - neurons.lowerBound) * steps + step] = Int32(clamping: input)
            }
            for sender in recording.spikes(ofStep: step) where neurons.contains(Int(sender)) {
                spikes[(Int(sender) - neurons.lowerBound) * steps + step] = 1
            }
            dendrites.advance()
            expected.advance()
        }
        self.neurons = neurons
        self.steps = steps
        self.inputs = inputs
        self.spikes = spikes
    }
}
