extension DiagnosticCatalogue {
    /// Pages on chip specs.
    static let specPages: [DiagnosticPage] = [
        DiagnosticPage(
            .specUnreadable,
            "A chip spec cannot be read",
            meaning: """
                The file is not there, is a folder, has more than a MiB, or is not UTF-8.
                """,
            why: "A chip spec is text: each number stands with its source.",
            example: "spikeloom chips missing.yaml",
            message: """
                missing.yaml: The chip spec cannot be opened. It must be a readable file. Check the \
                path and its permissions.
                """,
            remedy: """
                Check the path. A name without '/' and '.yaml' is looked up in the folders that \
                'spikeloom chips' lists.
                """
        ),
        DiagnosticPage(
            .specSyntax,
            "A chip spec is not YAML",
            meaning: """
                Quotes, brackets or indentation do not add up, or the file uses a part of YAML that \
                chip specs do without.
                """,
            why: "Nothing of a file is used whose structure is unclear.",
            example: """
                extends: pilot
                name: mine
                core: { neurons: 128
                """,
            message: """
                mine.yaml:4: This is not YAML: did not find expected ',' or '}'. It must be a YAML \
                document. Check indentation, quotes and brackets near this line.
                """,
            remedy: "Look at the line of the message and at the one before it."
        ),
        DiagnosticPage(
            .specUnknownKey,
            "A key of a chip spec does not exist",
            meaning: "A section of the spec has a key that no chip spec has.",
            why: """
                A misspelt limit would be ignored, and the chip would be larger than its author \
                thinks.
                """,
            example: """
                extends: pilot
                name: mine
                summary: A chip of mine.
                core: { neurones: 128 }
                """,
            message: """
                mine.yaml:4: core.neurones is not a key of a chip spec. It must be one of: neurons, \
                axonsIn, axonsOut, synapseMemoryInBytes. Did you mean neurons?
                """,
            remedy: "Correct the spelling; docs/CHIPS.md explains each key."
        ),
        DiagnosticPage(
            .specTwice,
            "A key of a chip spec stands twice",
            meaning: "A section has a key twice.",
            why: "YAML keeps the last of two in silence.",
            example: """
                extends: pilot
                name: mine
                summary: A chip of mine.
                core: { neurons: 128, neurons: 256 }
                """,
            message: """
                mine.yaml:4: neurons stands twice in its section. It must stand there once. Delete \
                one of the two.
                """,
            remedy: "Delete one of the two."
        ),
        DiagnosticPage(
            .specMissing,
            "A key of a chip spec is missing",
            meaning: "The spec lacks a key that every chip has.",
            why: "A chip without a stated limit has none, which no chip is.",
            example: """
                name: mine
                summary: A chip without cores.
                """,
            message: """
                mine.yaml:1: mesh is missing. It must be a section. Add it; docs/CHIPS.md explains \
                each key.
                """,
            remedy: "Add the key, or extend a chip that has it (extends: pilot)."
        ),
        DiagnosticPage(
            .specValue,
            "A value of a chip spec cannot be used",
            meaning: "A value is out of its range, or contradicts another one.",
            why: """
                The ranges are those for which the emulator's arithmetic is proved and the image \
                format has room.
                """,
            example: """
                extends: pilot
                name: mine
                summary: A chip of mine.
                core: { neurons: 0 }
                """,
            message: """
                mine.yaml:4: core.neurons is 0. It must lie in 1...65536. Model a larger core as \
                several cores of one tile.
                """,
            remedy: "Write a value of the range that the message gives."
        ),
        DiagnosticPage(
            .unknownChip,
            "There is no such chip",
            meaning: "--chip, or chip: of an experiment, names a chip that no folder has.",
            why: "Chips are files; the folders are listed in the message.",
            example: "spikeloom chips pilott",
            message: """
                Chip 'pilott' is not known. Known chips: pilot (in .). Did you mean pilot? Give a \
                name of the list, or a path that ends in .yaml.
                """,
            remedy: "Choose one of the list, or give the path of a spec that ends in .yaml."
        ),
    ]
}
