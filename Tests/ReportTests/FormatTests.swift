import Report
import Testing

@Suite("Number formats")
struct FormatTests {
    @Test(
        "three digits and a prefix, with carry between prefixes",
        arguments: [
            (0, "0 J"), (1, "1.00 J"), (999.4, "999 J"), (999.5, "1.00 kJ"), (9.994, "9.99 J"),
            (9.996, "10.0 J"), (99.94, "99.9 J"), (99.96, "100 J"), (1.234e-6, "1.23 µJ"),
            (9.996e-7, "1.00 µJ"), (23.6e-12, "23.6 pJ"), (-0.05, "-50.0 mJ"), (1e-30, "1.00 qJ"),
            (1e30, "1.00 QJ"), (2e34, "20000 QJ"), (.infinity, "inf J"),
            (.leastNonzeroMagnitude, "0.00 qJ"),
        ] as [(Double, String)]
    )
    func si(value: Double, expected: String) {
        #expect(Format.si(value, "J") == expected)
    }

    @Test("no unit leaves no space")
    func siWithoutUnit() {
        #expect(Format.si(1, "") == "1.00")
        #expect(Format.si(1234, "") == "1.23 k")
    }

    @Test(
        "fixed decimals round to nearest and never show a negative zero",
        arguments: [
            (0.125, 2, "0.12"), (0.375, 2, "0.38"), (-0.004, 2, "0.00"), (-0.006, 2, "-0.01"),
            (1234.5, 0, "1234"), (0.06, 1, "0.1"), (9.999, 2, "10.00"), (1e300, 2, "1e+300"),
            (.nan, 2, "nan"),
        ] as [(Double, Int, String)]
    )
    func fixed(value: Double, decimals: Int, expected: String) {
        #expect(Format.fixed(value, decimals: decimals) == expected)
    }

    @Test("percentages, alone and with a deviation")
    func percent() {
        #expect(Format.percent(438.0 / 450) == "97.33 %")
        #expect(Format.percent(0.9513, plusMinus: 0.012) == "95.13 ± 1.20 %")
    }

    @Test(
        "counts have commas between thousands",
        arguments: [
            (0, "0"), (999, "999"), (1000, "1,000"), (1_312_000, "1,312,000"), (-1234, "-1,234"),
            (.min, "-9,223,372,036,854,775,808"),
        ] as [(Int, String)]
    )
    func count(value: Int, expected: String) {
        #expect(Format.count(value) == expected)
    }

    @Test(
        "durations are said in two units at most",
        arguments: [
            (0, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 00 s"),
            (65, "1 min 05 s"), (3599.4, "59 min 59 s"), (3599.6, "1 h 00 min"),
            (7620, "2 h 07 min"), (.nan, "?"), (-1, "?"), (.infinity, "?"),
        ] as [(Double, String)]
    )
    func duration(seconds: Double, expected: String) {
        #expect(Format.duration(seconds) == expected)
    }

    @Test("a quantity says what is not known")
    func quantity() {
        #expect(Quantity(2.344e-8, "J").description == "23.4 nJ")
        #expect(Quantity(2.5e-8, "J", isLowerBound: true).description == "≥ 25.0 nJ")
        #expect(Quantity(nil, "J").description == "unknown")
    }
}
