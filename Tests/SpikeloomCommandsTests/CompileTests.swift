import Foundation
import TestSupport
import Testing

private let digits = ["compile", "Examples/digits/digits_fc.nir", "--from", "snntorch"]

@Suite("spikeloom compile")
struct CompileTests {
    private func object(_ file: URL) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
        return try #require(value as? [String: Any])
    }

    @Test("stops after a pass: what is known as JSON, what it made as text, time and memory")
    func stops() throws {
        let scratch = try Scratch()
        let (json, dump) = (scratch.file("r.json"), scratch.file("q.txt"))
        let outcome = try BuiltProgram.run(
            digits + [
                "--stop-after", "quantise", "--dump-after", "quantise=\(dump.path)", "--json",
                json.path,
                "--verbose", "--table",
            ]
        )
        #expect(outcome.exitCode == 0 && outcome.complaint.isEmpty)
        #expect(outcome.output.contains("stopped after quantise"))
        #expect(outcome.output.contains("peak memory"))
        #expect(outcome.output.contains("stands for"))
        let report = try object(json)
        #expect(report["schema"] as? String == "spikeloom.compile-stopped/1")
        #expect(report["stoppedAfter"] as? String == "quantise")
        #expect(report["packets"] == nil)
        let passes = try #require(report["passes"] as? [[String: Any]])
        #expect(
            passes.compactMap { $0["name"] as? String } == ["canonicalise", "lower", "quantise"]
        )
        for pass in passes {
            #expect((pass["seconds"] as? Double ?? -1) >= 0)
            #expect((pass["peakBytes"] as? Int ?? 0) > 1_000_000)
            #expect((pass["peakBytes"] as? Int ?? 0) <= (report["peakBytes"] as? Int ?? 0))
        }
        let text = try String(contentsOf: dump, encoding: .utf8)
        #expect(text.split(separator: "\n").count { $0.contains(" weight ") } > 7000)
        #expect(!FileManager.default.fileExists(atPath: dump.path + ".part"))
    }

    @Test(
        "refuses what a stop cannot give, and names that are none, with the nearest",
        arguments: [
            (["--stop-after", "quantize"], "Did you mean quantise?"),
            (["--dump-after", "rout"], "Did you mean route?"),
            (["--dump-after", "xyz"], "The passes are canonicalise, lower, quantise"),
            (["--stop-after", "place", "-o", "x.chipimg"], "writes no image"),
            (["--stop-after", "lower", "--dump-after", "emit"], "comes after"),
            (["--dump-after", "lower=x", "--dump-after", "lower=y"], "twice"),
            (["--dump-after", "lower="], "names no file"),
            (["--scale", "percentile=0"], "percentile"),
            (["--calibration-samples", "0"], "1...1,000,000"),
        ]
    )
    func refuses(arguments: [String], message: String) throws {
        let outcome = try BuiltProgram.run(digits + arguments)
        #expect(outcome.exitCode == 2)
        #expect(outcome.complaint.contains(message))
    }

    @Test("calibrates by samples and predicts from them; the default is the largest weight")
    func calibrates() throws {
        let scratch = try Scratch()
        let json = scratch.file("r.json")
        let outcome = try BuiltProgram.run(
            digits + [
                "--calibrate", "Examples/digits/digits_fc_test.npz", "--calibration-samples", "2",
                "--json", json.path,
            ]
        )
        #expect(outcome.exitCode == 0 && outcome.output.contains("predicted from 2 samples"))
        let report = try object(json)
        let calibration = try #require(report["calibration"] as? [String: Any])
        #expect((calibration["populations"] as? [Any])?.count == 2)
        #expect(report["predicted"] != nil)
        let (one, other) = (scratch.file("a.chipimg"), scratch.file("b.chipimg"))
        _ = try BuiltProgram.run(digits + ["-o", one.path, "--quiet"])
        _ = try BuiltProgram.run(digits + ["-o", other.path, "--scale", "max", "--quiet"])
        #expect(try Data(contentsOf: one) == Data(contentsOf: other))
    }
}
