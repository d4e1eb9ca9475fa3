import Description
import Foundation
import NetworkIR
import TestSupport
import Testing

/// Texts of small network files.
enum NetworkTexts {
    /// A network file with populations, projections and further lines.
    static func text(_ populations: String, _ projections: String = "", _ more: String = "")
        -> String
    {
        """
        network: x
        populations: { \(populations) }
        projections: { \(projections) }
        \(more)
        """
    }

    static func file(_ populations: String, _ projections: String = "", _ more: String = "") throws
        -> NetworkFile
    {
        try NetworkFile(text: text(populations, projections, more), path: Texts.folder + "/x.yaml")
    }

    static func network(
        _ populations: String,
        _ projections: String = "",
        _ more: String = "",
        seed: UInt64 = 200
    ) throws -> Network {
        try file(populations, projections, more).network(seed: seed)
    }

    /// Synapses of a projection and of its parts by delay, as (source, target, weight, delay), ascending.
    static func synapses(_ network: Network, _ name: String) -> [Synapse] {
        network.projections
            .filter { $0.name == name || $0.name?.hasPrefix(name + "[") == true }
            .flatMap { projection -> [Synapse] in
                guard case .sparse(let sparse) = projection.connectivity else { return [] }
                return (0..<sparse.targetCount).flatMap { target in
                    sparse.indices(of: target).map { place in
                        Synapse(
                            source: Int(sparse.sources[place]),
                            target: target,
                            weight: sparse.weights[place],
                            delay: projection.delay
                        )
                    }
                }
            }
            .sorted { ($0.target, $0.source) < ($1.target, $1.source) }
    }

    struct Synapse: Equatable {
        var source: Int
        var target: Int
        var weight: Double
        var delay: Int
    }
}
