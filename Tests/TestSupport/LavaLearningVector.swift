package import ChipImage
package import ChipSpec
package import Foundation

/// Recorded steps of lava-nc's fixed-point learning connection, with the random draws it used.
///
/// Step t counts from 1: entry t − 1 of every list holds the spikes of step t and the registers at its
/// end. `output` of step t + 1 is what the spikes of step t deliver.
package struct LavaLearningVector: Decodable {
    package let pre: Int
    package let post: Int
    package let steps: Int
    package let parameters: Parameters
    package let random: Draws
    /// Sign mode of the weights.
    package let signMode: SignMode
    /// The author's weights, `[post][pre]`.
    package let weights: [[Int]]
    /// Initial tags and delays, the same for all synapses.
    package let initialTag: Int
    package let initialDelay: Int
    /// Spikes, 0 or 1, `[step][neuron]`.
    package let preSpikes: [[Int]]
    package let postSpikes: [[Int]]
    /// Summed output, `[step][post]`.
    package let output: [[Int64]]
    /// Registers of synapses at the end of each step, `[step][post][pre]`.
    package let synapses: [RuleTarget: [[[Int]]]]
    /// Learning traces at the end of each step, `[step][neuron]`.
    package let traces: [RuleVariable: [[Int]]]
    /// The rule.
    package let program: RuleProgram

    /// Parameters of the process.
    package struct Parameters: Decodable {
        package let weightExponent: Int
        package let weightBits: Int

        enum CodingKeys: String, CodingKey {
            case weightExponent = "weight_exp"
            case weightBits = "num_weight_bits"
        }
    }

    /// Draws: two a step for each side, one an epoch for weights, and one of each before all.
    package struct Draws: Decodable {
        package let xDecay: [Double]
        package let yDecay: [Double]
        package let xImpulse: [Int]
        package let yImpulse: [Int]
        package let weightRound: [Double]

        enum CodingKeys: String, CodingKey {
            case xDecay = "x_decay"
            case yDecay = "y_decay"
            case xImpulse = "x_impulse"
            case yImpulse = "y_impulse"
            case weightRound = "weight_round"
        }
    }

    enum CodingKeys: String, CodingKey {
        case pre, post, steps, random, rule, products, weights
        case x1, x2, y1, y2, y3
        case parameters = "params"
        case signMode = "sign_mode"
        case input = "weights_in"
        case initialTag = "tag_1_in"
        case initialDelay = "tag_2_in"
        case preSpikes = "pre_spikes"
        case postSpikes = "post_spikes"
        case output = "a_out"
        case tag = "tag_1"
        case delay = "tag_2"
    }

    /// Reads a file `stdp_*.json`.
    ///
    /// - Parameter file: The file.
    /// - Throws: What reading and decoding throw.
    package init(file: URL) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
    }

    package init(from decoder: any Decoder) throws {
        let all = try decoder.container(keyedBy: CodingKeys.self)
        pre = try all.decode(Int.self, forKey: .pre)
        post = try all.decode(Int.self, forKey: .post)
        steps = try all.decode(Int.self, forKey: .steps)
        random = try all.decode(Draws.self, forKey: .random)
        parameters = try all.decode(Parameters.self, forKey: .parameters)
        weights = try all.decode([[Int]].self, forKey: .input)
        initialTag = try all.decodeIfPresent(Int.self, forKey: .initialTag) ?? 0
        initialDelay = try all.decodeIfPresent(Int.self, forKey: .initialDelay) ?? 0
        preSpikes = try all.decode([[Int]].self, forKey: .preSpikes)
        postSpikes = try all.decode([[Int]].self, forKey: .postSpikes)
        output = try all.decode([[Int64]].self, forKey: .output)
        let mode = try all.decode(String.self, forKey: .signMode).lowercased()
        signMode =
            SignMode.allCases.first { mode.hasSuffix($0.rawValue) }
            ?? PlainArithmetic.signMode(of: weights.flatMap { $0 })
        var synapses: [RuleTarget: [[[Int]]]] = [:]
        let targets: [(CodingKeys, RuleTarget)] = [(.weights, .w), (.delay, .d), (.tag, .t)]
        for (key, register) in targets {
            synapses[register] = try all.decodeIfPresent([[[Int]]].self, forKey: key)
        }
        self.synapses = synapses
        var traces: [RuleVariable: [[Int]]] = [:]
        let names: [(CodingKeys, RuleVariable)] = [
            (.x1, .x1), (.x2, .x2), (.y1, .y1), (.y2, .y2), (.y3, .y3),
        ]
        for (key, register) in names {
            traces[register] = try all.decodeIfPresent([[Int]].self, forKey: key)
        }
        self.traces = traces
        let rule = try all.decode(LavaRule.self, forKey: .rule)
        let products = try all.decode([String: [LavaProduct]].self, forKey: .products)
        program = try rule.program(products)
    }

    /// The weights by our quantiser, `[post][pre]`.
    package var quantisedWeights: [[Int]] {
        weights.map { row in
            row.map {
                PlainArithmetic.loihiWeight($0, bits: parameters.weightBits, mode: signMode)
            }
        }
    }

    /// Neurons with a spike.
    ///
    /// - Parameter spikes: 0 or 1 of each.
    /// - Returns: Their indices.
    package static func indices(_ spikes: [Int]) -> [UInt32] {
        spikes.indices.filter { spikes[$0] != 0 }.map { UInt32($0) }
    }
}

/// A number or a piece of text.
private enum LavaValue: Decodable {
    case number(Double)
    case text(String)
    case other

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else {
            self = .other
        }
    }
}

/// Traces and epoch of lava-nc's rule.
private struct LavaRule: Decodable {
    let values: [String: LavaValue]

    init(from decoder: any Decoder) throws {
        values = try decoder.singleValueContainer().decode([String: LavaValue?].self)
            .compactMapValues { $0 }
    }

    private func number(_ key: String) -> Double? {
        if case .number(let value) = values[key] { return value }
        return nil
    }

    /// k of the trigger uk; lava-nc reads the first digit.
    private var decimation: Int? {
        for case .text(let text) in ["dw", "dd", "dt"].compactMap({ values[$0] }) {
            let characters = Array(text)
            for (index, character) in characters.enumerated().dropLast() where character == "u" {
                if let k = characters[index + 1].wholeNumberValue { return k }
            }
        }
        return nil
    }

    func program(_ products: [String: [LavaProduct]]) throws -> RuleProgram {
        let registers: [RuleVariable] = [.x1, .x2, .y1, .y2, .y3]
        let targets: [(String, RuleTarget)] = [("dw", .w), ("dd", .d), ("dt", .t)]
        return RuleProgram(
            name: "lava",
            source: [],
            traces: registers.map {
                TraceProgram(
                    register: $0,
                    impulse: number("\($0.rawValue)_impulse") ?? 0,
                    tau: number("\($0.rawValue)_tau") ?? 0
                )
            },
            products: try targets.flatMap { key, target in
                try (products[key] ?? []).map { try $0.product(target, decimation: decimation) }
            },
            windows: [],
            amplitudes: [],
            epoch: Int(number("t_epoch") ?? 1)
        )
    }
}

/// One product of lava-nc's rule.
private struct LavaProduct: Decodable {
    struct Factor: Decodable {
        let variable: String
        let constant: Int?
        let isSign: Bool?

        enum CodingKeys: String, CodingKey {
            case variable = "var"
            case constant = "const"
            case isSign = "sgn"
        }
    }

    let mantissa: Int
    /// The exponent + 7.
    let exponent: Int
    let dependency: String
    let factors: [Factor]

    enum CodingKeys: String, CodingKey {
        case mantissa = "s_mantissa"
        case exponent = "s_exp"
        case dependency, factors
    }

    func product(_ target: RuleTarget, decimation: Int?) throws -> RuleProduct {
        let trigger: RuleTrigger
        switch dependency {
        case "x0": trigger = .x0
        case "y0": trigger = .y0
        default: trigger = .every(epochs: 1 << (decimation ?? 0))
        }
        return RuleProduct(
            target: target,
            trigger: trigger,
            mantissa: mantissa,
            exponent: exponent - 7,
            factors: try factors.map { factor in
                // A plain constant is as wide as the reward register, which stays 0 here.
                let name = factor.variable == "C" ? "r" : factor.variable
                guard let variable = RuleVariable(rawValue: name) else {
                    throw CocoaError(.coderInvalidValue)
                }
                return RuleFactor(
                    variable,
                    constant: factor.constant ?? 0,
                    isSign: factor.isSign ?? false
                )
            }
        )
    }
}
