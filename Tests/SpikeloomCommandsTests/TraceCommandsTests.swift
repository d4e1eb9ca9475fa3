import Foundation
import TestSupport
import Testing

private let digits = "Examples/digits/digits_fc.nir"
private let samples = "Examples/chips/digits.npz"

@Suite("Commands on spike traces")
struct TraceCommandsTests {
    /// A recorded run of the digits on a device with three known thresholds, with probes, synchronised.
    private struct Recorded {
        let scratch: Scratch
        var image: String { scratch.file("digits.chipimg").path }
        var device: String { scratch.file("device.yaml").path }
        var trace: String { scratch.file("run.mcap").path }

        init() throws {
            scratch = try Scratch()
            let text = """
                device: known
                chip: pilot
                cores:
                  - core: 0
                    factors: { threshold: "1.5 0.8 1.1" }

                """
            try text.write(toFile: device, atomically: true, encoding: .utf8)
            let compiled = try BuiltProgram.run([
                "compile", digits, "--from", "snntorch", "--chip", "pilot", "-o", image,
            ])
            #expect(compiled.exitCode == 0, "\(compiled.complaint)")
            let ran = try BuiltProgram.run([
                "run", image, "--input", samples, "--steps", "4", "--device", device,
                "--record", trace, "--fsync", "--probe", "3:v", "--quiet",
            ])
            #expect(ran.exitCode == 0 && ran.output.isEmpty, "\(ran.complaint)")
        }
    }

    @Test("run --record --fsync --probe leaves a whole recording with the potentials as a series")
    func probes() throws {
        let recorded = try Recorded()
        let shown = try BuiltProgram.run(["inspect", recorded.trace])
        #expect(shown.exitCode == 0 && shown.output.contains("spikes, intact"))
        // 150 samples of 4 steps with input and 2 to drain, ten potentials each.
        let series = try #require(
            shown.output.split(separator: "\n").first { $0.hasPrefix("/series/3/v") }
        )
        #expect(series.split(separator: " ").dropFirst() == ["10", "900", "0", "to", "899"])
        #expect(recorded.scratch.contents == ["device.yaml", "digits.chipimg", "run.mcap"])
        for flag in [["--fsync"], ["--record", "x.mcap", "--numerics", "float", "--probe", "3:v"]] {
            let refused = try BuiltProgram.run(
                ["run", recorded.image, "--input", samples] + flag
            )
            #expect(refused.exitCode == 2, "\(flag)")
        }
    }

    @Test("learn --record holds what the probes name, potentials and learning traces, and replays")
    func probesOfLearning() throws {
        let scratch = try Scratch()
        let (trace, table) = (scratch.file("learn.mcap").path, scratch.file("probes.csv").path)
        let learned = try BuiltProgram.run([
            "learn", "Examples/learning/probes.yaml", "--record", trace, "--probe-file", table,
            "--quiet",
        ])
        #expect(learned.exitCode == 0, "\(learned.complaint)")
        let shown = try BuiltProgram.run(["inspect", trace])
        let series = shown.output.split(separator: "\n").filter { $0.hasPrefix("/series/") }
            .map { $0.split(separator: " ").joined(separator: " ") }
        #expect(
            series == [
                "/series/lower/v 1 2,000 0 to 1999", "/series/feedback/x1 2 2,000 0 to 1999",
                "/series/feedback/y1 2 751 0 to 1499", "/series/feedback/weight 6 5 0 to 2000",
            ]
        )
        let rows = try String(contentsOfFile: table, encoding: .utf8).split(separator: "\n")
        #expect(rows.count == 1 + 2000 + 2 * 2000 + 2 * 751)
        // The rule's impulse is 32, its time constant 10 steps: a trace falls until the next spike lifts it.
        let x1 = rows.filter { $0.contains(",feedback,x1,0,") }.compactMap {
            $0.split(separator: ",").dropFirst(4).first.flatMap { Int($0) }
        }
        #expect(x1.count == 2000)
        let lifts = zip(x1, x1.dropFirst()).filter { $0 < $1 }
        #expect(lifts.count > 10)
        for (before, after) in lifts {
            let expected = 32 + Double(before) * 0.904837
            #expect(after <= 255 && abs(Double(after) - expected) < 1.01)
        }
        let replayed = try BuiltProgram.run(["replay", trace, "--compare", "weights", "--check"])
        #expect(replayed.exitCode == 0, "\(replayed.complaint)")
    }

    @Test("replay asks for the device that a file describes, and with it there is no difference")
    func device() throws {
        let recorded = try Recorded()
        let replay = ["replay", recorded.trace, "--image", recorded.image, "--check"]
        let alone = try BuiltProgram.run(replay)
        #expect(alone.exitCode == 2)
        #expect(alone.complaint.contains("was recorded on a device that a file describes"))
        #expect(alone.complaint.contains("Give the file with --device, or --mismatch off."))
        let with = try BuiltProgram.run(replay + ["--device", recorded.device])
        #expect(with.exitCode == 0 && with.output.contains("0 differences in 900 steps"))
        let nominal = try BuiltProgram.run(replay + ["--mismatch", "off"])
        #expect(nominal.exitCode == 1 && nominal.output.contains("emulated but not recorded"))
    }

    @Test(
        "repair makes a whole recording of a torn one, says what is lost, and with --check leaves with 1"
    )
    func repair() throws {
        let recorded = try Recorded()
        let whole = recorded.scratch.file("whole.mcap").path
        let intact = try BuiltProgram.run(["repair", recorded.trace, whole, "--check"])
        #expect(intact.exitCode == 0 && intact.output.contains("0 spikes are lost."))
        let bytes = try Data(contentsOf: URL(fileURLWithPath: recorded.trace))
        let torn = recorded.scratch.file("torn.mcap").path
        // Behind the spikes, in the midst of the series.
        try bytes.prefix(bytes.count * 4 / 5).write(to: URL(fileURLWithPath: torn))
        let repaired = try BuiltProgram.run(["repair", torn, whole])
        #expect(repaired.exitCode == 0)
        for line in ["passed over", "no intact summary", "does not say how many spikes"] {
            #expect(repaired.output.contains(line), "\(line): \(repaired.output)")
        }
        #expect(try BuiltProgram.run(["repair", torn, whole, "--check"]).exitCode == 1)
        let shown = try BuiltProgram.run(["inspect", whole])
        #expect(shown.output.contains("spikes, intact"))
        let replayed = try BuiltProgram.run([
            "replay", whole, "--image", recorded.image, "--device", recorded.device, "--check",
        ])
        #expect(replayed.exitCode == 0 && replayed.output.contains("0 differences"))
        let none = try BuiltProgram.run(["repair", recorded.device, whole])
        #expect(none.exitCode == 2 && none.complaint.contains("not a spike trace"))
    }
}
