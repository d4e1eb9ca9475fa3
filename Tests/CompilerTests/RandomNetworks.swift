import NetworkIR
import TestSupport

/// Small random networks: several models, loops, skips, delays, biases; dense, sparse and one-to-one
/// projections.
enum RandomNetworks {
    enum Model: CaseIterable {
        case lif, integrateAndFire, cubaLIF, leakyIntegrator
    }

    static func network(
        _ random: inout SplitMix64,
        models: [Model],
        reset: ResetRule,
        sparse: Double = 0.4
    ) -> Network {
        var populations = [TestNetworks.input(8, "a"), TestNetworks.input(5, "b")]
        var projections: [Projection] = []
        for index in 0..<3 {
            let count = random.int(4...9)
            let path = "p\(index)"
            let bias =
                random.chance(0.5) ? TestNetworks.randomWeights(count, -0.1...0.2, &random) : []
            let isLast = index == 2
            var model = random.pick(models)
            if model == .leakyIntegrator, !isLast { model = .lif }
            let resetTo = random.pick([0, 0, -0.25, 0.125])
            switch model {
            case .lif:
                populations.append(
                    TestNetworks.lif(
                        path,
                        count,
                        tau: 8,
                        r: 6,
                        leak: random.pick([0, 0.3, -0.2]),
                        reset: resetTo,
                        bias: bias
                    )
                )
            case .integrateAndFire:
                populations.append(
                    TestNetworks.integrateAndFire(path, count, reset: resetTo, bias: bias)
                )
            case .cubaLIF:
                populations.append(
                    TestNetworks.cubaLIF(path, count, leak: 0.2, reset: resetTo, bias: bias)
                )
            case .leakyIntegrator:
                populations.append(TestNetworks.leakyIntegrator(path, count))
            }
            let target = populations.count - 1
            for source in 0..<target where source == target - 1 || random.chance(0.6) {
                let scale = random.pick([1.0, 1.0, 0.05, 4.0])
                let low = random.pick([-0.3, 0]) * scale
                let size = populations[source].count * count
                let weights = TestNetworks.randomWeights(size, low...scale * 0.6, &random)
                let delay = random.pick([0, 0, 1, 3])
                var projection = TestNetworks.dense(source, target, weights, delay: delay)
                // Draws of its own, so that the rest of the network does not depend on them.
                var fork = random
                if fork.chance(sparse) {
                    projection.connectivity = .sparse(
                        TestNetworks.sparse(weights, sources: populations[source].count) { _ in
                            fork.chance(0.7)
                        }
                    )
                }
                projections.append(projection)
            }
            guard model != .leakyIntegrator, random.chance(0.7) else { continue }
            let weights = TestNetworks.randomWeights(count, -0.4...0.4, &random)
            projections.append(
                Projection(
                    source: target,
                    target: target,
                    delay: random.int(1...3),
                    connectivity: .oneToOne(weights)
                )
            )
        }
        return TestNetworks.network(populations, projections, reset: reset)
    }
}
