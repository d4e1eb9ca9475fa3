import ChipImage
import ChipSpec
import Compiler
import NetworkIR
import TestSupport
import Testing

@Suite("Rule compiler")
struct RuleCompilerTests {
    @Test("compiles the alignment rule to two products, with the author's text beside")
    func compilesSAL() throws {
        let program = try Rules.program(
            Rules.traces + "dw: 2^-5*eta*x0*y1 - 2^-5*eta*y0*x1\n",
            on: Rules.chip("pilot")
        )
        #expect(
            program
                == RuleProgram(
                    name: "r",
                    source: ["dw = 2^-5*eta*x0*y1 - 2^-5*eta*y0*x1"],
                    traces: [
                        TraceProgram(register: .x1, impulse: 32, tau: 10),
                        TraceProgram(register: .y1, impulse: 32, tau: 10),
                    ],
                    products: [
                        RuleProduct(
                            trigger: .x0,
                            mantissa: 1,
                            exponent: -5,
                            amplitude: 0,
                            factors: [RuleFactor(.y1)]
                        ),
                        RuleProduct(
                            trigger: .y0,
                            mantissa: -1,
                            exponent: -5,
                            amplitude: 0,
                            factors: [RuleFactor(.x1)]
                        ),
                    ],
                    windows: [],
                    amplitudes: ["eta"]
                )
        )
        #expect(program.registersRead == [.x0, .x1, .y0, .y1])
    }

    @Test("compiles windows: ends, order of spikes, conditions")
    func compilesWindows() throws {
        let program = try Rules.program(
            """
            name: r
            dw:
              - +eta if 0 < t_pre - t_post <= 6, newer, untied
              - -1.5*eta + 3 if 2 <= t_post - t_pre < 9, untied
              - 2^-4*beta if 0<=t_pre-t_post<1
            """,
            on: Rules.chip("pilot")
        )
        #expect(program.amplitudes == ["eta", "beta"])
        #expect(program.registersRead == [.x0, .y0, .lastPre, .lastPost])
        #expect(program.windows.map(\.trigger) == [.x0, .y0, .y0, .x0])
        #expect(program.windows.map(\.mantissa) == [1, -3, 3, 1])
        #expect(program.windows.map(\.exponent) == [0, -1, 0, -4])
        #expect(program.windows.map(\.amplitude) == [0, 0, nil, 1])
        #expect(program.windows.map(\.firstStep) == [1, 2, 2, 0])
        #expect(program.windows.map(\.lastStep) == [6, 8, 8, 0])
        #expect(program.windows.map(\.requiresNewerPartner) == [true, false, false, false])
        #expect(program.windows.map(\.skipsTies) == [true, true, true, false])
    }

    /// Mantissa and exponent, or 0 for a refusal.
    private func coefficient(_ text: String, _ chip: String) throws -> [Int] {
        let product = try? Rules.products("\(text)*x0*y1", on: Rules.chip(chip)).first
        return product.map { [$0.mantissa, $0.exponent] } ?? []
    }

    @Test(
        "coefficients are exact, split as their author did where that fits",
        arguments: [
            ("1", [1, 0]), ("3", [3, 0]), ("8*2^-3", [8, -3]), ("0.75", [3, -2]), ("0.5", [1, -1]),
            ("2.50", [5, -1]), ("1e1", [10, 0]), ("25e-2", [1, -2]), ("(-2)*2^-3", [-2, -3]),
            ("-3*(-2)*2^(-4)", [6, -4]), ("2^-4*2^2", [1, -2]), ("0.1*10", [2, -1]),
            ("0.2*0.3", []), ("0.2*2.5*2^-3", [1, -4]), ("32767*eta", [32767, 0]),
            ("-32768*eta", [-32768, 0]), ("32768*eta", [16384, 1]), ("65535*eta", []),
            ("65534*eta", [32767, 1]), ("2", [2, 0]), ("2^2", [1, 2]), (".5", [1, -1]),
            ("1234567890123456.*2^-60", []), ("131072*eta*2^-30", [16384, -27]),
            ("2^-20", [1, -20]), ("2^-21", [1, -21]), ("2^10", [1, 10]),
        ]
    )
    func coefficients(text: String, expected: [Int]) throws {
        #expect(try coefficient(text, "pilot") == expected)
    }

    @Test(
        "loihi has mantissas in -8...7 and exponents in -7...8",
        arguments: [
            ("7", [7, 0]), ("8", [4, 1]), ("-8", [-8, 0]), ("9", []), ("6*2^-8", [3, -7]),
            ("2^-7", [1, -7]), ("2^-8", []), ("2^8", [1, 8]), ("2^9", [2, 8]), ("2^10", [4, 8]),
            ("2^11", []), ("-2^11", [-8, 8]), ("(-2)*2^-3", [-2, -3]), ("5*2^-8", []),
        ]
    )
    func loihiCoefficients(text: String, expected: [Int]) throws {
        #expect(try coefficient(text, "loihi") == expected)
    }

    @Test(
        "brackets: register and number in any order, signs of sums, numbers",
        arguments: [
            ("x0*(w - 3)", 1, [RuleFactor(.w, constant: -3)]),
            ("x0*(w)", 1, [RuleFactor(.w)]),
            ("x0*(3 + w)", 1, [RuleFactor(.w, constant: 3)]),
            ("x0*(-3 + w)", 1, [RuleFactor(.w, constant: -3)]),
            ("x0*(127 - y1)", -1, [RuleFactor(.y1, constant: -127)]),
            ("x0*(-127 - y1)", -1, [RuleFactor(.y1, constant: 127)]),
            ("x0*(-y1 + 127)", -1, [RuleFactor(.y1, constant: -127)]),
            ("-x0*(-y1)*(-w - 2)", -1, [RuleFactor(.y1), RuleFactor(.w, constant: 2)]),
            ("x0*sgn(w)", 1, [RuleFactor(.w, isSign: true)]),
            ("x0*sgn(5 - w)", -1, [RuleFactor(.w, constant: -5, isSign: true)]),
            ("x0*(2^0)*w", 1, [RuleFactor(.w)]),
            ("x0*(-1)*w*w", -1, [RuleFactor(.w), RuleFactor(.w)]),
            ("x0*(y0)", 1, [RuleFactor(.y0)]),
            ("x0*(y0 - 1)*sgn(x0)", 1, [RuleFactor(.y0, constant: -1), .init(.x0, isSign: true)]),
            ("\tx0  *\t( w-3 ) ", 1, [RuleFactor(.w, constant: -3)]),
        ]
    )
    func brackets(text: String, mantissa: Int, factors: [RuleFactor]) throws {
        let product = try #require(try Rules.products(text, on: Rules.chip("pilot")).first)
        #expect(product.mantissa == mantissa)
        #expect(product.factors == factors)
    }

    @Test("a sign belongs to its product, a product to its '*'")
    func precedence() throws {
        let products = try Rules.products(
            "-2*x0*w + 3*y0*w*w - 2^-1*u3*w",
            on: Rules.chip("pilot")
        )
        #expect(products.map(\.mantissa) == [-2, 3, -1])
        #expect(products.map(\.exponent) == [0, 0, -1])
        #expect(products.map(\.factors.count) == [1, 2, 1])
        #expect(products.map(\.trigger) == [.x0, .y0, .every(epochs: 8)])
    }

    @Test("on loihi a second spike is a factor, as in its microcode")
    func loihiSpikes() throws {
        let products = try Rules.products("x0*y0*w + y0*x0*x0", on: Rules.chip("loihi"))
        #expect(products.map(\.trigger) == [.x0, .y0])
        #expect(products.map(\.factors) == [[.init(.y0), .init(.w)], [.init(.x0), .init(.x0)]])
    }

    @Test("the third factor goes by its name or by r")
    func thirdFactor() throws {
        let program = try Rules.program(
            "name: r\nthirdFactor: reward\ndw: reward*x0*w + r*y0*(reward - 1)\n",
            on: Rules.chip("pilot")
        )
        #expect(program.thirdFactor == "reward")
        #expect(program.amplitudes.isEmpty)
        #expect(program.products[1].factors == [.init(.r), .init(.r, constant: -1)])
    }

    @Test("names that only begin like a register are amplitudes")
    func amplitudes() throws {
        let program = try Rules.program(
            "name: r\ndw: eta*x0*w + x_rate*y0*w + u*x0*w + U*y0 + eta*y0 + w2*x0\n",
            on: Rules.chip("pilot")
        )
        #expect(program.amplitudes == ["eta", "x_rate", "U", "w2"])
        let longest = String(repeating: "a", count: 64)
        #expect(try Rules.products("x0*\(longest)", on: Rules.chip("pilot")).count == 1)
    }

    @Test("limits are those of the spec: one at the edge passes, one beyond does not")
    func readsSpec() throws {
        var chip = try Rules.chip("pilot")
        let rule = "dw:\n  - eta if 0 < t_pre - t_post <= 20\n  - eta if 0 < t_post - t_pre <= 9\n"
        chip.learning?.longestWindowInSteps = 20
        chip.learning?.maximumProducts = 2
        #expect(Rules.error("name: r\n" + rule, on: chip) == nil)
        chip.learning?.longestWindowInSteps = 19
        #expect(Rules.error("name: r\n" + rule, on: chip)?.contains("up to 19") ?? false)
        chip.learning?.longestWindowInSteps = 20
        chip.learning?.maximumProducts = 1
        #expect(
            Rules.error("name: r\n" + rule, on: chip)?.contains("r.yaml:4:5: dw: This is") ?? false
        )
        chip.learning?.maximumProducts = 2
        chip.learning?.registers.removeAll { $0 == .lastPost }
        #expect(
            Rules.error("name: r\n" + rule, on: chip)?.contains("no register lastPost") ?? false
        )
        chip.learning?.traceBits = 4
        let trace = "name: r\nx1: { impulse: 15, tau: 256 }\ndw: y0*x1\n"
        chip.learning?.traceDecayBits = 8
        #expect(Rules.error(trace, on: chip) == nil)
        chip.learning?.traceDecayBits = 7
        #expect(Rules.error(trace, on: chip)?.contains("0...128") ?? false)
        chip.learning?.traceBits = 3
        #expect(Rules.error(trace, on: chip)?.contains("1...7") ?? false)
    }
}
