import ChipImage
import ChipSpec
import Compiler
import Description
import Emulator
import Events
import NetworkIR
import RateNetworks

/// Aligns the feedback weights of a rate network on a chip, whose populations are its layers.
///
/// The host writes the forward registers, the chip spikes and its rule changes the feedback registers, the host
/// reads them back. Membranes, traces, biases and rate counters of the chip go on from phase to phase.
final class ChipAligner: @unchecked Sendable {
    // Unchecked: one training run owns it and calls it from one thread at a time.

    private var run: LearningRun
    private let plan: AlignmentPlan
    /// Projections of the layers: `forward[k]` from layer k, `feedback[k]` onto layer k + 1 of the network.
    private let forward: [Int]
    private let feedback: [Int]
    /// What the phases took, one entry a name.
    private(set) var phases: [PhaseResult] = []
    /// Bytes of weights that host and chip exchanged.
    private(set) var weightBytes: UInt64 = 0

    /// Compiles and loads the network.
    ///
    /// - Parameters:
    ///   - plan: How to align.
    ///   - widths: Neurons of each layer, inputs first.
    ///   - arm: Chip, prices and mismatch.
    ///   - seed: Of run and device.
    /// - Throws: `RuleError`, `CompilerError`.
    init(_ plan: AlignmentPlan, widths: [Int], arm: TrainingStudy.Arm, seed: UInt64) throws {
        let training = arm.training
        let network = plan.network(widths: widths, fullScale: training.fullScale ?? 1)
        let rules = try network.rules.map { try RuleCompiler.program(for: $0, on: arm.chip) }
        let image = try Compiler.compile(network, for: arm.chip, rules: rules).image
        self.plan = plan
        run = LearningRun(
            image: image,
            plan: LearningPlan(phases: [], probeEverySeconds: 1e9),
            device: Device(seed: seed, variation: [.weight: training.mismatch]),
            seed: seed,
            stepInSeconds: 1e-3,
            energyTable: arm.table
        )
        let projections = image.network.projections
        func index(_ name: String) -> Int? { projections.firstIndex { $0.name == name } }
        forward = (0..<widths.count - 1).compactMap { index("forward\($0)") }
        feedback = (1..<max(1, widths.count - 1)).compactMap { index("feedback\($0)") }
    }

    /// Gains of the device's synapses, for the passes on the host.
    var gains: SynapseMismatch {
        func matrix(_ projection: Int) -> [Float] {
            // Row-major `[post][pre]`; the machine's order is by pre, then post.
            run.machine.synapses(of: projection).sorted { ($0.post, $0.pre) < ($1.post, $1.pre) }
                .map { Float($0.gain) }
        }
        return .given(forward: forward.map(matrix), feedback: feedback.map(matrix))
    }

    /// Aligns the feedback registers of a network with its forward registers.
    ///
    /// - Parameters:
    ///   - network: Of registers; its feedback is replaced.
    ///   - occasion: Which phase of the plan runs; before epoch 0 none does, because it follows the warm-up.
    /// - Throws: `LearningRun.UnknownName` if a phase names what the network does not have.
    func align(_ network: inout ReLUNetwork, _ occasion: AlignedFeedback.Occasion) throws {
        let phase: RunPhase? =
            switch occasion {
            case .beforeTraining: plan.warmUp
            case .beforeEpoch(0): nil
            case .beforeEpoch: plan.everyEpoch
            }
        guard let phase else { return }
        // The input layer has no feedback and does not spike.
        for layer in 1..<forward.count { write(network.forward[layer], to: forward[layer]) }
        for layer in feedback.indices { write(network.feedback[layer], to: feedback[layer]) }
        phases.add(try run.run(phase))
        for layer in feedback.indices { read(feedback[layer], into: &network.feedback[layer]) }
    }

    private func write(_ matrix: WeightMatrix, to projection: Int) {
        guard let registers = matrix.registers else { return }
        for post in 0..<matrix.rows {
            for pre in 0..<matrix.columns {
                run.machine.setWeightRegister(
                    projection: projection,
                    pre: pre,
                    post: post,
                    value: Int(registers[post * matrix.columns + pre])
                )
            }
        }
        weightBytes += UInt64(2 * registers.count)
    }

    private func read(_ projection: Int, into matrix: inout WeightMatrix) {
        guard var registers = matrix.registers else { return }
        for synapse in run.machine.synapses(of: projection) {
            registers[synapse.post * matrix.columns + synapse.pre] =
                Int16(clamping: synapse.register)
        }
        matrix.setRegisters(registers)
        weightBytes += UInt64(2 * registers.count)
    }
}
