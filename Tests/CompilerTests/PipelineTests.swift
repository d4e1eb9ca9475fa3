import ChipImage
import ChipSpec
import Compiler
import NetworkIR
import TestSupport
import Testing

@Suite("Passes")
struct PipelineTests {
    private struct Refusal: Error {}

    /// What an observer saw.
    private final class Log {
        var events: [String] = []
        var texts: [CompilerPass: String] = [:]

        func observer(dumping dumped: Set<CompilerPass> = []) -> PassObserver {
            PassObserver(
                dumped: dumped,
                write: { self.texts[$0, default: ""] += $1 },
                didStart: { self.events.append("begin \($0.rawValue)") },
                didFinish: { self.events.append("end \($0.rawValue)") }
            )
        }
    }

    private func chip() throws -> ChipSpec {
        var chip = try TestChips.pilot()
        chip.core.neurons = 24
        return chip
    }

    @Test("run in their order, each begun and ended once, and change nothing by being watched")
    func watched() throws {
        let log = Log()
        let network = TestNetworks.digits(seed: 5)
        let outcome = try Compiler.run(
            network,
            for: try chip(),
            observer: log.observer(dumping: Set(CompilerPass.allCases))
        )
        guard case .finished(let compilation) = outcome else {
            Issue.record("it stopped")
            return
        }
        #expect(try compilation == Compiler.compile(network, for: try chip()))
        #expect(
            log.events
                == CompilerPass.allCases.flatMap { ["begin \($0.rawValue)", "end \($0.rawValue)"] }
        )
        #expect(compilation.report.passes.map(\.name) == CompilerPass.allCases.map(\.rawValue))
        #expect(Set(log.texts.keys) == Set(CompilerPass.allCases))
        for text in log.texts.values { #expect(text.hasSuffix("\n") && !text.contains("\u{0}")) }
    }

    @Test("stop where they are told to, with what is known there", arguments: CompilerPass.allCases)
    func stops(last: CompilerPass) throws {
        let network = TestNetworks.digits(seed: 5)
        let outcome = try Compiler.run(network, for: try chip(), upTo: last)
        guard case .stopped(let report) = outcome else {
            #expect(last == .verify)
            return
        }
        #expect(last != .verify)
        #expect(report.stoppedAfter == last)
        #expect(
            report.passes.map(\.name) == CompilerPass.allCases.filter { $0 <= last }.map(\.rawValue)
        )
        #expect(report.neurons == 106)
        let whole = try Compiler.compile(network, for: try chip()).report
        let isQuantised = last >= .quantise
        #expect(report.populations == (isQuantised ? whole.populations : nil))
        #expect(report.projections == (isQuantised ? whole.projections : nil))
        #expect(report.parameters == (isQuantised ? whole.parameters : nil))
        #expect(report.leastPackets == (isQuantised ? whole.leastPackets : nil))
        #expect(report.cores == (last >= .partition ? whole.cores.count : nil))
        #expect(report.packets == (last >= .partition ? whole.packets : nil))
        #expect(report.hops == (last >= .route ? whole.hops : nil))
        #expect(report.leastHops == (last >= .route ? whole.leastHops : nil))
    }

    @Test("write a line for each synapse and each neuron of the quantised network")
    func writesSynapses() throws {
        let log = Log()
        let network = TestNetworks.digits(seed: 6)
        let chip = try chip()
        _ = try Compiler.run(
            network,
            for: chip,
            upTo: .quantise,
            observer: log.observer(dumping: [.quantise])
        )
        let quantised = try Pipeline.quantised(network, for: chip)
        let lines = try #require(log.texts[.quantise]).split(separator: "\n").map(String.init)
        let written = lines.filter { $0.contains(" weight ") }
        #expect(written.count == quantised.projections.reduce(0) { $0 + $1.synapses })
        // Weight k of the second projection leads from hidden neuron k % 96 to k / 96.
        let k = try #require(quantised.projections[1].weights.firstIndex { $0 != 0 })
        let raw = quantised.projections[1].weights[k]
        #expect(written.contains("lif1 → lif2: \(k % 96) → \(k / 96) weight \(raw)"))
        #expect(lines.count { $0.hasPrefix("lif1[") } == 96)
        #expect(log.texts.count == 1)
    }

    @Test("end with what the reader of their texts throws")
    func throwsOn() throws {
        let observer = PassObserver(dumped: [.lower], write: { _, _ in throw Refusal() })
        #expect(throws: Refusal.self) {
            try Compiler.run(TestNetworks.digits(seed: 1), for: try chip(), observer: observer)
        }
    }

    @Test("never send fewer packets than the bound, which one input's targets meet")
    func leastPackets() throws {
        var chip = try TestChips.pilot()
        chip.core.neurons = 4
        let fan = TestNetworks.network(
            [TestNetworks.input(1), TestNetworks.lif("x", 10)],
            [TestNetworks.dense(0, 1, [Double](repeating: 0.3, count: 10))]
        )
        let report = try Compiler.compile(fan, for: chip).report
        #expect(report.leastPackets == 3 && report.packets == 3)
        // One core a tile: tile 0, and two beside it.
        #expect(report.leastHops == 2 && report.hops == 2)
        for seed in UInt64(0)..<8 {
            var random = SplitMix64(seed: seed)
            chip.core.neurons = random.int(4...9)
            let network = RandomNetworks.network(
                &random,
                models: [.lif, .integrateAndFire],
                reset: .toResetPotential
            )
            let report = try Compiler.compile(network, for: chip).report
            #expect(report.leastPackets > 0 && report.leastPackets <= report.packets)
            #expect((report.leastHops ?? .max) <= report.hops)
            #expect(report.resources.reduce(0) { $0 + $1.coresItBinds } == report.cores.count)
        }
    }
}
