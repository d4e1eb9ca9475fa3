import NetworkIR
import Testing

@Suite("Depths of populations")
struct DepthTests {
    /// A network of `count` populations with these projections (source, target, delay).
    static func network(_ count: Int, _ edges: [(Int, Int, Int)]) -> Network {
        Network(
            name: "test",
            timeStep: 1,
            populations: (0..<count).map {
                Population(path: "p\($0)", shape: [1], dynamics: $0 == 0 ? .input : .relay)
            },
            projections: edges.map {
                Projection(source: $0.0, target: $0.1, delay: $0.2, connectivity: .dense([1]))
            },
            outputs: []
        )
    }

    @Test("a population alone has depth 0")
    func alone() {
        #expect(Self.network(0, []).depths() == [])
        #expect(Self.network(1, []).depths() == [0])
    }

    @Test("each projection of a chain adds a step")
    func chain() {
        #expect(Self.network(4, [(0, 1, 0), (1, 2, 0), (2, 3, 0)]).depths() == [0, 1, 2, 3])
    }

    @Test("a chain whose projections are listed from its end has the same depths")
    func chainInAnyOrder() {
        #expect(Self.network(4, [(2, 3, 0), (1, 2, 0), (0, 1, 0)]).depths() == [0, 1, 2, 3])
    }

    @Test("a chain against the order of indices has depths too")
    func chainBackwards() {
        #expect(Self.network(4, [(0, 3, 0), (3, 2, 0), (2, 1, 0)]).depths() == [0, 3, 2, 1])
    }

    @Test("the longest way counts where a connection skips populations")
    func skip() {
        #expect(Self.network(3, [(0, 1, 0), (0, 2, 0), (1, 2, 0)]).depths() == [0, 1, 2])
    }

    @Test("a delay of the author's own is a step that the chip gets for nothing")
    func delays() {
        #expect(Self.network(2, [(0, 1, 1)]).depths() == [0, 0])
        #expect(Self.network(2, [(0, 1, 5)]).depths() == [0, 0])
        #expect(Self.network(3, [(0, 1, 0), (1, 2, 1)]).depths() == [0, 1, 1])
        #expect(Self.network(3, [(0, 1, 0), (1, 2, 3)]).depths() == [0, 1, 0])
    }

    @Test("a self-loop of delay 1 leaves a depth as it is")
    func selfLoop() {
        #expect(Self.network(2, [(0, 1, 0), (1, 1, 1)]).depths() == [0, 1])
    }

    @Test("two populations in a loop that has one step of delay for each projection share a depth")
    func loop() {
        #expect(Self.network(3, [(0, 1, 0), (1, 2, 1), (2, 1, 1)]).depths() == [0, 1, 1])
    }

    @Test("populations in a loop share a depth whatever its delays, unless one is 0")
    func loopWithLongDelays() {
        #expect(Self.network(3, [(0, 1, 0), (1, 2, 2), (2, 1, 2)]).depths() == [0, 1, 1])
        #expect(Self.network(3, [(0, 1, 0), (1, 2, 5), (2, 1, 1)]).depths() == [0, 1, 1])
        // Two loops behind each other, and what the second one feeds.
        #expect(
            Self.network(
                6,
                [(0, 1, 0), (1, 2, 3), (2, 1, 3), (2, 3, 0), (3, 4, 4), (4, 3, 1), (4, 5, 0)]
            ).depths() == [0, 1, 1, 2, 2, 3]
        )
        // A projection without delay keeps its step: no common depth is possible.
        #expect(Self.network(3, [(0, 1, 0), (1, 2, 0), (2, 1, 4)]).depths() == [0, 1, 2])
    }

    @Test("a loop of two projections needs two steps in all, wherever they are")
    func loopWithUnevenDelays() {
        #expect(Self.network(3, [(0, 1, 0), (1, 2, 0), (2, 1, 2)]).depths() == [0, 1, 2])
        #expect(Self.network(3, [(0, 1, 0), (1, 2, 0), (2, 1, 1)]).depths() == nil)
    }

    @Test("a loop without delay has no depths")
    func loopWithoutDelay() {
        #expect(Self.network(2, [(0, 1, 0), (1, 1, 0)]).depths() == nil)
        #expect(Self.network(3, [(0, 1, 0), (1, 2, 0), (2, 1, 0)]).depths() == nil)
    }

    private static func reachability(_ count: Int, _ edges: [(Int, Int, Int)]) -> [[Bool]] {
        var reaches = [[Bool]](repeating: [Bool](repeating: false, count: count), count: count)
        for edge in edges { reaches[edge.0][edge.1] = true }
        for middle in 0..<count {
            for from in 0..<count where reaches[from][middle] {
                for to in 0..<count where reaches[middle][to] { reaches[from][to] = true }
            }
        }
        return reaches
    }

    @Test("every projection of a random network takes at least one step, and no depth is too large")
    func randomNetworks() {
        var state: UInt64 = 1
        func draw(_ n: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % n
        }
        for _ in 0..<300 {
            let count = 2 + draw(7)
            let edges = (0..<draw(15)).map { _ -> (Int, Int, Int) in
                let source = draw(count)
                let target = draw(count)
                // Forwards any delay, backwards at least as many steps as populations.
                return (source, target, source < target ? draw(3) : count + draw(3))
            }
            guard let depths = Self.network(count, edges).depths() else {
                Issue.record("a network without a fast loop has depths")
                return
            }
            for (source, target, delay) in edges {
                #expect(delay + depths[target] - depths[source] >= 1)
            }
            // Smallest: each positive depth is held up by a projection that takes exactly one step, into
            // the population or into one that shares its loop.
            let reaches = Self.reachability(count, edges)
            for (population, depth) in depths.enumerated() where depth > 0 {
                let isHeld = edges.contains { source, target, delay in
                    let isLooped = reaches[target][population] && reaches[population][target]
                    let isOfGroup = target == population || (isLooped && depths[target] == depth)
                    return isOfGroup && delay + depth - depths[source] == 1
                }
                #expect(isHeld)
            }
            // In a loop without a delay of 0, all are equal.
            for one in 0..<count {
                let loop = (0..<count).filter { reaches[one][$0] && reaches[$0][one] }
                let isDelayed = edges.allSatisfy {
                    !loop.contains($0.0) || !loop.contains($0.1) || $0.2 > 0
                }
                if isDelayed { #expect(Set(loop.map { depths[$0] }).count <= 1) }
            }
        }
    }
}

@Suite("Networks")
struct NetworkTests {
    @Test("a population has as many neurons as its shape has elements")
    func count() {
        #expect(Population(path: "p", shape: [2, 3, 4], dynamics: .input).count == 24)
        #expect(Population(path: "p", shape: [], dynamics: .input).count == 1)
        #expect(Population(path: "p", shape: [3, 0], dynamics: .input).count == 0)
    }

    @Test("inputs and firing neurons spike, sums and leaky integrators do not")
    func spiking() {
        let firing = Firing(threshold: [1], reset: [0])
        let leak = LeakyIntegrator(tau: [1], r: [1], leak: [0])
        let dynamics: [(Dynamics, String, Bool)] = [
            (.input, "Input", true), (.relay, "Output", false),
            (.threshold([1]), "Threshold", true), (.integrator(r: [1]), "I", false),
            (.integrateAndFire(IntegrateAndFire(r: [1], firing: firing)), "IF", true),
            (.leakyIntegrateAndFire(leak, firing), "LIF", true),
            (.leakyIntegrator(leak), "LI", false),
            (
                .currentBased(SynapticFilter(tau: [1], inputGain: [1]), leak, firing), "CubaLIF",
                true
            ),
            (
                .currentBasedIntegrator(SynapticFilter(tau: [1], inputGain: [1]), leak), "CubaLI",
                false
            ),
        ]
        for (dynamics, name, isSpiking) in dynamics {
            #expect(dynamics.modelName == name)
            #expect(dynamics.isSpiking == isSpiking)
        }
    }
}
