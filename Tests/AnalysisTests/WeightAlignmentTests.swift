import Analysis
import Foundation
import TestSupport
import Testing

@Suite("Weight alignment")
struct WeightAlignmentTests {
    @Test("knows the angles of copies, opposites and orthogonal weights")
    func closedForms() throws {
        let w = [1.0, -2, 3, 0.5]
        let copy = try #require(WeightAlignment(forward: w, feedback: w))
        #expect(copy.angle == 0 && copy.slope == 1 && copy.equalSigns == 1 && copy.count == 4)
        #expect((copy.correlation - 1).magnitude < 1e-15)
        let opposite = try #require(WeightAlignment(forward: w, feedback: w.map { -0.5 * $0 }))
        #expect(opposite.angle == 180 && opposite.slope == -0.5 && opposite.equalSigns == 0)
        let orthogonal = try #require(WeightAlignment(forward: [1, 1], feedback: [1, -1]))
        #expect((orthogonal.angle - 90).magnitude < 1e-12 && orthogonal.slope == 0)
        #expect(orthogonal.equalSigns == 0.5)
        let diagonal = try #require(WeightAlignment(forward: [1, 0], feedback: [2, 2]))
        #expect((diagonal.angle - 45).magnitude < 1e-12 && diagonal.slope == 2)
        #expect(diagonal.equalSigns == 1, "a pair with a 0 does not count")
    }

    @Test("gives degenerate weights nil or numbers, never NaN")
    func degenerate() throws {
        #expect(WeightAlignment(forward: [], feedback: []) == nil)
        #expect(WeightAlignment(forward: [0, 0], feedback: [1, 2]) == nil)
        #expect(WeightAlignment(forward: [1, 2], feedback: [0, 0]) == nil)
        #expect(WeightAlignment(forward: [1, 2], feedback: [1]) == nil)
        for bad in [Double.nan, .infinity, -.infinity, 1e200] {
            #expect(WeightAlignment(forward: [1, bad], feedback: [1, 2]) == nil, "\(bad)")
            #expect(WeightAlignment(forward: [1, 2], feedback: [1, bad]) == nil, "\(bad)")
        }
        let small = try #require(
            WeightAlignment(forward: [1e-100, 0], feedback: [1e-100, 1e-100])
        )
        #expect((small.angle - 45).magnitude < 1e-12)
        let disjoint = try #require(WeightAlignment(forward: [1, 0], feedback: [0, 1]))
        #expect(disjoint.equalSigns == 0 && disjoint.angle == 90)
        // 0.1 is not exact, so that sums of squares leave a remainder.
        let constant = Array(repeating: 0.1, count: 10)
        let ramp = (0..<10).map { Double($0) }
        #expect(WeightAlignment(forward: constant, feedback: ramp)?.correlation == 0)
        #expect(WeightAlignment(forward: constant, feedback: constant)?.correlation == 0)
    }

    @Test("pairs W[j][i] with B[i][j]")
    func matrices() throws {
        // 2 upper (rows of W), 3 lower neurons.
        let w = [1.0, 2, 3, 4, 5, 6]
        let b = [1.0, 4, 2, 5, 3, 6]
        let copy = try #require(
            WeightAlignment(forward: w, feedback: b, lowerCount: 3, upperCount: 2)
        )
        #expect(copy.angle < 1e-6 && copy.slope == 1 && copy.count == 6)
        let planted = try #require(
            WeightAlignment(forward: w, feedback: w, lowerCount: 3, upperCount: 2)
        )
        #expect(planted.angle > 15)
        for (lower, upper) in [(2, 2), (0, 6), (6, 0), (-3, -2), (Int.max, 2), (2, Int.max)] {
            #expect(
                WeightAlignment(forward: w, feedback: b, lowerCount: lower, upperCount: upper)
                    == nil
            )
        }
        #expect(WeightAlignment(forward: w, feedback: [1], lowerCount: 3, upperCount: 2) == nil)
    }

    @Test("meets the gains of the device in the layout of each matrix")
    func effective() throws {
        let w = [1.0, 2, 3, 4, 5, 6]
        let gains = [1.0, 2, 4, 0.5, 1, 3]
        // Feedback that undoes the forward gains: bad as registers, exact as the neurons feel it.
        let b = [1.0, 2, 4, 5, 12, 18]
        let nominal = try #require(
            WeightAlignment(forward: w, feedback: b, lowerCount: 3, upperCount: 2)
        )
        let effective = try #require(
            WeightAlignment.effective(
                forward: w,
                feedback: b,
                forwardGains: gains,
                lowerCount: 3,
                upperCount: 2
            )
        )
        #expect(nominal.angle > 10 && effective.angle < 1e-6 && effective.slope == 1)
        let both = WeightAlignment.effective(
            forward: w,
            feedback: b,
            forwardGains: gains,
            feedbackGains: [1, 1, 1, 1, 1]
        )
        #expect(both == nil)
        #expect(WeightAlignment.effective(forward: w, feedback: b)?.count == 6)
    }

    @Test(
        "knows the angle of a register copy under independent gains",
        arguments: [0.05, 0.2, 0.4]
    )
    func copies(variation: Double) throws {
        let predicted = WeightAlignment.angleOfCopy(variation: variation)
        // Gains of mean 1, uniform: the law asks for mean and variation only.
        let half = variation * 3.0.squareRoot()
        var random = SplitMix64(seed: 11)
        let w = (0..<40_000).map { _ in random.double(-1...1) }
        let gains = w.map { _ in
            (random.double(1 - half...1 + half), random.double(1 - half...1 + half))
        }
        let measured = try #require(
            WeightAlignment.effective(
                forward: w,
                feedback: w,
                forwardGains: gains.map { $0.0 },
                feedbackGains: gains.map { $0.1 }
            )
        )
        #expect((measured.angle - predicted).magnitude < 0.2, "\(measured.angle) \(predicted)")
        #expect(WeightAlignment.angleOfCopy(variation: 0) == 0)
        #expect((WeightAlignment.angleOfCopy(variation: 0.2) - 15.94).magnitude < 0.01)
        #expect((WeightAlignment.angleOfCopy(variation: 0.4) - 30.45).magnitude < 0.01)
    }
}
