/// Exponential, logarithm and normal quantile that give the same bits on every CPU.
///
/// They use only IEEE 754 operations that are exactly rounded (+ − × ÷ √), never a fused
/// multiply-add and never the C library, whose last bit differs between machines.
public enum PortableMath {
    private static let ln2High = 6.931_471_803_691_238_164_9e-01
    private static let ln2Low = 1.908_214_929_270_587_700_02e-10

    /// eˣ, within 2 units in the last place.
    ///
    /// - Parameter x: Any finite number.
    /// - Returns: 0 below −745, +∞ above 709.78.
    public static func exp(_ x: Double) -> Double {
        guard x > -745.2 else { return 0 }
        guard x < 709.79 else { return .infinity }
        let k = (x * 1.442_695_040_888_963_4).rounded()
        let r = (x - k * ln2High) - k * ln2Low
        // Taylor series on |r| <= ln2 / 2: the term r^14/14! is below 2^-55.
        var sum = 1.0
        var n = 14.0
        while n >= 1 {
            sum = 1 + r * sum / n
            n -= 1
        }
        // In two factors, so that subnormal results are reached without overflow on the way.
        let half = Int(k) / 2
        return sum * Double(sign: .plus, exponent: half, significand: 1)
            * Double(sign: .plus, exponent: Int(k) - half, significand: 1)
    }

    /// Natural logarithm, within 2 units in the last place.
    ///
    /// - Parameter x: A positive finite number.
    /// - Returns: −∞ for 0, NaN below.
    public static func log(_ x: Double) -> Double {
        guard x > 0 else { return x == 0 ? -.infinity : .nan }
        guard x.isFinite else { return x }
        var exponent = Double(x.exponent)
        var mantissa = x.significand
        if mantissa > 1.414_213_562_373_095_1 {
            mantissa /= 2
            exponent += 1
        }
        // log m = 2 atanh s with s = (m - 1)/(m + 1), |s| <= 0.1716, so s^24/25 is below 2^-63.
        // Its first term 2 s = f - s f has a rounded quotient in it, so it is written as the exact
        // f minus what is small beside it (as in fdlibm's e_log.c).
        let f = mantissa - 1
        let s = f / (2 + f)
        let square = s * s
        var sum = 0.0
        var n = 23.0
        while n >= 3 {
            sum = (sum + 1 / n) * square
            n -= 2
        }
        let halfSquare = 0.5 * f * f
        let correction = halfSquare - (s * (halfSquare + 2 * sum) + exponent * ln2Low)
        return exponent * ln2High - (correction - f)
    }

    /// The number below which a standard normal variable lies with probability p.
    ///
    /// Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37 (1988); relative error 1e-16.
    ///
    /// - Parameter p: A probability in the open interval (0, 1).
    /// - Returns: The quantile; ∓∞ at 0 and 1.
    public static func normalQuantile(_ p: Double) -> Double {
        guard p > 0 else { return -.infinity }
        guard p < 1 else { return .infinity }
        let q = p - 0.5
        if q.magnitude <= 0.425 {
            let r = 0.180625 - q * q
            return q * ratio(r, central.numerator, central.denominator)
        }
        let tail = (-log(q < 0 ? p : 1 - p)).squareRoot()
        let z =
            tail <= 5
            ? ratio(tail - 1.6, middle.numerator, middle.denominator)
            : ratio(tail - 5, far.numerator, far.denominator)
        return q < 0 ? -z : z
    }

    private typealias Coefficients = (numerator: [Double], denominator: [Double])

    private static func ratio(_ r: Double, _ numerator: [Double], _ denominator: [Double]) -> Double
    {
        var top = 0.0
        var bottom = 0.0
        for coefficient in numerator.reversed() { top = top * r + coefficient }
        for coefficient in denominator.reversed() { bottom = bottom * r + coefficient }
        return top / bottom
    }

    private static let central: Coefficients = (
        [
            3.387_132_872_796_366_608_0e0, 1.331_416_678_917_843_774_5e2,
            1.971_590_950_306_551_442_7e3, 1.373_169_376_550_946_112_5e4,
            4.592_195_393_154_987_145_7e4, 6.726_577_092_700_870_085_3e4,
            3.343_057_558_358_812_810_5e4, 2.509_080_928_730_122_672_7e3,
        ],
        [
            1, 4.231_333_070_160_091_125_2e1, 6.871_870_074_920_579_082_0e2,
            5.394_196_021_424_751_107_7e3, 2.121_379_430_158_659_586_7e4,
            3.930_789_580_009_271_061_0e4, 2.872_908_573_572_194_267_4e4,
            5.226_495_278_852_854_561_0e3,
        ]
    )
    private static let middle: Coefficients = (
        [
            1.423_437_110_749_683_577_34e0, 4.630_337_846_156_545_295_90e0,
            5.769_497_221_460_691_405_50e0, 3.647_848_324_763_204_605_04e0,
            1.270_458_252_452_368_382_58e0, 2.417_807_251_774_506_117_70e-1,
            2.272_384_498_926_918_458_33e-2, 7.745_450_142_783_414_076_40e-4,
        ],
        [
            1, 2.053_191_626_637_758_821_87e0, 1.676_384_830_183_803_849_40e0,
            6.897_673_349_851_000_045_50e-1, 1.481_039_764_274_800_745_90e-1,
            1.519_866_656_361_645_719_66e-2, 5.475_938_084_995_344_946_00e-4,
            1.050_750_071_644_416_843_24e-9,
        ]
    )
    private static let far: Coefficients = (
        [
            6.657_904_643_501_103_777_20e0, 5.463_784_911_164_114_369_90e0,
            1.784_826_539_917_291_335_80e0, 2.965_605_718_285_048_912_30e-1,
            2.653_218_952_657_612_309_30e-2, 1.242_660_947_388_078_438_60e-3,
            2.711_555_568_743_487_578_15e-5, 2.010_334_399_292_288_132_65e-7,
        ],
        [
            1, 5.998_322_065_558_879_376_90e-1, 1.369_298_809_227_358_053_10e-1,
            1.487_536_129_085_061_485_25e-2, 7.868_691_311_456_132_591_00e-4,
            1.846_318_317_510_054_681_80e-5, 1.421_511_758_316_445_888_70e-7,
            2.044_263_103_389_939_785_64e-15,
        ]
    )
}
