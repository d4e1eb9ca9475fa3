// swift-tools-version: 6.2
import PackageDescription

/// Settings that the modules need; warnings are the business of the main package.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]

/// A module of the main package, by a link to its folder.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// A program that libFuzzer drives: it brings the main function.
func fuzzer(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: "fuzz-" + name,
        dependencies: ["FuzzSupport"] + dependencies,
        swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]
    )
}

let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// Programs that libFuzzer drives: `scripts/fuzz` builds and runs them.
///
/// The modules are links to those of the main package, so that only what is read from is built and
/// instrumented.
let package = Package(
    name: "spikeloom-fuzz",
    dependencies: [.package(url: "https://github.com/jpsim/Yams", from: "6.2.2")],
    targets: [
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto"),
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5-serial"),
        .systemLibrary(name: "CZip", pkgConfig: "libzip"),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate"),
        .systemLibrary(name: "CPrefetch"),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),
        module("FixedPoint"),
        module("Events", ["CCrypto"]),
        module("NetworkIR"),
        module("Diagnostics"),
        module("HDF5", ["CHDF5"]),
        module("ChipSpec", ["Diagnostics", "FixedPoint", "Events", yams]),
        module("NIRImport", ["Diagnostics", "FixedPoint", "HDF5", "NetworkIR"]),
        module("SpikeTrace", ["Events", "CDeflate", "CPrefetch", "CZstd"]),
        module("Samples", ["CZip", "Diagnostics"]),
        module("ChipImage", ["Diagnostics", "FixedPoint", "Events", "ChipSpec", "CZstd"]),
        module(
            "Description",
            ["Diagnostics", "NetworkIR", "ChipSpec", "FixedPoint", "HDF5", "Samples", yams]
        ),
        module("Recordings", ["CZstd", "Events", "HDF5", "Samples", "SpikeTrace"]),
        // Of the compiler only what reads the text of rules.
        module("Rules", ["Diagnostics", "NetworkIR", "ChipSpec", "ChipImage", "FixedPoint"]),
        module("FuzzSupport", ["CDeflate", "Events", "Recordings", "SpikeTrace"]),
        fuzzer("traces", ["Events", "SpikeTrace"]),
        fuzzer("recordings", ["Events", "Recordings", "SpikeTrace"]),
        fuzzer("arrays", ["Description", "Events", "Recordings", "Samples", "SpikeTrace"]),
        fuzzer("images", ["ChipImage", "ChipSpec", "Events"]),
        fuzzer("descriptions", ["ChipImage", "ChipSpec", "Description", "NetworkIR", "Rules"]),
        fuzzer("graphs", ["HDF5", "NIRImport", "NetworkIR"]),
        fuzzer("answers", ["Events", "HDF5", "NIRImport", "Recordings", "SpikeTrace"]),
    ],
    swiftLanguageModes: [.v6]
)
