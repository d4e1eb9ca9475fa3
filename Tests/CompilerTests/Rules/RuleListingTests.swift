import ChipImage
import ChipSpec
import Compiler
import Description
import NetworkIR
import TestSupport
import Testing

@Suite("Rule listing")
struct RuleListingTests {
    @Test("is the canonical text of the program")
    func isCanonical() throws {
        let program = try Rules.program(
            """
            name: "my rule"
            y2: { tau: 34.5, impulse: 16 }
            x1: { impulse: 120, tau: 10, shape: triangular }
            thirdFactor: reward
            dw:
              - reward*y0*eta*0.75*x1*(3 + y2) - (x0)*y0
              - u4*sgn(2 - w)
            """,
            on: Rules.chip("pilot")
        )
        #expect(
            program.listing == [
                "name: \"my rule\"",
                "x1: { impulse: 120, tau: 10, shape: triangular }",
                "y2: { impulse: 16, tau: 34.5 }",
                "thirdFactor: reward",
                "dw:",
                "  - 3*2^-2*eta*y0*reward*x1*(y2 + 3)",
                "  - -y0*(x0)",
                "  - -u4*sgn(w - 2)",
            ]
        )
    }

    @Test("of random programs compiles to the same program", arguments: ["pilot", "loihi"])
    func roundTrips(chipName: String) throws {
        let chip = try Rules.chip(chipName)
        var random = RandomProgram(chip: chip, random: SplitMix64(seed: 41))
        var kinds: Set<Bool> = []
        for _ in 0..<400 {
            var program = random.program()
            let text = program.listing.joined(separator: "\n")
            var again = try Rules.program(text, on: chip)
            #expect(again.listing == program.listing)
            (program.source, again.source) = ([], [])
            #expect(again == program, "\(text)")
            kinds.insert(program.windows.isEmpty)
        }
        #expect(kinds.count == (chipName == "pilot" ? 2 : 1))
    }

    @Test("of each example compiles to the same program")
    func roundTripsExamples() throws {
        let chip = try Rules.chip("pilot")
        let names = [
            "sal", "sal-nearest", "sal-triangular", "triplet", "reward-modulated", "kolen-pollack",
        ]
        for name in names {
            let path = Rules.path("Examples/rules/\(name).yaml")
            var program = try RuleCompiler.program(for: RuleFile.rule(path: path), on: chip)
            var again = try Rules.program(program.listing.joined(separator: "\n"), on: chip)
            (program.source, again.source) = ([], [])
            #expect(again == program)
        }
    }
}

/// Draws programs that the notation can say, on a chip of the package.
private struct RandomProgram {
    let chip: ChipSpec
    var random: SplitMix64

    private var isLoihi: Bool { chip.learning?.engine == .loihi }
    private var registers: [RuleVariable] { chip.learning?.registers ?? [] }

    mutating func program() -> RuleProgram {
        let traces = [RuleVariable.x1, .x2, .y1, .y2, .y3].filter { _ in random.chance(0.5) }
            .map { trace($0) }
        var program = RuleProgram(
            name: random.pick(["r", "-x", "a \"b\" \\ c", "tau τ", "1.5: #"]),
            source: [],
            traces: traces,
            products: [],
            windows: [],
            amplitudes: [],
            epoch: isLoihi ? random.int(1...63) : 1,
            thirdFactor: nil
        )
        if !isLoihi, traces.isEmpty, random.chance(0.7) {
            program.windows = (0..<random.int(1...16)).map { _ in window(&program) }
        } else {
            fill(&program)
        }
        if program.products.contains(where: { $0.factors.contains { $0.variable == .r } }),
            random.chance(0.5)
        {
            program.thirdFactor = "reward"
        }
        return program
    }

    private mutating func trace(_ register: RuleVariable) -> TraceProgram {
        if !isLoihi, random.chance(0.3) {
            let tau = random.int(1...60)
            return TraceProgram(
                register: register,
                impulse: Double(tau * random.int(1...(127 / tau))),
                tau: Double(tau),
                shape: .triangular
            )
        }
        let whole = Double(random.int(1...127))
        let tau = random.pick([0, 10, random.double(0...1), random.double(1...60000), 1e-5])
        return TraceProgram(
            register: register,
            impulse: isLoihi ? random.double(0.01...127) : whole,
            tau: random.chance(0.2) ? nil : tau
        )
    }

    private mutating func fill(_ program: inout RuleProgram) {
        let targets: [RuleTarget] = isLoihi ? RuleTarget.allCases : [.w]
        let interval = random.int(0...20)
        for target in targets where target == .w || random.chance(0.5) {
            for _ in 0..<random.int(1...5) {
                program.products.append(product(target, &program, interval))
            }
        }
        // Every trace is read by somebody.
        let read = Set(program.products.flatMap { $0.factors.map(\.variable) })
        for trace in program.traces where !read.contains(trace.register) {
            program.products[0].factors.append(RuleFactor(trace.register))
        }
    }

    private mutating func product(
        _ target: RuleTarget,
        _ program: inout RuleProgram,
        _ interval: Int
    ) -> RuleProduct {
        let declared = program.traces.map(\.register)
        let readable = registers.filter {
            ![.lastPre, .lastPost].contains($0)
                && (![.x1, .x2, .y1, .y2, .y3].contains($0) || declared.contains($0))
        }
        let (mantissa, exponent, amplitude) = coefficient(&program)
        let k = isLoihi ? interval : random.int(0...20)
        return RuleProduct(
            target: target,
            trigger: random.pick([.x0, .y0, .every(epochs: 1 << k)]),
            mantissa: mantissa,
            exponent: exponent,
            amplitude: amplitude,
            factors: (0..<random.int(0...6)).map { _ in
                let register = random.pick(readable)
                let isSign = random.chance(0.3) && (!isLoihi || [.w, .d, .t].contains(register))
                let constant = random.chance(0.5) ? 0 : random.int(-256...255)
                return RuleFactor(
                    register,
                    constant: isLoihi && isSign ? 0 : constant,
                    isSign: isSign
                )
            }
        )
    }

    private mutating func coefficient(_ program: inout RuleProgram) -> (Int, Int, Int?) {
        var amplitude: Int?
        if random.chance(0.5) {
            let name = random.pick(["eta", "_a", "Beta_2", "decay", "k"])
            amplitude = program.amplitudes.firstIndex(of: name) ?? program.amplitudes.count
            if amplitude == program.amplitudes.count { program.amplitudes.append(name) }
        }
        guard !isLoihi else {
            let mantissa = random.pick([-8, -3, -1, 1, 2, 7])
            return (mantissa, random.int(-7...8), amplitude)
        }
        let mantissa = random.pick([-32768, 32767, 1, -1, 12, -1000, random.int(1...32767)])
        return (
            mantissa, amplitude == nil ? random.int(-20...(-5)) : random.int(-28...64), amplitude
        )
    }

    private mutating func window(_ program: inout RuleProgram) -> RuleWindow {
        let (mantissa, exponent, amplitude) = coefficient(&program)
        let first = random.int(0...63)
        let last = random.int(first...63)
        return RuleWindow(
            trigger: random.chance(0.5) ? .x0 : .y0,
            mantissa: mantissa,
            exponent: exponent,
            amplitude: amplitude,
            firstStep: first,
            lastStep: last,
            requiresNewerPartner: random.chance(0.5),
            skipsTies: last > 0 && random.chance(0.5)
        )
    }
}
