import ChipImage
import ChipSpec
import Compiler
import Description
import NetworkIR

/// The network of a sampling experiment on a chip.
struct SamplingNetwork {
    /// The image.
    let image: ChipImage
    /// Weight of a hidden lowest bit, log-odds.
    let registerUnit: Double
    /// The projections that hold each synapse, by post · n + pre; −1 on the diagonal.
    let projectionOfPair: [Int]

    /// Weight of the lowest visible bit: the registers then end at −2 and 2.
    private static let visibleUnit = 1.0 / 64

    /// Compiles the network.
    ///
    /// - Parameters:
    ///   - n: Number of neurons, fully connected.
    ///   - refractorySteps: τ_ref, and length of the rectangular potential.
    ///   - isSplit: Whether each synapse is a projection of its own, so that its rule has amplitudes of
    ///     its own.
    ///   - rule: `Examples/rules/wake-sleep.yaml`.
    ///   - chip: An engine of the kind `pilot`, weights of 8 + 8 bits.
    /// - Throws: `RuleError`, `CompilerError`.
    init(
        neuronCount n: Int,
        refractorySteps: Int,
        isSplit: Bool,
        rule: LearningRule,
        chip: ChipSpec
    ) throws {
        let psp = PostsynapticPotential.rectangular(steps: refractorySteps)
        let population = Population(
            path: "neurons",
            shape: [n],
            dynamics: .sampling(SamplingNeuron(refractorySteps: refractorySteps, psp: psp)),
            bias: [Double](repeating: 0, count: n)
        )
        func projection(_ name: String, _ present: [Bool]) -> Projection {
            var projection = Projection(
                source: 0,
                target: 0,
                delay: 1,
                connectivity: .dense([Double](repeating: 0, count: n * n))
            )
            projection.name = name
            projection.plasticity = Plasticity(
                rule: 0,
                fullScale: Self.visibleUnit * Double(1 << (chip.synapse.weightBits - 1) - 1),
                isPresent: present
            )
            return projection
        }
        let pairs = (0..<n * n).filter { $0 / n != $0 % n }
        var network = Network(
            name: "sampling",
            timeStep: 1,
            populations: [population],
            projections: isSplit
                ? pairs.map { pair in
                    projection("\(pair % n)>\(pair / n)", (0..<n * n).map { $0 == pair })
                }
                : [projection("all", (0..<n * n).map { $0 / n != $0 % n })],
            outputs: [NetworkOutput(name: "neurons", population: 0, shape: [n])]
        )
        network.rules = [rule]
        let program = try RuleCompiler.program(for: rule, on: chip)
        image = try Compiler.compile(network, for: chip, rules: [program]).image
        var places = [Int](repeating: -1, count: n * n)
        for pair in pairs {
            let name = isSplit ? "\(pair % n)>\(pair / n)" : "all"
            places[pair] = image.network.projections.firstIndex { $0.name == name } ?? -1
        }
        projectionOfPair = places
        let scale = image.network.projections[0].weightScale
        registerUnit = scale / Double(1 << chip.synapse.hiddenWeightBits)
    }
}
