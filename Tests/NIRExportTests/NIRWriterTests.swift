import FloatReference
import Foundation
import HDF5
import NIRExport
import NIRImport
import NetworkIR
import TestSupport
import Testing

@Suite("Networks as NIR files")
struct NIRWriterTests {
    private static let graphs = Fixtures.own("NIRImport").appending(path: "nir/graphs")

    /// The step of the golden graphs.
    private static let step = 0.001

    /// Networks of all graphs that the reader takes, and the digits network.
    private static func networks() throws -> [Network] {
        let names = try FileManager.default.contentsOfDirectory(atPath: graphs.path)
        let files = names.filter { $0.hasSuffix(".nir") }.sorted()
            .map { graphs.appending(path: $0).path }
        let digits = Fixtures.repository.appending(path: "Examples/digits/digits_fc.nir").path
        return (files + [digits]).compactMap { try? read($0, step: step) }
    }

    private static func read(_ path: String, step: Double) throws -> Network {
        try NIRFile.read(
            HDF5File(path: path),
            name: path,
            settings: ImportSettings(timeStep: step)
        ).network
    }

    private static func withFile<T>(_ body: (String) throws -> T) rethrows -> T {
        let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).nir"
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    @Test(
        "a file written and read again spikes as the network does, for every graph of the fixtures"
    )
    func roundTrip() throws {
        let networks = try Self.networks()
        #expect(networks.count == 34)
        for network in networks {
            let again = try Self.withFile { path in
                try NIRWriter(network, secondsPerUnit: 1).write(to: path)
                return try Self.read(path, step: network.timeStep)
            }
            var first = try FloatMachine(network)
            var second = try FloatMachine(again)
            var random = SplitMix64(seed: 7)
            var spikes = 0
            for _ in 0..<200 {
                let inputs = first.inputs.map { index in
                    (0..<network.populations[index].count).filter { _ in random.next() % 4 == 0 }
                }
                try first.step(inputSpikes: inputs)
                try second.step(inputSpikes: inputs)
                for (index, population) in network.populations.enumerated() {
                    let name = population.path.split(separator: "/").joined(separator: ".")
                    let place = try #require(again.populations.firstIndex { $0.path == name })
                    #expect(first.spikes(of: index) == second.spikes(of: place), "\(network.name)")
                    for (a, b) in zip(first.values(of: index), second.values(of: place)) {
                        #expect((a - b).magnitude <= 1e-9 * max(1, a.magnitude), "\(network.name)")
                    }
                    spikes += first.spikes(of: index).count
                }
            }
            #expect(spikes > 0, "\(network.name)")
        }
    }

    /// Two populations of noisy neurons with and without a current, in ms.
    private static func noisy() -> Network {
        func neuron(currentTau: [Double]) -> NoisyNeuron {
            NoisyNeuron(
                membraneTau: [10, 7],
                currentTau: currentTau,
                firing: Firing(threshold: [1, 0.8], reset: [0, -0.1]),
                refractory: 2,
                noise: [NoiseSource(stationaryDeviation: 0.3)]
            )
        }
        var network = Network(
            name: "noisy",
            timeStep: 0.5,
            populations: [
                Population(path: "in", shape: [2], dynamics: .input),
                Population(
                    path: "a",
                    shape: [2],
                    dynamics: .noisy(neuron(currentTau: [5, 3])),
                    bias: [0.9, 0.4]
                ),
                Population(
                    path: "b",
                    shape: [2],
                    dynamics: .noisy(neuron(currentTau: [])),
                    bias: [0.1, 0]
                ),
            ],
            projections: [
                Projection(
                    source: 0,
                    target: 1,
                    delay: 0,
                    connectivity: .dense([0.5, -0.2, 0.3, 0.9])
                ),
                Projection(source: 1, target: 2, delay: 0, connectivity: .oneToOne([6, 9])),
            ],
            outputs: [NetworkOutput(name: "b", population: 2, shape: [2])]
        )
        network.populations[1].compartments = [Compartment(name: "apical", gain: 2)]
        network.projections[0].name = "drive"
        return network
    }

    @Test("noisy neurons keep their exact decays and lose noise and refractory period, with a note")
    func noisyNeurons() throws {
        let network = Self.noisy()
        let (again, notes) = try Self.withFile { path in
            let file = try NIRWriter(network, secondsPerUnit: 1e-3)
            try file.write(to: path)
            #expect(file.timeStep == 0.5e-3)
            return (try Self.read(path, step: file.timeStep), file.notes)
        }
        #expect(notes.count == 5)
        #expect(
            notes.contains { $0.contains("refractory") } && notes.contains { $0.contains("noise") }
        )
        let places = try ["a", "b"].map { name in
            try #require(again.populations.firstIndex { $0.path == name })
        }
        var machine = try FloatMachine(again)
        var random = SplitMix64(seed: 3)
        var (current, a, b) = ([0.0, 0.0], [0.0, 0.0], [0.0, 0.0])
        var counts = [0, 0]
        for _ in 0..<400 {
            let input = (0..<2).filter { _ in random.next() % 3 == 0 }
            try machine.step(inputSpikes: [input])
            var fired: [Int] = []
            for k in 0..<2 {
                let weights = [[0.5, -0.2], [0.3, 0.9]][k]
                let charge = input.reduce(0.0) { $0 + 2 * weights[$1] }
                current[k] = current[k] * exp(-0.5 / [5.0, 3][k]) + charge
                let kept = exp(-0.5 / [10.0, 7][k])
                a[k] = kept * a[k] + (1 - kept) * ([0.9, 0.4][k] + current[k])
                if a[k] > [1, 0.8][k] {
                    fired.append(k)
                    a[k] = [0, -0.1][k]
                }
            }
            var later: [Int] = []
            for k in 0..<2 {
                let kept = exp(-0.5 / [10.0, 7][k])
                let charge = fired.contains(k) ? [6.0, 9][k] : 0
                b[k] = kept * b[k] + (1 - kept) * ([0.1, 0][k] + charge)
                if b[k] > [1, 0.8][k] {
                    later.append(k)
                    b[k] = [0, -0.1][k]
                }
            }
            #expect(machine.spikes(of: places[0]) == fired)
            #expect(machine.spikes(of: places[1]) == later)
            for (value, expected) in zip(machine.values(of: places[0]), a) {
                #expect((value - expected).magnitude < 1e-9)
            }
            counts[0] += fired.count
            counts[1] += later.count
        }
        #expect(counts.allSatisfy { $0 > 10 })
    }

    @Test("delays of any length come back, in loops, beside them and together with a bias")
    func delays() throws {
        let firing = Firing(threshold: [1.5], reset: [0])
        let neuron = Dynamics.integrateAndFire(IntegrateAndFire(r: [1], firing: firing))
        func projection(_ source: Int, _ target: Int, _ delay: Int, _ weight: Double) -> Projection
        {
            Projection(source: source, target: target, delay: delay, connectivity: .dense([weight]))
        }
        var network = Network(
            name: "delays",
            timeStep: 0.5,
            populations: [
                Population(path: "in", shape: [1], dynamics: .input),
                Population(path: "a", shape: [1], dynamics: neuron, bias: [0.125]),
                Population(path: "b", shape: [1], dynamics: .threshold([0.5])),
                Population(path: "c", shape: [1], dynamics: neuron),
                Population(path: "i", shape: [1], dynamics: .integrator(r: [2])),
            ],
            projections: [
                projection(0, 1, 3, 2), projection(1, 1, 1, -0.25), projection(3, 1, 2, 0.5),
                projection(1, 2, 1, 1), projection(1, 3, 0, 1), projection(2, 3, 0, 0.5),
                projection(3, 3, 1, 0.25), projection(2, 4, 5, 1),
            ],
            outputs: [NetworkOutput(name: "i", population: 4, shape: [1])]
        )
        for shortest in 1...2 {
            // With 1 the loop a → c → a has a delay of 0 inside, which Delays must take out.
            network.projections[2].delay = shortest
            let again = try Self.withFile { path in
                let file = try NIRWriter(network, secondsPerUnit: 1e-3)
                #expect(file.notes.isEmpty)
                try file.write(to: path)
                return try Self.read(path, step: file.timeStep)
            }
            func ends(_ network: Network) -> [String] {
                network.projections.map {
                    let source = network.populations[$0.source].path
                    return "\(source) \(network.populations[$0.target].path) \($0.delay)"
                }.sorted()
            }
            #expect(ends(again) == ends(network))
            let a = try #require(again.populations.first { $0.path == "a" })
            #expect(a.bias == [0.125])
        }
    }

    @Test("a network that drives itself gets a silent input, and names that collide are told apart")
    func selfDriven() throws {
        var network = Self.noisy()
        network.populations.removeFirst()
        network.projections = [
            Projection(source: 0, target: 1, delay: 1, connectivity: .dense([1, 2, 3, 4]))
        ]
        network.projections[0].name = "a"
        network.outputs = [NetworkOutput(name: "b", population: 1, shape: [2])]
        let file = try NIRWriter(network, secondsPerUnit: 1e-3)
        guard case .group(let node) = file.root["node"], case .group(let nodes) = node["nodes"]
        else {
            Issue.record("no nodes")
            return
        }
        #expect(nodes.members.keys.sorted() == ["a", "a_2", "a_2_delay", "b", "input", "output_b"])
        #expect(file.notes.contains { $0.contains("silent") })
    }

    @Test("sparse weights become a matrix, and those too large for one are refused by name")
    func sparse() throws {
        var network = Self.noisy()
        network.projections[0].connectivity = .sparse(
            SparseWeights(offsets: [0, 1, 3], sources: [1, 0, 1], weights: [0.5, 0.3, 0.9])
        )
        var twin = network
        twin.projections[0].connectivity = .dense([0, 0.5, 0.3, 0.9])
        let file = try NIRWriter(network, secondsPerUnit: 1e-3)
        #expect(try file.root == NIRWriter(twin, secondsPerUnit: 1e-3).root)

        network.projections[0].connectivity = .sparse(
            SparseWeights(offsets: [0, 1, 3], sources: [1, 0, 2], weights: [0.5, 0.3, 0.9])
        )
        let malformed = #expect(throws: NIRExportError.self) {
            try NIRWriter(network, secondsPerUnit: 1e-3)
        }
        #expect(malformed?.description.contains("neuron 2 of 2 at entry 2") == true)

        let count = 8193
        network.populations[0].shape = [count]
        network.populations[1] = Population(path: "a", shape: [count], dynamics: .relay)
        network.projections[0].connectivity = .sparse(
            SparseWeights(
                offsets: [Int](repeating: 0, count: count + 1),
                sources: [],
                weights: []
            )
        )
        network.projections.removeLast()
        let large = #expect(throws: NIRExportError.self) {
            try NIRWriter(network, secondsPerUnit: 1e-3)
        }
        #expect(large?.description.contains("8193 by 8193") == true)
    }

    @Test("sampling neurons are refused by name")
    func sampling() {
        let network = Network(
            name: "s",
            timeStep: 1,
            populations: [
                Population(
                    path: "units",
                    shape: [2],
                    dynamics: .sampling(
                        SamplingNeuron(refractorySteps: 10, psp: .rectangular(steps: 10))
                    )
                )
            ],
            projections: [],
            outputs: []
        )
        let error = #expect(throws: NIRExportError.self) {
            try NIRWriter(network, secondsPerUnit: 1)
        }
        #expect(error?.description.contains("'units'") == true)
    }

    @Test("a folder that is not there is one clear error, and nothing is left")
    func noFolder() throws {
        let path = FileManager.default.temporaryDirectory.path + "/no/such/folder/x.nir"
        let file = try NIRWriter(Self.noisy(), secondsPerUnit: 1)
        let error = #expect(throws: HDF5WritingError.self) { try file.write(to: path) }
        #expect(error?.reason.contains("No such file") == true)
    }
}
