import ChipImage
import ChipSpec
import TestSupport
import Testing

/// A kind of machine that the tests by hand are run on.
struct MachineUnderTest: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var make: @Sendable (ChipImage, Device, UInt64) -> any LearningMachine

    /// All kinds.
    static let all = [
        MachineUnderTest(testDescription: "reference machine") {
            ReferenceMachine(image: $0, device: $1, seed: $2)
        },
        MachineUnderTest(testDescription: "fast machine") {
            FastMachine(image: $0, device: $1, seed: $2)
        },
    ]
}
