import NetworkIR
import TestSupport
import Testing

@Suite("Sparse weights")
struct SparseWeightsTests {
    /// 2 sources, 3 targets: source 0 to 2 and 0, source 1 to 0.
    private static let small = SparseWeights(
        offsets: [0, 2, 2, 3],
        sources: [0, 1, 0],
        weights: [20, 30, 10]
    )

    @Test("a matrix compressed by source comes out compressed by target, sources ascending")
    func fromRows() throws {
        let weights = try SparseWeights(
            indptr: [0, 2, 3] as [Int64],
            indices: [2, 0, 0] as [UInt16],
            targets: 3,
            weights: [10, 20, 30] as [Float]
        )
        #expect(weights == Self.small)
        #expect(weights.dense(sources: 2) == [20, 30, 0, 0, 10, 0])
        #expect(weights.fault(sources: 2, targets: 3) == nil)
    }

    @Test("random matrices keep every entry", arguments: 0..<10)
    func random(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let (sources, targets) = (random.int(0...20), random.int(0...30))
        var dense = [Double](repeating: 0, count: sources * targets)
        var indptr = [0]
        var indices: [Int32] = []
        var weights: [Double] = []
        for source in 0..<sources {
            let row = (0..<targets).filter { _ in random.chance(0.3) }
            for target in random.shuffled(row) {
                indices.append(Int32(target))
                weights.append(random.double(-1...1))
                dense[target * sources + source] = weights[weights.count - 1]
            }
            indptr.append(indices.count)
        }
        let sparse = try SparseWeights(indptr: indptr, indices: indices, targets: targets) {
            weights[$0]
        }
        #expect(sparse.dense(sources: sources) == dense)
        #expect(sparse.count == weights.count)
        for target in 0..<targets {
            for source in 0..<sources {
                let weight = sparse.index(ofSource: source, target: target)
                    .map { sparse.weights[$0] }
                #expect(weight ?? 0 == dense[target * sources + source])
            }
        }
    }

    @Test("what is wrong with a matrix compressed by source is refused with its place")
    func badRows() {
        func fault(_ indptr: [Int], _ indices: [Int], _ weights: [Double]) -> SparseWeightsFault? {
            do throws(SparseWeightsFault) {
                _ = try SparseWeights(
                    indptr: indptr,
                    indices: indices,
                    targets: 3,
                    weights: weights
                )
                return nil
            } catch {
                return error
            }
        }
        #expect(fault([0, 2, 3], [2, 0, 0], [1, 2, 3]) == nil)
        #expect(fault([0, 2, 3], [2, 0, 0], [1, 2]) == .counts(sources: 3, weights: 2))
        #expect(fault([], [], []) == .offsetCount(count: 0, expected: 1))
        #expect(fault([1, 2], [0, 1], [1, 1]) == .offset(index: 0, value: 1))
        #expect(fault([0, 2, 1], [0], [1]) == .offset(index: 2, value: 1))
        #expect(fault([0, 2], [0, 1, 2], [1, 1, 1]) == .lastOffset(value: 2, entries: 3))
        #expect(fault([0, 1], [3], [1]) == .outOfRange(entry: 0, neuron: 3, count: 3))
        #expect(fault([0, 1], [-1], [1]) == .outOfRange(entry: 0, neuron: -1, count: 3))
        #expect(
            fault([0, 2], [1, 1], [1, 1]) == .notAscending(entry: 1, target: 1, source: 0)
        )
    }

    @Test("what is wrong with arrays is told with its place, and every message names a number")
    func faults() {
        func fault(_ change: (inout [Int], inout [Int32], inout [Double]) -> Void)
            -> SparseWeightsFault?
        {
            var offsets = Self.small.offsets
            var sources = Self.small.sources
            var weights = Array(Self.small.weights)
            change(&offsets, &sources, &weights)
            return SparseWeights(offsets: offsets, sources: sources, weights: weights)
                .fault(sources: 2, targets: 3)
        }
        let faults: [(SparseWeightsFault?, SparseWeightsFault)] = [
            (fault { _, _, w in w.removeLast() }, .counts(sources: 3, weights: 2)),
            (fault { o, _, _ in o.removeLast() }, .offsetCount(count: 3, expected: 4)),
            (fault { o, _, _ in o[0] = -1 }, .offset(index: 0, value: -1)),
            (fault { o, _, _ in o[2] = 1 }, .offset(index: 2, value: 1)),
            (fault { o, _, _ in o[3] = 4 }, .lastOffset(value: 4, entries: 3)),
            (fault { _, s, _ in s[1] = 2 }, .outOfRange(entry: 1, neuron: 2, count: 2)),
            (fault { _, s, _ in s[2] = -1 }, .outOfRange(entry: 2, neuron: -1, count: 2)),
            (fault { _, s, _ in s[1] = 0 }, .notAscending(entry: 1, target: 0, source: 0)),
        ]
        for (found, expected) in faults {
            #expect(found == expected)
            #expect(expected.description.contains { $0.isNumber })
        }
        #expect(Self.small.fault(sources: 1, targets: 3) != nil)
        #expect(Self.small.fault(sources: 2, targets: 4) != nil)
    }

    @Test(
        "entries that come twice are counted and placed, and hold the precision in which they came"
    )
    func builder() throws {
        var builder = try SparseWeightsBuilder<Float>(sources: 2, targets: 3)
        for target in [2, 0, 0] { try builder.count(target: target) }
        builder.allocate()
        let entries: [(source: Int, target: Int, weight: Float)] = [
            (0, 2, 10), (0, 0, 20), (1, 0, 0.1),
        ]
        for entry in entries {
            try builder.place(source: entry.source, target: entry.target, weight: entry.weight)
        }
        let weights = try builder.finished()
        #expect(weights.offsets == Self.small.offsets)
        #expect(weights.sources == Self.small.sources)
        #expect(weights.weights == .single([20, 0.1, 10]))
        #expect(weights.weights == .double([20, Double(Float(0.1)), 10]))
        #expect(weights.weights != .double([20, 0.1, 10]))
    }

    @Test("entries of the second time that are not those of the first are refused")
    func builderOfChangedEntries() throws {
        func fault(_ entries: [(source: Int, target: Int)]) throws -> SparseWeightsFault? {
            var builder = try SparseWeightsBuilder<Float>(sources: 2, targets: 3)
            for target in [0, 1] { try builder.count(target: target) }
            builder.allocate()
            do throws(SparseWeightsFault) {
                for (source, target) in entries {
                    try builder.place(source: source, target: target, weight: 1)
                }
                _ = try builder.finished()
                return nil
            } catch {
                return error
            }
        }
        #expect(try fault([(0, 0), (1, 1)]) == nil)
        #expect(try fault([(0, 0)]) == .counts(sources: 2, weights: 1))
        #expect(try fault([(0, 0), (1, 0)]) != nil)
        #expect(try fault([(0, 2)]) == .outOfRange(entry: 0, neuron: 2, count: 3))
        #expect(try fault([(0, 1), (1, 1)]) == .outOfRange(entry: 1, neuron: 1, count: 3))
        #expect(throws: SparseWeightsFault.tooManySources(count: 1 << 31)) {
            try SparseWeightsBuilder<Float>(sources: 1 << 31, targets: 1)
        }
    }
}
