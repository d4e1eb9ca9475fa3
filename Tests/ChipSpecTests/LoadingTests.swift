import ChipSpec
import Events
import FixedPoint
import Testing

@Suite("Loading of chip specs")
struct LoadingTests {
    @Test("pilot has the numbers of its description")
    func pilot() throws {
        let chip = try Specs.load("pilot")
        #expect(chip.name == "pilot")
        #expect(chip.mesh.coreCount == 16)
        #expect(chip.core.neurons == 256)
        #expect(chip.core.axonsIn == 1024)
        #expect(chip.core.synapseMemoryInBytes == 64 << 10)
        #expect(chip.synapse.weightRange(.mixed).range == -128...127)
        #expect(chip.synapse.hiddenWeightBits == 8)
        #expect(chip.synapse.maximumDelayInSteps == 16)
        #expect(chip.synapse.minimumExponent == 0)
        #expect(chip.synapse.maximumExponent == 7)
        #expect(chip.synapse.bytesPerSynapse == 2)
        #expect(chip.synapse.bytesPerPlasticSynapse == 3)
        #expect(chip.synapse.bytesPerRowHeader == 4)
        #expect(chip.dendrite.accumulator == RegisterFormat(bits: 16))
        #expect(chip.dendrite.maximumCompartments == 4)
        #expect(chip.soma.models == [.lif, .integrateAndFire, .li, .noisyLIF, .sampling])
        #expect(chip.soma.membrane == RegisterFormat(bits: 24))
        #expect(chip.soma.current == RegisterFormat(bits: 24))
        #expect(chip.soma.accumulatorShift == 6)
        #expect(chip.soma.decayBits == 12)
        #expect(chip.soma.decayRounding == .towardZero)
        #expect(chip.soma.thresholdBits == 23)
        #expect(chip.soma.thresholdShift == 0)
        #expect(chip.soma.biasMantissaBits == 24)
        #expect(chip.soma.biasMaximumExponent == 0)
        #expect(chip.soma.hasCurrentBias)
        #expect(chip.soma.resetRules == [.zero, .subtract])
        #expect(chip.soma.hasResetPotential)
        #expect(
            chip.time == TimeSpec(mode: .realTime, step: TimeBase(numerator: 1, denominator: 1000))
        )
        #expect(chip.mismatch.distribution == .logNormal)
        #expect(chip.mismatch.parameters == [.threshold, .membraneTau, .currentTau, .weight])
        let table = try #require(chip.energyTables.first)
        #expect(chip.energyTables.count == 1)
        #expect(table.prices.map(\.action) == Action.allCases)
        #expect(
            table.prices.allSatisfy { $0.energyInPicojoules != nil && $0.provenance == .assumed }
        )
        #expect(table.staticPowerInMilliwatts == 1.6)
        #expect(table.barrier.isEmpty)
    }

    @Test("weights of more than 9 bits leave no room for exponents, nor for a learning engine")
    func wideWeights() throws {
        let wide = try Specs.load("spinnaker2")
        #expect(wide.synapse.weightRange(.mixed).range == -32768...32767)
        func isAccepted(_ bits: Int, _ exponent: Int, learns: Bool) throws -> Bool {
            var chip = try Specs.load("pilot")
            chip.synapse.weightBits = bits
            chip.synapse.maximumExponent = exponent
            if !learns { chip.learning = nil }
            return (try? ChipSpec(canonicalJSON: chip.canonicalJSON(), path: "x")) != nil
        }
        #expect(try isAccepted(9, 7, learns: true))
        #expect(try !isAccepted(10, 6, learns: true))
        #expect(try isAccepted(10, 6, learns: false))
        #expect(try !isAccepted(10, 7, learns: false))
        #expect(try isAccepted(16, 0, learns: false))
        #expect(try !isAccepted(16, 1, learns: false))
    }

    @Test("the chips of one chip's arithmetic have its numbers")
    func digitalChips() throws {
        let trueNorth = try Specs.load("truenorth")
        #expect(trueNorth.mesh.coreCount == 4096 && trueNorth.core.axonsIn == 256)
        #expect(trueNorth.synapse.weightPlanes == .bits)
        #expect(trueNorth.synapse.weightRange(.mixed).range == -8...7)
        let odin = try Specs.load("odin")
        #expect(odin.mesh.coreCount == 1 && odin.learning?.engine == .odin)
        #expect(odin.synapse.weightPlanes == .signs)
        #expect(odin.synapse.weightRange(.mixed).range == -7...7)
        #expect(try Specs.load("spinnaker2").mesh.coreCount == 152)
        #expect(try Specs.load("loihi2").mesh.coreCount == 128)
        #expect(try Specs.load("speck").mesh.coreCount == 9)
        #expect(try Specs.load("speck").synapse.hasSharedKernels)
        #expect(try !Specs.load("pilot").synapse.hasSharedKernels)
        // The models do not mix, and neither do their engines and planes.
        for (chip, spoil) in [
            (trueNorth, { $0.soma.models.append(.lif) }),
            (trueNorth, { $0.synapse.weightPlanes = nil }),
            (trueNorth, { $0.dendrite.maximumCompartments = 3 }),
            (trueNorth, { $0.soma.accumulatorShift = 6 }),
            (odin, { $0.synapse.weightPlanes = .bits }), (odin, { $0.learning?.engine = .pilot }),
            (odin, { $0.synapse.maximumDelayInSteps = 2 }), (odin, { $0.soma.thresholdBits = 9 }),
            (try Specs.load("pilot"), { $0.learning?.engine = .odin }),
            (try Specs.load("pilot"), { $0.synapse.weightPlanes = .signs }),
        ] as [(ChipSpec, (inout ChipSpec) -> Void)] {
            var broken = chip
            spoil(&broken)
            #expect(throws: ChipSpecError.self) {
                try ChipSpec(canonicalJSON: broken.canonicalJSON(), path: "x")
            }
        }
    }

    @Test("loihi has the numbers of lava-nc and of the paper")
    func loihi() throws {
        let chip = try Specs.load("loihi")
        #expect(chip.mesh == MeshSpec(width: 8, height: 4, coresPerTile: 4))
        #expect(chip.core.neurons == 1024)
        #expect(chip.core.axonsIn == 4096)
        #expect(chip.core.synapseMemoryInBytes == 16_384 * 8)
        #expect(chip.synapse.weightRange(.mixed).range == -256...254)
        #expect(chip.synapse.weightRange(.mixed).step == 2)
        #expect(chip.synapse.weightRange(.excitatory).range == 0...255)
        #expect(chip.synapse.weightRange(.inhibitory).range == -255...0)
        #expect(chip.synapse.weightTruncation == .floor)
        #expect(chip.synapse.exponentShift == .perSum)
        #expect(chip.synapse.minimumExponent == -8)
        #expect(chip.synapse.maximumExponent == 7)
        #expect(chip.synapse.maximumDelayInSteps == 62)
        #expect(chip.dendrite.accumulator == RegisterFormat(bits: 32))
        #expect(chip.soma.models == [.cubaLIF])
        #expect(chip.soma.membrane == RegisterFormat(bits: 24))
        #expect(chip.soma.current == RegisterFormat(bits: 24, overflow: .wrap))
        #expect(chip.soma.decayBits == 12)
        #expect(chip.soma.accumulatorShift == 6)
        #expect(chip.soma.thresholdBits == 17)
        #expect(chip.soma.thresholdShift == 6)
        #expect(chip.soma.biasMantissaBits == 13)
        #expect(chip.soma.biasMaximumExponent == 7)
        #expect(!chip.soma.hasCurrentBias)
        #expect(chip.soma.resetRules == [.zero])
        #expect(!chip.soma.hasResetPotential)
        #expect(chip.time.mode == .barrier)
    }

    @Test("loihi's accumulator holds a full synapse memory of the largest weights")
    func loihiAccumulator() throws {
        let chip = try Specs.load("loihi")
        let synapses = chip.core.synapseMemoryInBytes / chip.synapse.bytesPerSynapse
        #expect(Int64(synapses) * 256 < chip.dendrite.accumulator.maximum)
    }

    @Test("loihi's two tables are kept apart, and unknown is neither zero nor absent")
    func loihiEnergy() throws {
        let tables = try Specs.load("loihi").energyTables
        #expect(tables.map(\.name) == ["davies2018", "sanafe"])
        func energy(_ table: Int, _ action: Action) -> Double?? {
            tables[table].prices.first { $0.action == action }.map(\.energyInPicojoules)
        }
        #expect(energy(0, .synapticEvent) == 23.6)
        #expect(energy(0, .somaUpdateActive) == 81)
        #expect(energy(0, .somaUpdateInactive) == 52)
        #expect(energy(0, .somaAccess) == .none)
        #expect(energy(0, .stateReset) == .some(nil))
        #expect(energy(0, .step) == .some(nil))
        #expect(energy(0, .withinTile) == 1.7)
        #expect(energy(1, .axonIn) == 0)
        #expect(energy(1, .synapticEvent) == 33.6)
        #expect(energy(1, .somaAccess) == 51.2)
        #expect(energy(1, .somaUpdateActive) == 21.6)
        #expect(energy(1, .somaUpdateInactive) == .none)
        #expect(energy(1, .spike) == 69.3)
        #expect(energy(1, .axonOut) == 111)
        #expect(energy(1, .stateReset) == .some(nil))
        #expect(tables[1].barrier.map(\.tiles) == [1, 2, 4, 29])
        #expect(tables.allSatisfy { $0.staticPowerInMilliwatts == nil })
    }

    @Test("mapping-bench has the limits of the mapping benchmark, and room for 512 cores")
    func mappingBench() throws {
        let chip = try Specs.load("mapping-bench")
        #expect(chip.mesh.coreCount == 512)
        #expect(chip.core.neurons == 1024)
        #expect(chip.core.axonsIn == 4096)
        #expect(chip.core.synapseMemoryInBytes / chip.synapse.bytesPerSynapse == 32_768)
        #expect(chip.synapse.bytesPerRowHeader == 0)
        #expect(chip.soma.models == [.integrateAndFire])
        #expect(chip.energyTables[0].prices.allSatisfy { $0.energyInPicojoules == nil })
    }

    @Test(
        "a step may be a decimal number or a ratio, exactly",
        arguments: [
            ("1000", 1, 1000), ("0.5", 1, 2_000_000), ("1/3", 1, 3_000_000),
            ("12.5", 1, 80_000), ("0.001", 1, 1_000_000_000), ("1000000000", 1000, 1),
        ] as [(String, UInt64, UInt64)]
    )
    func step(text: String, numerator: UInt64, denominator: UInt64) throws {
        let yaml = try Specs.text("pilot")
            .replacing("stepInMicroseconds: 1000 ", with: "stepInMicroseconds: \(text) ")
        let chip = try ChipSpec.load(yaml: yaml, path: "x.yaml")
        #expect(chip.time.step == TimeBase(numerator: numerator, denominator: denominator))
    }

    @Test("every number of a spec has its source on its line", arguments: ["loihi", "pilot"])
    func sources(name: String) throws {
        for line in try Specs.text(name).split(separator: "\n") {
            let parts = line.split(separator: "#", maxSplits: 1)
            guard let value = parts.first, !line.hasPrefix("#"), !value.contains("\"") else {
                continue
            }
            let hasNumber = value.contains(/: *-?[0-9]/)
            #expect(!hasNumber || parts.count == 2, "\(name): \(line)")
        }
    }
}
