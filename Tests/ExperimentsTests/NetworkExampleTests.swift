import ChipImage
import ChipSpec
import Compiler
import Description
import Emulator
import Events
import Experiments
import Foundation
import HDF5
import NIRImport
import NetworkIR
import Samples
import TestSupport
import Testing

@Suite("Networks in YAML on the chip")
struct NetworkExampleTests {
    private static let folder = Fixtures.repository.appendingPathComponent("Examples/networks").path

    /// NIR files as the program reads them, without its child process.
    private static let files = NetworkFiles(exporters: Exporter.allCases.map(\.rawValue)) {
        request in
        try NIRFile.read(
            HDF5File(path: request.path),
            name: "part",
            settings: ImportSettings(
                exporter: request.exporter.flatMap(Exporter.init),
                timeStep: request.timeStep,
                reset: request.reset
            )
        ).network
    }

    private static func image(_ network: Network) throws -> ChipImage {
        let chip = try DigitsFixture.chip("pilot")
        let rules = try network.rules.map { try RuleCompiler.program(for: $0, on: chip) }
        let image = try Compiler.compile(network, for: chip, rules: rules).image
        try image.verify()
        return image
    }

    private static func network(_ parts: String, _ more: String = "") throws -> Network {
        let text = "network: x\npopulations: {}\nparts: { \(parts) }\n\(more)"
        return try NetworkFile(text: text, path: folder + "/x.yaml", files: files).network()
    }

    private static let digits = "digits: { nir: ../digits/digits_fc.nir, from: snntorch"

    @Test(
        "the examples compile, and their images hold the synapses of the network",
        arguments: [
            "sheet.yaml", "columns.yaml", "two-digits.yaml",
        ]
    )
    func compiles(name: String) throws {
        let network = try NetworkFile(path: Self.folder + "/" + name, files: Self.files).network()
        let image = try Self.image(network)
        // Weights that round to 0 are no synapses.
        let synapses = network.projections.reduce(0) { sum, projection in
            switch projection.connectivity {
            case .dense(let weights), .oneToOne(let weights): sum + weights.count { $0 != 0 }
            case .sparse(let sparse): sum + sparse.count
            }
        }
        let held = image.cores.reduce(0) { $0 + $1.synapses.weights.count }
        #expect(held <= synapses && held > synapses * 9 / 10, "\(held) of \(synapses)")
    }

    /// Spikes of one sample after the other, and output counts.
    private static func counts(_ image: ChipImage, port: String, samples: Int) throws -> RunResult {
        let all = try DigitsFixture().samples
        let few = try InputSpikes(
            channelShape: all.channelShape,
            samples: (0..<samples).map { sample in
                (0..<all.stepCount).map { Array(all.spikes(sample: sample, step: $0)) }
            }
        )
        let run = ChipRun(image: image, readout: .count)
        return try run(SampleSet(inputs: [few]).matched(to: [(port, [64])]))
    }

    @Test("a NIR file as a part spikes as it does alone, its inputs bound or not")
    func part() throws {
        let alone = try Self.counts(Self.image(DigitsFixture().network), port: "input", samples: 20)
        let part = try Self.counts(
            Self.image(Self.network(Self.digits + " }")),
            port: "digits/input",
            samples: 20
        )
        #expect(part.samples.map(\.outputCounts) == alone.samples.map(\.outputCounts))
        let text = """
            network: x
            populations: { pixels: { count: 64, neuron: input } }
            parts: { \(Self.digits), inputs: { input: pixels } } }
            """
        let network = try NetworkFile(text: text, path: Self.folder + "/x.yaml", files: Self.files)
            .network()
        let bound = try Self.counts(Self.image(network), port: "pixels", samples: 20)
        #expect(bound.samples.map(\.outputCounts) == alone.samples.map(\.outputCounts))
        #expect(bound.populations.map(\.spikes) == alone.populations.map(\.spikes))
    }

    private static let feedback = """
        , addFeedback: { FEEDBACK, rule: ../rules/sal-nearest.yaml, noise: { weight: 0.6, rate: 150 } } }
        """

    @Test(
        "feedback and noise behind shut gates change no spike and no count",
        arguments: [
            "weights: { normal: { deviation: 0.1, clip: 0.3 } }", "transposed: 1",
            "transposed: -3, fullScale: 40", "weights: 1e-3, fullScale: 1e-3",
        ]
    )
    func shut(feedback: String) throws {
        let plain = try Self.image(DigitsFixture().network)
        let alone = try Self.counts(plain, port: "input", samples: 20)
        let network = try Self.network(
            Self.digits + Self.feedback.replacing("FEEDBACK", with: feedback)
        )
        #expect(
            network.populations.map(\.path) == [
                "digits/input", "digits/1", "digits/3", "digits/3/gate", "digits/1/noise",
                "digits/3/noise",
            ]
        )
        let image = try Self.image(network)
        let with = try Self.counts(image, port: "digits/input", samples: 20)
        #expect(with.samples.map(\.outputCounts) == alone.samples.map(\.outputCounts))
        func spikes(_ result: RunResult, _ path: String) -> UInt64? {
            result.populations.first { $0.path == path }?.spikes
        }
        for layer in ["1", "3"] {
            #expect(spikes(with, "digits/\(layer)") == spikes(alone, layer))
        }
        for path in ["3/gate", "1/noise", "3/noise"] {
            #expect(spikes(with, "digits/\(path)") == 0)
        }
        // The registers of forward weights, thresholds and biases are the same.
        for (name, other) in [("1", "digits/1"), ("3", "digits/3")] {
            let own = plain.network.populations.first { $0.path == name }
            let its = image.network.populations.first { $0.path == other }
            #expect(own?.depth == its?.depth)
        }
    }

    @Test("an alignment phase opens the gates, weights align, and inference stays what it was")
    func aligned() throws {
        let file = try ExperimentFile(
            path: Self.folder + "/digits-feedback.yaml",
            files: Self.files
        )
        var study = try LearningStudy(
            file,
            catalogue: ChipCatalogue(
                folders: [Fixtures.repository.appendingPathComponent("chipspecs").path]
            )
        )
        study.arms[0].experiment.plan.phases = study.arms[0].experiment.plan.phases.map { phase in
            guard case .run(var run) = phase else { return phase }
            run.seconds = 3
            return .run(run)
        }
        var run = try LearningStudy.run(of: study.arms[0], seed: 1)
        let result = try run.run()
        let rates = Dictionary(
            uniqueKeysWithValues: result.phases[0].rates.map { ($0.population, $0.mean) }
        )
        #expect(rates["digits/3/gate"] ?? 0 > 1)
        #expect((130...170).contains(rates["digits/1/noise"] ?? 0))
        let course = try #require(result.projections.first)
        #expect(course.name == "digits/3>1")
        #expect(course.before != course.after)
        let learned = try run.learnedImage()
        let alone = try Self.counts(Self.image(DigitsFixture().network), port: "input", samples: 20)
        let with = try Self.counts(learned, port: "digits/input", samples: 20)
        #expect(with.samples.map(\.outputCounts) == alone.samples.map(\.outputCounts))
    }

    @Test("feedback that cannot be is refused")
    func refused() throws {
        func message(_ feedback: String, _ part: String = Self.digits) -> String {
            let error = #expect(throws: DescriptionError.self) {
                try Self.network("\(part), addFeedback: { \(feedback) } }")
            }
            return error?.description ?? ""
        }
        #expect(message("transposed: 1, weights: 1").contains("has weights and transposed"))
        #expect(message("transposed: 1, noise: { weight: 1 }").contains("lacks the key rate"))
        #expect(message("transposed: 1, noise: { weight: 1, rate: 1000 }").contains("450 Hz"))
        #expect(message("transposed: 1, from: [2]").contains("It must be one of: 3."))
        #expect(
            message(
                "transposed: 1, noise: { weight: 1, rate: 9 }",
                Self.digits + ", reset: subtract"
            )
            .contains("resets by subtraction")
        )
        #expect(
            message("transposed: 1", "digits: { nir: ../digits/digits_fc.nir, from: snntroch")
                .contains("Did you mean snntorch?")
        )
    }
}
