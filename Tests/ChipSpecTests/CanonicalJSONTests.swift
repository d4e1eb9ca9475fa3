import ChipSpec
import Events
import FixedPoint
import Testing

@Suite("Canonical JSON of chip specs")
struct CanonicalJSONTests {
    @Test("reads back as the same spec and writes the same bytes again", arguments: Specs.names)
    func roundTrip(name: String) throws {
        let chip = try Specs.load(name)
        let bytes = chip.canonicalJSON()
        let again = try ChipSpec(canonicalJSON: bytes, path: "embedded")
        #expect(again == chip)
        #expect(again.canonicalJSON() == bytes)
        #expect(again.digest == chip.digest)
    }

    @Test("keeps odd text, odd steps and odd prices")
    func oddValues() throws {
        var chip = try Specs.load("loihi")
        chip.summary = #"quotes " and \ and # : é 漢 🧠 - [x], {y} "#
        chip.knownGaps = ["unknown", "yes", "1", "'", "&", " leading"]
        chip.time.step = TimeBase(numerator: 1, denominator: 3_000_000)
        chip.energyTables[0].prices[1].energyInPicojoules = 0.1 + 0.2
        chip.energyTables[0].staticPowerInMilliwatts = 1e-300
        chip.energyTables[0].staticPowerProvenance = .assumed
        #expect(try ChipSpec(canonicalJSON: chip.canonicalJSON(), path: "embedded") == chip)
    }

    @Test("keeps every number of the soma and the synapses, none of them a default")
    func everyNumber() throws {
        var chip = try Specs.load("pilot")
        chip.mesh = MeshSpec(width: 3, height: 5, coresPerTile: 7)
        chip.core = try Specs.load("loihi").core
        chip.synapse.weightBits = 5
        chip.synapse.hiddenWeightBits = 3
        chip.synapse.minimumExponent = -3
        chip.synapse.maximumExponent = 2
        chip.synapse.maximumDelayInSteps = 61
        chip.synapse.bytesPerSynapse = 11
        chip.synapse.bytesPerPlasticSynapse = 12
        chip.synapse.bytesPerRowHeader = 13
        chip.synapse.hasSharedKernels = true
        chip.dendrite.accumulator = RegisterFormat(bits: 17, fractionBits: 4, overflow: .wrap)
        chip.dendrite.maximumCompartments = 3
        chip.soma.membrane = RegisterFormat(bits: 21, fractionBits: 2, overflow: .wrap)
        chip.soma.current = RegisterFormat(bits: 22, fractionBits: 1)
        chip.soma.accumulatorShift = 4
        chip.soma.decayBits = 9
        chip.soma.decayRounding = .nearest
        chip.soma.thresholdBits = 15
        chip.soma.thresholdShift = 3
        chip.soma.biasMantissaBits = 14
        chip.soma.biasMaximumExponent = 5
        #expect(try ChipSpec(canonicalJSON: chip.canonicalJSON(), path: "embedded") == chip)
    }

    @Test("is the same for the same numbers in another order and layout")
    func layout() throws {
        let text = try Specs.text("pilot")
        let moved = text.replacing("  width: 4 # design: 4 x 4 tiles\n", with: "")
            .replacing("  height: 4 # design\n", with: "  height: 4\n  \"width\":   4\n")
        #expect(moved != text)
        let chip = try ChipSpec.load(yaml: moved, path: "moved")
        #expect(try chip.digest == Specs.load("pilot").digest)
    }

    @Test("validates again: a register of 40 bits is refused")
    func validates() throws {
        let text = String(decoding: try Specs.load("pilot").canonicalJSON(), as: UTF8.self)
        let bad = text.replacing("\"bits\":24", with: "\"bits\":40")
        #expect(throws: ChipSpecError.self) {
            try ChipSpec(canonicalJSON: Array(bad.utf8), path: "embedded")
        }
    }

    @Test("differs in its digest when one number differs")
    func digest() throws {
        var chip = try Specs.load("pilot")
        let digest = chip.digest
        chip.energyTables[0].prices[0].energyInPicojoules? += 1
        #expect(chip.digest != digest)
    }
}
