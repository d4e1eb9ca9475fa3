import ChipImage
import ChipSpec
import Compiler
import FixedPoint
import NetworkIR
import TestSupport
import Testing

@Suite("Quantise")
struct QuantiseTests {
    private typealias Nets = TestNetworks

    /// Weights that are whole multiples of a quarter, at most 31 of them.
    private func quarters(_ count: Int, _ random: inout SplitMix64) -> [Double] {
        (0..<count).map { _ in Double(random.int(-15...31)) / 4 }
    }

    @Test("keeps integrate-and-fire networks of round numbers exact", arguments: 0..<12)
    func roundNumbersAreExact(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let isLoihi = seed % 2 == 1
        let chip = try isLoihi ? TestChips.loihi() : TestChips.pilot()
        let hasBias = random.chance(0.5)
        let reset = random.pick([0, -0.5, 0.75])
        let bias = hasBias ? (0..<6).map { _ in Double(random.int(-2...3)) / 4 } : []
        var network = Nets.network(
            [
                Nets.input(10),
                Nets.integrateAndFire("x", 6, threshold: 7.75, reset: reset, bias: bias),
                Nets.integrateAndFire("y", 5, threshold: 5.5),
            ],
            [
                Nets.dense(0, 1, quarters(60, &random)),
                Nets.dense(1, 1, quarters(36, &random), delay: 2),
                Nets.dense(0, 2, quarters(50, &random)), Nets.dense(1, 2, quarters(30, &random)),
            ]
        )
        if !isLoihi, random.chance(0.5) { network.reset = .subtractThreshold }
        // On Loihi a threshold register holds whole weights only: with a bias or another origin, v is
        // finer than that, and v ≥ θ has no register.
        if random.chance(0.5), !isLoihi || (!hasBias && reset == 0) {
            network.threshold = .greaterOrEqual
        }
        let drive = randomDrive(for: network, steps: 200, silent: 5, rate: 0.2, seed: 1)
        let quantised = try Pipeline.quantised(network, for: chip)
        #expect(quantised.projections.allSatisfy { $0.error.squares == 0 })
        let plain = integerRun(quantised, on: chip, drive)
        let author = floatRun(network, drive)
        #expect(plain.spikes == author.spikes)
        #expect(author.count(1) > 50 && author.count(2) > 50)
        for population in quantised.populations where network.reset == .toResetPotential {
            let p = population.lowered.population
            for k in population.initialPotential.indices {
                let start = Double(population.initialPotential[k])
                for (raw, exact) in zip(plain.v, author.v) {
                    let v = (raw[p][k] - start) * population.unit
                    #expect((v - exact[p][k]).magnitude < 1e-9)
                }
            }
        }
    }

    @Test("uses the full range of weights and rounds to the nearest")
    func nearest() throws {
        let chip = try TestChips.pilot()
        let weights = [1.27, 0.1249, -0.3351, 0.0049, -0.0051]
        let network = Nets.network(
            [Nets.input(5), Nets.integrateAndFire("x", 1)],
            [Nets.dense(0, 1, weights)]
        )
        let quantised = try Pipeline.quantised(network, for: chip)
        #expect(quantised.projections[0].weights == [127, 12, -34, 0, -1])
        #expect(quantised.projections[0].error.lost == 1)
        let report = try Compiler.compile(network, for: chip).report.projections[0]
        #expect(report.synapses == 4)
        #expect(report.weightsRoundedToZero == 1)
        #expect((report.largestError - 0.0049).magnitude < 1e-12)
        #expect((report.scale - 0.01).magnitude < 1e-12)
    }

    @Test(
        "finds the sign mode of Loihi's weights",
        arguments: [
            ([0.1113, 0.5217, 1.0], SignMode.excitatory, [28, 133, 255]),
            ([-0.1113, -0.5217, -1.0], .inhibitory, [-28, -133, -255]),
            ([0.1113, 0.5217, -1.0], .mixed, [28, 134, -256]),
            ([1.0, 0.5217, -0.1113], .mixed, [254, 132, -28]),
        ] as [([Double], SignMode, [Int16])]
    )
    func signModes(weights: [Double], mode: SignMode, raw: [Int16]) throws {
        let network = Nets.network(
            [Nets.input(3), Nets.integrateAndFire("x", 1)],
            [Nets.dense(0, 1, weights)]
        )
        let quantised = try Pipeline.quantised(network, for: try TestChips.loihi())
        #expect(quantised.projections[0].signMode == mode)
        #expect(quantised.projections[0].weights == raw)
    }

    /// One neuron fed by projections with these largest weights.
    private func fed(by sizes: [Double]) -> Network {
        let inputs = sizes.indices.map { Nets.input(2, "in\($0)") }
        return Nets.network(
            inputs + [Nets.integrateAndFire("x", 1)],
            sizes.enumerated().map { index, size in
                Nets.dense(index, sizes.count, [size, size * 0.377])
            }
        )
    }

    @Test("gives projections of different size exponents: rows on pilot, compartments on Loihi")
    func exponents() throws {
        let network = fed(by: [1, 9, 0.1])
        let pilot = try Pipeline.quantised(network, for: try TestChips.pilot())
        #expect(pilot.projections.map(\.exponent) == [4, 7, 0])
        #expect(pilot.projections.map(\.rowExponent) == [4, 7, 0])
        #expect(pilot.populations[0].compartmentExponents == [0])
        let loihi = try Pipeline.quantised(network, for: try TestChips.loihi())
        #expect(loihi.projections.map(\.exponent) == [4, 7, 0])
        #expect(loihi.projections.map(\.rowExponent) == [0, 0, 0])
        #expect(loihi.projections.map(\.compartment) == [1, 2, 0])
        #expect(loihi.populations[0].compartmentExponents == [0, 4, 7])
        for quantised in [pilot, loihi] {
            let base = quantised.projections[2].scale
            #expect(quantised.projections.map { $0.scale / base } == [16, 128, 1])
        }
    }

    @Test("shares scales where compartments or exponents run out")
    func sharedScales() throws {
        var loihi = try TestChips.loihi()
        loihi.dendrite.maximumCompartments = 2
        let shared = try Pipeline.quantised(fed(by: [1, 9, 0.1]), for: loihi)
        #expect(shared.populations[0].compartmentExponents.count == 2)
        #expect(shared.projections[0].exponent == shared.projections[1].exponent)
        #expect(shared.notes.contains { $0.contains("compartments") })
        loihi.dendrite.maximumCompartments = 1
        let one = try Pipeline.quantised(fed(by: [1, 9, 0.1]), for: loihi)
        #expect(one.populations[0].compartmentExponents == [0])
        #expect(Set(one.projections.map(\.scale)).count == 1)
        // A span of 2^10 needs more than 7 exponents: the finest projection loses bits, none clips.
        let wide = try Pipeline.quantised(fed(by: [1000, 1]), for: try TestChips.pilot())
        #expect(wide.projections.map(\.exponent) == [7, 0])
        #expect(wide.projections[0].weights[0] == 127)
        #expect(wide.projections[1].weights[0] < 64)
    }

    @Test("coarsens the scale until the threshold fits, and says so")
    func thresholdBinds() throws {
        let chip = try TestChips.loihi()
        func network(_ threshold: Double) -> Network {
            Nets.network(
                [Nets.input(2), Nets.lif("x", 1, tau: 1, threshold: threshold)],
                [Nets.dense(0, 1, [255, 96.37])]
            )
        }
        let fits = try Pipeline.quantised(network(131_071), for: chip)
        #expect(fits.populations[0].threshold == [131_071 << 6])
        #expect(fits.projections[0].weights == [255, 96])
        let binds = try Pipeline.quantised(network(262_142), for: chip)
        #expect(binds.populations[0].threshold == [131_071 << 6])
        #expect(binds.projections[0].weights == [128, 48])
        #expect(binds.notes.contains { $0.contains("full range") })
    }

    @Test(
        "rounds a threshold so that no comparison of whole potentials changes",
        arguments: [
            (ThresholdRule.greater, 100.0, 6400), (.greater, 100.005, 6400),
            (.greater, 100.01, 6400),
            (.greaterOrEqual, 100, 6399), (.greaterOrEqual, 100.005, 6400),
        ] as [(ThresholdRule, Double, Int32)]
    )
    func threshold(rule: ThresholdRule, threshold: Double, raw: Int32) throws {
        // Weight 127 on IF: a raw unit of v is 1/64.
        var network = Nets.network(
            [Nets.input(1), Nets.integrateAndFire("x", 1, threshold: threshold)],
            [Nets.dense(0, 1, [127])],
            threshold: rule
        )
        let chip = try TestChips.pilot()
        #expect(try Pipeline.quantised(network, for: chip).populations[0].threshold == [raw])
        // A reset by subtraction wants the nearest.
        network.reset = .subtractThreshold
        let nearest = Int32((threshold * 64).rounded()) - (rule == .greater ? 0 : 1)
        #expect(try Pipeline.quantised(network, for: chip).populations[0].threshold == [nearest])
    }

    @Test("moves the origin to the reset potential on Loihi without changing the neuron")
    func movesOrigin() throws {
        let chip = try TestChips.loihi()
        let network = Nets.network(
            [Nets.input(4), Nets.lif("x", 4, r: 10, leak: -0.3, threshold: 0.9, reset: -0.6)],
            [Nets.dense(0, 1, (0..<16).map { Double($0 * 7 % 16) / 23 - 0.1 })]
        )
        let drive = randomDrive(for: network, steps: 100, silent: 100, rate: 0.2, seed: 4)
        let quantised = try Pipeline.quantised(network, for: chip)
        let population = quantised.populations[0]
        let plain = integerRun(quantised, on: chip, drive)
        let author = floatRun(try Compiler.compile(network, for: chip).quantisedNetwork(), drive)
        #expect(plain.spikes == author.spikes)
        #expect(plain.count(1) > 10)
        for step in drive.indices {
            for k in 0..<4 {
                let raw = plain.v[step][1][k] - Double(population.initialPotential[k])
                #expect(
                    (raw * population.unit - author.v[step][1][k]).magnitude < 12 * population.unit
                )
            }
        }
        // Left alone, it settles at the author's leak.
        #expect((author.v[199][1][0] + 0.3).magnitude < 0.001)
    }

    @Test(
        "rounds decays to the nearest register",
        arguments: [
            (tau: 1.0, register: 4095), (tau: 10, register: 410), (tau: 4096, register: 1),
            (tau: 8191, register: 1), (tau: 8193, register: 0),
        ]
    )
    func decays(tau: Double, register: UInt16) throws {
        let network = Nets.network(
            [Nets.input(1), Nets.lif("x", 1, tau: tau, r: tau)],
            [Nets.dense(0, 1, [0.7])]
        )
        for chip in [try TestChips.pilot(), try TestChips.loihi()] {
            let quantised = try Pipeline.quantised(network, for: chip)
            #expect(quantised.populations[0].membraneDecay == [register])
            #expect(quantised.notes.isEmpty == (register != 0 && register != 4095))
        }
    }

    @Test("offsets the current decay by one on Loihi alone")
    func currentDecay() throws {
        let network = Nets.network(
            [Nets.input(1), Nets.cubaLIF("x", 1, tauSyn: 4)],
            [Nets.dense(0, 1, [0.7])]
        )
        let pilot = try Pipeline.quantised(network, for: try TestChips.pilot())
        #expect(pilot.populations[0].currentDecay == [1024])
        let loihi = try Pipeline.quantised(network, for: try TestChips.loihi())
        #expect(loihi.populations[0].currentDecay == [1023])
        let plain = Nets.network(
            [Nets.input(1), Nets.lif("x", 1)],
            [Nets.dense(0, 1, [0.7])]
        )
        let forgets = try Pipeline.quantised(plain, for: try TestChips.loihi())
        #expect(forgets.populations[0].currentDecay == [4095])
    }

    @Test("moves a current bias to the membrane where the chip has none, with a note")
    func currentBias() throws {
        let network = Nets.network(
            [Nets.input(1), Nets.cubaLIF("x", 1, bias: [0.1])],
            [Nets.dense(0, 1, [0.7])]
        )
        let pilot = try Pipeline.quantised(network, for: try TestChips.pilot())
        #expect(pilot.populations[0].currentBias[0] > 0)
        #expect(pilot.populations[0].membraneBias == [0])
        let compiled = try Compiler.compile(network, for: try TestChips.loihi())
        #expect(compiled.report.notes.contains { $0.contains("current bias") })
        let loihi = try Pipeline.quantised(network, for: try TestChips.loihi())
        #expect(loihi.populations[0].currentBias == [0])
        // Settled: h/tau · r · w_in · bias = 0.1 · 3 · 2 · 0.1.
        let settled = Double(loihi.populations[0].membraneBias[0]) * loihi.populations[0].unit
        #expect((settled - 0.06).magnitude < loihi.populations[0].unit)
    }

    @Test("rounds a bias to mantissa and exponent")
    func biasMantissa() throws {
        // Membrane units are raw: weight 255 on IF has a unit of 1/64.
        let network = Nets.network(
            [Nets.input(1), Nets.integrateAndFire("x", 2, threshold: 500, bias: [63, 100.3])],
            [Nets.dense(0, 1, [255, 255])]
        )
        let quantised = try Pipeline.quantised(network, for: try TestChips.loihi())
        #expect(quantised.populations[0].unit == 1.0 / 64)
        // 63 · 64 = 4032 fits 12 bits; 100.3 · 64 = 6419.2 is 3210 · 2.
        #expect(quantised.populations[0].membraneBias == [4032, 6420])
    }

    @Test("dequantises to the numbers that the chip adds", arguments: 20..<28)
    func dequantised(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let chip = try TestChips.pilot()
        let network = RandomNetworks.network(
            &random,
            models: RandomNetworks.Model.allCases,
            reset: .toResetPotential
        )
        let once = try Compiler.compile(network, for: chip).quantisedNetwork()
        let quantised = try Pipeline.quantised(network, for: chip)
        // The author's equation on the dequantised numbers has the registers as coefficients.
        for population in quantised.populations {
            let p = population.lowered.population
            for k in population.membraneDecay.indices where population.lowered.model == .lif {
                guard
                    case .leakyIntegrateAndFire(let leaky, let firing) = once.populations[p]
                        .dynamics
                else { continue }
                let loss = Double(population.membraneDecay[k]) / 4096
                #expect((once.timeStep / leaky.tau[k] - loss).magnitude < 1e-12)
                let bias = Double(population.membraneBias[k]) * population.unit
                #expect((loss * leaky.leak[k] - bias).magnitude < 1e-12)
                let threshold = Double(population.threshold[k]) * population.unit
                #expect((firing.threshold[k] - threshold).magnitude < 1e-12)
                for index in quantised.canonical.incoming[p] {
                    let table = quantised.projections[index]
                    for w in table.layout.indices(of: k) {
                        let charge =
                            loss * leaky.r[k] * once.projections[index].connectivity.weights[w]
                        let raw = Double(table.weights[w]) * table.scale
                        #expect((charge - raw).magnitude < 1e-12)
                    }
                }
            }
        }
    }

    @Test("notes accumulators that can saturate, from the first sum beyond the rail")
    func saturation() throws {
        var chip = try TestChips.pilot()
        chip.dendrite.accumulator = RegisterFormat(bits: 10)
        func network(_ count: Int) -> Network {
            Nets.network(
                [Nets.input(count), Nets.integrateAndFire("x", 1)],
                [Nets.dense(0, 1, [Double](repeating: 127, count: count))]
            )
        }
        #expect(try Compiler.compile(network(4), for: chip).report.notes == [])
        let report = try Compiler.compile(network(5), for: chip).report
        #expect(report.notes.contains { $0.contains("saturate") && $0.contains("-512...511") })
        #expect(report.populations[0].accumulatorReach == [0, 635])
        #expect(report.populations[0].neuronsThatCanSaturate == 1)
    }

    @Test("survives numbers at the ends of what is allowed")
    func extremes() throws {
        let chip = try TestChips.pilot()
        for (weight, threshold) in [
            (1e30, 1e-30), (1e-300, 1.0), (1e-300, 1e-300), (0, 0), (1, 1e30),
        ] {
            let network = Nets.network(
                [Nets.input(2), Nets.lif("x", 1, threshold: threshold)],
                [Nets.dense(0, 1, [weight, -weight])]
            )
            let compiled = try Compiler.compile(network, for: chip)
            #expect(compiled.image.cores.count == 1)
        }
    }
}
