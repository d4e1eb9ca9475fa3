extension DiagnosticCatalogue {
    /// Pages on samples.
    static let samplePages: [DiagnosticPage] = [
        DiagnosticPage(
            .samplesUnreadable,
            "A file of samples cannot be read",
            meaning: "The file is not there, or is no complete zip archive.",
            why: "Samples are NPZ files, zip archives of numpy arrays.",
            example: "spikeloom run net.chipimg --input missing.npz",
            message: """
                missing.npz: cannot be read as an NPZ file: No such file. An NPZ file is a complete \
                zip archive of numpy arrays: write it with numpy.savez_compressed.
                """,
            remedy: "Check the path; write the file with numpy.savez_compressed."
        ),
        DiagnosticPage(
            .samplesSingleArray,
            "A file of samples is a single array",
            meaning: """
                The file was written with numpy.save and holds one array without a name.
                """,
            why: "Samples have spikes and labels, two arrays with names.",
            example: "samples.npy, one array",
            message: """
                samples.npy: is a single numpy array (.npy), not an NPZ file. Write it with \
                numpy.savez_compressed(path, spikes=array, labels=labels).
                """,
            remedy: """
                Write it with numpy.savez_compressed(path, spikes=array, labels=labels).
                """
        ),
        DiagnosticPage(
            .samplesMissingArray,
            "An array of samples is missing",
            meaning: "The file has no array of the name that is needed.",
            why: "Arrays are found by name, not by order.",
            example: "an NPZ file with the array 'x' only",
            message: """
                samples.npz: has no array 'spikes'; it has 'x'. Samples need 'spikes' of shape \
                (samples, steps, channels…); save it under that name.
                """,
            remedy: "Save the array under the name that the message gives."
        ),
        DiagnosticPage(
            .samplesAmbiguous,
            "Samples are given in two ways",
            meaning: "The file has both 'spikes' and 'spikes/NAME'.",
            why: """
                One array serves a network of one input, arrays by name one of several. With both it \
                is open which are meant.
                """,
            example: "an NPZ file with the arrays 'spikes' and 'spikes/left'",
            message: """
                samples.npz: has both 'spikes' and 'spikes/left'. It must have either one array \
                'spikes' or one array 'spikes/NAME' for each Input node. Remove or rename one of \
                them.
                """,
            remedy: "Remove or rename one of them."
        ),
        DiagnosticPage(
            .samplesArrayTwice,
            "An array of samples is there twice",
            meaning: "The archive has two members of one name.",
            why: "Readers differ in which one they take.",
            example: "an NPZ file with two members spikes.npy",
            message: """
                samples.npz: has the array 'spikes' twice. Each name may be there once; write the \
                file anew.
                """,
            remedy: "Write the file anew."
        ),
        DiagnosticPage(
            .samplesArrayUnreadable,
            "An array of samples cannot be unpacked",
            meaning: """
                A member of the archive is damaged, encrypted, or packed in a way that is not read.
                """,
            why: "A sample that is half unpacked would be another sample.",
            example: "an NPZ file with flipped bytes in the packed array",
            message: """
                samples.npz: array 'spikes' cannot be unpacked: CRC error. Arrays must be intact, \
                and stored or deflated without a password: write the file anew with \
                numpy.savez_compressed.
                """,
            remedy: "Write the file anew with numpy.savez_compressed."
        ),
        DiagnosticPage(
            .samplesLength,
            "An array is shorter or longer than it says",
            meaning: "Shape and number of bytes do not agree.",
            why: "Sizes in a file are claims, and are checked.",
            example: "an array of shape (1, 2, 3) with 5 bytes",
            message: """
                samples.npz: array 'spikes' is shorter than the 6 bytes that its header declares. \
                Shape and data must agree; write the file anew.
                """,
            remedy: "Write the file anew."
        ),
        DiagnosticPage(
            .samplesHeader,
            "An array has no valid header",
            meaning: "The header is not what numpy writes.",
            why: "Type and shape come from the header.",
            example: "a member spikes.npy that is no numpy array",
            message: """
                samples.npz: array 'spikes' has no valid numpy header: it does not start with the \
                letters of an npy file. Versions 1.0 and 2.0 of the npy format are read; write the \
                file with numpy.savez_compressed.
                """,
            remedy: "Write the file with numpy.savez_compressed."
        ),
        DiagnosticPage(
            .samplesObjects,
            "An array holds Python objects",
            meaning: "The array was saved with dtype object.",
            why: "Reading pickled objects can run any code.",
            example: "an array of type '|O'",
            message: """
                samples.npz: array 'spikes' holds pickled Python objects, which could run any code \
                and are never read. Make it a plain array of numbers, for example \
                numpy.stack(samples).astype('uint8').
                """,
            remedy: "Make it a plain array of numbers, for example with numpy.stack."
        ),
        DiagnosticPage(
            .samplesType,
            "An array holds elements of a type that is not read",
            meaning: "Spikes must be numbers or Booleans, labels integers.",
            why: "Text and complex numbers are no spikes.",
            example: "an array of type '<c8'",
            message: """
                samples.npz: array 'spikes' holds elements of type '<c8'. It must hold Booleans, \
                integers or floating-point numbers (0 and 1 only). Convert it with .astype before \
                saving.
                """,
            remedy: "Convert it with .astype before saving."
        ),
        DiagnosticPage(
            .samplesShape,
            "An array of spikes has too few dimensions",
            meaning: "Spikes are (samples, steps, channels…), each at least 1.",
            why: "Without an axis of steps it is open when a spike happens.",
            example: "an array of shape (2, 3)",
            message: """
                samples.npz: array 'spikes' has the shape (2, 3). It must be (samples, steps, \
                channels…) with three or more dimensions, each at least 1. Reshape it before saving.
                """,
            remedy: "Reshape it; images become spike trains by an encoding over steps."
        ),
        DiagnosticPage(
            .samplesTooLarge,
            "An array of samples is larger than is read",
            meaning: "The shape goes beyond the limits of the reader.",
            why: "Sizes in a file are claims, and are checked before memory is taken.",
            example: "an array of shape (1, 100000, 100000)",
            message: """
                samples.npz: array 'spikes' has 10000000000 elements; at most 8589934592 are read. \
                Split the samples over several files.
                """,
            remedy: "Split the samples over several files."
        ),
        DiagnosticPage(
            .samplesNotBinary,
            "A spike is neither 0 nor 1",
            meaning: "The array has other values.",
            why: "A spike is there or not; its size has no meaning on a chip.",
            example: "an array of shape (1, 2, 1) with the values 0 and 2",
            message: """
                samples.npz: array 'spikes' has the value 2 at sample 0, step 1, channel 0. Every \
                value must be 0 or 1. Encode the data as spikes before saving.
                """,
            remedy: """
                Encode the data as spikes before saving: by rate, by latency, or by a threshold on \
                differences.
                """
        ),
        DiagnosticPage(
            .samplesLabelCount,
            "There is not one label for each sample",
            meaning: "labels has another length than spikes has samples.",
            why: "Accuracy compares answers with labels, one by one.",
            example: "1 sample with labels of shape (2,)",
            message: """
                samples.npz: array 'labels' has the shape (2,), but there are 1 samples. It must \
                have the shape (1,): one class for each sample.
                """,
            remedy: "Save one class for each sample."
        ),
        DiagnosticPage(
            .samplesLabel,
            "A label is no class",
            meaning: "A label is negative or too large.",
            why: "Classes are the indices of output neurons, from 0.",
            example: "1 sample with the label -1",
            message: """
                samples.npz: array 'labels' has the value -1 at sample 0. Classes are whole numbers \
                from 0. Renumber them.
                """,
            remedy: "Renumber the classes from 0."
        ),
        DiagnosticPage(
            .samplesInputsDiffer,
            "Two inputs differ in samples or steps",
            meaning: "The arrays of two inputs do not have the same first two dimensions.",
            why: "All inputs of a sample run at the same time.",
            example: "spikes/a of shape (1, 2, 1) and spikes/b of shape (1, 3, 1)",
            message: """
                samples.npz: array 'spikes/a' has the shape (1, 2, 1) and array 'spikes/b' has (1, \
                3, 1). All inputs must have the same samples and steps (the first two dimensions). \
                Pad the shorter one with zeros.
                """,
            remedy: "Pad the shorter one with zeros."
        ),
        DiagnosticPage(
            .samplesStepsDiffer,
            "Two samples differ in steps",
            meaning: "Samples given as lists have different lengths.",
            why: "A batch has one number of steps.",
            example: "two samples, of 1 and of 2 steps, given as lists",
            message: """
                samples: sample 1 has 2 steps, the first has 1. All samples must have the same \
                steps. Pad the shorter ones with empty steps.
                """,
            remedy: "Pad the shorter ones with empty steps."
        ),
        DiagnosticPage(
            .samplesChannel,
            "A channel lies outside of its shape",
            meaning: "A spike given in a list names a channel that the shape does not have.",
            why: "Channels are counted from 0.",
            example: "a spike on channel 1 of 1 channel, given as a list",
            message: """
                samples: channel 1 at sample 0, step 0 does not exist. Channels are 0...0. Enlarge \
                the shape or renumber them.
                """,
            remedy: "Enlarge the shape, or renumber the channels."
        ),
        DiagnosticPage(
            .samplesNoSpikes,
            "An Input node gets no spikes",
            meaning: "The network has an Input node for which the file has no array.",
            why: "A silent input would change the answers, without a sign of it.",
            example: "samples with 'spikes/a' for a network with the inputs 'a' and 'b'",
            message: """
                The Input node 'b' gets no spikes; the samples have 'spikes/a'. A network with \
                several Input nodes needs an array 'spikes/NAME' for each. Add 'spikes/b'.
                """,
            remedy: "Add an array 'spikes/NAME' for the node, of zeros if it is silent."
        ),
        DiagnosticPage(
            .samplesNoNode,
            "Spikes are meant for a node that is not there",
            meaning: """
                The file has an array for an Input node that the network does not have.
                """,
            why: "Spikes that are dropped in silence would be missed nowhere.",
            example: """
                samples with 'spikes/a' and 'spikes/b' for a network with the input 'a'
                """,
            message: """
                The samples have an array 'spikes/b', but the network's Input nodes are 'a'. Each \
                array must belong to a node. Remove or rename it.
                """,
            remedy: "Remove or rename the array."
        ),
        DiagnosticPage(
            .samplesChannels,
            "The channels of an array are not those of the node",
            meaning: "The shape of the channels and the shape of the Input node differ.",
            why: """
                Channels are matched by their place. A flat list of as many channels is taken in C \
                order.
                """,
            example: "samples of 1 channel for an Input node of 2",
            message: """
                Array 'spikes' has channels of shape (1,), the Input node 'in' wants (2,). They must \
                be equal, or a flat list of as many channels. Transpose or reshape the array.
                """,
            remedy: "Transpose or reshape the array."
        ),
        DiagnosticPage(
            .samplesUnwritable,
            "Samples cannot be written",
            meaning: "The folder is not there or not writable.",
            why: "A file is written as a whole or not at all.",
            example: "samples written to /nowhere/samples.npz",
            message: """
                /nowhere/samples.npz: cannot be written: Failure to create temporary file: No such \
                file or directory. The folder must exist and be writable. Choose another path.
                """,
            remedy: "Choose another path."
        ),
    ]
}
