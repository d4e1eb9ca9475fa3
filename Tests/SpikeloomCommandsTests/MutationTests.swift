import ChipImage
import Foundation
import TestSupport
import Testing

@Suite("Damaged inputs")
struct MutationTests {
    /// Rounds of damage.
    ///
    /// A NIR file starts a child process a round: all of them are a study.
    private static func rounds(_ kind: String) -> Int {
        switch ProcessInfo.processInfo.environment["SPIKELOOM_LONG"] {
        case nil: 300
        case "studies": 10_000
        default: kind == "nir" ? 1000 : 10_000
        }
    }

    /// Runs the probe within 1 GB; a round that computes for 2 s ends it.
    private func damage(_ kind: String, _ file: String, seed: Int) throws {
        let rounds = Self.rounds(kind)
        let chip = Fixtures.repository.appendingPathComponent("chipspecs/pilot.yaml").path
        let reader = BuiltProgram.folder.appendingPathComponent("spikeloom-hdf5").path
        let outcome = try BuiltProgram.run(
            [kind, file, "\(rounds)", "\(seed)", chip, reader],
            of: "mutation-probe",
            within: 1_000_000_000 / 1024
        )
        let lines = outcome.output.split(separator: "\n").suffix(2).joined(separator: "; ")
        #expect(outcome.exitCode == 0, "\(kind), seed \(seed): \(lines) \(outcome.complaint)")
        print("damaged \(kind): \(lines)")
        // Damage reaches both what is read on and what is refused.
        let counts = outcome.output.matches(of: /accepted (\d+) refused (\d+)/).first
        #expect((counts.flatMap { Int($0.1) } ?? 0) > rounds / 100, "\(lines)")
        #expect((counts.flatMap { Int($0.2) } ?? 0) > rounds / 10, "\(lines)")
    }

    @Test("a chip image with random damage is read or refused, within 2 s and 1 GB")
    func image() throws {
        let scratch = try Scratch()
        let path = scratch.file("x.chipimg").path
        try TinyImage.learning().write(to: path)
        try damage("image", path, seed: 1)
    }

    @Test("an experiment with random damage is compiled or refused, within 2 s and 1 GB")
    func experiment() throws {
        let folder = Fixtures.repository.appendingPathComponent("Examples/learning")
        try damage("yaml", folder.appendingPathComponent("reciprocal.yaml").path, seed: 2)
    }

    @Test("a NIR file with random damage is compiled or refused, within 2 s and 1 GB")
    func network() throws {
        let scratch = try Scratch()
        let digits = Fixtures.repository.appendingPathComponent("Examples/digits/digits_fc.nir")
        try FileManager.default.copyItem(at: digits, to: scratch.file("x.nir"))
        try damage("nir", scratch.file("x.nir").path, seed: 3)
    }
}
