import ChipSpec
import Energy
import Events
import Testing

@Suite("Energy report")
struct EnergyReportTests {
    private static func table(
        _ prices: [(Action, Double?)],
        staticPower: Double? = 0
    ) -> EnergyTable {
        EnergyTable(
            name: "test",
            source: "worked example of SANA-FE 2.2.9, dense synapses",
            prices: prices.map {
                ActionPrice(
                    action: $0.0,
                    energyInPicojoules: $0.1,
                    latencyInNanoseconds: 0,
                    provenance: $0.1 == nil ? .unknown : .fitted
                )
            },
            staticPowerInMilliwatts: staticPower,
            staticPowerProvenance: .assumed,
            barrier: []
        )
    }

    private static let sanafe: [(Action, Double?)] = [
        (.axonIn, 0), (.synapticEvent, 35.5), (.somaAccess, 51.2), (.somaUpdateActive, 21.6),
        (.spike, 69.3), (.axonOut, 111), (.hopEastWest, 3.0), (.hopNorthSouth, 4.2),
    ]

    /// Counts of the worked example: 8 synapses, 6 accesses, 3 updates, 3 spikes, 8 packets.
    ///
    /// Three of the packets pass 7 links east and 3 south to tile 31, three pass one link south to the
    /// tile below tile 0, two stay on their tile.
    private static var counts: ActionCounts {
        var counts = ActionCounts()
        counts[.axonIn] = 8
        counts[.synapticEvent] = 8
        counts[.somaAccess] = 6
        counts[.somaUpdateActive] = 3
        counts[.spike] = 3
        counts[.axonOut] = 8
        counts[.hopEastWest] = 21
        counts[.hopNorthSouth] = 12
        return counts
    }

    @Test("repeats the worked example of SANA-FE: 1865.3 pJ")
    func workedExample() {
        let report = EnergyReport(
            counts: Self.counts,
            table: Self.table(Self.sanafe),
            chipTimeInSeconds: 1e-6
        )
        #expect((report.totalJoules - 1865.3e-12).magnitude < 1e-21)
        #expect(!report.isLowerBound)
        #expect(report.terms.map(\.name).last == "staticPower")
    }

    @Test("is exactly the sum of its terms, in their order")
    func totalIsSum() {
        let table = Self.table(Self.sanafe, staticPower: 104)
        let report = EnergyReport(
            counts: Self.counts,
            table: table,
            chipTimeInSeconds: 0.0123
        )
        var sum = 0.0
        for term in report.terms { sum += term.joules ?? 0 }
        #expect(report.totalJoules == sum)
        #expect(report.terms.last?.count == 12_300_000)
        #expect(report.terms.last?.joules == 104e-12 * 12_300_000)
    }

    @Test("is a lower bound only if an unknown price was needed; unknown is not zero")
    func unknownPrice() {
        let table = Self.table(Self.sanafe + [(.stateReset, nil)])
        var counts = Self.counts
        let complete = EnergyReport(counts: counts, table: table, chipTimeInSeconds: 0)
        #expect(!complete.isLowerBound)
        counts[.stateReset] = 1
        let bound = EnergyReport(counts: counts, table: table, chipTimeInSeconds: 0)
        #expect(bound.isLowerBound && bound.totalJoules == complete.totalJoules)
        #expect(bound.terms[8].joules == nil)
    }

    @Test(
        "a run without input costs the visits of its neurons, its steps and its static power only"
    )
    func silentRun() throws {
        var counts = ActionCounts()
        counts[.somaAccess] = 100 * 20
        counts[.somaUpdateInactive] = 100 * 20
        counts[.step] = 20
        var prices = Self.sanafe
        prices.append((.step, 400))
        let report = EnergyReport(
            counts: counts,
            table: Self.table(prices, staticPower: 1.6),
            chipTimeInSeconds: 0.02
        )
        let paid = report.terms.filter { $0.joules != 0 }
        #expect(paid.map(\.name) == ["somaAccess", "step", "staticPower"])
        #expect(
            (report.totalJoules - (2000 * 51.2e-12 + 20 * 400e-12 + 1.6e-3 * 0.02)).magnitude
                < 1e-18
        )
        #expect(!report.isLowerBound)
    }

    @Test(
        "keeps the order of the table, whatever it leaves out, and names the provenance of each term"
    )
    func order() {
        let report = EnergyReport(
            counts: Self.counts,
            table: Self.table([(.synapticEvent, 23.6), (.somaUpdateActive, 81), (.step, nil)]),
            chipTimeInSeconds: 0
        )
        #expect(
            report.terms.map(\.name) == [
                "synapticEvent", "somaUpdateActive", "step", "staticPower",
            ]
        )
        #expect(report.terms.map(\.provenance) == [.fitted, .fitted, .unknown, .assumed])
        #expect(report.terms.map(\.count) == [8, 3, 0, 0])
    }

    @Test(
        "takes an unknown static power for a lower bound once time has passed",
        arguments: [0, 1e-9]
    )
    func staticPower(time: Double) {
        let table = Self.table(Self.sanafe, staticPower: nil)
        let report = EnergyReport(counts: Self.counts, table: table, chipTimeInSeconds: time)
        #expect(report.isLowerBound == (time > 0))
        #expect(report.terms.last?.joules == nil)
    }

    @Test("never traps on times that are no times", arguments: [-1, .infinity, 1e300, .nan])
    func sillyTimes(time: Double) {
        let report = EnergyReport(
            counts: ActionCounts(),
            table: Self.table(Self.sanafe),
            chipTimeInSeconds: time
        )
        #expect(report.totalJoules == 0)
    }

    @Test(
        "is a lower bound where static power flows for a time that is one",
        arguments: [(power: 104.0, expected: true), (power: 0, expected: false)]
    )
    func unknownChipTime(power: Double, expected: Bool) {
        let table = Self.table(Self.sanafe, staticPower: power)
        func report(_ isLowerBound: Bool) -> EnergyReport {
            EnergyReport(
                counts: Self.counts,
                table: table,
                chipTimeInSeconds: 1e-6,
                chipTimeIsLowerBound: isLowerBound
            )
        }
        #expect(report(true).isLowerBound == expected)
        #expect(!report(false).isLowerBound)
        #expect(report(true).totalJoules == report(false).totalJoules)
    }
}
