public import HDF5
import NetworkIR

/// Reads networks in the Neuromorphic Intermediate Representation (NIR).
///
/// Pedersen et al., Nature Communications 2024, doi 10.1038/s41467-024-52259-9; layout as written by
/// the Python package `nir` up to 1.0.8. `docs/NIR.md` says what is read and what is refused.
public enum NIRFile {
    /// What a file may ask for.
    package struct Limits: Sendable {
        /// Most values that all nodes together put out: 2²².
        package var neurons = 1 << 22
        /// Most edges of one graph; the reader of the file holds no more text.
        package var edges = 1 << 17
        /// Most stored parameters, and most weights of the network at any time: 2²⁶.
        package var parameters = 1 << 26
        /// Most multiplications to fold stateless nodes: 2³³, some ten seconds.
        package var operations = 1 << 33
        /// Longest delay in steps, also of several Delay nodes in a row: 2¹⁶.
        package var delay = 1 << 16
        /// Most steps of the longest delays of all populations together: 2²⁴.
        package var rememberedSteps = 1 << 24

        /// The limits of the program.
        package init() {}
    }

    /// Reads a network.
    ///
    /// All shapes are checked before any large array is read.
    ///
    /// - Parameters:
    ///   - source: The HDF5 file; untrusted ones through `HDF5ChildProcess`.
    ///   - name: Name of the network.
    ///   - file: Path of the file for messages; the name if nil.
    ///   - settings: What the file does not say.
    /// - Throws: `HDF5Error` or `NIRError`, each with place and remedy.
    /// - Returns: The network and what the user should know.
    public static func read(
        _ source: some HDF5Source,
        name: String,
        file: String? = nil,
        settings: ImportSettings
    ) throws -> ImportedNetwork {
        try read(source, name: name, file: file, settings: settings, limits: Limits())
    }

    /// Reads a network within other limits than the program's.
    ///
    /// - Parameters:
    ///   - source: The HDF5 file.
    ///   - name: Name of the network.
    ///   - file: Path of the file for messages; the name if nil.
    ///   - settings: What the file does not say.
    ///   - limits: What the file may ask for.
    /// - Throws: `HDF5Error` or `NIRError`.
    /// - Returns: The network and what the user should know.
    package static func read(
        _ source: some HDF5Source,
        name: String,
        file: String? = nil,
        settings: ImportSettings,
        limits: Limits
    ) throws -> ImportedNetwork {
        let file = file ?? name
        let timeStep = try settings.resolvedTimeStep(file: file)
        let root = try source.structure()
        var warnings: [String] = []
        if root["version"] == nil { warnings.append("The file does not say which nir wrote it.") }
        var graph = try FlatGraph(root, file: file, limits: limits)
        warnings += try graph.inferShapes()
        warnings += graph.reachabilityWarnings()
        try graph.readParameters(source)
        warnings += graph.correct(for: settings, timeStep: timeStep)
        warnings += try graph.checkValues(timeStep: timeStep)
        let delays = try Delays(graph, timeStep: timeStep)
        warnings += delays.warnings
        let order = try StepOrder(graph, delays)
        var lowering = Lowering(
            graph,
            order: order,
            delays: delays,
            settings: settings,
            timeStep: timeStep
        )
        let network = try lowering.network(name: name)
        return ImportedNetwork(
            network: network,
            summary: summary(of: network, settings: settings),
            warnings: warnings + lowering.warnings
        )
    }

    private static func summary(of network: Network, settings: ImportSettings) -> String {
        var origin = ""
        if let exporter = settings.exporter {
            origin = settings.timeStep == nil ? " (\(exporter.rawValue))" : " (given)"
        }
        let reset =
            switch network.reset {
            case .toResetPotential: "to v_reset"
            case .toResetPotentialLater:
                "to v_reset in the step after the spike, whose input is lost"
            case .subtractThreshold: "by subtracting v_threshold"
            case .subtractThresholdLater: "by subtracting v_threshold one step later"
            case .subtractThresholdRepeatedly:
                "by subtracting v_threshold, with a spike for each that fits"
            }
        let line =
            "dt \(network.timeStep)\(origin), reset \(reset), spike at v "
            + "\(network.threshold.rawValue) v_threshold"
            + (network.lowestPotential.map { ", no potential below \($0)." } ?? ".")
        guard let remark = settings.exporter?.remark(settings) else { return line }
        return line + " " + remark
    }
}
