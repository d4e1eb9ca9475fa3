import ChipImage
import ChipSpec
import Compiler
import Emulator
import Events
import Foundation
import HDF5
import NIRImport
import NetworkIR
import TestSupport
import Testing

@Suite("Shared kernels")
struct SharedKernelsTests {
    /// `pilot`, with a format for convolutions or without.
    private static func chip(shares: Bool, bytes: Int? = nil) throws -> ChipSpec {
        var chip = try TestChips.pilot()
        chip.synapse.hasSharedKernels = shares
        if let bytes { chip.core.synapseMemoryInBytes = bytes }
        return chip
    }

    private static let chain = [
        PlainConvolution(filters: 4, kernel: [3, 3], padding: [1, 1]),
        PlainConvolution(filters: 6, kernel: [3, 2], stride: [2, 2], groups: 2),
    ]

    /// Two layers: 2 × 9 × 8 pixels, 4 × 9 × 8 and 6 × 4 × 4 neurons.
    private static func network(seed: UInt64 = 1) -> Network {
        TestNetworks.convolutions(chain, input: [2, 9, 8], seed: seed)
    }

    /// Which neurons of which population spike in each step, whatever their places.
    private static func spikes(_ image: ChipImage, steps: Int) -> [Set<NeuronOfNetwork>] {
        let machine = Machine(image: image)
        let map = SourceMap(image)
        var random = SplitMix64(seed: 9)
        return (0..<steps).map { _ in
            let inputs = image.inputs.map { port in
                (0..<port.channelCount).filter { _ in random.chance(0.2) }.map { UInt32($0) }
            }
            machine.step(inputs: inputs)
            return Set(machine.spikes.compactMap { map.neuron(at: $0.address) })
        }
    }

    @Test(
        "kernels are found in the weights, whatever slides",
        arguments: [
            PlainConvolution(filters: 3, kernel: [3, 3]),
            PlainConvolution(filters: 3, kernel: [3, 3], padding: [1, 1]),
            PlainConvolution(filters: 2, kernel: [1, 4], stride: [1, 2]),
            PlainConvolution(filters: 4, kernel: [2, 3], stride: [3, 1], padding: [0, 2]),
            PlainConvolution(filters: 2, kernel: [3, 3], padding: [2, 2], dilation: [2, 2]),
            PlainConvolution(filters: 4, kernel: [3, 3], groups: 2),
            PlainConvolution(filters: 2, kernel: [2, 2], stride: [2, 2], groups: 2),
            PlainConvolution(filters: 2, kernel: [1, 1]),
        ]
    )
    func found(layer: PlainConvolution) throws {
        let network = TestNetworks.convolutions([layer], input: [2, 9, 8], seed: 5)
        let chip = try Self.chip(shares: true)
        let kernels = try #require(Pipeline.quantised(network, for: chip).projections[0].kernels)
        #expect(
            kernels.weights.count
                == layer.filters * (2 / layer.groups) * layer.kernel[0] * layer.kernel[1]
        )
        #expect(kernels.weights.allSatisfy { $0 != 0 })
        // Compiling verifies; reading back unrolls: nothing may be missing.
        let image = try Compiler.compile(network, for: chip).image
        #expect(try ChipImage(decoding: image.encoded()) == image)
    }

    @Test(
        "spikes are those of the unrolled network, on one core and on many",
        arguments: [384, 40]
    )
    func equalSpikes(neuronsPerCore: Int) throws {
        let network = Self.network()
        let options = CompilerOptions(neuronsPerCore: neuronsPerCore)
        func compiled(shares: Bool) throws -> Compilation {
            var chip = try Self.chip(shares: shares)
            chip.core.neurons = 384
            return try Compiler.compile(network, for: chip, options: options)
        }
        let shared = try compiled(shares: true)
        let plain = try compiled(shares: false)
        #expect(shared.image.network.projections.allSatisfy { $0.kernels != nil })
        #expect(plain.image.network.projections.allSatisfy { $0.kernels == nil })
        let bytes = try shared.image.encoded()
        let loaded = try ChipImage(decoding: bytes)
        try loaded.verify()
        #expect(loaded == shared.image)
        // On one core places and tables are the same; on many the mapper has more room.
        if neuronsPerCore == 384 {
            let areEqual = loaded.cores == plain.image.cores
            #expect(areEqual)
        }
        let run = Self.spikes(loaded, steps: 40)
        let areEqual = run == Self.spikes(plain.image, steps: 40)
        #expect(areEqual)
        #expect(run.reduce(0) { $0 + $1.count } > 100)
        #expect(bytes.count * 3 < (try plain.image.encoded().count) * 2)
        #expect(try loaded.rolledCores().allSatisfy { $0.synapses.weights.isEmpty })
    }

    @Test(
        "kernels of NIR files are found, pools folded into them",
        arguments: [
            (file: "graphs/conv1d_same", timeStep: 1e-4, kernels: 1),
            (file: "graphs/conv1d_stride", timeStep: 1e-4, kernels: 1),
            (file: "graphs/conv2d_pad_stride", timeStep: 1e-4, kernels: 1),
            (file: "graphs/conv2d_valid", timeStep: 1e-4, kernels: 1),
            (file: "graphs/avgpool", timeStep: 1e-4, kernels: 1),
            // A full connection follows.
            (file: "graphs/sumpool_flatten", timeStep: 1e-4, kernels: 0),
            // A million synapses.
            (file: "field/cnn_sinabs", timeStep: 1, kernels: 3),
        ]
    )
    func files(file: String, timeStep: Double, kernels: Int) throws {
        if file.hasPrefix("field"), ProcessInfo.processInfo.environment["SPIKELOOM_LONG"] == nil {
            return
        }
        let path = Fixtures.own("NIRImport").appendingPathComponent("nir/\(file).nir").path
        let network = try NIRFile.read(
            HDF5File(path: path),
            name: file,
            settings: ImportSettings(timeStep: timeStep)
        ).network
        var chip = try Self.chip(shares: true, bytes: 1 << 20)
        chip.core = try TestChips.loihi().core
        chip.core.synapseMemoryInBytes = 1 << 20
        let compiled = try Compiler.compile(network, for: chip)
        let report = compiled.report.kernels
        #expect(report?.convolutions.count ?? 0 == kernels)
        let loaded = try ChipImage(decoding: compiled.image.encoded())
        #expect(loaded == compiled.image)
    }

    @Test("a core pays for each filter of its neurons once, and for no synapse")
    func memory() throws {
        let compiled = try Compiler.compile(
            Self.network(),
            for: Self.chip(shares: true),
            options: CompilerOptions(neuronsPerCore: 40)
        )
        let network = compiled.image.network
        for (core, tables) in zip(compiled.report.cores, compiled.image.cores) {
            var filters: Set<[Int]> = []
            for segment in tables.segments {
                let area = network.populations[Int(segment.population)].shape[1...].reduce(1, *)
                for slot in segment.firstSlot..<segment.firstSlot + segment.count {
                    let index = Int(tables.neurons.indexInPopulation[Int(slot)])
                    filters.insert([Int(segment.population), index / area])
                }
            }
            // Filters of 2 · 3 · 3 and 2 · 3 · 2 weights of 2 bytes; row headers of 4.
            let kernels = filters.reduce(0) { $0 + ($1[0] == 0 ? 18 : 12) * 2 }
            #expect(core.synapseBytes.used == kernels + tables.synapses.rowDelay.count * 4)
        }
        let report = try #require(compiled.report.kernels)
        #expect(report.areShared && report.convolutions.map(\.kernelWeights) == [72, 72])
        let rows = compiled.report.cores.reduce(0) { $0 + $1.rows * 4 }
        let used = compiled.report.cores.reduce(0) { $0 + $1.synapseBytes.used }
        #expect(report.sharedBytes == used - rows)
        #expect(report.unrolledBytes == 2 * compiled.report.cores.reduce(0) { $0 + $1.synapses })
    }

    @Test("a network that is too large unrolled fits with shared kernels, and is mapped by them")
    func fits() throws {
        // Neurons and axons leave room for one core in four; synapses unrolled do not.
        func cores(shares: Bool) throws -> CompileReport {
            var chip = try Self.chip(shares: shares, bytes: 1400)
            chip.synapse.bytesPerRowHeader = 0
            return try Compiler.compile(Self.network(), for: chip).report
        }
        let shared = try cores(shares: true)
        #expect(shared.cores.count == 2)
        #expect(shared.cores.allSatisfy { $0.synapseBytes.used <= 288 })
        #expect(shared.leastCores == 2)
        let plain = try cores(shares: false)
        #expect(plain.cores.count > 5)
        let report = try #require(plain.kernels)
        #expect(!report.areShared && report.difference > 0)
        #expect(report.kernelWeights == 144)
    }

    @Test("weights that differ from place to place are no kernels")
    func notFound() throws {
        let chip = try Self.chip(shares: true)
        func kernels(_ change: (inout Network) -> Void) throws -> [KernelTable?] {
            var network = Self.network()
            change(&network)
            return try Pipeline.quantised(network, for: chip).projections.map(\.kernels)
        }
        #expect(try kernels { _ in }.allSatisfy { $0 != nil })
        // One weight of one synapse.
        let one = try kernels { network in
            guard case .sparse(let sparse) = network.projections[0].connectivity else { return }
            var weights = Array(sparse.weights)
            weights[100] = -weights[100]
            network.projections[0].connectivity = .sparse(sparse.replacing(weights))
        }
        #expect(one[0] == nil && one[1] != nil)
        // One synapse that is missing.
        let missing = try kernels { network in
            guard case .sparse(let sparse) = network.projections[1].connectivity else { return }
            var weights = Array(sparse.weights)
            weights[20] = 0
            network.projections[1].connectivity = .sparse(sparse.replacing(weights))
        }
        #expect(missing[0] != nil && missing[1] == nil)
        // One neuron with another gain.
        let gain = try kernels { network in
            guard case .integrateAndFire(var neuron) = network.populations[1].dynamics else {
                return
            }
            neuron.r[7] = 0.5
            network.populations[1].dynamics = .integrateAndFire(neuron)
        }
        #expect(gain[0] == nil && gain[1] != nil)
        // Strides that the weights do not have.
        #expect(try kernels { $0.projections[1].windowStrides = [1, 2] }[1] == nil)
        // A second projection in the same rows.
        let twice = try kernels { network in
            var other = network.projections[0]
            other.name = "other"
            network.projections.append(other)
        }
        #expect(twice[0] == nil)
    }
}
