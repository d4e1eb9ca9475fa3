package import ChipImage
package import ChipSpec
package import Events
import FixedPoint
package import Foundation

/// One number for all neurons, or one for each.
package struct PerNeuron: Decodable {
    private let values: [Int]

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let one = try? container.decode(Int.self) {
            values = [one]
        } else {
            values = try container.decode([Int].self)
        }
    }

    /// The value of a neuron.
    ///
    /// - Parameter neuron: Its index.
    package subscript(neuron: Int) -> Int { values.count == 1 ? values[0] : values[neuron] }
}

/// Recorded steps of lava-nc's fixed-point LIF process, and the image that repeats them.
///
/// Vector step k is machine step k + 1: the input spikes that make a_in of step k have to be sent a
/// step earlier. The population has depth 1, so it sleeps in machine step 0.
package struct LavaNeuronVector: Decodable {
    /// Parameters of the process.
    package struct Parameters: Decodable {
        package let du: PerNeuron
        package let dv: PerNeuron
        package let biasMantissa: PerNeuron
        package let biasExponent: PerNeuron
        package let thresholdMantissa: PerNeuron

        enum CodingKeys: String, CodingKey {
            case du, dv
            case biasMantissa = "bias_mant"
            case biasExponent = "bias_exp"
            case thresholdMantissa = "vth"
        }
    }

    package let neurons: Int
    package let steps: Int
    package let parameters: Parameters
    /// Summed input, `[step][neuron]`.
    package let input: [[Int]]
    /// Register u after each step, `[step][neuron]`.
    package let u: [[Int64]]
    /// Register v after each step, `[step][neuron]`.
    package let v: [[Int64]]
    /// Spikes, 0 or 1, `[step][neuron]`.
    package let spikes: [[Int]]

    enum CodingKeys: String, CodingKey {
        case neurons, steps, u, v
        case parameters = "params"
        case input = "a_in"
        case spikes = "s_out"
    }

    /// Reads a file `lif_*.json`.
    ///
    /// - Parameter file: The file.
    /// - Throws: What reading and decoding throw.
    package init(file: URL) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
    }

    /// Bits of the largest input; each has an input channel of its own.
    private var bits: Int {
        let largest = input.joined().map(\.magnitude).max() ?? 0
        return max(1, UInt.bitWidth - largest.leadingZeroBitCount)
    }

    /// An image whose only population is the process.
    ///
    /// Channel `(neuron * 2 + sign) * bits + bit` adds ±2^bit to the input of a neuron, by rows of
    /// weight 1...128 and exponent 0...7; bits above 14 take several rows.
    package var image: ChipImage {
        var tables = NeuronTables()
        for n in 0..<neurons {
            tables.indexInPopulation.append(UInt32(n))
            tables.threshold.append(Int32(parameters.thresholdMantissa[n] << 6))
            tables.membraneDecay.append(UInt16(parameters.dv[n]))
            tables.currentDecay.append(UInt16(parameters.du[n]))
            let exponent = parameters.biasExponent[n]
            let mantissa = parameters.biasMantissa[n]
            tables.membraneBias.append(
                Int32(exponent >= 0 ? mantissa << exponent : mantissa >> -exponent)
            )
            tables.currentBias.append(0)
            tables.resetPotential.append(0)
            tables.initialPotential.append(0)
        }
        let bits = bits
        var synapses = SynapseTables()
        for n in 0..<neurons {
            for sign in [1, -1] {
                for bit in 0..<bits {
                    let exponent = min(max(bit - 7, 0), 7)
                    let weight = 1 << min(bit, 7)
                    for _ in 0..<(1 << max(bit - 14, 0)) {
                        synapses.addRow(exponent: exponent, [(target: n, weight: sign * weight)])
                    }
                    synapses.endAxon()
                }
            }
        }
        return loihiImage(
            chip: RandomChip.loihiLike(exponentShift: .perSynapse),
            tables,
            synapses,
            compartmentExponent: 0,
            depth: 1,
            inputShape: [neurons, 2, bits]
        )
    }

    /// Input spikes of each machine step, one step more than the vector has.
    package var inputSpikes: [[NeuronAddress]] {
        let bits = bits
        var result: [[NeuronAddress]] = []
        for sums in input {
            var spikes: [NeuronAddress] = []
            for (neuron, sum) in sums.enumerated() {
                let first = (neuron * 2 + (sum < 0 ? 1 : 0)) * bits
                for bit in 0..<bits where sum.magnitude >> bit & 1 == 1 {
                    spikes.append(inputAddress(first + bit))
                }
            }
            result.append(spikes)
        }
        return result + [[]]
    }
}

/// Recorded steps of lava-nc's fixed-point Dense process, and the image that repeats them.
///
/// Vector step k is machine step k: a spike of step k is summed in step k + 1 in both. The sum S is
/// read from the current of a `cubaLIF` neuron with du = 4095, which holds `S << 6` and no past.
package struct LavaDenseVector: Decodable {
    /// Parameters of the process.
    package struct Parameters: Decodable {
        package let weightExponent: Int
        package let weightBits: Int
        package let signMode: String

        enum CodingKeys: String, CodingKey {
            case weightExponent = "weight_exp"
            case weightBits = "num_weight_bits"
            case signMode = "sign_mode"
        }
    }

    package let pre: Int
    package let post: Int
    package let steps: Int
    package let parameters: Parameters
    /// The author's weights, `[post][pre]`.
    package let weights: [[Int]]
    /// What lava made of them, `[post][pre]`.
    package let effectiveWeights: [[Int]]
    /// Input, `[step][pre]`.
    package let input: [[Int]]
    /// Summed output, `[step][post]`.
    package let output: [[Int64]]

    enum CodingKeys: String, CodingKey {
        case pre, post, steps
        case parameters = "params"
        case weights = "weights_in"
        case effectiveWeights = "weights_effective"
        case input = "s_in"
        case output = "a_out"
    }

    /// Reads a file `dense_*.json`.
    ///
    /// - Parameter file: The file.
    /// - Throws: What reading and decoding throw.
    package init(file: URL) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
    }

    /// Whether all inputs are spikes; graded ones are not supported.
    package var isBinary: Bool { input.joined().allSatisfy { $0 == 0 || $0 == 1 } }

    /// Sign mode of the matrix; `auto` is decided by the weights.
    package var signMode: SignMode {
        SignMode.allCases.first { parameters.signMode.lowercased().hasSuffix($0.rawValue) }
            ?? PlainArithmetic.signMode(of: weights.flatMap { $0 })
    }

    /// The weights by our quantiser, `[post][pre]`.
    package var quantisedWeights: [[Int]] {
        weights.map { row in
            row.map {
                PlainArithmetic.loihiWeight($0, bits: parameters.weightBits, mode: signMode)
            }
        }
    }

    /// What u of the reading neurons has to be after each step, `[step][post]`.
    package var u: [[Int64]] {
        output.map { sums in
            sums.map { PlainArithmetic.fit($0 * 64, -(1 << 23) + 1, 1 << 23, .wrap) }
        }
    }

    /// An image with one axon for each presynaptic channel and one reading neuron for each sum.
    package var image: ChipImage {
        var tables = NeuronTables()
        for n in 0..<post {
            tables.indexInPopulation.append(UInt32(n))
            tables.threshold.append(131_071 << 6)
            tables.membraneDecay.append(4095)
            tables.currentDecay.append(4095)
            tables.membraneBias.append(0)
            tables.currentBias.append(0)
            tables.resetPotential.append(0)
            tables.initialPotential.append(0)
        }
        let quantised = quantisedWeights
        var synapses = SynapseTables()
        for source in 0..<pre {
            let column = (0..<post).map { (target: $0, weight: quantised[$0][source]) }
            synapses.addRow(exponent: 0, column.filter { $0.weight != 0 })
            synapses.endAxon()
        }
        return loihiImage(
            chip: RandomChip.loihiLike(exponentShift: .perSum),
            tables,
            synapses,
            compartmentExponent: parameters.weightExponent,
            depth: 0,
            inputShape: [pre]
        )
    }

    /// Input spikes of each machine step.
    package var inputSpikes: [[NeuronAddress]] {
        input.map { row in row.indices.filter { row[$0] != 0 }.map(inputAddress) }
    }
}

private func inputAddress(_ channel: Int) -> NeuronAddress {
    NeuronAddress(core: NeuronAddress.firstInputCore, neuron: UInt32(channel))
}

/// An image of one `cubaLIF` population on core 0, axon k fed by channel k of the only input.
private func loihiImage(
    chip: ChipSpec,
    _ neurons: NeuronTables,
    _ synapses: SynapseTables,
    compartmentExponent: Int,
    depth: Int,
    inputShape: [Int]
) -> ChipImage {
    let channels = UInt32(inputShape.reduce(1, *))
    let population = PopulationTable(
        path: "lif",
        shape: [neurons.count],
        model: .cubaLIF,
        reset: .zero,
        hasCurrent: true,
        compartmentExponents: [compartmentExponent],
        membraneScale: [1],
        depth: depth
    )
    let network = NetworkTable(
        name: "lava",
        timeStep: 1,
        populations: [population],
        projections: [],
        outputs: [OutputTable(name: "out", population: 0)],
        drainSteps: depth
    )
    let routes = RouteTable(
        offsets: Array(0...channels),
        routes: (0..<channels).map { Route(core: 0, axon: $0) }
    )
    let core = CoreTables(
        core: 0,
        segments: [Segment(population: 0, firstSlot: 0, count: UInt32(neurons.count))],
        neurons: neurons,
        synapses: synapses,
        routes: RouteTable(offsets: [UInt32](repeating: 0, count: neurons.count + 1))
    )
    return ChipImage(
        chip: chip,
        network: network,
        inputs: [InputPort(name: "in", shape: inputShape, routes: routes)],
        cores: [core]
    )
}

extension SynapseTables {
    /// Adds a row of delay 1 and compartment 0 to the axon under construction.
    fileprivate mutating func addRow(exponent: Int, _ entries: [(target: Int, weight: Int)]) {
        rowDelay.append(1)
        rowExponent.append(Int8(exponent))
        rowCompartment.append(0)
        targets += entries.map { UInt16($0.target) }
        weights += entries.map { Int16($0.weight) }
        rowSynapses.append(UInt32(targets.count))
    }

    /// Ends the axon under construction.
    fileprivate mutating func endAxon() { axonRows.append(UInt32(rowDelay.count)) }
}
