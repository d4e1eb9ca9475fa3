extension DiagnosticCatalogue {
    /// Pages on networks against chips.
    static let compilerPages: [DiagnosticPage] = [
        DiagnosticPage(
            .networkContradiction,
            "The network contradicts itself",
            meaning: """
                An array of the network does not have one value for each neuron or synapse, a number \
                is not finite or beyond 1e30, an index leads nowhere, or a projection is there \
                twice.
                """,
            why: """
                No later pass can make sense of such a network. Files that are read by this program \
                are checked before; this check stands for networks that other programs build.
                """,
            example: "a population of 1 neuron with 2 biases, on chip pilot",
            message: """
                Network 'net': population 'x' has 2 biases for 1 neurons. Every array of a network \
                must fit its populations and hold finite numbers of at most 1e30. Check the file it \
                comes from.
                """,
            remedy: "Correct what builds the network; the message says which part."
        ),
        DiagnosticPage(
            .nothingToRun,
            "The network has no neurons",
            meaning: "All populations are inputs.",
            why: "A chip runs neurons. A network of inputs has nothing to put on a core.",
            example: "a network of one Input of 3 channels, on chip pilot",
            message: """
                Network 'net' has inputs only. A chip needs at least one population of neurons. \
                Check that the file holds the trained network.
                """,
            remedy: """
                Check that the file holds the trained network, and not only its first node.
                """
        ),
        DiagnosticPage(
            .loopWithoutDelay,
            "A loop has less delay than projections",
            meaning: """
                Around a cycle of projections, the delays add up to fewer steps than the cycle has \
                projections.
                """,
            why: """
                A spike of step t arrives in step t + 1 at the earliest: cores exchange spikes at \
                the end of a step. A path of n projections therefore takes n steps, and a \
                feed-forward path is only shifted by that. A loop cannot be shifted: its delay is a \
                part of what it computes.
                """,
            example: "x → y → x without delays, fed by an input, on chip pilot",
            message: """
                Network 'net' has a loop whose delays add up to fewer steps than it has projections. \
                On a chip each projection takes at least one step. Give every projection of the loop \
                a delay of 1.
                """,
            remedy: """
                Give every projection of the loop a delay of 1 (in NIR: the recurrent edge of nir's \
                frameworks has one), and train with it.
                """
        ),
        DiagnosticPage(
            .outputWithoutNeuron,
            "An output reads a weighted sum",
            meaning: "An output is fed by weights without a neuron behind them.",
            why: """
                Chips put out spikes and, where they can be read, membrane potentials. The sum of an \
                accumulator is cleared every step and never leaves the core.
                """,
            example: "Input → Linear → Output, on chip pilot",
            message: """
                Output 'out' reads a weighted sum without a neuron. A chip puts out spikes and \
                membrane potentials. Put an LI or LIF node in front of the output, or use --numerics \
                float.
                """,
            remedy: """
                Put an LI node (the potential is the answer) or a LIF node (spikes are) in front of \
                the output, or run with --numerics float.
                """
        ),
        DiagnosticPage(
            .outputOfInput,
            "An output reads an input",
            meaning: "An output is connected to an input directly.",
            why: "Spikes that the host sends need not go through the chip to come back.",
            example: "an output of the Input itself, on chip pilot",
            message: """
                Output 'raw' reads input 'input' directly. A chip puts out what its neurons do. Put \
                a neuron between them, or remove the output.
                """,
            remedy: "Put a neuron between them, or remove the output."
        ),
        DiagnosticPage(
            .analogSource,
            "A population that does not spike feeds another",
            meaning: """
                An LI population, which has a membrane potential and no spikes, is the source of a \
                projection.
                """,
            why: """
                Between cores travel spikes, of one bit. A potential would be a value of 24 bits for \
                each neuron and step.
                """,
            example: "Input → LI 'x' → LIF 'y', on chip pilot",
            message: """
                Population 'x' (LI) feeds 'y' with its membrane potential. Between neurons a chip \
                carries spikes only. Use a spiking model for 'x'.
                """,
            remedy: "Use a spiking model for the source, or make it an output."
        ),
        DiagnosticPage(
            .modelNotOnChip,
            "The chip has no soma for the neuron model",
            meaning: """
                The neuron model of a population is none of those that the chip's neurons compute.
                """,
            why: """
                A soma is a circuit with certain registers and one update rule. Another model would \
                be another circuit.
                """,
            example: "Input → LI 'x', on chip loihi",
            message: """
                Population 'x' is LI. The soma of chip 'loihi' can do cubaLIF. Choose a chip with \
                that model (spikeloom chips), or use --numerics float.
                """,
            remedy: """
                Choose a chip with that model (spikeloom chips lists them), train with one of the \
                models of this chip, or run with --numerics float.
                """
        ),
        DiagnosticPage(
            .noCurrentOnChip,
            "The chip has no synaptic current",
            meaning: """
                The model filters its input with a synaptic time constant, and the chip's neurons \
                have no register for the current.
                """,
            why: """
                A current is a second state of each neuron, with a decay of its own: half as much \
                memory again. Small chips leave it out.
                """,
            example: "Input → CubaLIF 'x', on chip speck",
            message: """
                Population 'x' needs a synaptic current. Chip 'speck' has no current register. Use a \
                model without one (LIF), or choose a chip with one (spikeloom chips).
                """,
            remedy: """
                Train with LIF, whose synapses act at once, or choose a chip with a current register.
                """
        ),
        DiagnosticPage(
            .noExponentialLeak,
            "The chip leaks by a constant",
            meaning: """
                LIF and CubaLIF lose a share of their potential in a step. The neurons of this chip \
                subtract a constant.
                """,
            why: """
                A share takes a multiplication for each neuron and step, a constant takes an \
                addition. TrueNorth and ODIN do without multipliers.
                """,
            example: "Input → LIF 'x', on chip truenorth",
            message: """
                Population 'x' is LIF, whose leak is a share of its potential. Neurons of chip \
                'truenorth' leak by a constant a step. Train with IF neurons (a negative bias is a \
                constant leak), or choose a chip with LIF (spikeloom chips).
                """,
            remedy: """
                Train with IF neurons; a negative bias is a constant leak. Or choose a chip with LIF.
                """
        ),
        DiagnosticPage(
            .parallelProjections,
            "Two projections need one place of a crossbar",
            meaning: """
                Two projections lead from one population to another with the same delay.
                """,
            why: """
                A crossbar has one synapse where a row and a column cross. Chips with lists of \
                synapses can hold two.
                """,
            example: "two projections from 'x' to 'y', on chip truenorth",
            message: """
                Two projections lead from 'x' to 'y' with a delay of 1 steps. A crossbar of chip \
                'truenorth' has one synapse a pair. Add their weights into one projection, or give \
                them different delays.
                """,
            remedy: """
                Add the weights into one projection, or give the projections different delays.
                """
        ),
        DiagnosticPage(
            .positiveBias,
            "The chip has no bias above 0",
            meaning: """
                The chip's leak register doubles as the bias, and only lowers the potential.
                """,
            why: """
                ODIN subtracts its leak at each time reference event. A positive bias would need a \
                register that adds.
                """,
            example: "Input → IF 'x' with a bias of 0.5, on chip odin",
            message: """
                Population 'x': neuron 0 has a bias above 0 (1 such neurons). Neurons of chip 'odin' \
                leak by a constant and have no other bias. Train without bias, or feed it from an \
                input that always spikes.
                """,
            remedy: """
                Train without bias, or replace it by an input that spikes in every step.
                """
        ),
        DiagnosticPage(
            .mixedSigns,
            "Weights of both signs leave one neuron",
            meaning: """
                A neuron excites some of its targets and inhibits others, or a projection learns \
                across 0.
                """,
            why: """
                On this chip the sign is stored once for each axon: it saves a bit in each synapse. \
                Inputs may take two axons, neurons have one.
                """,
            example: "IF 'x' → IF 'y' (2 neurons) with the weights 1 and -1, on chip odin",
            message: """
                Population 'x': weights of both signs leave neuron 0 (1 such neurons). On chip \
                'odin' all synapses of an axon have one sign. Train with one sign a sender (Dale's \
                law), or put neurons of one sign each in between.
                """,
            remedy: """
                Train with one sign a sender (Dale's law), or put a population of neurons of one \
                sign each in between.
                """
        ),
        DiagnosticPage(
            .resetNotOnChip,
            "The chip cannot reset as the network asks",
            meaning: """
                The network subtracts the threshold at a spike and the chip sets the potential, or \
                the other way round.
                """,
            why: """
                Subtraction needs the threshold at the adder of the potential. Chips that only clear \
                the register save that path.
                """,
            example: "Input → LIF 'x' with --reset subtract, on chip loihi",
            message: """
                Population 'x' asks for reset 'subtract'. Chip 'loihi' can do 'zero'. Compile with \
                --reset zero if the network was trained that way, or choose a chip that can reset by \
                'subtract'.
                """,
            remedy: """
                Compile with the reset that the message names if the network was trained that way, \
                else choose another chip. Training with one reset and running with the other costs \
                accuracy.
                """
        ),
        DiagnosticPage(
            .unstableStep,
            "A time constant is shorter than the step",
            meaning: "The share of its potential that a neuron loses in a step is above 1.",
            why: """
                The decay register holds shares from 0 to 1. Beyond 1 the potential would change its \
                sign every step.
                """,
            example: "Input → LIF 'x' with tau = 0.5 and a step of 1, on chip pilot",
            message: """
                Population 'x': neuron 0 has a time constant of 0.5, shorter than the step of 1.0 (1 \
                such neurons). A decay factor below 0 does not exist on a chip. Set a step of at \
                most 0.5 with --dt.
                """,
            remedy: "Set a shorter step with --dt, at most the shortest time constant."
        ),
        DiagnosticPage(
            .negativeThreshold,
            "A threshold lies below the reset level",
            meaning: "The potential at rest is already above the threshold.",
            why: """
                Threshold registers hold numbers from 0 up, and potentials are stored from the reset \
                level.
                """,
            example: "Input → LIF 'x' with v_threshold = -0.5 and v_reset = 0, on chip pilot",
            message: """
                Population 'x': neuron 0 has its threshold at -0.5 above its reset level (1 such \
                neurons). The threshold register holds numbers from 0 up, and the soma spikes \
                strictly above it. Raise the threshold, or lower v_reset.
                """,
            remedy: """
                Raise the threshold or lower v_reset. For neurons that spike by themselves use a bias.
                """
        ),
        DiagnosticPage(
            .delayTooLong,
            "A delay is longer than the chip has",
            meaning: """
                A projection needs more steps of delay than a synapse can wait. One step is the \
                projection's own; shorter paths to the same neuron are made as long as the longest.
                """,
            why: """
                A spike that waits is kept in a ring of accumulators, one for each step of delay: \
                the memory of a core grows with the longest delay.
                """,
            example: "x → x with a delay of 17 steps, on chip pilot",
            message: """
                Projection 'x' → 'x' needs a delay of 17 steps, 1 more than the 16 of chip 'pilot'. \
                Delays are 1...16 steps. Shorten the path around it, or choose a chip with longer \
                delays.
                """,
            remedy: """
                Shorten the delay or the longer path beside it, relay the spikes over a further \
                population, or choose a chip with longer delays.
                """
        ),
        DiagnosticPage(
            .neuronTooLarge,
            "One neuron is too large for a core",
            meaning: """
                A single neuron needs more of a resource of a core than a core has: axons in (its \
                fan-in), bytes of synapse memory, or others.
                """,
            why: """
                All synapses of a neuron add into one accumulator, which belongs to one core. Its \
                fan-in must therefore fit into that core's memory.
                """,
            example: "1025 inputs → LIF 'x' (1 neuron), on chip pilot",
            message: """
                Neuron 0 of population 'x' alone needs 1,025 axons in, 1 more than the 1,024 of a \
                core of chip 'pilot'. A neuron cannot be split over cores. Prune its fan-in until it \
                needs at most that, or choose a chip with larger cores.
                """,
            remedy: """
                Prune the fan-in to what the message gives as the limit, replace one large layer by \
                two smaller ones, or choose a chip with larger cores.
                """
        ),
        DiagnosticPage(
            .tooManyCores,
            "The network needs more cores than the chip has",
            meaning: """
                Every neuron fits into a core, and together they fill more cores than there are. The \
                message says which resource fills them.
                """,
            why: """
                A core is full when its first resource is: neurons, axons in, synapse memory or \
                routes. What fills most cores is what to save.
                """,
            example: "1 input → LIF 'x' (5000 neurons), on chip pilot",
            message: """
                Network 'net' needs 20 cores, 4 more than the 16 of chip 'pilot'. 19 of them are \
                full by their neurons. Prune the network there, or choose a chip with 20 such cores.
                """,
            remedy: """
                Lower what binds: prune weights for synapse memory, share inputs for axons, remove \
                neurons for neurons. Or choose a chip with more cores; the message says how many \
                would do.
                """
        ),
        DiagnosticPage(
            .tooManyRoutes,
            "A core needs more routes out than it has",
            meaning: "The neurons of a core reach more cores than it can list.",
            why: """
                Each pair of a neuron and a core it reaches takes an entry of the core's routing \
                table, and a spike becomes as many packets.
                """,
            example: "LIF 'x' (1) → LIF 'y' (7), on a chip of 2 neurons and 3 routes a core",
            message: """
                Core 0 with neurons of population 'x' needs 4 routes out, 1 more than the 3 of a \
                core of chip 'pilot'. Splitting it further did not help. Prune the fan-out of the \
                population, or choose a chip with larger cores.
                """,
            remedy: """
                Prune the fan-out of the population, choose a chip with larger cores, so that its \
                targets share cores, or one that multicasts.
                """
        ),
        DiagnosticPage(
            .noLearningOnChip,
            "The chip has no learning engine",
            meaning: """
                A projection has a learning rule, and the chip's synapses are read-only.
                """,
            why: """
                Learning needs learning traces for each neuron, hidden bits for each weight and a \
                circuit that visits synapses. Chips for inference leave it out.
                """,
            example: "a projection that learns by 'r', on chip mapping-bench",
            message: """
                Projection 'input' → 'x' learns by rule 'r'. Chip 'mapping-bench' has no learning \
                engine. Leave out its rule, or choose a chip that learns (spikeloom chips).
                """,
            remedy: """
                Leave out the rule to run the weights as they are, or choose a chip that learns \
                (pilot, loihi, odin).
                """
        ),
        DiagnosticPage(
            .rulesNotCompiled,
            "Learning rules have no programs",
            meaning: """
                A network with rules was given to the compiler without a program for each.
                """,
            why: """
                Rules are compiled first, for the engine of the chip, and the image holds the \
                programs.
                """,
            example: "a network of one rule, compiled without programs, on chip pilot",
            message: """
                Network 'net' has 1 learning rules, and programs are given for 0. Each rule needs \
                its program, in the same order. Compile the rules first.
                """,
            remedy: """
                Compile the rules with RuleCompiler and pass the programs in the order of the \
                network's rules. The program itself always does.
                """
        ),
        DiagnosticPage(
            .refractoryTooLong,
            "A refractory period is longer than the chip counts",
            meaning: """
                A neuron rests for more steps than its refractory counter has room for.
                """,
            why: "The counter has a few bits in each neuron; 8 bits count to 255 steps.",
            example: "noisy LIF 'x' with a refractory period of 256 steps, on chip pilot",
            message: """
                Population 'x' is refractory for 256 steps, 1 more than the counter of chip 'pilot': \
                it counts to 255. Shorten the period, take a longer step, or choose a chip with a \
                wider counter.
                """,
            remedy: """
                Shorten the period, take a longer step, or choose a chip with a wider counter.
                """
        ),
        DiagnosticPage(
            .noNoiseOnChip,
            "The chip has no noise on membranes",
            meaning: """
                A population has noise, and the chip's neurons have no random numbers for it.
                """,
            why: """
                Noise takes random bits for every neuron and step, from a generator in the core.
                """,
            example: "noisy LIF 'x', on a chip like pilot with noiseBits 0",
            message: """
                Population 'x' has noise on its membranes. Chip 'pilot' has no such noise source. \
                Leave the noise out, or choose a chip with one (spikeloom chips).
                """,
            remedy: """
                Leave the noise out, feed random spikes as an input, or choose a chip with noise.
                """
        ),
        DiagnosticPage(
            .potentialTooLong,
            "A postsynaptic potential is longer than the chip holds",
            meaning: """
                A sampling neuron's potential lasts longer than its ring of steps or its decay \
                register allow.
                """,
            why: """
                A rectangular potential is kept as one count for each of its steps. A decay register \
                of 12 bits has no decay slower than one part in 4096.
                """,
            example: """
                sampling neuron 'x' with a rectangular potential of 10000 steps, on chip pilot
                """,
            message: """
                Population 'x' has postsynaptic potentials of 10,000 steps. A soma of chip 'pilot' \
                holds at most 255. Shorten them, or take a longer step.
                """,
            remedy: "Shorten the potential, or take a longer step."
        ),
        DiagnosticPage(
            .tooManyCompartments,
            "A population has more compartments than a neuron of the chip",
            meaning: """
                Dendritic compartments are sums with a gain of their own, and a neuron of the chip \
                has fewer.
                """,
            why: """
                Each compartment is an accumulator of its own for each neuron of a core.
                """,
            example: "LIF 'x' with 5 compartments, on chip pilot",
            message: """
                Population 'x' has 5 compartments. A neuron of chip 'pilot' has at most 4. Join some \
                of them, or choose another chip.
                """,
            remedy: "Join compartments of equal gain, or choose another chip."
        ),
        DiagnosticPage(
            .compartmentGain,
            "A compartment's gain is beyond the chip's shifts",
            meaning: """
                The gain of a compartment is made by shifting its sum, and would need a longer shift \
                than the chip has.
                """,
            why: """
                A shift is wires; a general factor would be a multiplier for each compartment.
                """,
            example: "LIF 'x' with a compartment 'far' of gain 1e9, on chip pilot",
            message: """
                Compartment 'far' of population 'x' has a gain of 1000000000.0, which needs a shift \
                by 30. Chip 'pilot' shifts a compartment by -8...7. Move the gain into the weights, \
                or choose another chip.
                """,
            remedy: "Move the gain into the weights of the compartment's projections."
        ),
        DiagnosticPage(
            .tooFewLivingCores,
            "Too few cores of the device are alive",
            meaning: """
                The network needs more cores than are left without the dead ones, and fewer than the \
                chip has.
                """,
            why: """
                Dead cores hold no neurons. Those that are left must hold the network.
                """,
            example: "1 input → LIF 'x' (4000 neurons), on chip pilot with core 3 dead",
            message: """
                Network 'net' needs 16 cores, 1 more than the 15 of chip 'pilot' that are not dead \
                (1 are). Prune the network, or choose a device with 16 living cores.
                """,
            remedy: """
                Check the list of dead cores, prune the network, or choose another device.
                """
        ),
        DiagnosticPage(
            .pinnedCoresTooFew,
            "Pinned populations need more cores than they are pinned to",
            meaning: """
                Populations with the same list of cores lie on these cores and on no others, and they do \
                not fit. Cores that are dead, or that another list needs, do not count.
                """,
            why: """
                Pinning says where neurons must lie. A neuron elsewhere would break the promise, so \
                nothing is compiled.
                """,
            example: "1 input → LIF 'x' (300 neurons), pinned to core 5 of chip pilot",
            message: """
                Population 'x' pinned to 1 living cores of chip 'pilot': 2 are needed, and no others \
                may be used. Pin to further cores (--pin), or leave some of them to the compiler.
                """,
            remedy: """
                Give the population further cores (--pin x=5,6), or do not pin it.
                """
        ),
        DiagnosticPage(
            .noSuchCore,
            "A core that was named does not exist",
            meaning: """
                A list of dead cores, or of cores to pin a population to, names a core beyond those of \
                the chip.
                """,
            why: """
                Such a list is of another chip, or has a slip. Whatever it means, it would not be kept.
                """,
            example: "1 input → LIF 'x' (1 neuron), on chip pilot with core 16 dead",
            message: """
                The dead cores name core 16. Chip 'pilot' has 16 cores, 0...15. Name cores of this \
                chip.
                """,
            remedy: "Name cores that `spikeloom chips NAME` lists: they count from 0."
        ),
        DiagnosticPage(
            .noSuchPopulation,
            "A pinned population does not exist",
            meaning: "--pin names a population that does not run on the chip.",
            why: "Inputs have no core, and a misspelt name would pin nothing in silence.",
            example: "1 input → LIF 'x' (1 neuron), pinned: 'y'",
            message: """
                Population 'y' is pinned to cores. The network has no such population on the chip; it \
                has 'x'. Pin one of these.
                """,
            remedy: "Use the path of a population as the report of `spikeloom compile` has it."
        ),
        DiagnosticPage(
            .ratesDoNotFit,
            "Rates were recorded with another network",
            meaning: """
                The recorded run has no population of that name, or one of another size.
                """,
            why: """
                Rates weigh the packets of each neuron. Those of another network would weigh wrong ones.
                """,
            example: "1 input → LIF 'x' (2 neurons), rates of 3 neurons",
            message: """
                Population 'x' has 2 neurons or channels, and the recorded rates have 3 of that name. \
                Rates must be recorded with the same network. Run this one with --record.
                """,
            remedy: "Record a run of this network: `spikeloom run NET --input … --record run.mcap`."
        ),
        DiagnosticPage(
            .compilerFault,
            "A compiler pass broke its own promise",
            meaning: """
                A pass checks its result independently of how it was made, and the check failed. The \
                fault is ours.
                """,
            why: "A wrong image would run, and give wrong answers in silence.",
            example: "a fault of the compiler",
            message: """
                Compiler pass place: two cores stand on tile 3. This is a fault of Spikeloom, not of \
                the network. Please report it with the network file.
                """,
            remedy: """
                Please report it, with the network and the chip. Another chip or another seed may \
                get around it.
                """
        ),
    ]
}
