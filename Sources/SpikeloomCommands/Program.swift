import ChipImage
import ChipSpec
import Compiler
import Events
import NIRImport
import NetworkIR

/// What `run` and `measure` were given to run: an image, or a network to compile on the way.
struct Program {
    /// The image.
    let image: ChipImage
    /// The network as its author meant it; nil if an image was given.
    let network: Network?
    /// What the compiler made of it; nil if an image was given.
    private let compilation: Compilation?
    /// Name of the network.
    let name: String
    /// What the user should know of the reading of a network: time step, reset, threshold.
    let notes: [String]

    /// Loads an image, or reads and compiles a network.
    init(path: String, importing: ImportOptions, target: ChipOptions) throws {
        if try FileKind(path: path) == .chipImage {
            image = try ChipImage.load(path: path)
            network = nil
            compilation = nil
            name = image.network.name
            notes = []
            return
        }
        let imported = try importing.network(at: path)
        let chip = try target.spec()
        let rules = try imported.network.rules.map { try RuleCompiler.program(for: $0, on: chip) }
        let compilation = try Compiler.compile(imported.network, for: chip, rules: rules)
        try verify(compilation.image)
        image = compilation.image
        network = imported.network
        self.compilation = compilation
        name = imported.network.name
        notes = imported.notes
    }

    /// The network with the numbers that the chip holds; nil if an image was given.
    func quantisedNetwork() throws -> Network? { try compilation?.quantisedNetwork() }
}
