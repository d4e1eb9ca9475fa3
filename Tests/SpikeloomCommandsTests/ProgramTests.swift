import ChipImage
import Foundation
import TestSupport
import Testing

private let digits = "Examples/digits/digits_fc.nir"
private let align = "Examples/learning/reciprocal.yaml"
private let sampling = "Examples/studies/sampling-init-noise.yaml"
private let testSet = "Examples/digits/digits_fc_test.npz"

@Suite("Program")
struct ProgramTests {
    @Test("leaves with 0 when it is done", arguments: [["--version"], ["--help"], ["chips"]])
    func leavesWithZero(arguments: [String]) throws {
        let outcome = try BuiltProgram.run(arguments)
        #expect(outcome.exitCode == 0)
        #expect(!outcome.output.isEmpty && outcome.complaint.isEmpty)
    }

    @Test(
        "leaves with 2 and one message on bad input or usage",
        arguments: [
            ["nonsense"],
            ["compile"],
            ["compile", "missing.nir", "--from", "snntorch", "-o", "x.chipimg"],
            ["compile", digits, "-o", "x.chipimg"],
            ["compile", digits, "--from", "snntorch", "--chip", "nosuch", "-o", "x.chipimg"],
            ["compile", digits, "--from", "snntorch", "--dt", "-1", "-o", "x.chipimg"],
            ["compile", digits, "--from", "snntorch", "-o", "no/such/folder/x.chipimg"],
            ["compile", testSet, "--from", "snntorch", "-o", "x.chipimg"],
            ["compile", digits, "--from", "snntorch", "--dead-cores", "3-1"],
            ["compile", digits, "--from", "snntorch", "--dead-cores", "0-99999999999"],
            ["compile", digits, "--from", "snntorch", "--dead-cores", "0-15"],
            ["compile", digits, "--from", "snntorch", "--pin", "1"],
            ["compile", digits, "--from", "snntorch", "--pin", "hidden=2"],
            ["compile", digits, "--from", "snntorch", "--rates", "missing.mcap"],
            ["compile", digits, "--from", "snntorch", "--rates-image", "missing.chipimg"],
            ["run", digits, "--from", "snntorch", "--input", "missing.npz"],
            ["run", digits, "--from", "snntorch", "--input", testSet, "--mismatch", "-0.1"],
            ["run", digits, "--from", "snntorch", "--input", testSet, "--mismatch", "leak=0.1"],
            ["run", digits, "--from", "snntorch", "--input", testSet, "--steps", "0"],
            ["run", digits, "--from", "snntorch", "--input", testSet, "--between", "blank", "-3"],
            ["run", digits, "--from", "snntorch", "--input", testSet, "--probe", "hidden:x"],
            ["run", digits, "--from", "snntorch", "--input", testSet, "--energy", "nosuch"],
            ["run", digits, "--from", "snntorch", "--input", testSet, "--output", "nosuch"],
            ["run", digits, "--from", "snntorch", "--input", digits],
            ["run", testSet, "--input", testSet],
            ["measure", digits, "--from", "snntorch", "--input", testSet, "--devices", "0"],
            ["replay", "missing.mcap", "--image", "missing.chipimg"],
            ["inspect", "README.md"],
            ["inspect", digits, "--core", "0"],
            ["convert", "a.csv", "b.csv"],
            ["convert", "a.csv", "b.mcap", "--compress"],
            ["convert", "missing.chipimg", "b.chipimg"],
            ["convert", "missing.chipimg", "b.mcap"],
            ["convert", "missing.chipimg", "b.nir"],
            ["convert", "a.csv", "b.mcap", "--effective"],
            ["diff", "missing.chipimg", "missing.chipimg"],
            ["diff", digits, digits],
            ["inspect", digits, "--sections"],
            ["inspect", digits, "--section", "weights"],
            ["inspect", digits, "--core", "0", "--sections"],
            ["train", "missing.yaml"],
            ["train", align],
            ["train", "Examples/studies/digits-depth.yaml", "--arm", "sal"],
            ["train", "Examples/studies/digits-depth.yaml", "--seeds", "0"],
            ["sampling", "missing.yaml"],
            ["sampling", align],
            ["sampling", sampling, "--seeds", "0"],
            ["sampling", sampling, "--arm", "nosuch"],
            ["sampling", sampling, "--initial-noise", "0,x"],
            ["learn", "missing.yaml"],
            ["learn", align, "--arm", "nosuch"],
            ["learn", align, "--seeds", "0"],
            ["learn", align, "--arm", "H9", "--export-nir", "x.nir"],
            ["learn", align, "--arm", "H9", "--save-image", "x.chipimg"],
            ["learn", align, "--arm", "quick", "--export-nir", "no/such/folder/x.nir"],
            [
                "learn", "Examples/learning/two-neurons.yaml", "--arm", "both", "--seed", "200",
                "--export-nir", "x.nir",
            ],
        ]
    )
    func leavesWithTwo(arguments: [String]) throws {
        let scratch = try Scratch()
        let absolute = arguments.map {
            $0.hasPrefix("Examples/") || $0 == "README.md"
                ? Fixtures.repository.appendingPathComponent($0).path : $0
        }
        let outcome = try BuiltProgram.run(absolute, in: scratch.folder)
        #expect(outcome.exitCode == 2, "\(outcome.complaint)")
        #expect(outcome.output.isEmpty && !outcome.complaint.isEmpty)
        #expect(scratch.contents.isEmpty)
    }

    @Test("compiles, runs, records, replays, converts and inspects the digits network")
    func digitsPath() throws {
        let scratch = try Scratch()
        let image = scratch.file("digits.chipimg").path
        let recording = scratch.file("run.mcap").path
        let csv = scratch.file("run.csv").path
        let json = scratch.file("run.json").path
        let compiled = try BuiltProgram.run([
            "compile", digits, "--from", "snntorch", "--chip", "pilot", "-o", image,
            "--json", scratch.file("report.json").path,
        ])
        #expect(compiled.exitCode == 0, "\(compiled.complaint)")
        #expect(compiled.output.contains("--reset subtract"))
        let ran = try BuiltProgram.run([
            "run", image, "--input", testSet, "--record", recording, "--json", json, "--counts",
        ])
        #expect(ran.exitCode == 0, "\(ran.complaint)")
        let report = try RunFile(scratch.file("run.json"))
        #expect(report.schema == "spikeloom.run/1" && report.samples == 450)
        #expect(report.correct >= 437 && report.outputCounts.count == 450)

        let replayed = try BuiltProgram.run(["replay", recording, "--image", image, "--check"])
        #expect(replayed.exitCode == 0, "\(replayed.output)\(replayed.complaint)")
        #expect(try BuiltProgram.run(["convert", recording, csv]).exitCode == 0)
        let rows =
            try String(contentsOf: scratch.file("run.csv"), encoding: .utf8)
            .split(separator: "\n").count - 1
        #expect(rows == report.spikes.reduce(0) { $0 + $1.spikes })
        for file in [image, recording, testSet, digits] {
            #expect(try BuiltProgram.run(["inspect", file]).exitCode == 0)
        }
    }

    private struct RunFile: Decodable {
        struct Population: Decodable { let spikes: Int }
        let schema: String
        let samples: Int
        let correct: Int
        let outputCounts: [[Int]]
        let spikes: [Population]

        init(_ url: URL) throws {
            self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: url))
        }
    }

    @Test("replay --check leaves with 1 and names step and neuron when a threshold has changed")
    func replayFindsChange() throws {
        let scratch = try Scratch()
        let path = scratch.file("digits.chipimg").path
        let recording = scratch.file("run.mcap").path
        let compile = ["compile", digits, "--from", "snntorch", "-o", path]
        #expect(try BuiltProgram.run(compile).exitCode == 0)
        let run = ["run", path, "--input", testSet, "--record", recording]
        #expect(try BuiltProgram.run(run).exitCode == 0)
        var image = try ChipImage.load(path: path)
        // Slots 96 to 105 of the only core hold the output neurons.
        image.cores[0].neurons.threshold[100] += 900
        try image.write(to: path)
        let replay = ["replay", recording, "--image", path]
        #expect(try BuiltProgram.run(replay).exitCode == 0)
        let checked = try BuiltProgram.run(replay + ["--check"])
        #expect(checked.exitCode == 1)
        #expect(checked.output.contains("step") && checked.output.contains("neuron 100"))
        let report = scratch.file("replay.json").path
        let forced = try BuiltProgram.run(replay + ["--teacher-forced", "--json", report])
        #expect(forced.output.contains("1 of 106 neurons deviate"))
        #expect(try String(contentsOfFile: report, encoding: .utf8).contains("\"history\""))
        #expect(try BuiltProgram.run(["diff", recording, recording, "--check"]).exitCode == 0)
        for bad in [
            ["diff", recording, path], ["replay", recording], replay + ["--compare", "nobody"],
            replay + ["--trials", "7"], replay + ["--weights", "w.csv"],
            ["replay", recording, "--compare", "weights"],
        ] {
            #expect(try BuiltProgram.run(bad).exitCode == 2, "\(bad)")
        }
    }

    @Test("learns, draws, and writes report, image and NIR file, which compile and inspect read")
    func learnPath() throws {
        let scratch = try Scratch()
        let (nir, image) = (scratch.file("o.nir").path, scratch.file("o.chipimg").path)
        let learned = try BuiltProgram.run([
            "learn", align, "--arm", "quick", "--json", scratch.file("o.json").path,
            "--export-nir", nir, "--save-image", image,
        ])
        #expect(learned.exitCode == 0, "\(learned.complaint)")
        #expect(learned.output.contains("noise is not in the file"))
        #expect(try BuiltProgram.run(["inspect", image]).output.contains("sal-nearest"))
        let again = scratch.file("again.chipimg").path
        let compiled = try BuiltProgram.run(["compile", nir, "--dt", "0.001", "-o", again])
        #expect(compiled.exitCode == 0, "\(compiled.complaint)")
        #expect(scratch.contents == ["again.chipimg", "o.chipimg", "o.json", "o.nir"])
    }

    @Test("sampling runs a study with flags above its keys")
    func samplingFlags() throws {
        let scratch = try Scratch()
        let study = Fixtures.repository.appendingPathComponent(sampling).path
        let outcome = try BuiltProgram.run([
            "sampling", study, "--initial-noise", "0.5", "--plasticity-noise", "0,0.1", "--seeds",
            "1",
            "--seed", "7", "--iterations", "2", "--phase", "20", "--final-steps", "20000",
            "--alignment-rate", "0.1", "--json", scratch.file("o.json").path,
        ])
        #expect(outcome.exitCode == 0, "\(outcome.complaint)")
        #expect(outcome.output.contains("without"))
        let data = try Data(contentsOf: scratch.file("o.json"))
        let report = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(report["schema"] as? String == "spikeloom.sampling/1")
        let arms = try #require(report["arms"] as? [[String: Any]])
        #expect(arms.compactMap { $0["arm"] as? String } == ["without", "with", "without", "with"])
        #expect(arms.compactMap { $0["alignmentRate"] as? Double } == [0, 0.1, 0, 0.1])
        #expect(arms.compactMap { $0["plasticityNoise"] as? Double } == [0, 0, 0.1, 0.1])
        for arm in arms {
            #expect(arm["initialNoise"] as? Double == 0.5 && arm["iterations"] as? Int == 2)
            let runs = arm["runs"] as? [[String: Any]]
            #expect(runs?.compactMap { $0["seed"] as? Int } == [7])
        }
    }

    @Test("learn writes the registers that probes name, for their neurons and time")
    func learnProbes() throws {
        let scratch = try Scratch()
        let text = """
            experiment: probed
            network:
              populations:
                a: { count: 8, neuron: lif, tau: 10, tauSyn: 5, bias: 0.9, noise: { deviation: 0.35 } }
            phases:
              - trim: { rounds: 1, seconds: 0.1, target: 30, gain: 0.1 }
              - run: { name: on, seconds: 0.2 }
            probes:
              - { population: a, neurons: [0, 7], fromSeconds: 0.1, toSeconds: 0.11 }
              - { population: a, register: u, toSeconds: 0.001 }
            """
        try text.write(to: scratch.file("p.yaml"), atomically: true, encoding: .utf8)
        let arguments = ["learn", "p.yaml", "--probe-file", "p.csv"]
        let outcome = try BuiltProgram.run(arguments, in: scratch.folder)
        #expect(outcome.exitCode == 0, "\(outcome.complaint)")
        #expect(outcome.output.contains("no angles") && outcome.output.contains("Hz"))
        let rows = try String(contentsOf: scratch.file("p.csv"), encoding: .utf8)
            .split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
        #expect(rows.count == 1 + 11 * 2 + 8)
        #expect(Set(rows.dropFirst().filter { $0[2] == "v" }.map { $0[3] }) == ["0", "7"])
        // Trim phases come before; their steps count.
        #expect(rows[1][0] == "100" && rows[1][2] == "u")
        let none = try BuiltProgram.run(["learn", align, "--arm", "quick", "--probe-file", "p.csv"])
        #expect(none.exitCode == 2 && none.complaint.contains("probes:"))
    }

    @Test("refuses every malformed NIR file with one message, and writes nothing")
    func refusesMalformed() throws {
        let folder = Fixtures.repository
            .appendingPathComponent("Tests/NIRImportTests/Fixtures/nir/malformed")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".nir") }.sorted()
        #expect(files.count == 36)
        var slowest = 0.0
        for file in files {
            let scratch = try Scratch()
            let outcome = try BuiltProgram.run(
                [
                    "compile", folder.appendingPathComponent(file).path, "--dt", "0.001",
                    "-o", scratch.file("x.chipimg").path,
                ],
                in: scratch.folder,
                within: 200_000_000 / 1024
            )
            #expect(outcome.exitCode == 2, "\(file): \(outcome.exitCode) \(outcome.complaint)")
            #expect(outcome.complaint.hasPrefix("error[E0") && outcome.output.isEmpty, "\(file)")
            #expect(scratch.contents.isEmpty, "\(file)")
            slowest = max(slowest, outcome.seconds)
        }
        print("36 malformed files: slowest \(slowest) s")
    }
}
