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

/// Every fixture graph of NIR on a chip, with its own inputs, against `integerRun`: a plain simulation of
/// the quantised network that knows no cores, axons, rows or routes.
@Suite("Fixture graphs in chip arithmetic")
struct FixtureGraphTests {
    /// Input spikes of a graph, as its golden file has them.
    private struct Golden: Decodable {
        struct Input: Decodable { let events: [[Int]] }
        let dt: Double
        let steps: Int
        let inputs: [String: Input]
    }

    /// A graph and what drives it.
    private struct Graph {
        let network: Network
        let drive: Drive

        init(_ file: URL) throws {
            let name = file.deletingPathExtension().lastPathComponent
            let json = try Data(
                contentsOf: file.deletingPathExtension().appendingPathExtension("golden.json")
            )
            let golden = try JSONDecoder().decode(Golden.self, from: json)
            let network = try NIRFile.read(
                HDF5File(path: file.path),
                name: name,
                settings: ImportSettings(timeStep: golden.dt)
            ).network
            // Spikes in flight arrive in the silent steps: the longest delay of the graphs is below 16.
            var drive: Drive = (0..<golden.steps + 16).map { _ in
                network.populations.map { population in
                    [Bool](
                        repeating: false,
                        count: population.dynamics == .input ? population.count : 0
                    )
                }
            }
            for (index, population) in network.populations.enumerated()
            where population.dynamics == .input {
                for event in golden.inputs[population.path]?.events ?? [] {
                    drive[event[0]][index][event[1]] = true
                }
            }
            self.network = network
            self.drive = drive
        }
    }

    /// What a graph did on a chip.
    private struct Outcome {
        var plain: Recording
        var onChip: Recording
        var spikes: Int {
            plain.spikes.joined().reduce(0) { $0 + $1.count { $0 } }
        }
    }

    private static func chip(_ name: String) throws -> ChipSpec {
        let file = Fixtures.repository.appendingPathComponent("chipspecs/\(name).yaml")
        return try ChipSpec.load(contentsOf: file.path)
    }

    private static func files() -> [URL] {
        Fixtures.files("graphs", of: "NIRImport", in: "nir/graphs") { $0.hasSuffix(".nir") }
    }

    /// Runs a graph both ways; nil where the chip has no such neurons.
    ///
    /// - Parameters:
    ///   - graph: The graph.
    ///   - chip: The chip.
    ///   - neuronsPerCore: Most neurons of a core.
    ///   - mistake: What is done to the image before it runs.
    /// - Returns: Both runs.
    /// - Throws: `CompilerError` for any other reason.
    private static func run(
        _ graph: Graph,
        on chip: ChipSpec,
        neuronsPerCore: Int? = nil,
        mistake: (inout ChipImage) -> Void = { _ in }
    ) throws -> Outcome? {
        let quantised: QuantisedNetwork
        do {
            quantised = try Pipeline.quantised(graph.network, for: chip)
        } catch CompilerError.modelNotOnChip {
            return nil
        } catch CompilerError.analogSource {
            return nil
        }
        var image = try Compiler.compile(
            graph.network,
            for: chip,
            options: CompilerOptions(neuronsPerCore: neuronsPerCore)
        ).image
        mistake(&image)
        return Outcome(
            plain: integerRun(quantised, on: chip, graph.drive),
            onChip: emulated(image, quantised.canonical, graph.drive)
        )
    }

    /// Runs an image on the emulator, in the author's time.
    private static func emulated(
        _ image: ChipImage,
        _ canonical: CanonicalNetwork,
        _ drive: Drive
    ) -> Recording {
        let machine = Machine(image: image)
        let map = SourceMap(image)
        let deepest = canonical.depth.max() ?? 0
        var raw = Recording()
        for step in 0..<drive.count + deepest {
            let inputs = canonical.inputs.map { p in
                step < drive.count
                    ? drive[step][p].indices.filter { drive[step][p][$0] }.map { UInt32($0) } : []
            }
            machine.step(inputs: inputs)
            var spikes = canonical.network.populations.map {
                [Bool](repeating: false, count: $0.count)
            }
            var v = canonical.network.populations.map { [Double](repeating: 0, count: $0.count) }
            if step < drive.count {
                for p in canonical.inputs { spikes[p] = drive[step][p] }
            }
            for spike in machine.spikes {
                guard let neuron = map.neuron(at: spike.address) else { continue }
                spikes[canonical.onChip[neuron.population]][neuron.index] = true
            }
            for (index, p) in canonical.onChip.enumerated() {
                for (k, address) in map.addresses(ofPopulation: index).enumerated() {
                    v[p][k] = machine.membranePotential(at: address).map { Double($0) } ?? .nan
                }
            }
            raw.spikes.append(spikes)
            raw.v.append(v)
        }
        return shifted(raw, by: canonical.depth, steps: drive.count)
    }

    /// A limit of neurons that spreads a network over several cores of the smallest chip.
    private static func fewNeurons(_ network: Network) -> Int {
        let neurons = network.populations.reduce(0) {
            $0 + ($1.dynamics == .input ? 0 : $1.count)
        }
        return max(neurons / 10, 2)
    }

    @Test(
        "equal the quantised network spike for spike and register for register",
        arguments: [
            (chip: "pilot", graphs: 31, refused: ["cubali", "i_threshold"]),
            (
                chip: "loihi", graphs: 29,
                refused: ["cubali", "i_threshold", "li", "two_inputs_two_outputs"]
            ),
        ]
    )
    func equal(chip name: String, graphs: Int, refused: [String]) throws {
        let chip = try Self.chip(name)
        var ran: Set<String> = []
        var missing: Set<String> = []
        var unnoticed: [String] = []
        var spikes = 0
        for file in Self.files() {
            let graph = try Graph(file)
            guard let whole = try Self.run(graph, on: chip) else {
                missing.insert(graph.network.name)
                continue
            }
            ran.insert(graph.network.name)
            spikes += whole.spikes
            #expect(whole.onChip.spikes == whole.plain.spikes, "\(file.path)")
            #expect(whole.onChip.v == whole.plain.v, "\(file.path)")
            // Spread over cores, spikes travel: nothing else may change. Wrong signs are seen.
            let split = try Self.run(
                graph,
                on: chip,
                neuronsPerCore: Self.fewNeurons(graph.network)
            )
            #expect(split?.onChip == whole.plain, "\(file.path), split")
            let wrong = try Self.run(graph, on: chip) { image in
                for k in image.cores[0].synapses.weights.indices {
                    image.cores[0].synapses.weights[k] *= -1
                }
            }
            if wrong?.onChip == whole.plain { unnoticed.append(graph.network.name) }
        }
        print("\(name): \(ran.count) graphs, \(spikes) spikes")
        // Further roots may hold others.
        #expect(ran.count >= graphs)
        #expect(missing.isSuperset(of: refused))
        #expect(spikes > 20_000)
        #expect(unnoticed.isEmpty)
    }

    @Test("see every kind of planted mistake")
    func mistakes() throws {
        let chip = try Self.chip("pilot")
        let folder = Fixtures.own("NIRImport").appendingPathComponent("nir/graphs")
        let graph = try Graph(folder.appendingPathComponent("recurrent_delay.nir"))
        let plants: [(inout ChipImage) -> Void] = [
            { $0.cores[0].synapses.weights[0] += 1 },
            { $0.cores[0].synapses.rowDelay[0] += 1 },
            { $0.cores[0].synapses.rowExponent[0] += 1 },
            { $0.cores[0].synapses.targets[0] ^= 1 },
            { $0.cores[0].neurons.threshold[0] /= 2 },
            { $0.cores[0].neurons.membraneDecay[0] += 1 },
            { $0.cores[0].neurons.resetPotential[0] += 1 },
            {
                $0.cores[0].routes = RouteTable(offsets: $0.cores[0].routes.offsets.map { _ in 0 })
            },
        ]
        for (index, plant) in plants.enumerated() {
            let outcome = try #require(try Self.run(graph, on: chip, mistake: plant))
            #expect(outcome.plain != outcome.onChip, "mistake \(index)")
        }
        let right = try #require(try Self.run(graph, on: chip))
        #expect(right.plain == right.onChip)
    }
}
