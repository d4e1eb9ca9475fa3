import ChipSpec
import Testing

@Suite("Refusals of chip specs")
struct RefusalTests {
    /// A change of a valid spec and what is said about it.
    struct Fault: Sendable, CustomTestStringConvertible {
        let spec: String
        let old: String
        let new: String
        /// Text that the changed line contains; the message names the line it is on.
        let at: String
        let says: String

        init(
            in spec: String = "pilot",
            _ old: String,
            _ new: String,
            at: String? = nil,
            says: String
        ) {
            self.spec = spec
            self.old = old
            self.new = new
            self.at = at ?? new
            self.says = says
        }

        var testDescription: String { says }
    }

    static let faults: [Fault] = [
        Fault(
            "weightBits: 8",
            "weightBits: 20",
            says: "synapse.weightBits is 20. It must lie in 2...16. "
                + "The sign is one of the bits: 9 bits are the weights -256...255."
        ),
        Fault(
            "weightBits: 8",
            "weightBits: 17",
            says: "synapse.weightBits is 17. It must lie in 2...16."
        ),
        Fault(
            "weightBits: 8",
            "weightBits: 1",
            says: "synapse.weightBits is 1. It must lie in 2...16."
        ),
        Fault(
            in: "loihi",
            "hasGainServo: no",
            "hasGainServo: yes",
            says: "learning.hasGainServo is yes. It must be no: the engine loihi has no gain servo."
        ),
        Fault(
            in: "loihi",
            "weightBits: 8",
            "weightBits: 9",
            says: "synapse.weightBits is 9. It must lie in 1...8. With sign modes"
        ),
        Fault(
            "width: 4",
            "width: 0",
            says: "mesh.width is 0. It must lie in 1...256. Model a part"
        ),
        Fault("width: 4", "width: 257", says: "mesh.width is 257. It must lie in 1...256."),
        Fault(
            "coresPerTile: 1",
            "coresPerTile: 65",
            says: "mesh.coresPerTile is 65. It must lie in 1...64."
        ),
        Fault(
            "neurons: 256",
            "neurons: 65537",
            says: "core.neurons is 65537. It must lie in 1...65536."
        ),
        Fault("neurons: 256", "neurons: -1", says: "core.neurons is -1. It must lie in 1...65536."),
        Fault(
            "neurons: 256",
            "neurons: 2.5",
            says: "core.neurons is 2.5. It must lie in 1...65536. Write a whole number"
        ),
        Fault(
            "neurons: 256",
            "neurons: \"256\"",
            says: "core.neurons is '256'. It must lie in 1...65536. Write"
        ),
        Fault("neurons: 256", "neurons: 0x10", says: "core.neurons is 0x10. It must lie"),
        Fault("neurons: 256", "neurons:", says: "core.neurons is empty. It must lie"),
        Fault("neurons: 256", "neurons: [1, 2]", says: "core.neurons is a list of 2. It must lie"),
        Fault("neurons: 256", "neurons: {a: b}", says: "core.neurons is a section. It must lie"),
        Fault(
            "neurons: 256",
            "neurons: 99999999999999999999",
            says: "core.neurons is 99999999999999999999. It must lie in 1...65536."
        ),
        Fault("axonsIn: 1024", "axonsIn: 0", says: "core.axonsIn is 0. It must lie in 1...65536."),
        Fault(
            "axonsOut: 4096",
            "axonsOut: 1048577",
            says: "core.axonsOut is 1048577. It must lie in 1...1048576."
        ),
        Fault(
            "synapseMemoryInBytes: 65536",
            "synapseMemoryInBytes: 2147483648",
            says: "core.synapseMemoryInBytes is 2147483648. It must lie in 1...1073741824."
        ),
        Fault(
            "hasSignModes: no",
            "hasSignModes: maybe",
            says: "synapse.hasSignModes is maybe. It must be yes or no. Write one of the two words"
        ),
        Fault(
            "minimumExponent: 0",
            "minimumExponent: -9",
            says: "synapse.minimumExponent is -9. It must lie in -8...0."
        ),
        Fault(
            "maximumExponent: 7",
            "maximumExponent: 8",
            says: "synapse.maximumExponent is 8. It must lie in 0...7."
        ),
        Fault(
            "maximumDelayInSteps: 16",
            "maximumDelayInSteps: 63",
            says: "synapse.maximumDelayInSteps is 63. It must lie in 1...62."
        ),
        Fault(
            "exponentShift: perSynapse",
            "exponentShift: perNeuron",
            says: "synapse.exponentShift is perNeuron. It must be one of: perSum, perSynapse. Write"
        ),
        Fault(
            "accumulator: { bits: 16",
            "accumulator: { bits: 33",
            says: "dendrite.accumulator.bits is 33. It must lie in 2...32."
        ),
        Fault(
            "membrane: { bits: 24, isSigned: yes",
            "membrane: { bits: 24, isSigned: no",
            says: "soma.membrane.isSigned is no. It must be yes"
        ),
        Fault(
            "membrane: { bits: 24, isSigned: yes, fractionBits: 0",
            "membrane: { bits: 24, isSigned: yes, fractionBits: 25",
            says: "soma.membrane.fractionBits is 25. It must lie in 0...24."
        ),
        Fault(
            "models: [lif, if, li, noisyLIF, sampling]",
            "models: [lif, lif]",
            says:
                "soma.models[1] is lif. It must be one of: cubaLIF, lif, if, li, noisyLIF, "
                + "sampling, trueNorth, odinLIF; none of them twice."
        ),
        Fault(
            "models: [lif, if, li, noisyLIF, sampling]",
            "models: [adex]",
            says: "soma.models[0] is adex. It must be one of"
        ),
        Fault(
            "models: [lif, if, li, noisyLIF, sampling]",
            "models: []",
            says: "soma.models is a list of 0. It must be a list of 1...8 words."
        ),
        Fault(
            "decayRounding: towardZero",
            "decayRounding: stochastic",
            says:
                "soma.decayRounding is stochastic. It must be one of: floor, towardZero, nearest. "
                + "Stochastic rounding of decays is not emulated."
        ),
        Fault(
            "decayBits: 12",
            "decayBits: 13",
            says: "soma.decayBits is 13. It must lie in 1...12."
        ),
        Fault(
            "accumulatorShift: 6",
            "accumulatorShift: 17",
            says: "soma.accumulatorShift is 17. It must lie in 0...16."
        ),
        Fault(
            "thresholdBits: 23",
            "thresholdBits: 24",
            says: "soma.thresholdBits is 24. It must lie in 1...23."
        ),
        Fault(
            "thresholdShift: 0",
            "thresholdShift: 17",
            says: "soma.thresholdShift is 17. It must lie in 0...16."
        ),
        Fault(
            "biasMaximumExponent: 0",
            "biasMaximumExponent: 9",
            says: "soma.biasMaximumExponent is 9. It must lie in 0...8."
        ),
        Fault(
            in: "loihi",
            "decayBits: 12",
            "decayBits: 11",
            says:
                "soma.decayBits is 11. It must be 12 where soma.models has cubaLIF. Remove cubaLIF"
        ),
        Fault(
            in: "loihi",
            "accumulatorShift: 6",
            "accumulatorShift: 5",
            says: "soma.accumulatorShift is 5. It must be 6 where soma.models has cubaLIF."
        ),
        Fault(
            in: "mapping-bench",
            "hasCurrentBias: no",
            "hasCurrentBias: yes",
            says: "soma.hasCurrentBias is yes. It must be no where soma.current is absent."
        ),
        Fault(
            "stepInMicroseconds: 1000",
            "stepInMicroseconds: 0",
            says: "time.stepInMicroseconds is 0. It must lie in 0.001...1000000000. Write a decimal"
        ),
        Fault(
            "stepInMicroseconds: 1000",
            "stepInMicroseconds: 1/2000",
            says:
                "time.stepInMicroseconds is 1/2000. It must lie in 0.001...1000000000. Check the unit"
        ),
        Fault(
            "parameters: [threshold",
            "parameters: [treshold",
            says: "mismatch.parameters[0] is treshold. It must be one of: threshold, membraneTau"
        ),
        Fault(
            "axonIn: { energyInPicojoules: 10",
            "axonIn: { energyInPicojoules: -10",
            says: "energyTables[0].prices.axonIn.energyInPicojoules is -10. "
                + "It must lie in 0...1000000000000.0, or be unknown. Write a decimal number"
        ),
        Fault(
            "axonIn: { energyInPicojoules: 10",
            "axonIn: { energyInPicojoules: .inf",
            says: "energyTables[0].prices.axonIn.energyInPicojoules is .inf."
        ),
        Fault(
            "axonIn: { energyInPicojoules: 10,",
            "axonIn: { energyInPicojoules: unknown,",
            says:
                "energyTables[0].prices.axonIn.provenance is assumed. It must be unknown, as the price is."
        ),
        Fault(
            "staticPowerProvenance: assumed",
            "staticPowerProvenance: unknown",
            says:
                "energyTables[0].staticPowerProvenance is unknown. It must say where the number is from"
        ),
        Fault(
            "      axonIn: {",
            "      axonInn: {",
            says:
                "energyTables[0].prices.axonInn is not a key of a chip spec. It must be one of: axonIn, "
                + "synapticEvent, somaAccess, somaUpdateActive, somaUpdateInactive, spike, axonOut, "
                + "withinTile, hopEastWest, hopNorthSouth, stateReset, step, "
                + "weightUpdate, traceUpdate, biasUpdate, hop. Did you mean axonIn?"
        ),
        Fault(
            "    staticPowerProvenance: assumed",
            "    barrier: [{tiles: 1, latencyInNanoseconds: 1}]\n    staticPowerProvenance: assumed",
            at: "    barrier:",
            says:
                "energyTables[0].barrier is a list of 1. It must be absent where time.mode is realTime."
        ),
        Fault(
            in: "loihi",
            "tiles: 2, latencyInNanoseconds: 465",
            "tiles: 1, latencyInNanoseconds: 465",
            says:
                "energyTables[0].barrier[1].tiles is 1. It must lie in 2...65536. List the entries"
        ),
        Fault(
            "axonIn: { energyInPicojoules: 10,",
            "axonIn: { energyInPicojoules: 1.1e12,",
            says: "energyTables[0].prices.axonIn.energyInPicojoules is 1.1e12. It must lie in 0..."
        ),
        Fault(
            in: "loihi",
            "      - { tiles: 2, latencyInNanoseconds: 465 }",
            "      - { tiles: 65536, latencyInNanoseconds: 1 }\n      - { tiles: 65536, latencyInNanoseconds: 2 }",
            at: "      - { tiles: 65536, latencyInNanoseconds: 2",
            says:
                "energyTables[0].barrier[2].tiles is 65536. It must be larger than that of the entry"
        ),
        Fault(
            in: "loihi",
            "{ tiles: 1, latencyInNanoseconds: 113 }",
            "{ tiles: 1, latencyInNanoseconds: unknown }",
            says: "energyTables[0].barrier[0].latencyInNanoseconds is unknown. It must be a number."
        ),
        Fault(
            in: "loihi",
            "- name: sanafe",
            "- name: davies2018",
            at: "  - name: davies2018\n    source: \"SANA",
            says:
                "energyTables[1].name is davies2018. It must differ from the names of the other tables."
        ),
        Fault(
            "name: pilot",
            "name: Pilot",
            says: "name is Pilot. It must be 1...64 of the characters"
        ),
        Fault(
            "summary: \"Invented",
            "summary: \"\\x07 Invented",
            says: "summary is '\u{FFFD} Invented"
        ),
        Fault(
            "  weightBits: 8",
            "  weigthBits: 8",
            says:
                "synapse.weigthBits is not a key of a chip spec. It must be one of: weightBits, hasSignModes"
        ),
        Fault("  weightBits: 8", "  <<: 8", says: "synapse.<< is not a key of a chip spec."),
        Fault(
            "  weightBits: 8",
            "  [a, b]: 8",
            says: "synapse.a list of 2 is not a key of a chip spec."
        ),
        Fault(
            "  weightBits: 8 ",
            "  # ",
            at: "  hasSignModes",
            says:
                "synapse.weightBits is missing. It must lie in 2...16. Add it; docs/CHIPS.md explains each key."
        ),
        Fault("mesh:", "mesh: 3\nmush:", at: "mush:", says: "mush is not a key of a chip spec."),
        Fault("  width: 4", "  width: 4\n  width: 4", says: "width stands twice in its section."),
        Fault("  width: 4", "  width: *a", says: "This is not YAML: found undefined alias."),
        Fault("  width: 4", "  width: [4", says: "This is not YAML: "),
        Fault("  width: 4", "\twidth: 4", says: "This is not YAML: "),
    ]

    @Test("name file, line and key, the value, the limit and the remedy", arguments: faults)
    func names(_ fault: Fault) throws {
        let text = try Specs.text(fault.spec)
        let changed = text.replacing(fault.old, with: fault.new, maxReplacements: 1)
        #expect(changed != text)
        let place = try #require(changed.firstRange(of: fault.at)).lowerBound
        let line = changed[..<place].count { $0 == "\n" } + 1
        let error = #expect(throws: ChipSpecError.self) {
            try ChipSpec.load(yaml: changed, path: "chips/x.yaml")
        }
        let message = error?.description ?? ""
        // libyaml tells where it noticed, which may be further on.
        if !fault.says.hasPrefix("This is not YAML: ") || fault.says.hasSuffix("alias.") {
            #expect(message.hasPrefix("chips/x.yaml:\(line): "), "\(message)")
        }
        #expect(message.contains(fault.says), "\(message)")
    }

    @Test("are few lines of text even for silly values")
    func shortMessages() throws {
        let long = String(repeating: "x", count: 100_000)
        for (old, new) in [
            ("neurons: 256", "neurons: \(long)"), ("  neurons:", "  \(long): 1\n  neurons:"),
        ] {
            let text = try Specs.text("pilot").replacing(old, with: new, maxReplacements: 1)
            let error = #expect(throws: ChipSpecError.self) {
                try ChipSpec.load(yaml: text, path: "x.yaml")
            }
            #expect((error?.description.count ?? .max) < 400)
        }
    }

    @Test(
        "cover documents that are no chip spec at all",
        arguments: [
            "", "# nothing\n", "- a\n- b\n", "42", "a: b", "--- 1\n--- 2\n", "\u{0}", "? [a]\n: b",
            "{}", "[",
        ]
    )
    func noChipSpec(text: String) {
        let error = #expect(throws: ChipSpecError.self) {
            try ChipSpec.load(yaml: text, path: "x.yaml")
        }
        #expect(error?.description.hasPrefix("x.yaml") == true)
    }

    @Test(
        "cover nesting, in brackets and by indentation, of any depth",
        arguments: [500, 5000, 100_000]
    )
    func deepNesting(depth: Int) {
        let texts = [
            String(repeating: "[", count: depth), String(repeating: "{", count: depth),
            String(repeating: "- ", count: depth), String(repeating: "? ", count: depth),
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + ": 1",
        ]
        for text in texts {
            #expect(throws: ChipSpecError.self) { try ChipSpec.load(yaml: text, path: "x.yaml") }
        }
    }

    @Test("cover aliases that multiply, as values and as keys, before they do")
    func aliasBombs() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let list = [String](repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(list)]\n"
        }
        for bomb in [text, text + "? *a12\n: 1\n"] {
            let error = #expect(throws: ChipSpecError.self) {
                try ChipSpec.load(yaml: bomb, path: "x.yaml")
            }
            #expect(error?.description.contains("x.yaml:2: There is a ninth") == true)
        }
    }

    @Test("cover files that are too large by one byte, and bytes that are no UTF-8")
    func bytes() throws {
        let valid = Array(try Specs.text("pilot").utf8)
        let limit = ChipSpec.maximumFileSize
        let full = valid + [UInt8](repeating: UInt8(ascii: "\n"), count: limit - valid.count)
        #expect(try ChipSpec.load(yaml: full, path: "x.yaml").name == "pilot")
        let large = #expect(throws: ChipSpecError.self) {
            try ChipSpec.load(yaml: full + [10], path: "x.yaml")
        }
        #expect(large?.description.contains("at most 1,048,576 bytes") == true)
        let binary = #expect(throws: ChipSpecError.self) {
            try ChipSpec.load(yaml: valid + [0xFF], path: "x.yaml")
        }
        #expect(binary?.description.contains("not UTF-8") == true)
        // The mark that some editors put before UTF-8 does no harm.
        #expect(
            try ChipSpec.load(yaml: [0xEF, 0xBB, 0xBF] + valid, path: "x.yaml").name == "pilot"
        )
        #expect(throws: ChipSpecError.self) { try ChipSpec.load(contentsOf: "/nowhere/x.yaml") }
        #expect(throws: ChipSpecError.self) { try ChipSpec.load(contentsOf: Specs.folder) }
    }

    @Test("never crash, whatever is changed in a valid file", arguments: ["pilot", "loihi"])
    func mutations(name: String) throws {
        var random = SplitMix(state: 7)
        let valid = Array(try Specs.text(name).utf8)
        let lines = valid.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
        let spice = Array("[]{}:,-&*!|>'\"%@`#?~ \n\t0123456789eE./x\u{0}".utf8) + [0xC3, 0xFF]
        var accepted = 0
        for _ in 0..<2000 {
            var bytes = valid
            if random.below(3) == 0 {
                var shuffled = lines
                switch random.below(3) {
                case 0: shuffled.remove(at: random.below(shuffled.count))
                case 1:
                    shuffled.insert(lines[random.below(lines.count)], at: random.below(lines.count))
                default: shuffled.swapAt(random.below(lines.count), random.below(lines.count))
                }
                bytes = Array(shuffled.joined(separator: [10]))
            }
            for _ in 0..<random.below(4) {
                let place = random.below(bytes.count)
                switch random.below(4) {
                case 0: bytes[place] = spice[random.below(spice.count)]
                case 1: bytes.insert(spice[random.below(spice.count)], at: place)
                case 2: bytes.remove(at: place)
                default: bytes.removeLast(random.below(bytes.count / 2))
                }
            }
            do {
                let chip = try ChipSpec.load(yaml: bytes, path: "x.yaml")
                #expect(try ChipSpec(canonicalJSON: chip.canonicalJSON(), path: "again") == chip)
                accepted += 1
            } catch let error as ChipSpecError {
                #expect(error.description.hasPrefix("x.yaml"), "\(error)")
            }
        }
        // Changed comments and unchanged files are accepted; most changes are noticed.
        #expect((100..<1900).contains(accepted), "\(accepted)")
    }

    private struct SplitMix {
        var state: UInt64

        mutating func below(_ bound: Int) -> Int {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return Int((z ^ (z >> 31)) % UInt64(bound))
        }
    }
}
