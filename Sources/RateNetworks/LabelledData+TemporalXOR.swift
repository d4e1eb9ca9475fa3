import FixedPoint

extension LabelledData {
    /// The temporal XOR task: (A before B) xor (C before D).
    ///
    /// Each of four channels spikes once, at a time t uniform in 0...1; the input is the channel's leaky
    /// trace at the end, exp(−(1 − t)/τ), in exp(−1/τ)...1. Class 1 if exactly one of the two pairs comes
    /// in the order named; class k % 2 belongs to sample k. The facts of this project name the task
    /// and the code; τ is ours.
    ///
    /// - Parameters:
    ///   - count: Number of samples.
    ///   - timeConstant: τ of the trace, in units of the sample's length; above 0.
    ///   - seed: Purpose `stimulus`.
    /// - Returns: 4 inputs, 2 classes.
    public static func temporalXOR(
        count: Int,
        timeConstant: Double = 0.5,
        seed: UInt64
    ) -> LabelledData {
        precondition(timeConstant > 0, "a trace that never decays does not tell the time")
        let stream = RandomStream(seed: seed, purpose: .stimulus)
            .named(RandomStream.id(of: "RateNetworks.temporalXOR"))
        var inputs: [Float] = []
        inputs.reserveCapacity(count * 4)
        for sample in 0..<count {
            var attempt: UInt32 = 0
            while true {
                let (a, b, c, d) = stream.words(UInt32(sample), attempt, 0)
                if a != b, c != d, ((a < b) != (c < d) ? 1 : 0) == sample % 2 {
                    inputs += [a, b, c, d].map {
                        let time = (Double($0) + 0.5) * 0x1p-32
                        return Float(PortableMath.exp((time - 1) / timeConstant))
                    }
                    break
                }
                attempt += 1
            }
        }
        return LabelledData(
            checkedInputs: inputs,
            labels: (0..<count).map { $0 % 2 },
            featureCount: 4,
            classCount: 2
        )
    }
}
