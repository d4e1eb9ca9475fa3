import RateNetworks
import Testing

@Suite("Rectifier network")
struct ReLUNetworkTests {
    private let data = LabelledData.yinYang(count: 21, seed: 1)

    private func norm(_ x: [Float]) -> Double {
        x.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }

    @Test("the gradient is the slope of the loss", arguments: [0, 0.4])
    func finiteDifferences(variation: Double) throws {
        let network = try ReLUNetwork(
            widths: [4, 7, 6, 3],
            path: .exact,
            mismatch: .drawn(variation: variation, deviceSeed: 2),
            seed: 4
        )
        let gradients = network.gradients(on: data, path: .exact)
        for layer in 0..<3 {
            let step: Float = 3e-4
            let gains = network.forward[layer].gains
            let slopes = gradients[layer].indices.map { index -> Float in
                let losses = [step, -step].map { change -> Double in
                    var moved = network
                    var weights = moved.forward[layer].weights
                    weights[index] += change / gains[index]
                    moved.forward[layer].setWeights(weights)
                    return moved.evaluated(on: data).loss
                }
                return Float((losses[0] - losses[1]) / Double(2 * step))
            }
            let error = norm(zip(slopes, gradients[layer]).map { $0 - $1 })
            #expect(error < 5e-3 * norm(slopes), "layer \(layer)")
            #expect(norm(slopes) > 0.01)
        }
    }

    @Test("feedback through B = Wᵀ is the gradient, bit for bit; through random B it is not")
    func feedbackThroughTranspose() throws {
        var network = try ReLUNetwork(widths: [4, 7, 6, 3], path: .layered, seed: 4)
        let exact = network.gradients(on: data, path: .exact)
        let random = network.gradients(on: data, path: .layered)
        #expect(random[2] == exact[2] && random[1] != exact[1] && random[0] != exact[0])
        for layer in 0..<2 {
            network.feedback[layer].copyTranspose(of: network.forward[layer + 1])
        }
        #expect(network.gradients(on: data, path: .layered) == exact)
        #expect(network.agreement.allSatisfy { $0.angle < 1e-5 && $0.slope == 1 })
    }

    @Test("loss and accuracy are means over samples, however many fit at once")
    func evaluation() throws {
        let network = try ReLUNetwork(widths: [4, 7, 6, 3], path: .exact, seed: 4)
        let many = LabelledData.yinYang(count: 205, seed: 1)
        let each = (0..<205).map { network.evaluated(on: many.selecting([$0])) }
        let all = network.evaluated(on: many)
        #expect((all.loss - each.map(\.loss).reduce(0, +) / 205).magnitude < 1e-9)
        #expect((all.accuracy - each.map(\.accuracy).reduce(0, +) / 205).magnitude < 1e-12)
        #expect(each.allSatisfy { [0, 1].contains($0.accuracy) })
    }

    @Test("direct feedback brings the error of the output to each layer")
    func direct() throws {
        var network = try ReLUNetwork(widths: [4, 7, 3], path: .direct, seed: 4)
        #expect(network.feedback.map(\.rows) == [7] && network.feedback[0].columns == 3)
        network.feedback[0].copyTranspose(of: network.forward[1])
        #expect(
            network.gradients(on: data, path: .direct) == network.gradients(on: data, path: .exact)
        )
        let deep = try ReLUNetwork(widths: [4, 7, 6, 3], path: .direct, seed: 4)
        #expect(deep.feedback.map(\.rows) == [7, 6] && deep.feedback.map(\.columns) == [3, 3])
        // The lower layer does not hear what B of the upper one is.
        var other = deep
        other.feedback[1].setWeights(deep.feedback[1].weights.map { -$0 })
        let (a, b) = (
            deep.gradients(on: data, path: .direct), other.gradients(on: data, path: .direct)
        )
        #expect(a[0] == b[0] && a[1] != b[1])
    }

    @Test("weights start uniform within ±√(4.5/fanIn), equal for all arms")
    func initialWeights() throws {
        let network = try ReLUNetwork(widths: [64, 50, 10], path: .layered, seed: 4)
        for (matrix, fanIn) in zip(network.forward + network.feedback, [64.0, 50, 10]) {
            let limit = Float((4.5 / fanIn).squareRoot())
            let largest = matrix.weights.map(\.magnitude).max() ?? 0
            #expect(largest <= limit && largest > 0.98 * limit)
            let square = matrix.weights.reduce(0) { $0 + $1 * $1 } / Float(matrix.weights.count)
            #expect((square / (limit * limit / 3) - 1).magnitude < 0.15)
        }
        let bp = try ReLUNetwork(widths: [64, 50, 10], path: .exact, seed: 4)
        #expect(bp.forward == network.forward && bp.feedback.isEmpty)
    }

    @Test("a device's gains have mean 1 and the variation asked for, forward and feedback apart")
    func gains() throws {
        let variation = 0.4
        var network = try ReLUNetwork(
            widths: [4, 100, 100, 3],
            path: .layered,
            mismatch: .drawn(variation: variation, deviceSeed: 2),
            seed: 4
        )
        let gains = network.forward[1].gains.map { Double($0) }
        let mean = gains.reduce(0, +) / 10_000
        let square = gains.reduce(0) { $0 + $1 * $1 } / 10_000
        #expect((mean - 1).magnitude < 0.016)
        #expect(((square - mean * mean).squareRoot() / variation - 1).magnitude < 0.06)
        #expect(network.feedback[0].gains[..<400] != network.forward[0].gains[...])
        // A copy of registers keeps the angle acos(1/(1 + c²)) = 30.45°.
        network.feedback[1].copyTranspose(of: network.forward[2])
        network.feedback[0].copyTranspose(of: network.forward[1])
        #expect((network.agreement[0].angle - 30.45).magnitude < 1.5)
        let given = SynapseMismatch.given(
            forward: [Array(repeating: 2, count: 8), Array(repeating: 3, count: 4)],
            feedback: [Array(repeating: 4, count: 4)]
        )
        let small = try ReLUNetwork(
            widths: [4, 2, 2],
            path: .layered,
            mismatch: given,
            seed: 4
        )
        #expect(small.forward[1].gains == [3, 3, 3, 3] && small.feedback[0].gains == [4, 4, 4, 4])
        #expect(throws: RateNetworkError.self) {
            try ReLUNetwork(widths: [4, 3, 2], path: .layered, mismatch: given, seed: 4)
        }
    }
}
