public import ChipSpec

/// A limit of a core that decides how many neurons fit on it.
public enum CoreResource: String, Sendable, Codable, CaseIterable {
    /// Neurons.
    case neurons
    /// Axons in.
    case axonsIn = "axons in"
    /// Bytes of synapse memory, row headers included.
    case synapseBytes = "bytes of synapse memory"
    /// Routes out: one neuron to one destination core each.
    case axonsOut = "routes out"
    /// Learning rules that its plastic synapses run.
    case rules = "learning rules"
}

/// Why a network cannot be compiled for a chip.
public enum CompilerError: Error, Sendable, Equatable {
    /// The network contradicts itself.
    case malformedNetwork(network: String, fault: String)
    /// No population of the network would run on the chip.
    case nothingToRun(network: String)
    /// A loop of projections has less delay than projections.
    case loopWithoutDelay(network: String)
    /// An output reads a weighted sum without a neuron.
    case outputWithoutNeuron(population: String)
    /// An output reads an input.
    case outputOfInput(output: String, input: String)
    /// A population that does not spike feeds another.
    case analogSource(source: String, model: String, target: String)
    /// The chip has no soma for a model.
    case modelNotOnChip(population: String, model: String, chip: String, models: [NeuronModel])
    /// The chip's soma has no synaptic current.
    case noCurrentOnChip(population: String, chip: String)
    /// The chip's soma leaks by a constant, not by a share of its potential.
    case noExponentialLeak(population: String, model: String, chip: String)
    /// Two projections would need two synapses at one place of a crossbar.
    case parallelProjections(source: String, target: String, delay: Int, chip: String)
    /// The chip's soma has a leak, and no bias above 0.
    case positiveBias(population: String, neuron: Int, count: Int, chip: String)
    /// Weights of both signs leave a neuron, or learn in one projection, on a chip with a sign for each axon.
    case mixedSigns(population: String, neuron: Int?, count: Int, chip: String)
    /// The chip cannot reset as the network asks.
    case resetNotOnChip(population: String, rule: SomaReset, chip: String, rules: [SomaReset])
    /// A time constant is shorter than the step.
    case unstableStep(population: String, neuron: Int, count: Int, tau: Double, step: Double)
    /// The chip's threshold register holds no number below 0.
    case negativeThreshold(population: String, neuron: Int, count: Int, threshold: Double)
    /// A projection needs a longer delay than a row can have.
    case delayTooLong(source: String, target: String, delay: Int, limit: Int, chip: String)
    /// One neuron alone breaks a limit of a core.
    case neuronTooLarge(
        population: String,
        neuron: Int,
        resource: CoreResource,
        needed: Int,
        limit: Int,
        chip: String
    )
    /// The network needs more cores than the chip has.
    case tooManyCores(
        network: String,
        needed: Int,
        limit: Int,
        chip: String,
        resource: CoreResource,
        coresFull: Int
    )
    /// The network would fit the chip if fewer cores were dead.
    case tooFewLivingCores(network: String, needed: Int, living: Int, dead: Int, chip: String)
    /// Pinned populations need more cores than they are pinned to.
    case pinnedCoresTooFew(populations: [String], needed: Int, cores: Int, chip: String)
    /// A core that the user names does not exist.
    case noSuchCore(use: String, core: Int, cores: Int, chip: String)
    /// A population that the user pins does not exist.
    case noSuchPopulation(population: String, populations: [String])
    /// Rates were recorded with another network.
    case ratesDoNotFit(population: String, recorded: Int, neurons: Int)
    /// No split was found that respects the routes out of a core.
    case tooManyRoutes(population: String, core: Int, needed: Int, limit: Int, chip: String)
    /// A projection learns, and the chip has no learning engine.
    case noLearningOnChip(source: String, target: String, rule: String, chip: String)
    /// Programs were given for another number of rules than the network has.
    case rulesNotCompiled(network: String, rules: Int, programs: Int)
    /// The chip's refractory counter does not count that far.
    case refractoryTooLong(population: String, steps: Int, limit: Int, chip: String)
    /// The chip has no noise on membranes.
    case noNoiseOnChip(population: String, chip: String)
    /// A postsynaptic potential is longer than a soma can hold.
    case potentialTooLong(population: String, steps: Double, limit: Double, chip: String)
    /// A population has more compartments than a neuron of the chip.
    case tooManyCompartments(population: String, count: Int, limit: Int, chip: String)
    /// A compartment's gain is beyond the chip's shifts.
    case compartmentGain(
        population: String,
        compartment: String,
        gain: Double,
        exponent: Int,
        limit: ClosedRange<Int>,
        chip: String
    )
    /// A pass broke its own promise: a fault of the compiler.
    case verification(pass: String, fault: String)
}

extension CompilerError: CustomStringConvertible {
    /// Where, what, the limit, what to do.
    public var description: String {
        switch self {
        case .malformedNetwork(let network, let fault):
            "Network '\(network)': \(fault) Every array of a network must fit its populations and "
                + "hold finite numbers of at most 1e30. Check the file it comes from."
        case .nothingToRun(let network):
            "Network '\(network)' has inputs only. A chip needs at least one population of neurons. "
                + "Check that the file holds the trained network."
        case .loopWithoutDelay(let network):
            "Network '\(network)' has a loop whose delays add up to fewer steps than it has "
                + "projections. On a chip each projection takes at least one step. Give every "
                + "projection of the loop a delay of 1."
        case .outputWithoutNeuron(let population):
            "Output '\(population)' reads a weighted sum without a neuron. A chip puts out spikes and "
                + "membrane potentials. Put an LI or LIF node in front of the output, or use "
                + "--numerics float."
        case .outputOfInput(let output, let input):
            "Output '\(output)' reads input '\(input)' directly. A chip puts out what its neurons do. "
                + "Put a neuron between them, or remove the output."
        case .analogSource(let source, let model, let target):
            "Population '\(source)' (\(model)) feeds '\(target)' with its membrane potential. Between "
                + "neurons a chip carries spikes only. Use a spiking model for '\(source)'."
        case .modelNotOnChip(let population, let model, let chip, let models):
            "Population '\(population)' is \(model). The soma of chip '\(chip)' can do "
                + models.map(\.rawValue).joined(separator: ", ")
                + ". Choose a chip with that model (spikeloom chips), or use --numerics float."
        case .noCurrentOnChip(let population, let chip):
            "Population '\(population)' needs a synaptic current. Chip '\(chip)' has no current "
                + "register. Use a model without one (LIF), or choose a chip with one (spikeloom chips)."
        case .noExponentialLeak(let population, let model, let chip):
            "Population '\(population)' is \(model), whose leak is a share of its potential. Neurons of "
                + "chip '\(chip)' leak by a constant a step. Train with IF neurons (a negative bias is a "
                + "constant leak), or choose a chip with LIF (spikeloom chips)."
        case .parallelProjections(let source, let target, let delay, let chip):
            "Two projections lead from '\(source)' to '\(target)' with a delay of \(delay) steps. A "
                + "crossbar of chip '\(chip)' has one synapse a pair. Add their weights into one "
                + "projection, or give them different delays."
        case .positiveBias(let population, let neuron, let count, let chip):
            "Population '\(population)': neuron \(neuron) has a bias above 0 (\(grouped(count)) such "
                + "neurons). Neurons of chip '\(chip)' leak by a constant and have no other bias. Train "
                + "without bias, or feed it from an input that always spikes."
        case .mixedSigns(let population, let neuron, let count, let chip):
            (neuron.map {
                "Population '\(population)': weights of both signs leave neuron \($0) (\(grouped(count)) "
                    + "such neurons). "
            } ?? "A projection from '\(population)' learns with weights of both signs. ")
                + "On chip '\(chip)' all synapses of an axon have one sign. Train with one sign a sender "
                + "(Dale's law), or put neurons of one sign each in between."
        case .resetNotOnChip(let population, let rule, let chip, let rules):
            "Population '\(population)' asks for reset '\(rule.rawValue)'. Chip '\(chip)' can do "
                + rules.map { "'\($0.rawValue)'" }.joined(separator: ", ")
                + ". Compile with --reset \(rules.first?.rawValue ?? "zero") if the network was trained "
                + "that way, or choose a chip that can reset by '\(rule.rawValue)'."
        case .unstableStep(let population, let neuron, let count, let tau, let step):
            "Population '\(population)': neuron \(neuron) has a time constant of \(tau), shorter than "
                + "the step of \(step) (\(count) such neurons). A decay factor below 0 does not exist "
                + "on a chip. Set a step of at most \(tau) with --dt."
        case .negativeThreshold(let population, let neuron, let count, let threshold):
            "Population '\(population)': neuron \(neuron) has its threshold at \(threshold) above its "
                + "reset level (\(count) such neurons). The threshold register holds numbers from 0 up, "
                + "and the soma spikes strictly above it. Raise the threshold, or lower v_reset."
        case .delayTooLong(let source, let target, let delay, let limit, let chip):
            "Projection '\(source)' → '\(target)' needs a delay of \(delay) steps, \(delay - limit) more than "
                + "the \(limit) of chip '\(chip)'. Delays are 1...\(limit) steps. Shorten the path around it, or choose a chip with "
                + "longer delays."
        case .neuronTooLarge(
            let population,
            let neuron,
            let resource,
            let needed,
            let limit,
            let chip
        ):
            "Neuron \(neuron) of population '\(population)' alone needs \(grouped(needed)) "
                + "\(resource.rawValue), \(grouped(needed - limit)) more than the \(grouped(limit)) of a "
                + "core of chip '\(chip)'. A neuron cannot be split over cores. Prune its fan-in "
                + "until it needs at most that, or choose a chip with larger cores."
        case .tooManyCores(
            let network,
            let needed,
            let limit,
            let chip,
            let resource,
            let coresFull
        ):
            "Network '\(network)' needs \(grouped(needed)) cores, \(grouped(needed - limit)) more than "
                + "the \(grouped(limit)) of chip '\(chip)'. \(grouped(coresFull)) of them are full by "
                + "their \(resource.rawValue). Prune the network there, or choose a chip "
                + "with \(grouped(needed)) such cores."
        case .tooFewLivingCores(let network, let needed, let living, let dead, let chip):
            "Network '\(network)' needs \(grouped(needed)) cores, \(grouped(needed - living)) more than the "
                + "\(grouped(living)) of chip '\(chip)' that are not dead (\(grouped(dead)) are). Prune the "
                + "network, or choose a device with \(grouped(needed)) living cores."
        case .pinnedCoresTooFew(let populations, let needed, let cores, let chip):
            (populations.count == 1 ? "Population " : "Populations ")
                + populations.map { "'\($0)'" }.joined(separator: ", ")
                + " pinned to \(grouped(cores)) living cores of chip '\(chip)': \(grouped(needed)) are needed, "
                + "and no others may be used. Pin to further cores (--pin), or leave some of them to the "
                + "compiler."
        case .noSuchCore(let use, let core, let cores, let chip):
            "The \(use) name core \(core). Chip '\(chip)' has \(grouped(cores)) cores, 0...\(cores - 1). "
                + "Name cores of this chip."
        case .noSuchPopulation(let population, let populations):
            "Population '\(population)' is pinned to cores. The network has no such population on the chip; it has "
                + populations.map { "'\($0)'" }.joined(separator: ", ") + ". Pin one of these."
        case .ratesDoNotFit(let population, let recorded, let neurons):
            "Population '\(population)' has \(grouped(neurons)) neurons or channels, and the recorded rates have "
                + "\(grouped(recorded)) of that name. Rates must be recorded with the same network. Run this "
                + "one with --record."
        case .tooManyRoutes(let population, let core, let needed, let limit, let chip):
            "Core \(core) with neurons of population '\(population)' needs \(grouped(needed)) routes "
                + "out, \(grouped(needed - limit)) more than the \(grouped(limit)) of a core of chip "
                + "'\(chip)'. Splitting it further did not help. Prune the fan-out of the population, "
                + "or choose a chip with larger cores."
        case .noLearningOnChip(let source, let target, let rule, let chip):
            "Projection '\(source)' → '\(target)' learns by rule '\(rule)'. Chip '\(chip)' has no "
                + "learning engine. Leave out its rule, or choose a chip that learns "
                + "(spikeloom chips)."
        case .rulesNotCompiled(let network, let rules, let programs):
            "Network '\(network)' has \(rules) learning rules, and programs are given for \(programs). "
                + "Each rule needs its program, in the same order. Compile the rules first."
        case .refractoryTooLong(let population, let steps, let limit, let chip):
            "Population '\(population)' is refractory for \(grouped(steps)) steps, \(grouped(steps - limit)) more "
                + "than the counter of chip '\(chip)': it counts to \(limit). Shorten the period, take a "
                + "longer step, or choose a chip with a wider counter."
        case .noNoiseOnChip(let population, let chip):
            "Population '\(population)' has noise on its membranes. Chip '\(chip)' has no such noise "
                + "source. Leave the noise out, or choose a chip with one (spikeloom chips)."
        case .potentialTooLong(let population, let steps, let limit, let chip):
            "Population '\(population)' has postsynaptic potentials of \(plain(steps)) steps. A "
                + "soma of chip '\(chip)' holds at most \(plain(limit)). Shorten them, or take a longer step."
        case .tooManyCompartments(let population, let count, let limit, let chip):
            "Population '\(population)' has \(count) compartments. A neuron of chip '\(chip)' has at "
                + "most \(limit). Join some of them, or choose another chip."
        case .compartmentGain(
            let population,
            let compartment,
            let gain,
            let exponent,
            let limit,
            let chip
        ):
            "Compartment '\(compartment)' of population '\(population)' has a gain of \(gain), which "
                + "needs a shift by \(exponent). Chip '\(chip)' shifts a compartment by "
                + "\(limit.lowerBound)...\(limit.upperBound). Move the gain into the weights, or choose "
                + "another chip."
        case .verification(let pass, let fault):
            "Compiler pass \(pass): \(fault) This is a fault of Spikeloom, not of the network. "
                + "Please report it with the network file."
        }
    }
}

/// A number without ".0" where it is whole.
private func plain(_ number: Double) -> String {
    number == number.rounded() && number.magnitude < 1e15 ? grouped(Int(number)) : "\(number)"
}

/// A count with a comma every three digits.
func grouped(_ count: Int) -> String {
    let digits = Array(String(count.magnitude))
    var text = count < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
        if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
        text.append(digit)
    }
    return text
}
