import ChipImage
import ChipSpec
import FixedPoint
import NetworkIR

/// One parameter of a population, or the delay of a projection, against its register.
public struct ParameterReport: Sendable, Equatable, Codable {
    /// Path of the population, or the ends of the projection.
    public var of: String
    /// What it is, for example `threshold` or `membrane decay` (the share lost in a step).
    public var parameter: String
    /// How many different values the neurons have.
    public var differentValues: Int
    /// All of them in the order of the neurons; where there are very many, the least, the largest and the
    /// one that is furthest off.
    public var rows: [ParameterValue]
}

/// A value of a parameter and what the chip has in its place.
public struct ParameterValue: Sendable, Equatable, Codable {
    /// First neuron that has it.
    public var neuron: Int
    /// Neurons that have it.
    public var neurons: Int
    /// As the author wrote it, in the author's units.
    public var value: Double
    /// The register.
    public var register: Int
    /// What the register stands for, in the author's units.
    public var standsFor: Double
    /// (standsFor − value) / |value|; nil where the value is 0 and the register is not.
    public var relativeError: Double?

    init(neuron: Int, value: Double, register: Int, standsFor: Double) {
        self.neuron = neuron
        neurons = 1
        self.value = value
        self.register = register
        self.standsFor = standsFor
        relativeError =
            standsFor == value ? 0 : value == 0 ? nil : (standsFor - value) / value.magnitude
    }

    /// How far off it is, for comparisons.
    fileprivate var distance: Double { relativeError?.magnitude ?? .infinity }
}

extension ParameterReport {
    /// Different values that are listed all.
    private static let mostRows = 16

    /// All parameters of a network that are not 0 everywhere.
    ///
    /// - Parameters:
    ///   - quantised: The network in the chip's integers.
    ///   - chip: The chip.
    /// - Returns: Population by population, then the delays.
    static func all(of quantised: QuantisedNetwork, chip: ChipSpec) -> [ParameterReport] {
        let canonical = quantised.canonical
        let network = canonical.network
        let populations = quantised.populations.flatMap { population in
            reports(of: population, network: network, chip: chip)
        }
        let delays = network.projections.indices.map { index in
            let projection = network.projections[index]
            let depths = canonical.depth[projection.target] - canonical.depth[projection.source]
            let ends = [projection.source, projection.target].map { network.populations[$0].path }
            return ParameterReport(
                of: ends.joined(separator: " → "),
                parameter: "delay",
                differentValues: 1,
                rows: [
                    ParameterValue(
                        neuron: 0,
                        value: Double(projection.delay),
                        register: canonical.delay[index],
                        standsFor: Double(canonical.delay[index] - depths)
                    )
                ]
            )
        }
        return populations + delays
    }

    private static func reports(
        of population: QuantisedPopulation,
        network: Network,
        chip: ChipSpec
    ) -> [ParameterReport] {
        let lowered = population.lowered
        let author = network.populations[lowered.population]
        let full = Double(1 << chip.soma.decayBits)
        let scales = population.membraneScale
        func unit(_ neuron: Int) -> Double { scales.count == 1 ? scales[0] : scales[neuron] }
        func factor(_ neuron: Int) -> Double {
            lowered.normalisation.isEmpty ? 1 : lowered.normalisation[neuron]
        }
        var result: [ParameterReport] = []
        func add(
            _ name: String,
            _ values: [Double],
            _ registers: (Int) -> Int,
            _ standsFor: (Int) -> Double
        ) {
            let report = ParameterReport(
                of: author.path,
                parameter: name,
                values: values,
                registers: registers,
                standsFor: standsFor
            )
            if let report { result.append(report) }
        }
        func potentials(_ values: [Double]) -> [Double] {
            values.indices.map { (values[$0] + lowered.origin[$0]) * factor($0) }
        }
        func added(_ values: [Double]) -> [Double] {
            values.indices.map { values[$0] * factor($0) }
        }
        let inclusive: Int64 = lowered.model.spikesAtThreshold ? 1 : 0
        add(
            "threshold",
            potentials(lowered.threshold),
            { Int(population.threshold[$0]) },
            {
                let above: Int64 = population.thresholdIsBelow[$0] ? 1 : 0
                let raw = Int64(population.threshold[$0]) + above - inclusive
                return Double(raw) * unit($0) + lowered.origin[$0] * factor($0)
            }
        )
        add(
            "membrane decay",
            lowered.membraneLoss,
            { Int(population.membraneDecay[$0]) },
            { Double(population.membraneDecay[$0]) / full }
        )
        if lowered.hasCurrent {
            // Loihi's current loses one unit more than its register says.
            let offset = lowered.model == .cubaLIF ? 1.0 : 0
            add(
                "current decay",
                lowered.currentLoss,
                { Int(population.currentDecay[$0]) },
                { (Double(population.currentDecay[$0]) + offset) / full }
            )
        }
        add(
            "membrane bias",
            added(lowered.membraneBias),
            { Int(population.membraneBias[$0]) },
            { Double(population.membraneBias[$0]) * unit($0) }
        )
        add(
            "current bias",
            added(lowered.currentBias),
            { Int(population.currentBias[$0]) },
            { Double(population.currentBias[$0]) * unit($0) }
        )
        if lowered.model.isSpiking {
            add(
                "reset",
                potentials(lowered.resetPotential),
                { Int(population.resetPotential[$0]) },
                {
                    Double(population.resetPotential[$0]) * unit($0)
                        + lowered.origin[$0] * factor($0)
                }
            )
        }
        add(
            "initial potential",
            added(lowered.origin).map { -$0 },
            { Int(population.initialPotential[$0]) },
            { Double(population.initialPotential[$0]) * unit($0) }
        )
        return result + single(population, author, network, chip)
    }

    /// What a population has one of.
    private static func single(
        _ population: QuantisedPopulation,
        _ author: Population,
        _ network: Network,
        _ chip: ChipSpec
    ) -> [ParameterReport] {
        var result: [ParameterReport] = []
        func add(_ name: String, _ value: Double, _ register: Int, _ standsFor: Double) {
            guard value != 0 || register != 0 else { return }
            let row = ParameterValue(
                neuron: 0,
                value: value,
                register: register,
                standsFor: standsFor
            )
            result.append(
                ParameterReport(of: author.path, parameter: name, differentValues: 1, rows: [row])
            )
        }
        let steps = population.lowered.refractorySteps
        switch author.dynamics {
        case .noisy(let neuron):
            add("refractory steps", neuron.refractory / network.timeStep, steps, Double(steps))
        case .sampling(let neuron):
            add("refractory steps", Double(neuron.refractorySteps), steps, Double(steps))
        default: break
        }
        for (source, register) in zip(population.lowered.noise, population.noise) {
            add(
                "noise deviation",
                source.stationaryDeviation,
                register.amplitude,
                population.deviation(of: register, decayBits: chip.soma.decayBits)
            )
        }
        for (compartment, exponent) in zip(author.compartments, population.compartmentExponents) {
            let nearest = (PortableMath.log(compartment.gain) / PortableMath.log(2)).rounded()
            add(
                "gain of compartment \(compartment.name)",
                compartment.gain,
                exponent,
                Double(sign: .plus, exponent: Int(nearest), significand: 1)
            )
        }
        return result
    }

    /// Gathers equal values; nil if all are 0 and their registers too.
    private init?(
        of path: String,
        parameter: String,
        values: [Double],
        registers: (Int) -> Int,
        standsFor: (Int) -> Double
    ) {
        guard !values.isEmpty else { return nil }
        struct Key: Hashable {
            var value: Double
            var register: Int
        }
        var places: [Key: Int] = [:]
        var all: [ParameterValue] = []
        var last: (key: Key, place: Int)?
        for neuron in values.indices {
            let key = Key(value: values[neuron], register: registers(neuron))
            if let last, last.key == key {
                all[last.place].neurons += 1
            } else if let place = places[key] {
                all[place].neurons += 1
                last = (key, place)
            } else {
                places[key] = all.count
                last = (key, all.count)
                all.append(
                    ParameterValue(
                        neuron: neuron,
                        value: key.value,
                        register: key.register,
                        standsFor: standsFor(neuron)
                    )
                )
            }
        }
        guard all.contains(where: { $0.value != 0 || $0.register != 0 }) else { return nil }
        self.of = path
        self.parameter = parameter
        differentValues = all.count
        rows = all.count <= Self.mostRows ? all : Self.extremes(of: all)
    }

    private static func extremes(of all: [ParameterValue]) -> [ParameterValue] {
        let chosen = [
            all.indices.min { all[$0].value < all[$1].value },
            all.indices.max { all[$0].value < all[$1].value },
            all.indices.max { all[$0].distance < all[$1].distance },
        ]
        return chosen.compactMap { $0 }.map { all[$0] }
    }
}
