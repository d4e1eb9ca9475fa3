extension DiagnosticCatalogue {
    /// Pages on NIR files and graphs.
    static let nirPages: [DiagnosticPage] = [
        DiagnosticPage(
            .hdf5FileUnreadable,
            "The HDF5 file cannot be opened",
            meaning: "The network file is not there, is a folder, or may not be read.",
            why: "Nothing can be compiled before the file is open.",
            example: "spikeloom compile missing.nir --from snntorch -o net.chipimg",
            message: """
                missing.nir: No such file or directory. Give the path of a NIR file (HDF5) that can \
                be read.
                """,
            remedy: "Check the path and its permissions."
        ),
        DiagnosticPage(
            .notHDF5,
            "The file is not HDF5",
            meaning: "The first bytes are not those of an HDF5 file.",
            why: """
                NIR stores networks as HDF5, and other formats have other commands: chip images and \
                recordings go to run, replay and inspect.
                """,
            example: "net.nir is a text file",
            message: """
                net.nir: this is not an HDF5 file (its first bytes are others). NIR files are HDF5: \
                give the file that nir.write made.
                """,
            remedy: """
                Give the file that nir.write made. A file of another format keeps its own extension: \
                .chipimg, .mcap, .npz, .yaml.
                """
        ),
        DiagnosticPage(
            .hdf5Damaged,
            "The HDF5 file is damaged",
            meaning: """
                The file begins like HDF5, and is shorter than it says or contradicts itself.
                """,
            why: """
                A copy that was cut short still opens in part. Weights that were lost would be \
                zeros, and the network would be another one.
                """,
            example: "net.nir, of which only the first 100 bytes were copied",
            message: """
                net.nir: the HDF5 file is damaged or cut short (truncated file: eof = 100, \
                sblock->base_addr = 0, stored_eof = 37240). Copy or export it again.
                """,
            remedy: "Copy or export the file again."
        ),
        DiagnosticPage(
            .hdf5ArrayUnreadable,
            "The values of an array cannot be read",
            meaning: """
                The structure of the file is in order, and its second reading, that of the large \
                arrays, fails: an array does not unpack, or has another number of elements than \
                before.
                """,
            why: """
                Shapes are checked before large arrays are read. Weights that are then not there are \
                not guessed.
                """,
            example: """
                net.nir, in which the weight of node '0' is replaced by a larger array while it is \
                read
                """,
            message: """
                net.nir: /node/nodes/0/weight: it holds 6144 elements, 5 were expected. Was the file \
                changed meanwhile? Try again.
                """,
            remedy: """
                Export the network again; if the file came over a network, copy it again.
                """
        ),
        DiagnosticPage(
            .hdf5TooLarge,
            "The HDF5 file holds more than is read",
            meaning: """
                The structure of the file (groups, texts, elements of one array) goes beyond what \
                the reader takes.
                """,
            why: """
                The sizes in a file are claims. They are checked before memory is taken, so that a \
                small file cannot ask for terabytes.
                """,
            example: "an array of more than 2^26 elements",
            message: """
                net.nir: /node/nodes/fc/weight: the array has 67108865 elements. The limit is \
                67108864. Split the network into smaller files.
                """,
            remedy: "Split the network into smaller files."
        ),
        DiagnosticPage(
            .hdf5ReaderMissing,
            "The program that reads HDF5 files is missing",
            meaning: """
                spikeloom reads HDF5 in a child process, spikeloom-hdf5, which does not start.
                """,
            why: """
                HDF5 is a large C library. What a hostile file does to it must not reach the compiler.
                """,
            example: "spikeloom without spikeloom-hdf5 beside it",
            message: """
                /nowhere/spikeloom-hdf5: the program that reads HDF5 files does not start (No such \
                file or directory). Install it beside spikeloom (swift build --product \
                spikeloom-hdf5).
                """,
            remedy: """
                Build it (swift build --product spikeloom-hdf5) and keep both programs in one folder.
                """
        ),
        DiagnosticPage(
            .hdf5ReaderFailed,
            "The program that reads HDF5 files failed",
            meaning: """
                The child process crashed on the file, used up its time or memory, or gave an answer \
                that is none.
                """,
            why: """
                It has limits of memory and time. A file that a plain network needs does not come \
                near them.
                """,
            example: "a reader that ends without an answer",
            message: """
                net.nir: the file cannot be read: the reader's answer is not in the agreed format. \
                It is damaged or made to do harm; export it again.
                """,
            remedy: """
                Export the network again. If the file opens in h5py without trouble, please report it.
                """
        ),
        DiagnosticPage(
            .noTimeStep,
            "The time step is not given",
            meaning: "A NIR file holds time constants, and does not say how long a step is.",
            why: """
                Frameworks write time constants in seconds, milliseconds or steps. A chip updates \
                its neurons once a step, so that decay factors need both.
                """,
            example: "spikeloom compile net.nir -o net.chipimg",
            message: """
                net.nir: a NIR file does not hold its time step. Name the tool that wrote it (--from \
                snntorch|norse|sinabs|lava|sinabs-unnormalised) or give the step in the unit of its \
                time constants (--dt).
                """,
            remedy: """
                Name the tool that wrote the file (--from), which sets its step, or give the step in \
                the unit of the file's time constants (--dt).
                """
        ),
        DiagnosticPage(
            .badTimeStep,
            "The time step is no positive number",
            meaning: "--dt is 0, negative or not finite.",
            why: "Decays are computed from dt/tau.",
            example: "spikeloom compile net.nir --dt -1 -o net.chipimg",
            message: """
                net.nir: the time step is -1.0. It must be a positive number. Give the step in the \
                unit of the file's time constants.
                """,
            remedy: """
                Give the length of a step in the unit of the file's time constants, for example --dt \
                1e-4.
                """
        ),
        DiagnosticPage(
            .nirPartMissing,
            "A part of the NIR file is missing",
            meaning: """
                The format has groups, node types and parameters that are always there; one of them \
                is not.
                """,
            why: """
                A default in their place would change what the network computes: a threshold of 1 is \
                a guess.
                """,
            example: "a LIF node without v_threshold",
            message: """
                net.nir: /node/nodes/lif/v_threshold: the parameter 'v_threshold' is missing. Every \
                NIR file has it: export the network again.
                """,
            remedy: """
                Export the network again with a current version of nir. For an Input or Output node: \
                add one, so that the network has a way in and out.
                """
        ),
        DiagnosticPage(
            .nirPartUnreadable,
            "A part of the NIR file is stored in a way that is not read",
            meaning: """
                An array has an element type or a filter that is not supported, its data do not \
                unpack, or a link leads to another file or to nothing.
                """,
            why: """
                Links into other files could read what the user did not name. Compound and complex \
                types have no meaning as weights.
                """,
            example: "weight is a soft link to nothing",
            message: """
                net.nir: /node/nodes/fc/weight cannot be read: this is a soft link that leads \
                nowhere. Export the file again.
                """,
            remedy: "Store the array in the file itself, as numbers, plain or with gzip."
        ),
        DiagnosticPage(
            .nirNodeUnknown,
            "The node type is unknown",
            meaning: "NIR has no such node type.",
            why: "A chip can only run neurons whose equations are known.",
            example: "node 'lif' of type AdExLIF",
            message: """
                net.nir: node 'lif' has type 'AdExLIF', which NIR does not have. Supported are \
                Input, Output, Affine, Linear, Scale, Conv1d, Conv2d, SumPool2d, AvgPool2d, Flatten, \
                Delay, Threshold, I, IF, LI, LIF, CubaLI, CubaLIF, NIRGraph. Export it as one of these.
                """,
            remedy: "Check the spelling, or export the neuron as one of NIR's types."
        ),
        DiagnosticPage(
            .nirKind,
            "A part of the NIR file is of another kind",
            meaning: """
                Text stands where numbers belong, an array where a group belongs, or a list has \
                another form than the format has.
                """,
            why: "Reading it in some other way would guess.",
            example: "weight holds text",
            message: """
                net.nir: /node/nodes/fc/weight: it holds text. It must hold numbers: export it again.
                """,
            remedy: "Export the network again; the message says what kind the part must be."
        ),
        DiagnosticPage(
            .nirShape,
            "A shape does not fit",
            meaning: """
                A parameter has another shape than its node needs: one bias for each output, one \
                value of a parameter for each neuron or one for all, weights with two axes.
                """,
            why: """
                Shapes are checked before arrays are read. Numbers in a wrong shape would end up at \
                other synapses.
                """,
            example: "an Affine node of 3 outputs with 2 biases",
            message: """
                net.nir: /node/nodes/fc/bias: the bias has shape (2), the weight (3, 4). There must \
                be one bias for each of the 3 outputs.
                """,
            remedy: "Export the network again, without a batch axis."
        ),
        DiagnosticPage(
            .nirNotFinite,
            "A parameter is not finite",
            meaning: "A weight, bias or other parameter is infinite or not a number.",
            why: """
                No register of a chip holds infinity, and one NaN would spread through the scale of \
                its whole population.
                """,
            example: "a weight that is not a number",
            message: """
                net.nir: /node/nodes/fc/weight: element 6 is nan. All parameters must be finite \
                numbers: train or export the network again.
                """,
            remedy: """
                Training has diverged, or the export is broken. Train again with a lower learning \
                rate, or export again.
                """
        ),
        DiagnosticPage(
            .nirTimeConstant,
            "A time constant is not positive",
            meaning: "tau is 0 or negative in some neurons.",
            why: """
                A membrane with tau of 0 forgets within no time, and one below 0 grows without bound.
                """,
            example: "a LIF neuron with tau = 0",
            message: """
                net.nir: /node/nodes/lif/tau: tau is 0.0 in 1 neuron(s). Time constants must be \
                positive: export the network again.
                """,
            remedy: "Export the network again. For a neuron without leak use IF."
        ),
        DiagnosticPage(
            .nirOutputUnfed,
            "Nothing leads into an Output",
            meaning: "The network has an Output node that no edge enters.",
            why: "The output would read nothing, in silence.",
            example: "an Output node without an edge",
            message: """
                net.nir: node 'output': nothing leads into this Output. Add an edge into it, or \
                remove it.
                """,
            remedy: "Add the edge, or remove the Output."
        ),
        DiagnosticPage(
            .nirPorts,
            "A nested graph has several ports of a kind",
            meaning: "A graph inside of the graph has more than one Input or Output node.",
            why: """
                An edge of the outer graph names the nested graph as a whole, and does not say which \
                port it means.
                """,
            example: "a nested graph with Inputs 'a' and 'b'",
            message: """
                net.nir: /node/nodes/sub/nodes: the nested graph has 2 Input nodes. It must have \
                one: edges do not say which is meant.
                """,
            remedy: """
                Flatten the network, or give the nested graph one Input and one Output.
                """
        ),
        DiagnosticPage(
            .nirEdgeToNowhere,
            "An edge names a node that is not there",
            meaning: "The list of edges has a name that the list of nodes lacks.",
            why: "Leaving the edge out would leave a part of the network unfed.",
            example: "the edge lif → outputt",
            message: """
                net.nir: edge 'lif' → 'outputt': there is no node 'outputt'. The nodes here are \
                'fc', 'input', 'lif', 'output': export the network again.
                """,
            remedy: "Correct the name; the message lists those that are there."
        ),
        DiagnosticPage(
            .nirEdgeWrongWay,
            "An edge goes the wrong way",
            meaning: "An edge leaves an Output node, or enters an Input node.",
            why: "Inputs are where spikes enter the chip, and outputs where they leave.",
            example: "the edge output → lif",
            message: """
                net.nir: edge 'output' → 'lif': it leaves an Output node. Read the node before the \
                Output.
                """,
            remedy: "Connect the nodes before the Output, and behind the Input."
        ),
        DiagnosticPage(
            .nirEdgeTwice,
            "An edge is there twice",
            meaning: "Two edges join the same nodes in the same direction.",
            why: """
                Some frameworks add the input twice, others once. The file does not say which is \
                meant.
                """,
            example: "the edge fc → lif, twice",
            message: """
                net.nir: edge 'fc' → 'lif': it is there twice. Remove one, or double the weights if \
                twice the input is meant.
                """,
            remedy: "Remove one of them; for twice the input, double the weights."
        ),
        DiagnosticPage(
            .nirEdgeShapes,
            "The ends of an edge have different shapes",
            meaning: "One node puts out another shape than the next one takes.",
            why: """
                Elements are matched by their place in the shape. Nothing is broadcast or cut.
                """,
            example: "an Input of 4 into a Linear of 5 inputs",
            message: """
                net.nir: edge 'input' → 'fc': 'input' gives shape (4), 'fc' takes (5). Both ends of \
                an edge must have one shape: export the network again.
                """,
            remedy: "Export the network again, or put a Flatten between them."
        ),
        DiagnosticPage(
            .nirLoop,
            "A loop has no neuron",
            meaning: """
                Nodes without state (Affine, Linear, Scale, Flatten, convolutions, pools, Threshold) \
                form a cycle.
                """,
            why: """
                Each of them acts at once, so that the value at every node would depend on itself. A \
                neuron takes a step, which cuts the loop; so does a Delay if it delays every element \
                by a step or more.
                """,
            example: "Scale 's' → Scale 's2' → Scale 's'",
            message: """
                net.nir: the nodes 's' → 's2' form a loop without a neuron. A loop needs at least \
                one neuron, or a Delay of at least a step. Remove an edge or put a neuron in.
                """,
            remedy: "Remove an edge, or put a neuron or a Delay into the loop."
        ),
        DiagnosticPage(
            .nirUnstableStep,
            "A time constant of the file is shorter than the step",
            meaning: "dt/tau is above 1.",
            why: """
                A neuron moves towards its input by the share dt/tau in a step. Beyond 1 it \
                overshoots, and on a chip a decay factor below 0 does not exist.
                """,
            example: "a LIF neuron with tau = 1e-5 and a step of 1e-4",
            message: """
                net.nir: node 'lif': tau is 1e-05 in 1 neuron, shorter than the time step of 0.0001. \
                dt/tau must not exceed 1, else the membrane overshoots. The file was probably \
                written with another step: give the right --from or --dt.
                """,
            remedy: """
                The file was probably written with another step: give the right --from or --dt.
                """
        ),
        DiagnosticPage(
            .nirTooLarge,
            "The network holds more than is read",
            meaning: """
                Neurons, edges, parameters or the work of folding stateless nodes go beyond the \
                limits of the importer.
                """,
            why: """
                Small files can describe large networks: a shape is a few bytes. The limits keep \
                memory below a gigabyte and time to seconds.
                """,
            example: "an Input of 3000 × 3000 values",
            message: """
                net.nir: /node/nodes/in: a shape of (3000, 3000) has 9000000 elements. The limit is \
                4194304. Split the network into smaller files.
                """,
            remedy: "Split the network into smaller files."
        ),
        DiagnosticPage(
            .nirDelay,
            "A delay is negative or too long",
            meaning: """
                A Delay node delays by less than 0, or by more steps than are read: alone, or together \
                with the Delay nodes before it.
                """,
            why: """
                What arrives before it was sent is no delay. A long one is remembered step by step, and \
                mostly comes from a wrong time step.
                """,
            example: "a Delay node of 10 seconds and a step of 1e-4",
            message: """
                net.nir: /node/nodes/d/delay: it is 10.0 in 1 element, 100000.0 steps of 0.0001. Delays \
                must be 0 to 65536 steps: give the right --from or --dt, or export the network again.
                """,
            remedy: """
                Give the step in the unit of the file's delays and time constants (--dt), or correct the \
                delays.
                """
        ),
    ]
}
