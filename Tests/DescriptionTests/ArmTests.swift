import ChipSpec
import Description
import NetworkIR
import Testing

@Suite("Arms and axes")
struct ArmTests {
    /// An experiment in which arm `x` makes the changes that are given.
    private static func changed(_ changes: String, _ more: String = "") throws -> Experiment {
        let text = Texts.plain("long: { phases.align.seconds: 20 }", "x: { \(changes) }") + more
        return try Texts.experiment(text, arm: "x")
    }

    @Test("the document as it stands is not changed by its arms")
    func document() throws {
        let plain = try Texts.experiment(Texts.plain)
        #expect(plain.runs[0].seconds == 10)
        #expect(plain.arm == nil)
        let long = try Texts.experiment(Texts.plain, arm: "long")
        #expect(long.runs[0].seconds == 20)
        #expect(long.arm == "long")
    }

    @Test("a phase is found by name, by kind and by number")
    func phases() throws {
        #expect(try Self.changed("phases.align.seconds: 3").runs[0].seconds == 3)
        #expect(try Self.changed("phases.run.seconds: 3").runs[0].seconds == 3)
        #expect(try Self.changed("'phases.[1].run.seconds': 3").runs[0].seconds == 3)
        let untrimmed = try Self.changed("phases.trim.rounds: 0")
        #expect(untrimmed.plan.phases.count == 1)
    }

    @Test("keys the document lacks are added, chip settings and mismatch among them")
    func adds() throws {
        let experiment = try Self.changed(
            "chipSettings.synapse.hiddenWeightBits: 0, mismatch.weight: 0.3, "
                + "network.populations.upper.noise.deviation: 0.5"
        )
        #expect(experiment.chipSettings.map(\.key) == ["synapse.hiddenWeightBits"])
        #expect(experiment.chipSettings.map(\.value) == ["0"])
        #expect(experiment.mismatch == [.weight: 0.3])
        let whole = try Self.changed(
            "chipSettings: { learning.tieRule: preFirst, soma.models: [lif, if] }"
        )
        #expect(whole.chipSettings.map(\.value) == ["preFirst", "[lif, if]"])
    }

    @Test("a chip setting knows where it is written, so that the chip's own errors name the line")
    func settingPlace() throws {
        let experiment = try Self.changed("chipSettings.synapse.weightBits: 99")
        let place = try #require(experiment.chipSettings.first).place
        #expect(place == Texts.folder + "/x.yaml:28:8: chipSettings")
    }

    @Test("what is wrong in an arm is reported at its place in the arm, with the name of the arm")
    func places() throws {
        func message(_ changes: String) -> String {
            do {
                _ = try Self.changed(changes)
                return ""
            } catch {
                return "\(error)".replacing(Texts.folder + "/", with: "")
            }
        }
        let wrong = message("phases.align.seconds: ten")
        #expect(
            wrong.hasPrefix("x.yaml:28:30: in arm 'x', phases[1].run.seconds is 'ten'."),
            "\(wrong)"
        )
        let unknown = message("phases.align.secnds: 1")
        #expect(
            unknown.hasPrefix("x.yaml:28:8: in arm 'x', phases[1].run has the key"),
            "\(unknown)"
        )
        let name = message("network.populations.lowr.bias: 1")
        #expect(name.contains(":28:8:"), "\(name)")
        #expect(name.contains("names 'lowr'") && name.contains("mean lower"), "\(name)")
        let phase = message("phases.align2.seconds: 1")
        #expect(phase.contains("It must name one of: trim, align"), "\(phase)")
        #expect(message("'phases.[2].run': 1").contains("which has 2"))
        #expect(message("seeds.x: 1").contains("goes through seeds, which is no section"))
        #expect(message("a..b: 1").contains("single dots"))
        #expect(message("'': 1").contains("single dots"))
        #expect(message("[1]: 1").contains("single dots"))
        let long = (0..<33).map { _ in "a" }.joined(separator: ".")
        #expect(message("\(long): 1").contains("at most 32"))
        #expect(message("nonsense: 1").contains("has the key 'nonsense'"))
    }

    @Test("an arm that is not there is refused with the nearest name")
    func unknownArm() {
        let error = #expect(throws: DescriptionError.self) {
            try Texts.experiment(Texts.plain, arm: "lon")
        }
        #expect(error?.description.contains("Did you mean long?") == true)
    }

    @Test("without arms of the author's an axis makes one arm a value")
    func axis() throws {
        let axis = """
            axis:
              label: "delay (steps)"
              set: [network.projections.forward.delay, network.projections.feedback.delay]
              values: [1, 04, 11]
            """
        let text = Texts.plain("arms:\n  long: { phases.align.seconds: 20 }", axis)
        let file = try ExperimentFile(text: text, path: Texts.folder + "/x.yaml")
        #expect(file.arms == ["1", "04", "11"])
        #expect(file.axis?.label == "delay (steps)")
        #expect(file.axis?.isLogarithmic == false)
        let experiment = try file.experiment(arm: "11")
        #expect(experiment.axisValue == 11)
        #expect(experiment.network(seed: 1).projections.map(\.delay).sorted() == [1, 11, 11])
    }

    @Test("with arms, each is a line; values say what they set, for all lines or for one")
    func lines() throws {
        let text =
            Texts.plain + """

                  short: { phases.align.seconds: 5 }
                axis:
                  label: "x"
                  logarithmic: yes
                  values:
                    - at: 0.1
                      set: { seeds: [1] }
                    - at: 10
                      set: { seeds: [2] }
                      lines: { short: { phases.align.seconds: 6 } }
                """
        let file = try ExperimentFile(text: text, path: Texts.folder + "/x.yaml")
        #expect(file.arms == ["long@0.1", "long@10", "short@0.1", "short@10"])
        #expect(file.axis?.isLogarithmic == true)
        let seconds = try file.arms.map { try file.experiment(arm: $0).runs[0].seconds }
        #expect(seconds == [20, 20, 5, 6])
        #expect(try file.experiment(arm: "short@10").seeds == [2])
        // The lines themselves are no arms.
        #expect(throws: DescriptionError.self) { try file.experiment(arm: "short") }
    }

    @Test(
        "axes that say too little or the same twice are refused",
        arguments: [
            ("values: [1]", "names no key"),
            ("values: []", "list of 1...64"),
            ("set: [seeds], values: [1, x]", "number"),
            ("set: [seeds], values: [1, 1]", "another value"),
            ("values: [{ set: { seeds: [1] } }]", "lacks the key at"),
            ("values: [{ at: 1, lines: { lon: {} } }]", "mean long"),
            ("values: [{ at: 1, sets: {} }]", "mean set"),
            ("set: [seeds]", "lacks the key values"),
        ]
    )
    func badAxes(axis: String, says: String) throws {
        let text = Texts.plain + "\naxis: { label: x, \(axis) }"
        let error = #expect(throws: DescriptionError.self) {
            try ExperimentFile(text: text, path: "x.yaml")
        }
        let message = try #require(error).description
        #expect(message.contains(says), "\(message)")
        #expect(message.hasPrefix("x.yaml:29:"), "\(message)")
    }
}
