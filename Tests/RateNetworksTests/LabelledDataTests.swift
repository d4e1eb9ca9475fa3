import RateNetworks
import Testing

@Suite("Labelled data")
struct LabelledDataTests {
    @Test("yin-yang has equal classes, mirrored inputs and the published shapes, and comes again")
    func yinYang() {
        let data = LabelledData.yinYang(count: 600, seed: 5)
        #expect(data == LabelledData.yinYang(count: 600, seed: 5))
        #expect(data != LabelledData.yinYang(count: 600, seed: 6))
        #expect(data.featureCount == 4 && data.classCount == 3)
        for k in 0..<3 { #expect(data.labels.count { $0 == k } == 200) }
        var upperYin = 0
        for sample in 0..<data.count {
            let inputs = data.inputs[sample * 4..<sample * 4 + 4].map { Double($0) }
            let (x, y) = (inputs[0], inputs[1])
            #expect(
                (inputs[2] - (1 - x)).magnitude < 1e-6 && (inputs[3] - (1 - y)).magnitude < 1e-6
            )
            #expect((x - 0.5) * (x - 0.5) + (y - 0.5) * (y - 0.5) < 0.25 + 1e-6)
            let dots = [0.25, 0.75].map { (x - $0) * (x - $0) + (y - 0.5) * (y - 0.5) }
            #expect((data.labels[sample] == 2) == (min(dots[0], dots[1]) < 0.01), "\(x) \(y)")
            // The upper half is yin but for the half disc on the right, the lower yang but on the left.
            if data.labels[sample] < 2 {
                let isYin = y > 0.5 ? dots[1] > 0.0625 : dots[0] <= 0.0625
                #expect(isYin == (data.labels[sample] == 1), "\(x) \(y)")
                upperYin += isYin && y > 0.5 ? 1 : 0
            }
        }
        #expect(upperYin > 100)
    }

    @Test("temporal XOR compares the order of two pairs of traces")
    func temporalXOR() {
        let data = LabelledData.temporalXOR(count: 200, seed: 5)
        #expect(data == LabelledData.temporalXOR(count: 200, seed: 5))
        #expect(data.inputs.contains { $0 < 0.14 } && data.inputs.contains { $0 > 0.97 })
        for sample in 0..<data.count {
            let traces = Array(data.inputs[sample * 4..<sample * 4 + 4])
            // The later spike has the larger trace; within 1/e² and 1.
            #expect(traces.allSatisfy { (0.1353...1).contains($0) })
            let isOdd = (traces[0] < traces[1]) != (traces[2] < traces[3])
            #expect(data.labels[sample] == (isOdd ? 1 : 0) && data.labels[sample] == sample % 2)
        }
    }

    @Test("splits into parts that share no sample; the test part does not move with the others")
    func splits() throws {
        let count = 50
        let data = try LabelledData(
            inputs: (0..<count).map { Float($0) },
            labels: (0..<count).map { $0 % 2 },
            featureCount: 1,
            classCount: 2
        )
        let split = try data.split(validation: 10, test: 15, seed: 3)
        let parts = [split.training, split.validation, split.test]
        #expect(parts.map(\.count) == [25, 10, 15])
        #expect(parts.flatMap(\.inputs).sorted() == data.inputs)
        #expect(parts.allSatisfy { $0.labels == $0.inputs.map { Int($0) % 2 } })
        #expect(try data.split(validation: 0, test: 15, seed: 3).test == split.test)
        #expect(try data.split(validation: 10, test: 15, seed: 4).test != split.test)
        #expect(throws: RateNetworkError.self) { try data.split(validation: 25, test: 25, seed: 3) }
        #expect(throws: RateNetworkError.self) { try data.split(validation: -1, test: 5, seed: 3) }
    }

    @Test("refuses what does not fit, with the first offender and the count")
    func refusals() {
        #expect(throws: RateNetworkError.lengthMismatch(name: "inputs", count: 3, expected: 4)) {
            try LabelledData(inputs: [1, 2, 3], labels: [0, 1], featureCount: 2, classCount: 2)
        }
        #expect(
            throws: RateNetworkError.badLabel(sample: 1, value: 2, classCount: 2, offenders: 2)
        ) {
            try LabelledData(
                inputs: [1, 2, 3],
                labels: [0, 2, -1],
                featureCount: 1,
                classCount: 2
            )
        }
        #expect(throws: RateNetworkError.notFinite(sample: 1)) {
            try LabelledData(
                inputs: [1, 2, .nan, 4],
                labels: [0, 1],
                featureCount: 2,
                classCount: 2
            )
        }
        #expect(throws: RateNetworkError.self) {
            try LabelledData(inputs: [], labels: [], featureCount: 0, classCount: 2)
        }
    }
}
