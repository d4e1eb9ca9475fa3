import ChipImage
import ChipSpec
import Compiler
import Events
import NIRImport
import NetworkIR

/// What `run` and `measure` were given to run: an image, or a network to compile on the way.
struct Program {
    /// The image; nil if only float numerics were asked for.
    let image: ChipImage
    /// The network as its author meant it; nil if an image was given.
    let network: Network?
    /// The network with the numbers that the chip holds; nil if an image was given.
    let quantised: Network?
    /// Name of the network.
    let name: String

    /// Loads an image, or reads and compiles a network.
    init(path: String, importing: ImportOptions, target: ChipOptions, isQuiet: Bool) throws {
        if try FileKind(path: path) == .chipImage {
            image = try ChipImage.load(path: path)
            network = nil
            quantised = nil
            name = image.network.name
            return
        }
        let imported = try importing.network(at: path)
        if !isQuiet { for note in imported.notes { Console.print(note) } }
        let compilation = try Compiler.compile(imported.network, for: target.spec())
        try verify(compilation.image)
        image = compilation.image
        network = imported.network
        quantised = compilation.quantised
        name = imported.network.name
    }
}
