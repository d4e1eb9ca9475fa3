import Description
import FixedPoint
import Foundation
import RateNetworks

/// Trains a circuit: patterns, alignment and validation, epoch by epoch.
struct CircuitRun {
    /// A pattern as the host shows it.
    private struct Pattern {
        var inputs: [Double]
        var targets: [Double]
        var label: Int
    }

    private let circuit: Circuit
    private let training: [Pattern]
    private let validation: [Pattern]
    private let test: [Pattern]
    private let stream: RandomStream

    /// Prepares the patterns.
    ///
    /// - Parameters:
    ///   - circuit: What to run.
    ///   - seed: Of samples and their order.
    ///   - makeTeacher: Makes a circuit like the student, into which a teacher's weights are written; called
    ///     for a task with a teacher.
    /// - Throws: What `makeTeacher` throws.
    init(
        _ circuit: Circuit,
        seed: UInt64,
        makeTeacher: () throws -> any CircuitSubstrate
    ) throws {
        self.circuit = circuit
        stream = RandomStream(seed: seed, purpose: .stimulus)
            .named(RandomStream.id(of: "CircuitRun"))
        switch circuit.task {
        case .teacher(let weights, let training, let validation):
            let teacher = try makeTeacher()
            teacher.forward = weights.map { [$0] }
            let patterns = (training + validation).map { input in
                // The teacher's own noise must not become the student's loss.
                teacher.setInputs([input])
                teacher.run(steps: circuit.schedule.lag)
                let steps = Self.teacherPresentations * circuit.schedule.steps
                return Pattern(
                    inputs: [input],
                    targets: teacher.measure(steps: steps),
                    label: 0
                )
            }
            self.training = Array(patterns.prefix(training.count))
            self.validation = Array(patterns.suffix(validation.count))
            test = []
        case .yinYang(let task):
            let data = LabelledData.yinYang(count: task.training + task.test, seed: seed)
            let patterns = (0..<data.labels.count).map { index in
                let label = data.labels[index]
                return Pattern(
                    inputs: (0..<4).map {
                        task.scale * (2 * Double(data.inputs[4 * index + $0]) - 1)
                    } + (task.constant.map { [$0] } ?? []),
                    targets: (0..<3).map { $0 == label ? task.target : task.otherTarget },
                    label: label
                )
            }
            self.training = Array(patterns.prefix(task.training))
            validation = []
            test = Array(patterns.suffix(task.test))
        }
    }

    /// How many patterns long the teacher is watched with each input.
    private static let teacherPresentations = 10

    /// Draws the initial weights of a circuit.
    ///
    /// - Parameters:
    ///   - circuit: Its description.
    ///   - seed: Of the weights.
    ///   - substrate: Where they are written.
    static func drawWeights(of circuit: Circuit, seed: UInt64, into substrate: any CircuitSubstrate)
    {
        let stream = RandomStream(seed: seed, purpose: .network)
            .named(RandomStream.id(of: "CircuitRun"))
        let widths = circuit.widths
        func matrix(_ count: Int, _ kind: UInt32, _ layer: Int, _ limit: Double) -> [Double] {
            (0..<count).map {
                limit * (2 * stream.uniform(UInt32($0), UInt32(layer), kind) - 1)
            }
        }
        substrate.forward = (1..<widths.count).map { layer in
            matrix(
                widths[layer] * widths[layer - 1],
                0,
                layer,
                circuit.initialLimits[layer - 1]
            )
        }
        substrate.feedback = (1..<widths.count - 1).map { layer in
            matrix(widths[layer] * widths[layer + 1], 1, layer, circuit.initialFeedbackLimit)
        }
    }

    /// Trains.
    ///
    /// - Parameters:
    ///   - substrate: A circuit with its initial weights.
    ///   - progress: Called with the number of epochs done.
    /// - Returns: What came of it.
    func train(_ substrate: any CircuitSubstrate, progress: (Int) -> Void = { _ in })
        -> CircuitCourse
    {
        let schedule = circuit.schedule
        var course = CircuitCourse(
            initialForward: substrate.forward,
            initialFeedback: substrate.feedback
        )
        align(substrate, epoch: -1)
        for epoch in 0..<schedule.epochs {
            substrate.setRates(share: share(circuit.rateDecay, epoch))
            for number in 0..<schedule.patterns {
                show(pattern(epoch, number, 0), on: substrate)
                substrate.run(steps: schedule.lag)
                substrate.setLearning(true)
                substrate.run(steps: schedule.steps - schedule.lag)
                substrate.setLearning(false)
            }
            align(substrate, epoch: epoch)
            course.angles.append(
                CircuitCourse.angles(substrate.forward, substrate.feedback, circuit.widths)
            )
            if !validation.isEmpty { course.losses.append(loss(on: substrate)) }
            progress(epoch + 1)
        }
        substrate.setTargets(nil)
        if !test.isEmpty { course.testAccuracy = accuracy(on: substrate) }
        course.forward = substrate.forward
        course.feedback = substrate.feedback
        return course
    }

    /// Aligns the feedback weights after an epoch; before the first one for epoch −1.
    private func align(_ substrate: any CircuitSubstrate, epoch: Int) {
        guard circuit.feedback == .aligned, let alignment = circuit.alignment else { return }
        let count = epoch < 0 ? alignment.firstPatterns : alignment.patterns
        guard count > 0 else { return }
        substrate.setEta(alignment.eta * share(alignment.etaDecay, max(0, epoch)))
        substrate.setAligning(true)
        for number in 0..<count {
            if alignment.isSilent {
                substrate.setInputs(.init(repeating: Self.silence, count: circuit.widths[0]))
                substrate.setTargets(.init(repeating: 0, count: circuit.task.outputCount))
            } else {
                show(pattern(epoch, number, 1), on: substrate)
            }
            substrate.run(steps: alignment.steps)
        }
        substrate.setAligning(false)
    }

    /// Potential at which an input spikes once in 10⁸ refractory times.
    private static let silence = -18.0

    /// What is left of a rate in an epoch.
    private func share(_ decay: Double, _ epoch: Int) -> Double {
        pow(decay, Double(epoch) / Double(max(1, circuit.schedule.epochs - 1)))
    }

    private func pattern(_ epoch: Int, _ number: Int, _ kind: UInt32) -> Pattern {
        let u = stream.uniform(UInt32(number), UInt32(epoch + 1), kind)
        return training[Int(u * Double(training.count))]
    }

    private func show(_ pattern: Pattern, on substrate: any CircuitSubstrate) {
        substrate.setInputs(pattern.inputs)
        substrate.setTargets(pattern.targets)
    }

    /// Mean square of what the outputs miss, targets nudging them as they do in training.
    private func loss(on substrate: any CircuitSubstrate) -> Double {
        var sum = 0.0
        for pattern in validation {
            show(pattern, on: substrate)
            substrate.run(steps: circuit.schedule.lag)
            let outputs = substrate.measure(steps: circuit.schedule.steps - circuit.schedule.lag)
            for (output, target) in zip(outputs, pattern.targets) {
                sum += (output - target) * (output - target) / Double(outputs.count)
            }
        }
        return sum / Double(validation.count)
    }

    /// Share of test samples whose output of the right class has the highest mean potential.
    private func accuracy(on substrate: any CircuitSubstrate) -> Double {
        var right = 0
        for pattern in test {
            let schedule = circuit.schedule
            substrate.setInputs(pattern.inputs)
            substrate.run(steps: schedule.testLag)
            let outputs = substrate.measure(steps: schedule.testSteps - schedule.testLag)
            let best = outputs.indices.max { outputs[$0] < outputs[$1] }
            if best == pattern.label { right += 1 }
        }
        return Double(right) / Double(test.count)
    }
}

/// How a circuit learned.
public struct CircuitCourse: Sendable, Equatable {
    /// Forward weights at first, `[layer][post · fanIn + pre]`.
    public var initialForward: [[Double]]
    /// Feedback weights at first.
    public var initialFeedback: [[Double]]
    /// Validation loss after each epoch, square log-odds; empty without validation inputs.
    public var losses: [Double] = []
    /// Angle between feedback and transposed forward weights of each hidden layer after each epoch, degrees.
    public var angles: [[Double]] = []
    /// Share of test samples that were right; nil without test samples.
    public var testAccuracy: Double?
    /// Forward weights in the end.
    public var forward: [[Double]] = []
    /// Feedback weights in the end.
    public var feedback: [[Double]] = []

    init(initialForward: [[Double]], initialFeedback: [[Double]]) {
        self.initialForward = initialForward
        self.initialFeedback = initialFeedback
    }

    /// Median loss of the last ten epochs; nil without.
    public var finalLoss: Double? {
        let last = losses.suffix(10)
        return last.isEmpty ? nil : median(Array(last))
    }

    static func angles(_ forward: [[Double]], _ feedback: [[Double]], _ widths: [Int]) -> [Double] {
        feedback.indices.map { index in
            let (posts, pres) = (widths[index + 1], widths[index + 2])
            var (product, back, up) = (0.0, 0.0, 0.0)
            for k in feedback[index].indices {
                let b = feedback[index][k]
                let w = forward[index + 1][k % pres * posts + k / pres]
                product += b * w
                back += b * b
                up += w * w
            }
            let cosine = product / max(1e-300, (back * up).squareRoot())
            return acos(min(1, max(-1, cosine))) * 180 / .pi
        }
    }
}
