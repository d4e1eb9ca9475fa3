import Description
import Foundation
import HDF5
import NetworkIR
import Samples
import TestSupport
import Testing

/// Bounds of statistics are five standard errors: a false alarm in 1.7 million each.
@Suite("Sparse projections")
struct SparseDrawingTests {
    private static let lif = "neuron: lif, tau: 10"
    /// More pairs than are looked at one by one.
    private static let wide = "a: { count: 200000, neuron: input }, b: { count: 700, \(lif) }"

    private static func sources(_ network: Network, _ name: String) throws -> SparseWeights {
        guard case .sparse(let sparse) = try #require(network.projection(name)).connectivity else {
            throw CancellationError()
        }
        let projection = try #require(network.projection(name))
        #expect(
            sparse.fault(
                sources: network.populations[projection.source].count,
                targets: network.populations[projection.target].count
            ) == nil
        )
        return sparse
    }

    @Test("of very many pairs gaps make the probability that is asked for, evenly")
    func gaps() throws {
        let network = try NetworkTexts.network(
            Self.wide,
            "ab: { from: a, to: b, connect: { probability: 2e-4 }, weights: 1 }"
        )
        let sparse = try Self.sources(network, "ab")
        let mean = 700 * 200_000 * 2e-4
        #expect((Double(sparse.count) - mean).magnitude < 5 * mean.squareRoot())
        // Halves and rows have their shares.
        let low = Double(sparse.sources.count { $0 < 100_000 })
        #expect((low - mean / 2).magnitude < 5 * (mean / 2).squareRoot())
        for target in 0..<700 {
            let count = Double(sparse.indices(of: target).count)
            #expect((count - mean / 700).magnitude < 7 * (mean / 700).squareRoot())
        }
    }

    @Test("of very many pairs degrees are exact, and no neuron comes twice or projects to itself")
    func degrees() throws {
        let network = try NetworkTexts.network(
            Self.wide,
            """
            in: { from: a, to: b, connect: { inDegree: 300 }, weights: 1 },
            out: { from: a, to: b, connect: { outDegree: 1 }, weights: 1 }
            """
        )
        let inDegree = try Self.sources(network, "in")
        #expect((0..<700).allSatisfy { inDegree.indices(of: $0).count == 300 })
        let outDegree = try Self.sources(network, "out")
        #expect(Set(outDegree.sources).count == 200_000)
        let mean = 200_000.0 / 700
        for target in 0..<700 {
            let count = Double(outDegree.indices(of: target).count)
            #expect((count - mean).magnitude < 7 * mean.squareRoot())
        }
        let loop = try NetworkTexts.network(
            "a: { count: 12000, \(Self.lif) }",
            "aa: { from: a, to: a, connect: { inDegree: 20 }, weights: 1 }"
        )
        let own = try Self.sources(loop, "aa")
        #expect(own.count == 240_000)
        #expect((0..<12_000).allSatisfy { own.index(ofSource: $0, target: $0) == nil })
        // Sources are even: a chi-square of 12,000 classes has this mean and variance.
        var counts = [Double](repeating: 0, count: 12_000)
        for source in own.sources { counts[Int(source)] += 1 }
        let square = counts.reduce(0) { $0 + ($1 - 20) * ($1 - 20) / 20 }
        #expect((square - 12_000).magnitude < 5 * (24_000.0).squareRoot())
    }

    @Test("a million neurons are drawn from their synapses, not from their pairs")
    func large() throws {
        let network = try NetworkTexts.network(
            "a: { count: 500000, neuron: input }, b: { count: 500000, \(Self.lif) }",
            "ab: { from: a, to: b, connect: { probability: 1e-6 }, weights: 1 }"
        )
        let count = Double(try Self.sources(network, "ab").count)
        #expect((count - 250_000).magnitude < 5 * 250_000.0.squareRoot())
    }

    @Test("normal delays have the shares of the rounded normal distribution, clipped")
    func normalDelays() throws {
        let network = try NetworkTexts.network(
            "a: { count: 200, neuron: input }, b: { count: 200, \(Self.lif) }",
            """
            ab: { from: a, to: b, weights: 1, delay: { normal: { mean: 4.2, deviation: 1.5, low: 2, high: 7 } } }
            """
        )
        let n = 40_000.0
        func below(_ delay: Double) -> Double {
            0.5 * erfc(-(delay - 4.2) / 1.5 / 2.0.squareRoot())
        }
        for delay in 2...7 {
            let low = delay == 2 ? 0 : below(Double(delay) - 0.5)
            let high = delay == 7 ? 1 : below(Double(delay) + 0.5)
            let p = high - low
            let seen = Double(network.projection("ab[\(delay)]")?.weights.count ?? 0)
            #expect((seen - n * p).magnitude < 5 * (n * p * (1 - p)).squareRoot())
        }
        #expect(network.projections.count == 6)
    }

    @Test("lognormal weights have the median and the width that are asked for, and one sign")
    func lognormal() throws {
        let network = try NetworkTexts.network(
            "a: { count: 200, neuron: input }, b: { count: 200, \(Self.lif) }",
            """
            ab: { from: a, to: b, connect: { probability: 0.5 },
                  weights: { lognormal: { median: -0.5, sigma: 0.8, low: -3 } } }
            """
        )
        let weights = try Self.sources(network, "ab").weights
        let n = Double(weights.count)
        #expect(weights.allSatisfy { $0 < 0 && $0 >= -3 })
        let above = Double(weights.count { $0 > -0.5 })
        #expect((above - n / 2).magnitude < 5 * (n / 4).squareRoot())
        let within = Double(weights.count { log($0 / -0.5).magnitude < 0.8 })
        #expect((within - 0.682_689_5 * n).magnitude < 5 * (0.216_62 * n).squareRoot())
        let clipped = Double(weights.count { $0 == -3 })
        let p = 0.5 * erfc(log(6) / 0.8 / 2.0.squareRoot())
        #expect((clipped - n * p).magnitude < 5 * (n * p * (1 - p)).squareRoot())
    }

    @Test("listed pairs have the weights and delays that stand beside them")
    func listed() throws {
        let network = try NetworkTexts.network(
            "a: { count: 4, neuron: input }, b: { count: 3, \(Self.lif) }",
            """
            ab: { from: a, to: b, connect: { pairs: [[3, 0], [0, 2], [3, 1], [1, 0]] },
                  weights: [1, 2, 3, 4], delay: { steps: [5, 6, 5, 7] } },
            ba: { from: b, to: b, weights: [[1, 2, 3], [4, 5, 6], [7, 8, 9]], autapses: yes }
            """
        )
        #expect(
            NetworkTexts.synapses(network, "ab") == [
                .init(source: 1, target: 0, weight: 4, delay: 7),
                .init(source: 3, target: 0, weight: 1, delay: 5),
                .init(source: 3, target: 1, weight: 3, delay: 5),
                .init(source: 0, target: 2, weight: 2, delay: 6),
            ]
        )
        #expect(network.projection("ba")?.weights == (1...9).map(Double.init))
    }

    @Test("pairs of a file come with the weights of its order")
    func compressed() throws {
        let folder = FileManager.default.temporaryDirectory
        let name = "pairs-\(UUID().uuidString).npz"
        let path = folder.appendingPathComponent(name).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try ConnectionArrays(
            neurons: 3,
            indptr: [0, 2, 2, 5],
            indices: [2, 0, 1, 2, 0],
            weights: [10, 20, 30, 40, 50]
        ).write(to: path)
        func network(_ more: String) throws -> Network {
            let text = NetworkTexts.text(
                "a: { count: 3, neuron: input }, b: { count: 3, \(Self.lif) }",
                "ab: { from: a, to: b, connect: { csr: { file: \(name)\(more) } }, "
                    + "weights: { file: \(name), array: weights } }"
            )
            return try NetworkFile(text: text, path: folder.path + "/x.yaml").network()
        }
        #expect(
            try network("").matrix("ab") == [20, 0, 50, 0, 0, 30, 10, 0, 40]
        )
        let error = #expect(throws: DescriptionError.self) { try network(", indptr: indices") }
        #expect(error?.description.contains("csr.file cannot be read") == true)
    }

    @Test("arrays of an HDF5 file serve as those of NPZ do")
    func hierarchical() throws {
        let folder = FileManager.default.temporaryDirectory
        let name = "pairs-\(UUID().uuidString).h5"
        let path = folder.appendingPathComponent(name).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try HDF5File(path: path).write(
            HDF5Group(members: [
                "indptr": .integers([0, 2, 2, 5]), "indices": .integers([2, 0, 1, 2, 0]),
                "parts": .floats([0.5, 1.5]),
                "w": .group(HDF5Group(members: ["data": .floats([10, 20, 30, 40, 50])])),
            ])
        )
        func network(_ more: String, _ array: String) throws -> Network {
            let text = NetworkTexts.text(
                "a: { count: 3, neuron: input }, b: { count: 3, \(Self.lif) }",
                "ab: { from: a, to: b, connect: { csr: { file: \(name)\(more) } }, "
                    + "weights: { file: \(name), array: \(array) } }"
            )
            return try NetworkFile(text: text, path: folder.path + "/x.yaml").network()
        }
        #expect(try network("", "w/data").matrix("ab") == [20, 0, 50, 0, 0, 30, 10, 0, 40])
        for (more, array, problem) in [
            (", indptr: parts", "w/data", "Element 0 of 'parts' is 0.5, no whole number."),
            ("", "w", "cannot be read"), ("", "no", "cannot be read"),
            ("", "parts", "has an array 'parts' of 2"),
        ] {
            let error = #expect(throws: DescriptionError.self) { try network(more, array) }
            #expect(error?.description.contains(problem) == true)
        }
    }

    @Test("a feedback of listed pairs has them transposed, with registers")
    func mirrored() throws {
        let network = try NetworkTexts.network(
            "a: { count: 4, \(Self.lif) }, b: { count: 3, \(Self.lif) }",
            """
            ab: { from: a, to: b, connect: { pairs: [[3, 0], [0, 2]] }, weights: [1, 2] },
            ba: { from: b, to: a, feedbackOf: ab, weights: 0.5, fullScale: 1 }
            """
        )
        #expect(
            NetworkTexts.synapses(network, "ba").map { [$0.source, $0.target] } == [
                [2, 0], [0, 3],
            ]
        )
        let index = try #require(network.projection("ba")?.feedbackOf)
        #expect(network.projections[index].name == "ab")
    }
}
