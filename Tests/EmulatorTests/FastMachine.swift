import ChipImage
import ChipSpec
import Emulator
import Events
import TestSupport

/// The fast machine as `LearningMachine`.
struct FastMachine: LearningMachine {
    private let machine: Machine

    init(image: ChipImage, device: Device, seed: UInt64) {
        machine = Machine(image: image, device: device, seed: seed)
    }

    func advance(_ inputs: [NeuronAddress]) -> [Spike] {
        var channels = machine.image.inputs.map { _ in [UInt32]() }
        for input in inputs {
            channels[Int(input.core - NeuronAddress.firstInputCore)].append(input.neuron)
        }
        machine.step(inputs: channels)
        return machine.spikes
    }

    func resetState() { machine.reset() }

    func setLearning(projection: Int, isOn: Bool) {
        machine.setLearning(projection: projection, isOn: isOn)
    }

    func setAmplitude(projection: Int, index: Int, value: Double) {
        machine.setAmplitude(projection: projection, index: index, value: value)
    }

    func setReward(projection: Int, value: Int32) {
        machine.setReward(projection: projection, value: value)
    }

    func setAttenuation(population: Int, shift: Int) {
        machine.setAttenuation(population: population, shift: shift)
    }

    func setRateControl(population: Int, target: Int, gain: Int32, periodInSteps: Int) {
        machine.setRateControl(
            population: population,
            RateControl(target: target, gain: gain, periodInSteps: periodInSteps)
        )
    }

    func stopRateControl(population: Int) {
        machine.setRateControl(population: population, nil)
    }

    func setGainServo(projection: Int, _ servo: ServoSetting?) {
        machine.setGainServo(projection: projection, servo.map(GainServo.init))
    }

    func setBias(population: Int, neuron: Int, raw: Int32) {
        machine.setBias(population: population, neuron: neuron, raw: raw)
    }

    func bias(population: Int, neuron: Int) -> Int32 {
        machine.bias(population: population, neuron: neuron)
    }

    func setWeightRegister(projection: Int, pre: Int, post: Int, value: Int) {
        machine.setWeightRegister(projection: projection, pre: pre, post: post, value: value)
    }

    func weightRegister(projection: Int, pre: Int, post: Int) -> Int {
        guard
            let register = machine.weightRegister(projection: projection, pre: pre, post: post)
        else { preconditionFailure("projection \(projection) has no synapse \(pre) → \(post)") }
        return register
    }

    func membranePotential(population: Int, neuron: Int) -> Int64 {
        machine.membranePotential(at: address(population, neuron)).map { Int64($0) } ?? .min
    }

    func synapticCurrent(population: Int, neuron: Int) -> Int64 {
        machine.synapticCurrent(at: address(population, neuron)).map { Int64($0) } ?? .min
    }

    var actionsDone: ActionCounts { machine.counts }

    var lastCoreCounts: [CoreStepCounts] { machine.coreCounts }

    private func address(_ population: Int, _ neuron: Int) -> NeuronAddress {
        for core in machine.image.cores {
            for segment in core.segments where Int(segment.population) == population {
                for slot in segment.firstSlot..<segment.firstSlot + segment.count
                where core.neurons.indexInPopulation[Int(slot)] == UInt32(neuron) {
                    return NeuronAddress(core: core.core, neuron: slot)
                }
            }
        }
        preconditionFailure("population \(population) has no neuron \(neuron)")
    }
}
