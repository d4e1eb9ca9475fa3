import ChipImage
import ChipSpec
import Compiler
import Mapping
import NetworkIR
import TestSupport
import Testing

/// Dead cores and pinned populations.
@Suite("Choice of cores")
struct CoreChoiceTests {
    private typealias Nets = TestNetworks

    /// Reads off an image, and nothing else, what it breaks of the rules.
    ///
    /// - Returns: The first breach, or nil.
    private static func breach(of options: CompilerOptions, in image: ChipImage) -> String? {
        var homes = image.network.populations.map { [Int](repeating: 0, count: $0.count) }
        for core in image.cores {
            let place = Int(core.core)
            if options.deadCores.contains(place) { return "core \(place) is dead" }
            var lists: Set<[Int]> = []
            for segment in core.segments {
                let population = image.network.populations[Int(segment.population)].path
                let list = options.pinned[population] ?? []
                if !list.isEmpty, !list.contains(place) { return "\(population) on core \(place)" }
                lists.insert(Set(list).sorted())
                for slot in segment.firstSlot..<segment.firstSlot + segment.count {
                    let neuron = Int(core.neurons.indexInPopulation[Int(slot)])
                    homes[Int(segment.population)][neuron] += 1
                }
            }
            if lists.count > 1 { return "core \(place) holds pinned and other neurons" }
            for slot in 0..<core.neurons.count {
                for route in core.routes[slot] where options.deadCores.contains(Int(route.core)) {
                    return "a route to core \(route.core)"
                }
            }
        }
        return homes.joined().allSatisfy { $0 == 1 } ? nil : "a neuron has not one home"
    }

    @Test(
        "holds for random networks: nothing on dead cores, pinned populations on theirs alone",
        arguments: 1...12 as ClosedRange<UInt64>
    )
    func holds(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var chip = try TestChips.pilot()
        chip.core.neurons = 5
        let network = RandomNetworks.network(&random, models: [.lif], reset: .toResetPotential)
        var options = CompilerOptions(seed: seed)
        let cores = random.shuffled(Array(0..<16))
        options.deadCores = Array(cores[..<random.int(1...5)])
        if seed % 3 != 0 { options.pinned["p1"] = Array(cores[4..<8]) }
        if seed % 3 == 1 { options.pinned["p0"] = Array(cores[6..<10]) }
        if seed % 3 == 2 { options.pinned["p2"] = Array(cores[4..<8]) }
        let compiled = try Compiler.compile(network, for: chip, options: options)
        try compiled.image.verify()
        #expect(compiled.image.cores.count > 1)
        #expect(Self.breach(of: options, in: compiled.image) == nil)
        #expect(compiled.report.deadCores == options.deadCores.sorted())
        #expect((compiled.report.pins ?? []).map(\.population) == options.pinned.keys.sorted())
        // Wherever it lies, it is the same network.
        let drive = randomDrive(for: network, steps: 24, silent: 6, rate: 0.2, seed: seed)
        let quantised = try Pipeline.quantised(network, for: chip)
        let plain = integerRun(quantised, on: chip, drive)
        #expect(imageRun(compiled.image, quantised.canonical, drive) == plain)
        // The rules are not kept by chance.
        if seed == 1 {
            let free = try Compiler.compile(network, for: chip).image
            #expect(Self.breach(of: options, in: free) != nil)
        }
    }

    @Test("holds where cores are grown and refined")
    func holdsOnLargeNetworks() throws {
        let network = try MappingNetwork.local(900, fanOut: 12, seed: 3).network(seed: 7)
        var chip = try MappingNetwork.chip()
        chip.mesh.width = 8
        chip.mesh.height = 8
        chip.core.neurons = 60
        var parts = network
        // Another population of the same kind, pinned, that hears the first.
        parts.populations.append(Nets.integrateAndFire("late", 300))
        var random = SplitMix64(seed: 5)
        parts.projections.append(
            Nets.dense(
                0,
                1,
                (0..<900 * 300).map { _ in random.chance(0.02) ? 1 : 0 },
                delay: 1
            )
        )
        var options = CompilerOptions()
        options.deadCores = [0, 1, 8, 9, 27]
        options.pinned["late"] = [56, 57, 58, 59, 60, 61]
        let compiled = try Compiler.compile(parts, for: chip, options: options)
        #expect(Self.breach(of: options, in: compiled.image) == nil)
        #expect(compiled.report.packets < compiled.report.packetsInOrder ?? 0)
        #expect((5...6).contains(compiled.report.pins?.first?.cores.count ?? 0))
        let free = try Compiler.compile(parts, for: chip)
        #expect(free.report.deadCores == nil && free.report.pins == nil)
        #expect(Self.breach(of: options, in: free.image) != nil)
    }

    @Test("matches overlapping lists, so that none goes without")
    func matches() throws {
        let network = Nets.network(
            [Nets.input(1), Nets.lif("a", 2), Nets.lif("b", 2), Nets.lif("c", 2)],
            [Nets.dense(0, 1, [1, 1]), Nets.dense(0, 2, [1, 1]), Nets.dense(0, 3, [1, 1])]
        )
        var options = CompilerOptions()
        options.pinned = ["a": [4, 5], "b": [4], "c": [5, 6]]
        let report = try Compiler.compile(network, for: TestChips.pilot(), options: options).report
        #expect(report.pins?.map(\.cores) == [[5], [4], [6]])
        options.pinned = ["a": [4, 5], "b": [4, 5], "c": [5, 4]]
        let shared = try Compiler.compile(network, for: TestChips.pilot(), options: options).report
        #expect(shared.cores.count == 1)
    }

    @Test("keeps to the last core and refuses one less")
    func lastCore() throws {
        let network = Nets.network(
            [Nets.input(1), Nets.lif("x", 512)],
            [Nets.dense(0, 1, [Double](repeating: 1, count: 512))]
        )
        let chip = try TestChips.pilot()
        var options = CompilerOptions()
        options.deadCores = Array(0..<14)
        let report = try Compiler.compile(network, for: chip, options: options).report
        #expect(report.cores.map(\.core) == [14, 15])
        options.deadCores = Array(0..<15)
        #expect(
            throws: CompilerError.tooFewLivingCores(
                network: "test",
                needed: 2,
                living: 1,
                dead: 15,
                chip: "pilot-like"
            )
        ) { try Compiler.compile(network, for: chip, options: options) }
        options.deadCores = [3]
        options.pinned = ["x": [3, 7]]
        #expect(
            throws: CompilerError.pinnedCoresTooFew(
                populations: ["x"],
                needed: 2,
                cores: 1,
                chip: "pilot-like"
            )
        ) { try Compiler.compile(network, for: chip, options: options) }
        options.pinned = ["x": [3, 7, 11]]
        let pinned = try Compiler.compile(network, for: chip, options: options).report
        #expect(pinned.cores.map(\.core) == [7, 11])
    }

    @Test("refuses cores and populations that do not exist")
    func unknown() throws {
        let network = Nets.network(
            [Nets.input(1), Nets.lif("x", 1)],
            [Nets.dense(0, 1, [1])]
        )
        let chip = try TestChips.pilot()
        func compile(_ change: (inout CompilerOptions) -> Void) throws {
            var options = CompilerOptions()
            change(&options)
            _ = try Compiler.compile(network, for: chip, options: options)
        }
        for core in [-1, 16, Int.max] {
            #expect(throws: CompilerError.self) { try compile { $0.deadCores = [core] } }
            #expect(throws: CompilerError.self) { try compile { $0.pinned = ["x": [core]] } }
        }
        #expect(throws: CompilerError.self) { try compile { $0.pinned = ["input": [1]] } }
        #expect(throws: CompilerError.self) { try compile { $0.pinned = ["x": []] } }
        try compile { $0.deadCores = [15, 15, 0] }
    }
}
