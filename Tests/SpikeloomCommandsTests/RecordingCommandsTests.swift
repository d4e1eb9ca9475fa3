import Foundation
import TestSupport
import Testing

@Suite("Commands on recordings of other tools")
struct RecordingCommandsTests {
    @Test(
        "a table becomes a spike trace, that a file of another tool, and counts say what was dropped"
    )
    func table() throws {
        let scratch = try Scratch()
        let table = scratch.file("lab.csv").path
        let trace = scratch.file("lab.mcap").path
        try "ts,label\n1000,a\n2000,b\n2100,b\n-5,a\n3000,c\n"
            .write(toFile: table, atomically: true, encoding: .utf8)
        let neurons = scratch.file("neurons.csv").path
        try "a,1\nb,0\n".write(toFile: neurons, atomically: true, encoding: .utf8)
        let read = try BuiltProgram.run([
            "convert", table, trace, "--columns", "time=ts,unit=label", "--time-unit", "us",
            "--map", neurons, "--map", "bin=1ms", "--onto", "core:3",
        ])
        #expect(read.exitCode == 0, "\(read.complaint)")
        #expect(read.output.contains("2 of 5 events."))
        for cause in ["map does not name", "before time zero", "in a time step"] {
            #expect(read.output.contains(cause), "\(cause)")
        }
        let text = scratch.file("out.csv").path
        #expect(try BuiltProgram.run(["convert", trace, text]).exitCode == 0)
        #expect(
            try String(contentsOfFile: text, encoding: .utf8)
                == "step,core,neuron\n1,3,1\n2,3,0\n"
        )
        for name in ["out.npz", "out.h5", "out.json", "out.vcd", "out.dat"] {
            let written = try BuiltProgram.run(["convert", trace, scratch.file(name).path])
            #expect(written.exitCode == 0, "\(name): \(written.complaint)")
        }
        let back = try BuiltProgram.run([
            "convert", scratch.file("out.h5").path, scratch.file("back.mcap").path, "--map",
            "bin=1ms", "--quiet",
        ])
        #expect(back.exitCode == 0 && back.output.isEmpty, "\(back.complaint)")
    }

    @Test("align writes on the clock of the reference, and says offset, skew and losses")
    func align() throws {
        let scratch = try Scratch()
        var (ours, theirs) = (["step,core,neuron"], ["step,core,neuron"])
        var step = 100
        for index in 0..<400 {
            step += 20 + index * index * 7919 % 61
            theirs.append("\(step + 12),0,\(index % 5)")
            if index % 50 != 7 { ours.append("\(step),0,\(index % 5)") }
        }
        for (name, lines) in [("ours", ours), ("theirs", theirs)] {
            let text = scratch.file(name + ".csv").path
            try (lines.joined(separator: "\n") + "\n")
                .write(toFile: text, atomically: true, encoding: .utf8)
            let trace = scratch.file(name + ".mcap").path
            #expect(try BuiltProgram.run(["convert", text, trace]).exitCode == 0)
        }
        let aligned = try BuiltProgram.run([
            "convert", scratch.file("ours.mcap").path, scratch.file("aligned.csv").path,
            "--align", "offset", "--reference", scratch.file("theirs.mcap").path,
        ])
        #expect(aligned.exitCode == 0, "\(aligned.complaint)")
        #expect(aligned.output.contains("offset    12.0000"))
        #expect(aligned.output.contains("lost      2.00"))
        let lines = try String(contentsOfFile: scratch.file("aligned.csv").path, encoding: .utf8)
            .split(separator: "\n")
        #expect(lines.count == ours.count)
        #expect(Set(lines).isSubset(of: Set(theirs.map { Substring($0) })))
    }

    @Test("what makes no sense is refused, and leaves no file behind")
    func refusals() throws {
        let scratch = try Scratch()
        let out = scratch.file("x.mcap").path
        for arguments in [
            ["no.raw", out], ["no.h5", out], ["no.csv", out, "--size", "3"],
            ["no.csv", out, "--columns", "x"], ["no.csv", out, "--time-unit", "h"],
            ["no.csv", out, "--onto", "port:1"], ["no.csv", out, "--from", "nosuch"],
            ["README.md", out, "--from", "hdf5"], ["README.md", out, "--from", "aedat"],
            ["a.mcap", out], ["no.mcap", out, "--align", "skew"],
            ["no.mcap", out, "--reference", "no.mcap"], ["no.csv", out, "--align", "skew"],
        ] {
            let refused = try BuiltProgram.run(["convert"] + arguments)
            #expect(refused.exitCode == 2, "\(arguments)")
            #expect(refused.complaint.contains("error"), "\(arguments)")
        }
        #expect(scratch.contents.isEmpty)
    }
}
