import Description
import Foundation
import HDF5
import NIRImport
import NetworkIR

/// NIR files as parts of networks that YAML files describe.
enum NIRParts {
    /// Reads them through the child process, as all foreign HDF5.
    static let files = NetworkFiles(exporters: Exporter.allCases.map(\.rawValue)) { request in
        let source = HDF5ChildProcess(program: try Tools.hdf5Program(), file: request.path)
        return try NIRFile.read(
            source,
            name: URL(fileURLWithPath: request.path).deletingPathExtension().lastPathComponent,
            file: request.path,
            settings: ImportSettings(
                exporter: request.exporter.flatMap(Exporter.init),
                timeStep: request.timeStep,
                reset: request.reset
            )
        ).network
    }
}
