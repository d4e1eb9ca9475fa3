// swift-tools-version: 6.2
import PackageDescription

/// Settings that the modules need; warnings are the business of the main package.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]

/// Programs that libFuzzer drives: `scripts/fuzz` builds and runs them.
///
/// The modules are links to those of the main package, so that only what is read from is built and
/// instrumented.
let package = Package(
    name: "spikeloom-fuzz",
    targets: [
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),
        .target(name: "Events", dependencies: ["CCrypto"], swiftSettings: settings),
        .target(
            name: "SpikeTrace",
            dependencies: ["Events", "CZstd", "CZlib"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "fuzz-traces",
            dependencies: ["Events", "SpikeTrace"],
            // libFuzzer brings the main function.
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]
        ),
    ],
    swiftLanguageModes: [.v6]
)
