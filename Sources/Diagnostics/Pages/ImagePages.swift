extension DiagnosticCatalogue {
    /// Pages on chip images.
    static let imagePages: [DiagnosticPage] = [
        DiagnosticPage(
            .imageUnreadable,
            "A chip image cannot be opened",
            meaning: "The file is not there, is no regular file, or may not be read.",
            why: "An image is read as a whole before it is trusted.",
            example: "spikeloom inspect missing.chipimg",
            message: """
                missing.chipimg: The chip image cannot be read: No such file or directory. Check the \
                path and its permissions.
                """,
            remedy: "Check the path and its permissions."
        ),
        DiagnosticPage(
            .imageUnwritable,
            "A chip image cannot be written",
            meaning: "The folder is not there or not writable, or the disk is full.",
            why: """
                An image is written under another name first, so that a failure leaves an old one \
                whole.
                """,
            example: """
                spikeloom compile net.nir --from snntorch -o no/such/folder/net.chipimg
                """,
            message: """
                no/such/folder/net.chipimg: The chip image cannot be written: No such file or \
                directory. Check the folder and the free space.
                """,
            remedy: "Check the folder and the free space."
        ),
        DiagnosticPage(
            .notAnImage,
            "The file is no chip image",
            meaning: "The file does not begin with the header of a chip image.",
            why: "The first bytes tell formats apart, whatever a file is called.",
            example: "net.chipimg is a text file",
            message: """
                net.chipimg: Offset 0: this is not a chip image (11 bytes). One begins with a \
                64-byte header, 8D 'CHIPIMG'. Give the output of 'spikeloom compile'.
                """,
            remedy: "Give the output of 'spikeloom compile'."
        ),
        DiagnosticPage(
            .imageNewer,
            "A later version wrote the chip image",
            meaning: "The major version of the format is above the one that is known.",
            why: "A later format may mean other things by the same bytes.",
            example: "an image of format version 2.1",
            message: """
                net.chipimg: Offset 8: format version 2.1. This version of spikeloom reads version 1 \
                and older. Update spikeloom, or compile the network again.
                """,
            remedy: "Update spikeloom, or compile the network again with this version."
        ),
        DiagnosticPage(
            .imageDamaged,
            "The chip image is damaged",
            meaning: "A checksum does not fit its bytes.",
            why: """
                One flipped bit of a weight or a route would be another network, without a sign of it.
                """,
            example: "an image with one byte of its header changed",
            message: """
                net.chipimg: Offset 0: the header is damaged: CRC32C is 4891E906, it was written as \
                9551FC2D. Copy the file again, or compile the network again.
                """,
            remedy: "Copy the file again, or compile the network again."
        ),
        DiagnosticPage(
            .imageMalformed,
            "The chip image contradicts its format",
            meaning: """
                The checksums are right, and a section has an impossible size, place or content.
                """,
            why: """
                Such a file was not written by this program. Sizes are checked before memory is taken.
                """,
            example: "an image with a byte appended",
            message: """
                net.chipimg: Offset 5250: the file: 1 bytes follow the last section. Nothing may \
                follow it. Compile the network again.
                """,
            remedy: "Compile the network again."
        ),
        DiagnosticPage(
            .imageUnknownSection,
            "A section of the chip image is unknown and must be understood",
            meaning: """
                The file has a section that is marked as critical and that this version does not know.
                """,
            why: """
                Sections that may be skipped are not marked; without this one the image would run \
                wrongly.
                """,
            example: "an image with a critical section of type 999",
            message: """
                net.chipimg: Offset 1224: section type 999 of core 2 is marked as critical and \
                unknown to this version of spikeloom. Update spikeloom, or compile the network \
                again.
                """,
            remedy: "Update spikeloom, or compile the network again with this version."
        ),
        DiagnosticPage(
            .imageInvalid,
            "The tables of the chip image contradict each other or the chip",
            meaning: """
                A row leads to a core that is not there, a weight is wider than the chip's, a column \
                has another length than its neighbours, and the like.
                """,
            why: """
                Every table is checked against the chip in the image before it runs, so that the \
                emulator's loops need no checks.
                """,
            example: "an image in which one neuron has a threshold beyond its register",
            message: """
                net.chipimg: Core 0, threshold[0]: it is 2147483647. It must be a mantissa of 23 \
                bits, shifted left by 0. Compile the network again.
                """,
            remedy: """
                Compile the network again. If you edited the image, the message says which table is \
                at fault.
                """
        ),
        DiagnosticPage(
            .imageNotEncodable,
            "The chip image cannot hold a value",
            meaning: """
                A value of the image has no form in the file: a number that is not finite, or cores \
                out of order.
                """,
            why: "The format has no infinities, and readers expect ascending cores.",
            example: "an image whose two cores stand in the wrong order",
            message: """
                Core 0: its tables follow those of core 2, so the chip image cannot be written. \
                Cores must ascend.
                """,
            remedy: "Correct what builds the image. The compiler never makes such images."
        ),
    ]
}
