import ChipSpec
import NetworkIR
import TestSupport

/// Networks on which mappings are compared: integrate-and-fire neurons, every pair listed a synapse.
struct MappingNetwork {
    /// Number of neurons: sources 0..<neurons; the rest are input channels.
    var neurons: Int
    /// Number of input channels.
    var inputs: Int
    /// Targets of each source, ascending.
    var targets: [[Int32]]

    /// Cores as the benchmark has them, without another limit.
    static func chip() throws -> ChipSpec {
        var chip = try TestChips.pilot()
        chip.mesh.width = 32
        chip.mesh.height = 16
        chip.core.neurons = 1024
        chip.core.axonsIn = 4096
        chip.core.axonsOut = 1 << 20
        chip.core.synapseMemoryInBytes = 131_072
        chip.synapse.bytesPerSynapse = 4
        chip.synapse.bytesPerRowHeader = 0
        return chip
    }

    /// 784-500-500-10, all to all.
    static var dense: MappingNetwork {
        let (sizes, first) = ([500, 500, 10], [0, 500, 1000, 1010])
        var targets: [[Int32]] = []
        for layer in 0..<3 {
            let next = layer + 1 < 3 ? first[layer + 1]..<first[layer + 2] : 0..<0
            targets += (0..<sizes[layer]).map { _ in next.map { Int32($0) } }
        }
        targets += (0..<784).map { _ in (0..<500).map { Int32($0) } }
        return MappingNetwork(neurons: 1010, inputs: 784, targets: targets)
    }

    /// Input side × side × 2, convolution 16 k5, pool 2, convolution 32 k3, pool 2, dense 10;
    /// channel-major numbers.
    static func convolutional(side: Int) -> MappingNetwork {
        let (half, quarter) = (side / 2, side / 2 / 2)
        let sizes = [
            16 * side * side, 16 * half * half, 32 * half * half, 32 * quarter * quarter, 10,
        ]
        let count = sizes.reduce(0, +)
        var first = [0]
        for size in sizes { first.append((first.last ?? 0) + size) }
        var targets = [[Int32]](repeating: [], count: count + 2 * side * side)
        func convolve(
            _ source: Int,
            _ target: Int,
            _ channels: (Int, Int),
            _ side: Int,
            _ kernel: Int
        ) {
            let pad = kernel / 2
            for (ci, co) in product(channels.0, channels.1) {
                for (y, x) in product(side, side) {
                    for (dy, dx) in product(kernel, kernel) {
                        let (yy, xx) = (y + dy - pad, x + dx - pad)
                        guard (0..<side).contains(yy), (0..<side).contains(xx) else { continue }
                        let from = source + (ci * side + yy) * side + xx
                        targets[from].append(Int32(target + (co * side + y) * side + x))
                    }
                }
            }
        }
        func pool(_ source: Int, _ target: Int, _ channels: Int, _ side: Int) {
            for channel in 0..<channels {
                for (y, x) in product(side / 2, side / 2) {
                    for (dy, dx) in product(2, 2) {
                        let from = source + (channel * side + 2 * y + dy) * side + 2 * x + dx
                        let to = target + (channel * (side / 2) + y) * (side / 2) + x
                        targets[from].append(Int32(to))
                    }
                }
            }
        }
        convolve(count, first[0], (2, 16), side, 5)
        pool(first[0], first[1], 16, side)
        convolve(first[1], first[2], (16, 32), half, 3)
        pool(first[2], first[3], 32, half)
        for source in first[3]..<first[4] {
            targets[source] = (first[4]..<count).map { Int32($0) }
        }
        for source in targets.indices { targets[source].sort() }
        return MappingNetwork(neurons: count, inputs: 2 * side * side, targets: targets)
    }

    /// Neurons on a square without edges that reach near ones, every twentieth time any; numbers are
    /// random.
    static func local(_ count: Int, fanOut: Int, seed: UInt64) -> MappingNetwork {
        var random = SplitMix64(seed: seed)
        let side = Int(Double(count).squareRoot())
        let names = random.shuffled(Array(0..<Int32(side * side)))
        // The nearest 2 · fanOut places of a lattice, each taken with probability 1/2.
        let reach = Int((Double(2 * fanOut) / 3.14159).squareRoot()) + 1
        var around: [(distance: Int, y: Int, x: Int)] = []
        for (row, column) in product(2 * reach + 1, 2 * reach + 1) {
            let (y, x) = (row - reach, column - reach)
            if y != 0 || x != 0 { around.append((y * y + x * x, y, x)) }
        }
        around.sort { $0 < $1 }
        let offsets = around.prefix(2 * fanOut)
        var targets = [[Int32]](repeating: [], count: side * side)
        for (y, x) in product(side, side) {
            var reached: Set<Int32> = []
            for offset in offsets where random.chance(0.5) {
                if random.chance(0.05) {
                    reached.insert(names[random.int(0...side * side - 1)])
                } else {
                    let (row, column) = ((y + offset.y + side) % side, (x + offset.x + side) % side)
                    reached.insert(names[row * side + column])
                }
            }
            targets[Int(names[y * side + x])] = reached.sorted()
        }
        return MappingNetwork(neurons: side * side, inputs: 0, targets: targets)
    }

    private static func product(_ a: Int, _ b: Int) -> [(Int, Int)] {
        (0..<a).flatMap { one in (0..<b).map { (one, $0) } }
    }

    /// The network for the compiler, with weights drawn from −127...127.
    func network(seed: UInt64) throws -> Network {
        var random = SplitMix64(seed: seed)
        var populations: [Population] = []
        if inputs > 0 { populations.append(TestNetworks.input(inputs)) }
        populations.append(TestNetworks.integrateAndFire("neurons", neurons))
        var projections: [Projection] = []
        for isInput in [false, true] where isInput ? inputs > 0 : true {
            let rows = isInput ? targets[neurons...] : targets[..<neurons]
            var indptr = [0]
            for row in rows { indptr.append((indptr.last ?? 0) + row.count) }
            let sparse = try SparseWeights(
                indptr: indptr,
                indices: Array(rows.joined()),
                targets: neurons
            ) { _ in Double(random.int(-127...127)) }
            let target = populations.count - 1
            var projection = Projection(
                source: isInput ? 0 : target,
                target: target,
                delay: isInput ? 0 : 1,
                connectivity: .sparse(sparse)
            )
            projection.keepsZeroWeights = true
            projections.append(projection)
        }
        return TestNetworks.network(populations, projections)
    }
}
