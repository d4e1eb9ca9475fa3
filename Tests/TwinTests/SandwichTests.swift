import FixedPoint
import Testing
import Twin

@Suite("Width of intervals under errors that hang together")
struct SandwichTests {
    private static let blocks = 200
    private static let perBlock = 16

    /// The width for the mean of normal values of variance 1, of which `run` after another are the same.
    private func width(run: Int) throws -> Double {
        let stream = RandomStream(seed: 5, purpose: .fitting)
        let count = Self.blocks * Self.perBlock
        let values = (0..<count).map { stream.normal(UInt32($0 / run), 0, 0) }
        let mean = values.reduce(0, +) / Double(count)
        // The posterior under the belief that all are independent; draws at even quantiles, in mixed order.
        let draws = (0..<401).map { index -> [Double] in
            let share = (Double(index * 150 % 401) + 0.5) / 401
            return [mean + PortableMath.normalQuantile(share) / Double(count).squareRoot()]
        }
        let sandwich = Sandwich(draws, precisions: [0]) { point in
            (0..<Self.blocks).map { block in
                let range = (block * Self.perBlock)..<((block + 1) * Self.perBlock)
                return values[range].reduce(0) { $0 - ($1 - point[0]) * ($1 - point[0]) / 2 }
            }
        }
        return try #require(sandwich.widths.first)
    }

    @Test("is 1 for independent steps, and the root of their number for steps that are the same")
    func runs() throws {
        // The variance of 200 scores is known to 2 · √(1 / 200) = 14 % at two standard deviations, a width to half of it …
        let independent = try width(run: 1)
        #expect(independent >= 1 && independent < 1.12, "\(independent)")
        let together = try width(run: 16)
        // … here to three.
        #expect(abs(together / 4 - 1) < 0.15, "\(together)")
    }

    @Test("grows where draws hang together")
    func walk() throws {
        // 40 draws, each ten times: worth about 40 independent ones, which is known roughly.
        let stream = RandomStream(seed: 6, purpose: .fitting)
        let draws = (0..<400).map { [stream.normal(UInt32($0 / 10), 1, 0)] }
        let sandwich = Sandwich(draws, precisions: [1]) { _ in [Double](repeating: 0, count: 20) }
        let width = try #require(sandwich.widths.first)
        #expect(width > 1.01 && width < 1.15, "\(width)")
    }
}
