import ChipImage
import ChipSpec
import Compiler
import Foundation
import Mapping
import NetworkIR
import TestSupport
import Testing

/// A debug build takes minutes for what a release build does in seconds.
private let isRelease: Bool = {
    #if DEBUG
        false
    #else
        true
    #endif
}()

@Suite("Mapping benchmark", .enabled(if: isRelease))
struct MappingBenchmarkTests {
    /// What an image costs, counted from the list of synapses and from which neuron lies where.
    private struct Recount {
        var packets = 0
        var hops = 0
        var synapses = 0
        var fault: String?

        init(_ image: ChipImage, _ network: MappingNetwork, _ chip: ChipSpec) {
            var home = [Int?](repeating: nil, count: network.neurons)
            for core in image.cores {
                for neuron in core.neurons.indexInPopulation {
                    if home[Int(neuron)] != nil { fault = "neuron \(neuron) is there twice" }
                    home[Int(neuron)] = Int(core.core)
                }
            }
            if home.contains(where: { $0 == nil }) { fault = "a neuron is missing" }
            var neurons: [Int: Int] = [:]
            for core in home { neurons[core ?? -1, default: 0] += 1 }
            var fanIn: [Int: Int] = [:]
            var axons: [Int: Int] = [:]
            for (source, targets) in network.targets.enumerated() {
                let own = source < network.neurons ? home[source] ?? -1 : nil
                var reached: Set<Int> = []
                for target in targets {
                    let core = home[Int(target)] ?? -1
                    reached.insert(core)
                    fanIn[core, default: 0] += 1
                }
                synapses += targets.count
                for core in reached {
                    axons[core, default: 0] += 1
                    guard core != own else { continue }
                    packets += 1
                    let from = own ?? 0
                    hops += abs(from % 32 - core % 32) + abs(from / 32 - core / 32)
                }
            }
            for core in neurons.keys {
                if neurons[core, default: 0] > chip.core.neurons { fault = "neurons of \(core)" }
                if 4 * fanIn[core, default: 0] > chip.core.synapseMemoryInBytes {
                    fault = "synapses of \(core)"
                }
                if axons[core, default: 0] > chip.core.axonsIn { fault = "axons of \(core)" }
            }
        }
    }

    private func check(
        _ network: MappingNetwork,
        effort: MappingEffort = .default,
        seed: UInt64
    ) throws -> CompileReport {
        let chip = try MappingNetwork.chip()
        let compiled = try Compiler.compile(
            network.network(seed: 7),
            for: chip,
            options: CompilerOptions(effort: effort, seed: seed)
        )
        try compiled.image.verify()
        let recount = Recount(compiled.image, network, chip)
        #expect(recount.fault == nil)
        #expect(recount.packets == compiled.report.packets)
        #expect(recount.hops == compiled.report.hops)
        #expect(
            recount.synapses == compiled.image.cores.reduce(0) { $0 + $1.synapses.weights.count }
        )
        #expect(compiled.report.packets <= compiled.report.packetsInOrder ?? 0)
        return compiled.report
    }

    @Test(
        "dense layers take 14,637 packets on 21 cores, fewer than in order",
        arguments: [1, 2, 3]
    )
    func dense(seed: UInt64) throws {
        let report = try check(.dense, seed: seed)
        #expect(report.packetsInOrder == 15_126)
        #expect(report.packets <= 14_650)
        #expect(report.cores.count == 21)
    }

    @Test("convolutions of a quarter of the size keep to their neighbourhood")
    func smallConvolution() throws {
        let network = MappingNetwork.convolutional(side: 16)
        let report = try check(network, seed: 1)
        #expect(report.packets * 3 < report.packetsInOrder ?? 0)
        #expect(report.cores.count <= report.leastCores + 2)
    }

    @Test(
        "convolutions take fewer than 28,000 packets and 90,000 hops",
        .enabled(if: ProcessInfo.processInfo.environment["SPIKELOOM_LONG"] != nil)
    )
    func convolution() throws {
        for seed in 1...3 as ClosedRange<UInt64> {
            let report = try check(.convolutional(side: 34), seed: seed)
            #expect(report.packetsInOrder == 240_178)
            #expect(report.packets <= 28_000)
            #expect(report.cores.count <= 73)
            #expect(report.hops <= 90_000)
        }
    }

    @Test("local networks are told apart from random ones", arguments: MappingEffort.allCases)
    func local(effort: MappingEffort) throws {
        let network = MappingNetwork.local(10_000, fanOut: 30, seed: 1)
        let report = try check(network, effort: effort, seed: 1)
        #expect(report.packets * 2 < report.packetsInOrder ?? 0)
    }

    @Test("equal seeds give equal images, and other seeds other ones")
    func seeds() throws {
        let network = try MappingNetwork.local(2500, fanOut: 40, seed: 2).network(seed: 7)
        func image(_ seed: UInt64) throws -> [UInt8] {
            try Compiler.compile(
                network,
                for: try MappingNetwork.chip(),
                options: CompilerOptions(seed: seed)
            )
            .image.encoded()
        }
        #expect(try image(1) == image(1))
        #expect(try image(1) != image(2))
    }
}
