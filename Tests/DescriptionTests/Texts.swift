import Description
import Foundation
import NetworkIR
import TestSupport

/// Texts of small experiments.
enum Texts {
    /// Folder of the NPZ files that experiments of these tests name.
    static let folder = Fixtures.own("Description").path

    /// Three neurons, four neurons, and what learns between them.
    static let plain = """
        experiment: small
        chip: pilot
        seeds: 200-201
        network:
          populations:
            input: { count: 3, neuron: input }
            lower: { count: 4, neuron: lif, tau: 10, bias: 0.5, noise: { deviation: 0.35 } }
            upper: { count: 3, neuron: lif, tau: 10 }
          projections:
            drive: { from: input, to: upper, weights: 1 }
            forward: { from: lower, to: upper, weights: { normal: { deviation: 0.2, clip: 0.6 } } }
            feedback:
              from: upper
              to: lower
              feedbackOf: forward
              weights: 0
              fullScale: 0.6
              rule: { name: r, x1: { impulse: 1 }, dw: eta*y0*x1 }
        phases:
          - trim: { rounds: 2, seconds: 1, target: 30, gain: 0.1 }
          - run:
              name: align
              seconds: 10
              amplitudes: { eta: { from: 4e-3, to: 4e-4 } }
              stimuli:
                - poisson: { input: input, rate: 10 }
        arms:
          long: { phases.align.seconds: 20 }
        """

    /// `plain` with one piece of its text replaced.
    static func plain(_ piece: String, _ replacement: String) -> String {
        precondition(plain.ranges(of: piece).count == 1, "a test names one piece of the text")
        return plain.replacing(piece, with: replacement)
    }

    static func experiment(_ text: String, arm: String? = nil) throws -> Experiment {
        try ExperimentFile(text: text, path: folder + "/x.yaml").experiment(arm: arm)
    }

    /// The network of seed 200, populations and projections of which are given.
    static func network(
        _ populations: String,
        _ projections: String = "",
        seed: UInt64 = 200
    ) throws -> Network {
        let text = """
            experiment: x
            network:
              populations: { \(populations) }
              projections: { \(projections) }
            phases: [{ run: { seconds: 1 } }]
            """
        return try experiment(text).network(seed: seed)
    }
}

extension Network {
    func projection(_ name: String) -> Projection? { projections.first { $0.name == name } }

    /// The weights of a projection, `[target][source]`, 0 where there is no synapse.
    func matrix(_ name: String) -> [Double]? { projection(name).map(matrix) }

    func matrix(_ projection: Projection) -> [Double] {
        guard case .sparse(let sparse) = projection.connectivity else { return projection.weights }
        return sparse.dense(sources: populations[projection.source].count)
    }
}

extension Projection {
    /// The weights, whatever their layout.
    var weights: [Double] { Array(connectivity.weights) }
}

extension Experiment {
    /// The phases that run.
    var runs: [RunPhase] {
        plan.phases.compactMap { if case .run(let run) = $0 { run } else { nil } }
    }
}
