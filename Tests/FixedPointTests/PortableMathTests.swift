import FixedPoint
import Foundation
import Testing

@Suite("Portable mathematics")
struct PortableMathTests {
    /// Distance from the C library, which is within 1 unit of the truth, in units in the last place.
    static func ulps(_ value: Double, _ reference: Double) -> Double {
        (value - reference).magnitude / reference.ulp
    }

    // The stated 2 units, and 1 for the C library.
    static let bound = 3.0

    @Test("the exponential is within its stated error on dense grids")
    func exponential() {
        var worst = 0.0
        for k in -74_000...70_970 {
            let x = Double(k) / 100 + 0.0013
            worst = max(worst, Self.ulps(PortableMath.exp(x), exp(x)))
        }
        for k in -20_000...20_000 {
            let x = Double(k) / 20_000
            worst = max(worst, Self.ulps(PortableMath.exp(x), exp(x)))
        }
        #expect(worst <= Self.bound)
    }

    @Test("the exponential ends where Double ends")
    func exponentialEnds() {
        #expect(PortableMath.exp(0) == 1)
        #expect(PortableMath.exp(709.78) < .infinity)
        #expect(PortableMath.exp(709.79) == .infinity)
        #expect(PortableMath.exp(.greatestFiniteMagnitude) == .infinity)
        #expect(PortableMath.exp(-745) == .leastNonzeroMagnitude)
        #expect(PortableMath.exp(-746) == 0)
        #expect(PortableMath.exp(-.greatestFiniteMagnitude) == 0)
    }

    @Test("the logarithm is within its stated error on dense grids")
    func logarithm() {
        var worst = 0.0
        for k in 1...200_000 {
            let x = Double(k) / 50_000
            worst = max(worst, Self.ulps(PortableMath.log(x), log(x)))
        }
        for exponent in -1070...1023 {
            let x = Double(sign: .plus, exponent: exponent, significand: 1.2345)
            worst = max(worst, Self.ulps(PortableMath.log(x), log(x)))
        }
        for k in -1000...1000 where k != 0 {
            let x = 1 + Double(k) * 0x1p-50
            worst = max(worst, Self.ulps(PortableMath.log(x), log(x)))
        }
        #expect(worst <= Self.bound)
    }

    @Test("the logarithm ends where its domain ends")
    func logarithmEnds() {
        #expect(PortableMath.log(1) == 0)
        #expect(PortableMath.log(0) == -.infinity)
        #expect(PortableMath.log(-1).isNaN)
        #expect(PortableMath.log(.infinity) == .infinity)
    }

    @Test("the normal quantile inverts the normal distribution function")
    func quantile() {
        var probabilities = (1..<4000).map { Double($0) / 4000 }
        probabilities += (1..<500).map { Double(sign: .plus, exponent: -$0, significand: 1.1) }
        for p in probabilities {
            let z = PortableMath.normalQuantile(p)
            let back = 0.5 * erfc(-z / 2.0.squareRoot())
            // A relative error e of z changes p by a factor of about 1 + z² e; e is a few units.
            #expect((back - p).magnitude <= p * (1 + z * z) * 1e-15, "p = \(p)")
        }
        #expect(PortableMath.normalQuantile(0.5) == 0)
        #expect(PortableMath.normalQuantile(0) == -.infinity)
        #expect(PortableMath.normalQuantile(1) == .infinity)
    }

    @Test("the normal quantile is odd and rises")
    func quantileShape() {
        var last = -Double.infinity
        for k in 1..<4096 {
            let p = Double(k) / 4096
            let z = PortableMath.normalQuantile(p)
            #expect(z > last)
            #expect(z == -PortableMath.normalQuantile(1 - p))
            last = z
        }
    }

    /// Checked to 50 digits when written: exp and log within 1 unit, the quantile within 2.
    @Test("results have the same bits on every machine")
    func bitPatterns() {
        let exponentials: [(Double, UInt64)] = [
            (-745.0, 0x0000_0000_0000_0001),
            (-700.5, 0x00C4_FF47_5C68_CA02),
            (-20.25, 0x3E1B_93DE_1E27_CA3B),
            (-1.0, 0x3FD7_8B56_362C_EF38),
            (-0.125, 0x3FEC_3D6A_24ED_8222),
            (1e-09, 0x3FF0_0000_0044_B830),
            (0.3, 0x3FF5_9905_8C8C_1A96),
            (1.0, 0x4005_BF0A_8B14_576A),
            (2.5, 0x4028_5D6F_D931_E0BB),
            (10.0, 0x40D5_829D_CF95_0560),
            (100.1, 0x48F5_508D_07DF_81BB),
            (709.5, 0x7FE8_1E9B_4B52_D0C9),
        ]
        for (x, bits) in exponentials { #expect(PortableMath.exp(x).bitPattern == bits, "\(x)") }
        let logarithms: [(Double, UInt64)] = [
            (.leastNonzeroMagnitude, 0xC087_4385_446D_71C3),
            (1e-300, 0xC085_9634_47F8_7FB5),
            (1e-05, 0xC027_069E_2AA2_AA5B),
            (0.1, 0xC002_6BB1_BBB5_5515),
            (0.7, 0xBFD6_D3C3_24E1_3F50),
            (0.999999, 0xBEB0_C6F8_2D74_D230),
            (1.0000001, 0x3E7A_D7F2_847B_6492),
            (1.4142135623730951, 0x3FD6_2E42_FEFA_39F0),
            (2.0, 0x3FE6_2E42_FEFA_39EF),
            (10.0, 0x4002_6BB1_BBB5_5516),
            (12345.678, 0x4022_D795_5979_1E31),
            (1.7e+308, 0x4086_2DD0_8FDC_6F88),
        ]
        for (x, bits) in logarithms { #expect(PortableMath.log(x).bitPattern == bits, "\(x)") }
        let quantiles: [(Double, UInt64)] = [
            (1e-300, 0xC042_8607_4064_C26E),
            (1e-20, 0xC022_8651_70B4_3A4B),
            (1e-09, 0xC017_FDC1_1F44_B5A7),
            (0.001, 0xC008_B8CB_B720_4470),
            (0.02, 0xC000_6E13_E8AA_DFDB),
            (0.075, 0xBFF7_0852_26D3_E523),
            (0.3, 0xBFE0_C7E3_9582_C5FA),
            (0.5, 0x0000_0000_0000_0000),
            (0.55, 0x3FC0_15AB_C78E_92D3),
            (0.9, 0x3FF4_813C_36E2_6D33),
            (0.975, 0x3FFF_5C03_31EE_FF82),
            (0.9999999, 0x4014_CC1F_26B3_355A),
        ]
        for (p, bits) in quantiles {
            #expect(PortableMath.normalQuantile(p).bitPattern == bits, "\(p)")
        }
    }
}
