import Report
import Testing

@Suite("Text tables")
struct TextTableTests {
    @Test("columns are aligned under titles with units, a rule above the total")
    func aligns() {
        var table = TextTable([
            .init("term"), .init("count", alignment: .right),
            .init("energy", unit: "nJ", alignment: .right),
        ])
        table.append(["synapticEvent", "1,312", "23.5"])
        table.append(["µ"])
        table.appendRule()
        table.append(["total", "", "≥ 23.5"])
        #expect(
            table.text == """
                term           count  energy (nJ)
                ─────────────  ─────  ───────────
                synapticEvent  1,312         23.5
                µ
                ─────────────  ─────  ───────────
                total                      ≥ 23.5

                """
        )
    }

    @Test("a table without rows is its header")
    func showsHeader() {
        #expect(TextTable([.init("a"), .init("bc")]).text == "a  bc\n─  ──\n")
    }
}

@Suite("Progress lines")
struct ProgressLineTests {
    private let line = ProgressLine(
        "measure 0.2",
        unit: "samples",
        done: 248,
        total: 450,
        elapsed: 0.2
    )

    @Test("title, bar, percentage, count, rate and time left")
    func showsAll() {
        #expect(
            line.text(width: 80)
                == "measure 0.2 ━━━━━━━━━━━─────────  55 %  248 of 450 samples  1,240/s  0.2 s left"
        )
    }

    @Test("a line never exceeds its width, and loses facts from the right")
    func fits() {
        for width in 0...100 { #expect(line.text(width: width).count <= width) }
        #expect(
            line.text(width: 70)
                == "measure 0.2 ━━━━━━━━━━━─────────  55 %  248 of 450 samples  1,240/s"
        )
        #expect(line.text(width: 20) == "measure 0.2")
    }

    @Test("100 % only when all is done, which shows the time it took")
    func ends() {
        var line = ProgressLine("run", unit: "steps", done: 999, total: 1000, elapsed: 50)
        #expect(
            line.text(width: 80)
                == "run ━━━━━━━━━━━━━━━━━━━╸  99 %  999 of 1,000 steps  20.0/s  0.1 s left"
        )
        line.done = 1000
        #expect(
            line.text(width: 80)
                == "run ━━━━━━━━━━━━━━━━━━━━ 100 %  1,000 of 1,000 steps  20.0/s  50 s"
        )
    }

    @Test("an unknown total shows no bar; nothing done shows no rate")
    func showsUnknownTotal() {
        let unknown = ProgressLine("read", unit: "spikes", done: 5_000_000, total: nil, elapsed: 2)
        #expect(unknown.text(width: 80) == "read  5,000,000 spikes  2.50 M/s  2.0 s")
        let empty = ProgressLine("read", unit: "spikes", done: 0, total: 0, elapsed: 0)
        #expect(empty.text(width: 80) == "read  0 spikes")
    }
}
