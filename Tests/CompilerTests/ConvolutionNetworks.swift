import NetworkIR
import TestSupport

/// A convolution as a plain loop, of any number of filters, groups, strides, zeros around and dilation.
struct PlainConvolution {
    var filters: Int
    var kernel: [Int]
    var stride = [1, 1]
    var padding = [0, 0]
    var dilation = [1, 1]
    var groups = 1

    /// Shape of what comes out of a shape (channels, rows, columns).
    func output(of shape: [Int]) -> [Int] {
        [filters]
            + (0..<2).map {
                (shape[$0 + 1] + 2 * padding[$0] - dilation[$0] * (kernel[$0] - 1) - 1) / stride[$0]
                    + 1
            }
    }

    /// The projection, its weights drawn from multiples of 1/64, none of them 0.
    func projection(
        _ source: Int,
        _ target: Int,
        from shape: [Int],
        _ random: inout SplitMix64
    ) -> Projection {
        let perFilter = shape[0] / groups
        let weights = (0..<filters * perFilter * kernel[0] * kernel[1]).map { _ in
            Double(random.int(1...60) * (random.chance(0.4) ? -1 : 1)) / 64
        }
        let output = output(of: shape)
        var dense: [[Double?]] = []
        for filter in 0..<filters {
            for y in 0..<output[1] {
                for x in 0..<output[2] {
                    var row = [Double?](repeating: nil, count: shape.reduce(1, *))
                    for channel in 0..<perFilter {
                        let from = filter / (filters / groups) * perFilter + channel
                        for i in 0..<kernel[0] {
                            for j in 0..<kernel[1] {
                                let sy = y * stride[0] - padding[0] + i * dilation[0]
                                let sx = x * stride[1] - padding[1] + j * dilation[1]
                                guard (0..<shape[1]).contains(sy), (0..<shape[2]).contains(sx)
                                else { continue }
                                row[(from * shape[1] + sy) * shape[2] + sx] =
                                    weights[
                                        ((filter * perFilter + channel) * kernel[0] + i) * kernel[1]
                                            + j
                                    ]
                            }
                        }
                    }
                    dense.append(row)
                }
            }
        }
        var offsets = [0]
        var sources: [Int32] = []
        var values: [Double] = []
        for row in dense {
            for (k, weight) in row.enumerated() {
                guard let weight else { continue }
                sources.append(Int32(k))
                values.append(weight)
            }
            offsets.append(sources.count)
        }
        var projection = Projection(
            source: source,
            target: target,
            delay: 0,
            connectivity: .sparse(
                SparseWeights(offsets: offsets, sources: sources, weights: values)
            )
        )
        projection.windowStrides = stride
        return projection
    }
}

extension TestNetworks {
    /// An input and a chain of convolutions with integrate-and-fire neurons.
    static func convolutions(_ layers: [PlainConvolution], input: [Int], seed: UInt64) -> Network {
        var random = SplitMix64(seed: seed)
        var source = TestNetworks.input(input.reduce(1, *))
        source.shape = input
        var populations = [source]
        var projections: [Projection] = []
        for (index, layer) in layers.enumerated() {
            let shape = populations[index].shape
            projections.append(layer.projection(index, index + 1, from: shape, &random))
            let output = layer.output(of: shape)
            var next = integrateAndFire("layer \(index)", output.reduce(1, *))
            next.shape = output
            populations.append(next)
        }
        return network(populations, projections)
    }
}
