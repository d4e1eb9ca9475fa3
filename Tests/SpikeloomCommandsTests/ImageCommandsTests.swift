import ChipImage
import Foundation
import TestSupport
import Testing

@Suite("Commands on chip images")
struct ImageCommandsTests {
    private func write(_ image: ChipImage, to url: URL) throws -> String {
        try image.write(to: url.path)
        return url.path
    }

    @Test("convert compresses an image and unpacks it to the same bytes")
    func archive() throws {
        let scratch = try Scratch()
        let image = try LocalImage.make(width: 1, height: 1, seed: 1)
        let plain = try write(image, to: scratch.file("a.chipimg"))
        let archive = scratch.file("b.chipimg").path
        let back = scratch.file("c.chipimg").path
        let packed = try BuiltProgram.run(["convert", plain, archive, "--compress"])
        #expect(packed.exitCode == 0, "\(packed.complaint)")
        #expect(try BuiltProgram.run(["convert", archive, back]).exitCode == 0)
        let sizes = try [plain, archive, back].map { path in
            try Data(contentsOf: URL(fileURLWithPath: path))
        }
        #expect(sizes[1].count * 5 < sizes[0].count * 3)
        #expect(sizes[2] == sizes[0])
        #expect(scratch.contents == ["a.chipimg", "b.chipimg", "c.chipimg"])
        let compared = try BuiltProgram.run(["diff", plain, archive, "--check"])
        #expect(compared.exitCode == 0)
        #expect(compared.output.contains("the same network, placed the same"))
    }

    @Test("diff tells what has changed, and leaves with 1 if it was asked to check")
    func diff() throws {
        let scratch = try Scratch()
        var image = try TinyImage.plain()
        let before = try write(image, to: scratch.file("a.chipimg"))
        image.cores[0].synapses.weights[0] = 100
        image.cores[0].neurons.threshold[1] += 1
        let after = try write(image, to: scratch.file("b.chipimg"))
        let json = scratch.file("d.json")
        let arguments = ["diff", before, after, "--json", json.path]
        let outcome = try BuiltProgram.run(arguments)
        #expect(outcome.exitCode == 0, "\(outcome.complaint)")
        #expect(outcome.output.contains("the networks differ"))
        #expect(outcome.output.contains("threshold of 1"))
        #expect(outcome.output.contains("in → hidden"))
        #expect(try BuiltProgram.run(arguments + ["--check", "--quiet"]).exitCode == 1)
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: json)) as? [String: Any]
        )
        #expect(report["schema"] as? String == "spikeloom.diff/1")
        #expect(report["equal"] as? Bool == false)
        #expect(report["samePlacement"] as? Bool == true)
        let projections = try #require(report["projections"] as? [[String: Any]])
        #expect(projections.compactMap { $0["changed"] as? Int } == [0, 0, 1])
        #expect(projections.compactMap { $0["largestChange"] as? Double } == [0, 0, 27])
    }

    @Test("inspect lists sections and prints their numbers")
    func sections() throws {
        let scratch = try Scratch()
        let path = try write(TinyImage.plain(), to: scratch.file("a.chipimg"))
        let list = try BuiltProgram.run(["inspect", path, "--sections"])
        #expect(list.exitCode == 0, "\(list.complaint)")
        #expect(list.output.contains("format 1.1") && list.output.contains("weights8:2"))
        let weights = try BuiltProgram.run([
            "inspect", path, "--section", "weights8:0", "--count", "3",
        ])
        #expect(weights.output.contains("weights8:0: i8, 7 records"))
        #expect(weights.output.contains("\n0: 127 -128 3\n… 4 more"))
        let segments = try BuiltProgram.run(["inspect", path, "--section", "segments"])
        #expect(segments.output.contains("segments:0") && segments.output.contains("segments:2"))
        #expect(segments.output.contains("\n0: 1 0 2\n"))
        let none = try BuiltProgram.run(["inspect", path, "--section", "weights8:1"])
        #expect(none.exitCode == 2 && none.complaint.contains("no such section"))
    }

    @Test(
        "an image goes back to NIR: a float run of it equals the quantised network, count for count"
    )
    func backToNIR() throws {
        let scratch = try Scratch()
        let digits = ["Examples/digits/digits_fc.nir", "--from", "snntorch"]
        let samples = ["--input", "Examples/digits/digits_fc_test.npz", "--counts", "--quiet"]
        let image = scratch.file("a.chipimg").path
        let nir = scratch.file("b.nir").path
        let compiled = try BuiltProgram.run(["compile"] + digits + ["-o", image, "--quiet"])
        #expect(compiled.exitCode == 0, "\(compiled.complaint)")
        let converted = try BuiltProgram.run(["convert", image, nir])
        #expect(converted.exitCode == 0, "\(converted.complaint)")
        #expect(converted.output.contains("--dt 0.0001"))
        func counts(_ arguments: [String]) throws -> [[Int]] {
            let json = scratch.file("run.json")
            let outcome = try BuiltProgram.run(
                ["run"] + arguments + samples + ["--json", json.path]
            )
            #expect(outcome.exitCode == 0, "\(outcome.complaint)")
            let report = try JSONSerialization.jsonObject(with: Data(contentsOf: json))
            return (report as? [String: Any])?["outputCounts"] as? [[Int]] ?? []
        }
        let quantised = try counts(digits + ["--numerics", "quantised"])
        #expect(quantised.count == 450)
        #expect(try counts([nir, "--dt", "0.0001", "--numerics", "float"]) == quantised)
        // Another device is another network.
        let device = ["--effective", "--mismatch", "0.5", "--device-seed", "3"]
        #expect(try BuiltProgram.run(["convert", image, nir] + device).exitCode == 0)
        #expect(try counts([nir, "--dt", "0.0001", "--numerics", "float"]) != quantised)
    }
}
