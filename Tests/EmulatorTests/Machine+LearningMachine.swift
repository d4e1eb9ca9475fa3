import ChipImage
import Emulator
import Events
import TestSupport

/// What the host does to a machine, in the words of the tests.
extension Machine {
    /// Does what the host does between two steps.
    func apply(_ action: HostAction) {
        switch action {
        case .setLearning(let projection, let isOn):
            setLearning(projection: projection, isOn: isOn)
        case .setAmplitude(let projection, let index, let value):
            setAmplitude(projection: projection, index: index, value: value)
        case .setReward(let projection, let value):
            setReward(projection: projection, value: value)
        case .setAttenuation(let population, let shift):
            setAttenuation(population: population, shift: shift)
        case .setRateControl(let population, let target, let gain, let periodInSteps):
            let control = RateControl(target: target, gain: gain, periodInSteps: periodInSteps)
            setRateControl(population: population, control)
        case .stopRateControl(let population): setRateControl(population: population, nil)
        case .setGainServo(let projection, let servo):
            setGainServo(projection: projection, servo.map(GainServo.init))
        case .setBias(let population, let neuron, let raw):
            setBias(population: population, neuron: neuron, raw: raw)
        case .setWeightRegister(let projection, let pre, let post, let value):
            setWeightRegister(projection: projection, pre: pre, post: post, value: value)
        }
    }
}

extension GainServo {
    /// A servo in the words of the fast machine.
    init(_ setting: ServoSetting) {
        self.init(
            law: setting.isExact
                ? .exact(gain: Int32(setting.gain)) : .shifts(exponent: setting.gain),
            periodInSteps: setting.periodInSteps
        )
    }
}
