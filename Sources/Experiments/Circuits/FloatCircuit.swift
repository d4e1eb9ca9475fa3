import Description
import FixedPoint
import Foundation

/// A circuit in floating point numbers: the same equations as on the chip, without registers.
///
/// Feedback weights learn by the published window: exp(−Δ/τ_ref) for the last spike of the partner
/// (Gierlich et al., arXiv 2503.02642).
final class FloatCircuit: CircuitSubstrate {
    /// Neurons of a population; interneurons have the biases and inputs of the layer they predict.
    private struct Neurons {
        var potential: [Double]
        /// Step of the last spike.
        var last: [Int]
        /// Whether the neuron spiked in the running step.
        var fires: [Bool]

        init(_ count: Int, bias: Double) {
            potential = [Double](repeating: bias, count: count)
            last = [Int](repeating: -1_000_000, count: count)
            fires = [Bool](repeating: false, count: count)
        }
    }

    var forward: [[Double]]
    private var ownFeedback: [[Double]]
    private let circuit: Circuit
    private let widths: [Int]
    private var layers: [Neurons]
    /// Of hidden layer l, at l.
    private var inter: [Neurons]
    /// Exponential potentials of the inputs.
    private var inputs: [Double]
    private var drive: [[Double]]
    private var share = 1.0
    private var eta = 0.0
    private var averageBasal: [[Double]]
    private var averageSoma: [[Double]]
    private var targets: [Double]?
    private var isLearning = false
    private var isAligning = false
    private var step = 0
    private let stream: RandomStream

    init(_ circuit: Circuit, seed: UInt64) {
        self.circuit = circuit
        let widths = circuit.widths
        self.widths = widths
        forward = (1..<widths.count).map { .init(repeating: 0, count: widths[$0] * widths[$0 - 1]) }
        ownFeedback = (1..<widths.count - 1).map {
            .init(repeating: 0, count: widths[$0] * widths[$0 + 1])
        }
        layers = widths.enumerated().map { Neurons($1, bias: $0 == 0 ? 0 : circuit.biases[$0 - 1]) }
        inter = widths.indices.map { layer in
            let isHidden = layer > 0 && layer < widths.count - 1
            return Neurons(
                isHidden ? widths[layer + 1] : 0,
                bias: isHidden ? circuit.biases[layer] : 0
            )
        }
        inputs = [Double](repeating: 0, count: widths[0])
        let zero = widths.map { [Double](repeating: 0, count: $0) }
        (drive, averageBasal, averageSoma) = (zero, zero, zero)
        stream = RandomStream(seed: seed, purpose: .stochasticSpike)
            .named(RandomStream.id(of: "FloatCircuit"))
    }

    var feedback: [[Double]] {
        get {
            guard circuit.feedback == .shared else { return ownFeedback }
            return ownFeedback.indices.map { index in
                let (posts, pres) = (widths[index + 1], widths[index + 2])
                return (0..<posts * pres).map { forward[index + 1][$0 % pres * posts + $0 / pres] }
            }
        }
        set { ownFeedback = newValue }
    }

    func setInputs(_ potentials: [Double]) { layers[0].potential = potentials }
    func setTargets(_ potentials: [Double]?) { targets = potentials }
    func setRates(share: Double) { self.share = share }
    func setEta(_ eta: Double) { self.eta = eta }
    func setLearning(_ isOn: Bool) { isLearning = isOn }
    func setAligning(_ isOn: Bool) { isAligning = isOn }

    func run(steps: Int) { _ = measure(steps: steps) }

    func measure(steps: Int) -> [Double] {
        var sums = [Double](repeating: 0, count: widths.last ?? 0)
        for _ in 0..<steps {
            advance()
            for k in sums.indices { sums[k] += layers[widths.count - 1].potential[k] }
        }
        return sums.map { $0 / Double(max(1, steps)) }
    }

    /// σ(u − ln τ_ref).
    private func probability(_ u: Double) -> Double {
        1 / (1 + exp(-u) * Double(circuit.refractorySteps))
    }

    private func advance() {
        let feedback = feedback
        integrate(feedback)
        fire()
        if isLearning { learn() }
        if isAligning, circuit.feedback == .aligned { align() }
        step += 1
    }

    /// Sum of weights times rectangular potentials.
    private func charge(_ weights: [Double], _ post: Int, _ source: Neurons) -> Double {
        let fanIn = source.last.count
        var sum = 0.0
        for pre in 0..<fanIn where step - source.last[pre] <= circuit.refractorySteps {
            sum += weights[post * fanIn + pre]
        }
        return sum
    }

    /// What the inputs charge a neuron of the first hidden layer with.
    private func inputCharge(_ post: Int) -> Double {
        guard circuit.inputTau != nil else { return charge(forward[0], post, layers[0]) }
        return inputs.indices.reduce(0) { $0 + forward[0][post * inputs.count + $1] * inputs[$1] }
    }

    private func integrate(_ feedback: [[Double]]) {
        let share = 1 / Double(1 << circuit.averagingShift)
        let coupling = isAligning ? 1 : circuit.apicalCoupling
        let kept = circuit.inputTau.map { exp(-1 / $0) } ?? 0
        for k in inputs.indices {
            inputs[k] = kept * inputs[k] + (layers[0].last[k] == step - 1 ? 1 : 0)
        }
        for layer in 1..<widths.count {
            let isOutput = layer == widths.count - 1
            for k in 0..<widths[layer] {
                let basal =
                    layer == 1
                    ? inputCharge(k) : charge(forward[layer - 1], k, layers[layer - 1])
                let u = circuit.biases[layer - 1] + basal + drive[layer][k]
                layers[layer].potential[k] = u
                averageBasal[layer][k] += share * (basal - averageBasal[layer][k])
                averageSoma[layer][k] += share * (u - averageSoma[layer][k])
                if isOutput {
                    let predicted = averageBasal[layer][k] + circuit.biases[layer - 1]
                    drive[layer][k] = targets.map { circuit.nudging * ($0[k] - predicted) } ?? 0
                } else {
                    let above = charge(feedback[layer - 1], k, layers[layer + 1])
                    let expected =
                        isAligning ? 0 : charge(feedback[layer - 1], k, inter[layer])
                    drive[layer][k] = coupling * (above - expected)
                }
            }
            guard !isOutput else { continue }
            for k in 0..<widths[layer + 1] {
                inter[layer].potential[k] =
                    circuit.biases[layer] + charge(forward[layer], k, layers[layer])
            }
        }
    }

    private func fire() {
        for layer in widths.indices {
            fire(&layers[layer], UInt32(2 * layer))
            fire(&inter[layer], UInt32(2 * layer + 1))
        }
    }

    private func fire(_ neurons: inout Neurons, _ population: UInt32) {
        let number = UInt32(truncatingIfNeeded: step)
        for k in neurons.last.indices {
            let isFree = step - neurons.last[k] >= circuit.refractorySteps
            neurons.fires[k] =
                isFree
                && stream.uniform(UInt32(k), population, number) < probability(neurons.potential[k])
        }
        for k in neurons.last.indices where neurons.fires[k] { neurons.last[k] = step }
    }

    private func learn() {
        for layer in circuit.learningLayers {
            for k in 0..<widths[layer] {
                let error =
                    probability(averageSoma[layer][k])
                    - probability(averageBasal[layer][k] + circuit.biases[layer - 1])
                for pre in 0..<widths[layer - 1] where layers[layer - 1].fires[pre] {
                    forward[layer - 1][k * widths[layer - 1] + pre] +=
                        share * circuit.rates[layer - 1] * error
                }
            }
        }
    }

    private func align() {
        let tau = Double(circuit.refractorySteps)
        for layer in 1..<widths.count - 1 {
            for post in 0..<widths[layer] {
                for pre in 0..<widths[layer + 1] {
                    let (below, above) = (layers[layer], layers[layer + 1])
                    guard below.fires[post] != above.fires[pre] else { continue }
                    let index = post * widths[layer + 1] + pre
                    if below.fires[post] {
                        ownFeedback[layer - 1][index] -=
                            eta * exp(-Double(step - above.last[pre]) / tau)
                    } else {
                        ownFeedback[layer - 1][index] +=
                            eta * exp(-Double(step - below.last[post]) / tau)
                    }
                }
            }
        }
    }
}
