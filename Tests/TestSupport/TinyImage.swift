package import ChipImage
package import ChipSpec
import FixedPoint
import Foundation

/// A chip for tests, by hand: 2 × 2 cores of 8 neurons, generic neurons with 24-bit registers.
package enum TinyChip {
    /// Two's complement weights of 8 bits, exponents per row, delays 1...4, two compartments.
    package static func plain() throws -> ChipSpec { try decoded(json) }

    /// The same cores with Loihi's neuron, sign modes and exponents per sum.
    package static func loihi() throws -> ChipSpec {
        var chip = try plain()
        chip.name = "tiny-loihi"
        chip.synapse.hasSignModes = true
        chip.synapse.exponentShift = .perSum
        chip.synapse.minimumExponent = -8
        chip.soma.models = [.cubaLIF]
        chip.soma.resetRules = [.zero]
        chip.soma.thresholdBits = 17
        chip.soma.thresholdShift = 6
        chip.soma.biasMantissaBits = 13
        chip.soma.biasMaximumExponent = 7
        chip.soma.hasCurrentBias = false
        chip.soma.hasResetPotential = false
        return chip
    }

    /// The same cores, 256 of everything, with TrueNorth's neuron and crossbar.
    package static func trueNorth() throws -> ChipSpec {
        var chip = try plain()
        chip.name = "tiny-truenorth"
        chip.core.neurons = 256
        chip.core.axonsIn = 256
        chip.core.axonsOut = 256
        chip.core.synapseMemoryInBytes = 65536
        chip.synapse.weightBits = 4
        chip.synapse.maximumExponent = 0
        chip.synapse.maximumDelayInSteps = 15
        chip.synapse.exponentShift = .perSum
        chip.synapse.bytesPerSynapse = 1
        chip.synapse.bytesPerRowHeader = 0
        chip.synapse.weightPlanes = .bits
        chip.dendrite.accumulator = RegisterFormat(bits: 10)
        chip.dendrite.maximumCompartments = 4
        chip.soma.models = [.trueNorth]
        chip.soma.membrane = RegisterFormat(bits: 20)
        chip.soma.current = nil
        chip.soma.accumulatorShift = 5
        chip.soma.thresholdBits = 18
        chip.soma.biasMantissaBits = 9
        chip.soma.biasMaximumExponent = 0
        chip.soma.hasCurrentBias = false
        chip.soma.hasResetPotential = false
        return chip
    }

    /// One core with ODIN's neuron, crossbar and learning engine.
    package static func odin() throws -> ChipSpec {
        var chip = try trueNorth()
        chip.name = "tiny-odin"
        chip.mesh = try decoded(json).mesh
        chip.synapse.maximumDelayInSteps = 1
        chip.synapse.weightPlanes = .signs
        chip.dendrite.maximumCompartments = 1
        chip.soma.models = [.odinLIF]
        chip.soma.membrane = RegisterFormat(bits: 9)
        chip.soma.accumulatorShift = 0
        chip.soma.thresholdBits = 8
        chip.soma.biasMantissaBits = 8
        chip.soma.resetRules = [.zero]
        var learning = RandomChip.pilotLike().learning
        learning?.engine = .odin
        learning?.registers = [.x0, .w, .v, .calcium]
        learning?.hasGainServo = false
        learning?.longestEpochInSteps = 63
        chip.learning = learning
        return chip
    }

    private static func decoded(_ json: String) throws -> ChipSpec {
        try JSONDecoder().decode(ChipSpec.self, from: Data(json.utf8))
    }

    private static let json = """
        {
          "name": "tiny", "summary": "Four small cores.", "knownGaps": [],
          "mesh": { "width": 2, "height": 2, "coresPerTile": 1 },
          "interconnect": {
              "topology": "mesh", "tileOrder": "rows", "branching": 4, "casting": "unicast",
              "whenFull": "stall"
          },
          "core": { "neurons": 8, "axonsIn": 16, "axonsOut": 32, "synapseMemoryInBytes": 256 },
          "synapse": {
            "weightBits": 8, "hasSignModes": false, "hiddenWeightBits": 0,
            "weightTruncation": "floor", "exponentShift": "perSynapse",
            "minimumExponent": 0, "maximumExponent": 7, "maximumDelayInSteps": 4,
            "bytesPerSynapse": 4, "bytesPerPlasticSynapse": 6, "bytesPerRowHeader": 4
          },
          "dendrite": {
            "accumulator":
              { "bits": 16, "isSigned": true, "fractionBits": 0, "overflow": "saturate" },
            "maximumCompartments": 2
          },
          "soma": {
            "models": ["lif", "if", "li"],
            "membrane": { "bits": 24, "isSigned": true, "fractionBits": 0, "overflow": "saturate" },
            "current": { "bits": 24, "isSigned": true, "fractionBits": 0, "overflow": "saturate" },
            "accumulatorShift": 6, "decayBits": 12, "decayRounding": "towardZero",
            "thresholdBits": 23, "thresholdShift": 0,
            "biasMantissaBits": 16, "biasMaximumExponent": 7,
            "hasCurrentBias": true, "resetRules": ["zero", "subtract"], "hasResetPotential": true,
            "refractoryBits": 0, "noiseBits": 0
          },
          "time": { "mode": "realTime", "step": { "numerator": 1, "denominator": 1000 } },
          "mismatch": { "distribution": "logNormal", "parameters": ["threshold", "weight"] },
          "energyTables": [
            {
              "name": "assumed", "source": "tests", "prices": [],
              "staticPowerProvenance": "unknown", "barrier": []
            }
          ]
        }
        """
}

/// A valid image of two cores, by hand.
///
/// Three input channels drive five hidden `lif` neurons with current (core 0, recurrent, two
/// compartments, delays 1 and 3), which drive two `li` neurons (core 2).
package enum TinyImage {
    /// The image.
    package static func plain() throws -> ChipImage {
        let hidden = PopulationTable(
            path: "hidden",
            shape: [5],
            model: .lif,
            reset: .subtract,
            hasCurrent: true,
            compartmentExponents: [0, 0],
            membraneScale: [0.25, 0.5, 0.1, 1e-7, 3],
            depth: 1
        )
        let readout = PopulationTable(
            path: "readout",
            shape: [2, 1],
            model: .li,
            reset: .zero,
            hasCurrent: false,
            compartmentExponents: [0],
            membraneScale: [1.0 / 3],
            depth: 2
        )
        let network = NetworkTable(
            name: "tiny",
            timeStep: 1e-3,
            populations: [hidden, readout],
            projections: [
                projection("in", "hidden", synapses: 5),
                projection("hidden", "hidden", delay: 3, compartment: 1, synapses: 2),
                projection("hidden", "readout", synapses: 4),
            ],
            outputs: [OutputTable(name: "out", population: 1)],
            drainSteps: 2
        )
        let input = InputPort(
            name: "in",
            shape: [3],
            routes: RouteTable(
                offsets: [0, 1, 2, 2],
                routes: [Route(core: 0, axon: 0), Route(core: 0, axon: 1)]
            )
        )
        return ChipImage(
            chip: try TinyChip.plain(),
            network: network,
            inputs: [input],
            cores: [hiddenCore(), readoutCore()]
        )
    }

    /// One core of Loihi neurons behind one input: `cubaLIF`, sign modes, exponents per sum.
    package static func loihi() throws -> ChipImage {
        let population = PopulationTable(
            path: "cuba",
            shape: [4],
            model: .cubaLIF,
            reset: .zero,
            hasCurrent: true,
            compartmentExponents: [-2],
            membraneScale: [1],
            depth: 1
        )
        var neurons = NeuronTables()
        neurons.indexInPopulation = [3, 2, 1, 0]
        neurons.threshold = [64, 128, 0, 131_071 << 6]
        neurons.membraneDecay = [0, 128, 4095, 1]
        neurons.currentDecay = [4095, 0, 409, 1]
        neurons.membraneBias = [0, 4095 << 7, -3, 6]
        neurons.currentBias = [0, 0, 0, 0]
        neurons.resetPotential = [0, 0, 0, 0]
        neurons.initialPotential = [0, -5, 0, 7]
        var synapses = SynapseTables()
        synapses.axonRows = [0, 1]
        synapses.rowSynapses = [0, 4]
        synapses.rowDelay = [1]
        synapses.rowExponent = [0]
        synapses.rowCompartment = [0]
        synapses.targets = [0, 1, 2, 3]
        synapses.weights = [-256, 254, 2, -2]
        let core = CoreTables(
            core: 3,
            segments: [Segment(population: 0, firstSlot: 0, count: 4)],
            neurons: neurons,
            synapses: synapses,
            routes: RouteTable(offsets: [0, 0, 0, 0, 0])
        )
        return ChipImage(
            chip: try TinyChip.loihi(),
            network: NetworkTable(
                name: "tiny-loihi",
                timeStep: 1,
                populations: [population],
                projections: [projection("in", "cuba", synapses: 4)],
                outputs: [OutputTable(name: "out", population: 0)],
                drainSteps: 1
            ),
            inputs: [
                InputPort(
                    name: "in",
                    shape: [1],
                    routes: RouteTable(offsets: [0, 1], routes: [Route(core: 3, axon: 0)])
                )
            ],
            cores: [core]
        )
    }

    private static func hiddenCore() -> CoreTables {
        var neurons = NeuronTables()
        neurons.indexInPopulation = [4, 0, 1, 2, 3]
        neurons.threshold = [1000, 2000, 3000, 4000, (1 << 23) - 1]
        neurons.membraneDecay = [0, 1, 100, 4095, 7]
        neurons.currentDecay = [4095, 1, 2, 3, 4]
        neurons.membraneBias = [0, -1, 32_767 << 7, 5, 0]
        neurons.currentBias = [0, 0, 0, 0, 0]
        neurons.resetPotential = [0, 0, 0, 0, 0]
        neurons.initialPotential = [0, 0, -9, 0, 0]
        var synapses = SynapseTables()
        synapses.axonRows = [0, 2, 3, 4]
        synapses.rowSynapses = [0, 2, 4, 5, 7]
        synapses.rowDelay = [1, 1, 1, 3]
        synapses.rowExponent = [0, 2, 0, 0]
        synapses.rowCompartment = [0, 0, 0, 1]
        synapses.targets = [0, 4, 1, 1, 3, 0, 2]
        synapses.weights = [127, -128, 3, 4, -5, 6, 7]
        return CoreTables(
            core: 0,
            segments: [Segment(population: 0, firstSlot: 0, count: 5)],
            neurons: neurons,
            synapses: synapses,
            routes: RouteTable(
                offsets: [0, 2, 3, 3, 4, 4],
                routes: [
                    Route(core: 0, axon: 2), Route(core: 2, axon: 0), Route(core: 2, axon: 1),
                    Route(core: 2, axon: 1),
                ]
            )
        )
    }

    private static func readoutCore() -> CoreTables {
        var neurons = NeuronTables()
        neurons.indexInPopulation = [0, 1]
        neurons.threshold = [0, 0]
        neurons.membraneDecay = [10, 20]
        neurons.currentDecay = [0, 0]
        neurons.membraneBias = [0, 0]
        neurons.currentBias = [0, 0]
        neurons.resetPotential = [0, 0]
        neurons.initialPotential = [0, 0]
        var synapses = SynapseTables()
        synapses.axonRows = [0, 1, 2]
        synapses.rowSynapses = [0, 2, 4]
        synapses.rowDelay = [1, 1]
        synapses.rowExponent = [0, 0]
        synapses.rowCompartment = [0, 0]
        synapses.targets = [0, 1, 0, 1]
        synapses.weights = [1, -1, 100, -100]
        return CoreTables(
            core: 2,
            segments: [Segment(population: 1, firstSlot: 0, count: 2)],
            neurons: neurons,
            synapses: synapses,
            routes: RouteTable(offsets: [0, 0, 0])
        )
    }

    private static func projection(
        _ source: String,
        _ target: String,
        delay: Int = 1,
        compartment: Int = 0,
        synapses: Int
    ) -> ProjectionTable {
        ProjectionTable(
            source: source,
            target: target,
            delay: delay,
            compartment: compartment,
            signMode: .mixed,
            weightScale: 0.1,
            synapses: synapses,
            largestError: 0.05,
            rootMeanSquareError: 0.03
        )
    }
}
