import FixedPoint

extension LabelledData {
    /// The yin-yang task: whether a point is in the yin, in the yang or in one of the dots.
    ///
    /// Points are uniform in each class; inputs x, y, 1 − x, 1 − y in 0...1, classes 0 yang, 1 yin, 2 dots,
    /// radii 0.5 and 0.1. Kriener, Göltz, Petrovici, arXiv:2102.08211, and its code
    /// (`YinYangDataset.which_class`); departs from it in that class k % 3 belongs to sample k, where
    /// the code draws the class, so that classes are equally frequent.
    ///
    /// - Parameters:
    ///   - count: Number of samples.
    ///   - seed: Purpose `stimulus`.
    /// - Returns: 4 inputs, 3 classes.
    public static func yinYang(count: Int, seed: UInt64) -> LabelledData {
        let stream = RandomStream(seed: seed, purpose: .stimulus)
            .named(RandomStream.id(of: "RateNetworks.yinYang"))
        var inputs: [Float] = []
        inputs.reserveCapacity(count * 4)
        for sample in 0..<count {
            var attempt: UInt32 = 0
            while true {
                let words = stream.words(UInt32(sample), attempt, 0)
                let x = (Double(words.0) + 0.5) * 0x1p-32
                let y = (Double(words.1) + 0.5) * 0x1p-32
                if yinYangClass(x, y) == sample % 3 {
                    inputs += [Float(x), Float(y), Float(1 - x), Float(1 - y)]
                    break
                }
                attempt += 1
            }
        }
        return LabelledData(
            checkedInputs: inputs,
            labels: (0..<count).map { $0 % 3 },
            featureCount: 4,
            classCount: 3
        )
    }

    /// Class of a point of the unit square; nil outside the circle.
    static func yinYangClass(_ x: Double, _ y: Double) -> Int? {
        func distance(_ centre: Double) -> Double {
            ((x - centre) * (x - centre) + (y - 0.5) * (y - 0.5)).squareRoot()
        }
        let (big, small) = (0.5, 0.1)
        guard distance(big) <= big else { return nil }
        let right = distance(1.5 * big)
        let left = distance(0.5 * big)
        if right < small || left < small { return 2 }
        return left <= 0.5 * big || (y > big && right > 0.5 * big) ? 1 : 0
    }
}
