extension DiagnosticCatalogue {
    /// Pages on descriptions.
    static let descriptionPages: [DiagnosticPage] = [
        DiagnosticPage(
            .descriptionUnreadable,
            "A description cannot be read",
            meaning: """
                The file is not there, is a folder, has more than a MiB, or is not UTF-8.
                """,
            why: """
                Experiments are text for people; large arrays belong into NPZ files beside them.
                """,
            example: "spikeloom learn missing.yaml",
            message: """
                missing.yaml: The experiment cannot be opened. It must be a readable file. Check the \
                path.
                """,
            remedy: "Check the path. Move large lists of numbers into an NPZ file."
        ),
        DiagnosticPage(
            .descriptionSyntax,
            "A description is not YAML",
            meaning: "Quotes, brackets or indentation do not add up, or the file is empty.",
            why: "Nothing of a file is used whose structure is unclear.",
            example: """
                experiment: x
                network: { populations: { a: { count: 1 }
                """,
            message: """
                x.yaml:3:1: This is not YAML: did not find expected ',' or '}'. Check indentation, \
                quotes and brackets near this line.
                """,
            remedy: "Look at the line of the message and at the one before it."
        ),
        DiagnosticPage(
            .descriptionAnchor,
            "A description uses an anchor",
            meaning: "There is a '&x', with which YAML names a value to repeat it elsewhere.",
            why: "A few lines of nested anchors unfold to billions of values.",
            example: """
                experiment: x
                network: &net { populations: {} }
                """,
            message: """
                x.yaml:2:10: There is a '&x', as YAML writes anchors. A file may have none. Write \
                the value out; in text and comments, put a space after the '&'.
                """,
            remedy: "Write the value out. In text, put a space after the '&'."
        ),
        DiagnosticPage(
            .descriptionUnknownKey,
            "A key does not exist",
            meaning: "A section has a key that it does not know.",
            why: """
                A key that is ignored would be a setting that does nothing, in silence.
                """,
            example: """
                experiment: x
                network:
                  populations: { a: { cuont: 1, neuron: lif, tau: 10 } }
                phases: [{ run: { seconds: 1 } }]
                """,
            message: """
                x.yaml:3:23: network.populations.a has the key 'cuont'. Its keys are: count, shape, \
                neuron, like, tau, tauSyn, threshold, reset, refractory, bias, noise, psp, \
                compartments, positions. Did you mean count?
                """,
            remedy: """
                Correct the spelling; the message lists the keys of the section, docs/EXPERIMENTS.md \
                explains them.
                """
        ),
        DiagnosticPage(
            .descriptionTwice,
            "Something stands twice",
            meaning: """
                A key, a name, a seed or a level stands twice where each may stand once.
                """,
            why: """
                YAML keeps the last of two in silence, and the first one would be lost.
                """,
            example: """
                experiment: x
                seeds: [7, 7]
                network:
                  populations: { a: { count: 1, neuron: lif, tau: 10 } }
                phases: [{ run: { seconds: 1 } }]
                """,
            message: """
                x.yaml:2:12: seeds[1] is 7, which stands there before. Each seed stands once.
                """,
            remedy: "Delete one of the two."
        ),
        DiagnosticPage(
            .descriptionMissing,
            "A key is missing",
            meaning: "A section lacks a key that it must have.",
            why: "There is no value that most authors would mean.",
            example: """
                experiment: x
                network:
                  populations: { a: { count: 1, neuron: lif } }
                phases: [{ run: { seconds: 1 } }]
                """,
            message: """
                x.yaml:3:21: network.populations.a lacks the key tau. It is the membrane time \
                constant in ms. Add it.
                """,
            remedy: "Add the key that the message names."
        ),
        DiagnosticPage(
            .descriptionValue,
            "A value cannot be used",
            meaning: "A value is of another kind than its key takes, or out of its range.",
            why: """
                The ranges are those of the chip's registers or of the experiment's limits; the \
                message says which.
                """,
            example: """
                experiment: x
                network:
                  populations: { a: { count: 0, neuron: lif, tau: 10 } }
                phases: [{ run: { seconds: 1 } }]
                """,
            message: """
                x.yaml:3:30: network.populations.a.count is '0'. It must be a whole number in \
                1...1048576. Write it in decimal digits.
                """,
            remedy: "Write a value of the range that the message gives."
        ),
        DiagnosticPage(
            .descriptionReference,
            "A name leads nowhere",
            meaning: """
                A population, projection, input or rule is named that the file does not have.
                """,
            why: "Nothing is created by being named.",
            example: """
                experiment: x
                network:
                  populations: { hidden: { count: 1, neuron: lif, tau: 10 } }
                  projections: { p: { from: hidden, to: hiden, weights: 1 } }
                phases: [{ run: { seconds: 1 } }]
                """,
            message: """
                x.yaml:4:41: network.projections.p.to is 'hiden', which is no population. It must be \
                one of: hidden. Did you mean hidden?
                """,
            remedy: "Correct the name; the message lists those that are there."
        ),
        DiagnosticPage(
            .descriptionName,
            "A name has characters that names may not have",
            meaning: """
                Names of populations, projections and arms have 1 to 64 letters, digits, '_' or '-'.
                """,
            why: """
                Names stand in key paths, in file names and in reports, where dots, slashes and \
                spaces have other meanings.
                """,
            example: """
                experiment: x
                network:
                  populations: { "a b": { count: 1, neuron: lif, tau: 10 } }
                phases: [{ run: { seconds: 1 } }]
                """,
            message: """
                x.yaml:3:18: network.populations has the name 'a b'. A name has 1...64 letters, \
                digits, '_' or '-'. Choose another name.
                """,
            remedy: "Choose another name."
        ),
        DiagnosticPage(
            .descriptionKeysTogether,
            "Keys do not go together",
            meaning: """
                A section has two keys of which it may have one, none of those of which it must have \
                one, or a key that its other values make meaningless.
                """,
            why: "Of two contradicting keys one would be ignored.",
            example: """
                experiment: x
                network:
                  populations: { a: { count: 1, shape: [1], neuron: lif, tau: 10 } }
                phases: [{ run: { seconds: 1 } }]
                """,
            message: """
                x.yaml:3:21: network.populations.a has count and shape. It must have exactly one of: \
                count, shape. Delete the others.
                """,
            remedy: "Keep one of the keys."
        ),
        DiagnosticPage(
            .descriptionTooLarge,
            "A description asks for more than is run",
            meaning: """
                The network or the schedule goes beyond the limits: 2^20 neurons, 2^27 pairs of \
                neurons, and the phases and steps of the message.
                """,
            why: "A few characters describe networks that no machine holds.",
            example: """
                experiment: x
                network:
                  populations:
                    a: { count: 1000000, neuron: lif, tau: 10 }
                    b: { count: 1000000, neuron: lif, tau: 10 }
                phases: [{ run: { seconds: 1 } }]
                """,
            message: """
                x.yaml:5:8: network.populations.b brings the network to 2000000 neurons. It may have \
                1048576. Lower count.
                """,
            remedy: "Lower the counts, or shorten the phases."
        ),
        DiagnosticPage(
            .descriptionProjection,
            "A projection cannot be drawn as it is described",
            meaning: """
                A projection leads into an input, pairs neurons one by one that are not equally \
                many, or gives a learning projection several delays.
                """,
            why: """
                The pairs of a projection must exist before weights are drawn for them.
                """,
            example: """
                experiment: x
                network:
                  populations:
                    a: { count: 2, neuron: lif, tau: 10 }
                    b: { count: 3, neuron: lif, tau: 10 }
                  projections: { p: { from: a, to: b, connect: oneToOne, weights: 1 } }
                phases: [{ run: { seconds: 1 } }]
                """,
            message: """
                x.yaml:6:48: network.projections.p.connect is oneToOne, from 2 to 3 neurons. The \
                numbers must be equal. Write allToAll, or change one of the counts.
                """,
            remedy: "Write connect: allToAll, or change a count."
        ),
        DiagnosticPage(
            .descriptionArray,
            "An array of another file does not fit",
            meaning: """
                An NPZ file that a description names is not there, lacks the array, or holds it in \
                another shape or with values out of range.
                """,
            why: "Values are matched to neurons by their place in the array.",
            example: """
                experiment: x
                network:
                  populations: { a: { count: 2, neuron: lif, tau: { file: w.npz, array: tau } } }
                phases: [{ run: { seconds: 1 } }]
                """,
            message: """
                x.yaml:3:59: network.populations.a.tau.file cannot be read. w.npz: cannot be read as \
                an NPZ file: No such file. An NPZ file is a complete zip archive of numpy arrays: \
                write it with numpy.savez_compressed. Check file and array.
                """,
            remedy: """
                Check file, name and shape: rows are targets, columns are sources. Paths begin at \
                the folder of the description.
                """
        ),
        DiagnosticPage(
            .descriptionPath,
            "A key path leads nowhere",
            meaning: """
                An arm changes a key by its path, and the document has nothing at that path.
                """,
            why: "An arm that changes nothing would be a control that nobody asked for.",
            example: """
                experiment: x
                network:
                  populations: { a: { count: 1, neuron: lif, tau: 10 } }
                phases: [{ run: { name: on, seconds: 1 } }]
                arms: { long: { phases.off.seconds: 20 } }
                """,
            message: """
                x.yaml:5:17: in arm 'long', arms.long has the path 'phases.off.seconds', which names \
                'off', of which phases has 0. It must name one of: on. An item can also be named by \
                its number, as in phases.[0].
                """,
            remedy: """
                Correct the path; items of lists go by name or by number, as in phases.on.seconds or \
                phases.[0].run.seconds.
                """
        ),
        DiagnosticPage(
            .descriptionArm,
            "There is no such arm",
            meaning: "--arm names an arm that the file does not have.",
            why: "Arms are the named variants of an experiment; the file lists them.",
            example: "spikeloom learn x.yaml --arm nosuch",
            message: "x.yaml: There is no arm 'nosuch': the file has no arms.",
            remedy: "Choose one of those that the message lists, or leave --arm out."
        ),
        DiagnosticPage(
            .descriptionFeedback,
            "A feedback projection does not mirror its forward projection",
            meaning: """
                feedbackOf names a projection that leads another way, connects other pairs, is a \
                feedback itself or has several delays.
                """,
            why: """
                Alignment compares each feedback weight with the forward weight between the same two \
                neurons.
                """,
            example: """
                experiment: x
                network:
                  populations:
                    a: { count: 2, neuron: lif, tau: 10 }
                    b: { count: 2, neuron: lif, tau: 10 }
                  projections:
                    up: { from: a, to: b, weights: 1 }
                    down: { from: a, to: b, feedbackOf: up, weights: 0 }
                phases: [{ run: { seconds: 1 } }]
                """,
            message: """
                x.yaml:8:11: network.projections.down leads from a to b, but is the feedback of up, \
                which leads from a to b. Swap from and to.
                """,
            remedy: """
                Swap from and to, and leave connect out: a feedback has the pairs of its forward \
                projection.
                """
        ),
        DiagnosticPage(
            .descriptionConnections,
            "Arrays of synapses contradict one another",
            meaning: """
                In an NPZ file of synapses, indptr must have one entry a source and one more, ascend, and \
                end at the number of indices and weights; indices name neurons, each at most once for a \
                source.
                """,
            why: """
                A synapse that two arrays disagree about has no source, no target or no weight.
                """,
            example: """
                n_neurons = 2, n_inputs = 0, indptr = [0, 1], indices = [1], weights = [5]
                """,
            message: """
                x.npz: indptr has 2 entries, but 2 neurons and 0 inputs need 3. Write the arrays as \
                scipy.sparse.csr_array holds them.
                """,
            remedy: """
                Write indptr, indices and weights from one scipy.sparse.csr_array of the shape \
                (n_neurons + n_inputs, n_neurons) that has summed its duplicates.
                """
        ),
    ]
}
