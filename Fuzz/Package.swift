// swift-tools-version: 6.2
import PackageDescription

/// A program that libFuzzer drives: `scripts/fuzz` builds and runs it.
let package = Package(
    name: "spikeloom-fuzz",
    dependencies: [.package(name: "spikeloom", path: "..")],
    targets: [
        .executableTarget(
            name: "fuzz-traces",
            dependencies: [.product(name: "Spikeloom", package: "spikeloom")],
            // libFuzzer brings the main function.
            swiftSettings: [.unsafeFlags(["-parse-as-library"])]
        )
    ],
    swiftLanguageModes: [.v6]
)
