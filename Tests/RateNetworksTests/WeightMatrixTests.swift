import FixedPoint
import RateNetworks
import Testing

@Suite("Weight matrix")
struct WeightMatrixTests {
    private let stream = RandomStream(seed: 9, purpose: .stochasticRounding)

    private func registers(_ values: [Int16], gains: [Float] = []) -> WeightMatrix {
        var matrix = WeightMatrix(
            weights: Array(repeating: 0, count: values.count),
            rows: 1,
            columns: values.count,
            precision: .registers(fullScale: 2),
            gains: gains
        )
        matrix.setRegisters(values)
        return matrix
    }

    @Test("shows the upper 8 bits, rounded and saturated, times the gain")
    func visible() {
        let values: [Int16] = [0, 127, 128, -128, -129, 32639, 32640, 32767, -32768]
        let seen: [Float] = [0, 0, 1, 0, -1, 127, 127, 127, -128]
        #expect(registers(values).effective == seen.map { $0 / 64 })
        let gains = values.indices.map { Float($0) / 4 }
        #expect(
            registers(values, gains: gains).effective == zip(seen, gains).map { $0 / 64 * $1 }
        )
        #expect(registers(values).weights == values.map { Float($0) / 16384 })
        #expect(registers(values).registers == values)
    }

    @Test("takes the nearest register for a weight")
    func quantises() {
        let lsb: Float = 2 / 32768
        let matrix = WeightMatrix(
            weights: [1.4 * lsb, 1.6 * lsb, -1.6 * lsb, 2, -3],
            rows: 5,
            columns: 1,
            precision: .registers(fullScale: 2)
        )
        #expect(matrix.registers == [1, 2, -2, 32767, -32768])
        let float = WeightMatrix(weights: [3], rows: 1, columns: 1, precision: .float)
        #expect(float.registers == nil && float.effective == [3])
    }

    @Test(
        "rounds updates without bias, to one of the two neighbours",
        arguments: [0.3, -0.3, 2.75]
    )
    func roundsFairly(step: Double) throws {
        let count = 4096
        var matrix = registers(Array(repeating: 100, count: count))
        let lsb: Float = 2 / 32768
        matrix.add(
            Array(repeating: Float(step) * lsb, count: count),
            stream: stream,
            update: 7
        )
        let changes = try #require(matrix.registers).map { Double($0) - 100 }
        #expect(changes.allSatisfy { ($0 - step).magnitude < 1 })
        let mean = changes.reduce(0, +) / Double(count)
        // Standard deviation of a draw at most 0.5; four standard errors.
        #expect((mean - step).magnitude < 4 * 0.5 / 64, "\(mean)")
        var again = registers(Array(repeating: 100, count: count))
        again.add(Array(repeating: Float(step) * lsb, count: count), stream: stream, update: 7)
        #expect(again == matrix)
        again.add(Array(repeating: 0, count: count), stream: stream, update: 8)
        #expect(again == matrix, "nothing is nothing")
    }

    @Test("saturates at both rails, also for updates beyond any register")
    func saturates() {
        var matrix = registers([32760, -32760, 0, 0, 5])
        let lsb: Float = 2 / 32768
        matrix.add([20 * lsb, -20 * lsb, 1e30, -.infinity, -5 * lsb], stream: stream, update: 0)
        #expect(matrix.registers == [32767, -32768, 32767, -32768, 0])
    }

    @Test("adds the updates of the partners and decays")
    func transposed() {
        for precision in [WeightPrecision.float, .registers(fullScale: 32768)] {
            let weights: [Float] = [1024, 2048, 512, 256, 128, 64]
            var matrix = WeightMatrix(weights: weights, rows: 2, columns: 3, precision: precision)
            // Of a 3 × 2 partner.
            matrix.add(
                [1, 2, 3, 4, 5, 6],
                transposed: true,
                shrink: 0.25,
                stream: stream,
                update: 0
            )
            #expect(matrix.weights == [769, 1539, 389, 194, 100, 54])
            var partner = WeightMatrix(
                weights: [Float](repeating: 0, count: 6),
                rows: 3,
                columns: 2,
                precision: precision
            )
            partner.copyTranspose(of: matrix)
            #expect(partner.weights == [769, 194, 1539, 100, 389, 54])
        }
    }

    @Test("copies signs and keeps magnitudes")
    func signs() {
        for precision in [WeightPrecision.float, .registers(fullScale: 32768)] {
            let forward = WeightMatrix(
                weights: [-1, 2, 0, -4],
                rows: 4,
                columns: 1,
                precision: precision
            )
            var matrix = WeightMatrix(
                weights: [10, 20, -30, -40],
                rows: 1,
                columns: 4,
                precision: precision
            )
            matrix.copySigns(of: forward)
            #expect(matrix.weights == [-10, 20, 30, -40])
        }
    }

    @Test("knows angle and slope of partners, as felt")
    func agreement() {
        func agreement(_ w: [Float], _ b: [Float], gains: [Float] = []) -> WeightAgreement {
            WeightAgreement(
                forward: WeightMatrix(
                    weights: w,
                    rows: 1,
                    columns: w.count,
                    precision: .float,
                    gains: gains
                ),
                feedback: WeightMatrix(weights: b, rows: b.count, columns: 1, precision: .float)
            )
        }
        let diagonal = agreement([1, 0], [2, 2])
        #expect((diagonal.angle - 45).magnitude < 1e-10 && diagonal.slope == 2)
        #expect(
            (agreement([1, 0], [Float(3).squareRoot(), 1]).angle - 30).magnitude < 1e-5
        )
        #expect((agreement([1, 1], [1, -1]).angle - 90).magnitude < 1e-10)
        #expect(agreement([1, 2], [-1, -2]).angle == 180)
        #expect(agreement([1, 2], [1, 2]) == WeightAgreement(angle: 0, slope: 1))
        #expect(
            agreement([2, 1], [1, 2], gains: [0.5, 2]) == WeightAgreement(angle: 0, slope: 1)
        )
        #expect(agreement([1, 2], [0, 0]).angle.isNaN && agreement([0, 0], [1, 2]).angle.isNaN)
        #expect(agreement([1, 2], [.nan, 0]).angle.isNaN)
    }
}
