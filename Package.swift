// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target of the package is held to (see STYLE in the contributing notes).
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]

/// A library module under Sources/, with its dependencies inside and outside the package.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The tests of a module: they see the module, the shared test support, and what they name.
func tests(
    of name: String,
    _ dependencies: [Target.Dependency] = [],
    fixtures: String? = nil
) -> Target {
    .testTarget(
        name: name + "Tests",
        dependencies: [.init(stringLiteral: name), "TestSupport"] + dependencies,
        exclude: fixtures.map { [$0] } ?? [],
        swiftSettings: strict
    )
}

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser",
    package: "swift-argument-parser"
)
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "spikeloom",
    products: [
        .executable(name: "spikeloom", targets: ["spikeloom"]),
        .executable(name: "spikeloom-hdf5", targets: ["spikeloom-hdf5"]),
        .library(
            name: "Spikeloom",
            targets: [
                "Analysis", "ChipImage", "ChipSpec", "Compiler", "Description", "Diagnostics",
                "Emulator", "Energy",
                "Events",
                "Experiments", "FixedPoint", "FloatReference", "HDF5", "Interconnect",
                "Mapping", "NIRExport", "NIRImport", "NetworkIR", "RateNetworks", "Samples",
                "Recordings", "SpikeTrace", "Twin",
            ]
        ),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Level 0: C libraries from the system, and vocabulary.
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CDeflate",
            pkgConfig: "libdeflate",
            providers: [.apt(["libdeflate-dev"])]
        ),
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5-serial", providers: [.apt(["libhdf5-dev"])]),
        .systemLibrary(name: "CPrefetch"),
        .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        module("FixedPoint"),
        module("Events", ["CCrypto"]),
        module("NetworkIR"),
        module("Diagnostics"),
        module("Report"),
        module("HDF5", ["CHDF5"]),
        // Level 1: one file format or one idea each.
        module("ChipSpec", ["Diagnostics", "FixedPoint", "Events", yams]),
        module("NIRImport", ["Diagnostics", "FixedPoint", "HDF5", "NetworkIR"]),
        module("NIRExport", ["FixedPoint", "HDF5", "NetworkIR"]),
        module("SpikeTrace", ["Events", "CDeflate", "CPrefetch", "CZstd"]),
        module("Analysis", ["Events", "FixedPoint"]),
        module("Samples", ["CZip", "Diagnostics"]),
        module("FloatReference", ["NetworkIR"]),
        module("RateNetworks", ["FixedPoint"]),
        module("Mapping", ["FixedPoint"]),
        // Level 2: what the compiler writes and the emulator reads.
        module("Interconnect", ["Events", "ChipSpec", "FixedPoint", heap]),
        module("Energy", ["Events", "ChipSpec"]),
        module("ChipImage", ["Diagnostics", "FixedPoint", "Events", "ChipSpec", "CZstd"]),
        module(
            "Description",
            ["Diagnostics", "NetworkIR", "ChipSpec", "FixedPoint", "HDF5", "Samples", yams]
        ),
        module("Recordings", ["CZstd", "Events", "HDF5", "Samples", "SpikeTrace"]),
        // Level 3: the two engines.
        module(
            "Compiler",
            [
                "Diagnostics", "NetworkIR", "ChipSpec", "ChipImage", "FixedPoint", "Interconnect",
                "Mapping",
            ]
        ),
        module("Emulator", ["ChipImage", "ChipSpec", "Interconnect", "FixedPoint", "Events"]),
        // Level 4 and up: runs, and the program.
        module("Twin", ["ChipImage", "ChipSpec", "Emulator", "Events", "FixedPoint"]),
        module(
            "Experiments",
            [
                "Emulator", "Energy", "ChipImage", "ChipSpec", "Interconnect", "Events",
                "NetworkIR", "FloatReference", "Samples", "SpikeTrace", "Analysis", "Report",
                "Compiler", "Description", "FixedPoint", "RateNetworks",
            ]
        ),
        module(
            "SpikeloomCommands",
            [
                argumentParser, "Experiments", "Description", "Compiler", "Emulator", "ChipImage",
                "ChipSpec", "Diagnostics", "Events", "FixedPoint", "Interconnect", "Mapping",
                "NetworkIR", "NIRExport", "NIRImport", "HDF5",
                "Recordings",
                "Samples",
                "SpikeTrace", "Analysis", "Report", "Twin",
            ]
        ),
        .executableTarget(
            name: "spikeloom",
            dependencies: ["SpikeloomCommands"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "spikeloom-hdf5",
            dependencies: ["HDF5"],
            swiftSettings: strict
        ),
        // Tests. TestSupport holds the reference machine and the fixture folders.
        .target(
            name: "TestSupport",
            dependencies: [
                "ChipImage", "ChipSpec", "FixedPoint", "Events", "NetworkIR", "Samples",
            ],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        tests(of: "FixedPoint"),
        tests(of: "Events"),
        tests(of: "NetworkIR"),
        tests(of: "Report"),
        tests(of: "HDF5", fixtures: "Fixtures"),
        tests(of: "ChipSpec", fixtures: "Fixtures"),
        tests(
            of: "NIRImport",
            ["HDF5", "NetworkIR", "FloatReference"],
            fixtures: "Fixtures"
        ),
        tests(of: "NIRExport", ["HDF5", "NIRImport", "NetworkIR", "FloatReference"]),
        tests(of: "SpikeTrace", ["Events", "trace-writer-probe"]),
        // A recorder for the tests to kill.
        .executableTarget(
            name: "trace-writer-probe",
            dependencies: ["SpikeTrace", "Events"],
            path: "Tests/Probes/TraceWriterProbe",
            swiftSettings: strict
        ),
        // What recording costs a run: docs/TRACES.md.
        .executableTarget(
            name: "recording-overhead",
            dependencies: [
                "ChipImage", "ChipSpec", "Emulator", "Events", "FixedPoint", "SpikeTrace",
            ],
            path: "Tests/Probes/RecordingOverhead",
            swiftSettings: strict
        ),
        tests(of: "Analysis", ["Events", "FixedPoint"], fixtures: "Fixtures"),
        tests(of: "Samples", fixtures: "Fixtures"),
        tests(of: "FloatReference", ["NetworkIR"]),
        tests(of: "RateNetworks", ["FixedPoint"]),
        tests(of: "Mapping", []),
        tests(of: "Interconnect", ["ChipSpec", "Events"]),
        tests(of: "Energy", ["ChipSpec", "Events"]),
        tests(of: "ChipImage", ["ChipSpec", "Events", "FixedPoint"]),
        tests(
            of: "Description",
            [
                "Diagnostics", "NetworkIR", "ChipSpec", "FixedPoint", "HDF5", "Samples",
                "spikeloom-hdf5",
            ],
            fixtures: "Fixtures"
        ),
        tests(
            of: "Compiler",
            [
                "NetworkIR", "ChipSpec", "ChipImage", "Events", "FixedPoint", "Description",
                "Mapping", "Emulator", "HDF5", "NIRImport",
            ]
        ),
        tests(
            of: "Emulator",
            ["ChipImage", "ChipSpec", "FixedPoint", "Events", "Interconnect"],
            fixtures: "Fixtures"
        ),
        tests(
            of: "Experiments",
            [
                "Compiler", "Emulator", "Energy", "ChipImage", "ChipSpec", "Events", "NetworkIR",
                "NIRImport", "HDF5", "FloatReference", "Samples", "SpikeTrace", "Analysis",
                "Description", "FixedPoint", "Interconnect", "RateNetworks", "Report",
            ],
            fixtures: "Fixtures"
        ),
        tests(
            of: "Diagnostics",
            [
                "ChipImage", "ChipSpec", "Compiler", "Description", "HDF5", "NIRImport",
                "NetworkIR", "Samples", "spikeloom-hdf5",
            ]
        ),
        tests(
            of: "Recordings",
            [
                "CZstd", "Events", "FixedPoint", "HDF5", "Samples", "SpikeTrace", "spikeloom-hdf5",
            ],
            fixtures: "Fixtures"
        ),
        tests(
            of: "Twin",
            ["ChipImage", "ChipSpec", "Compiler", "Emulator", "Events", "FixedPoint", "NetworkIR"]
        ),
        // Recovers hidden devices: scripts/twin.
        .executableTarget(
            name: "twin-study",
            dependencies: [
                "ChipImage", "ChipSpec", "Compiler", "Emulator", "FixedPoint", "NetworkIR",
                "Samples", "Twin",
            ],
            path: "Tests/Probes/TwinStudy",
            swiftSettings: strict
        ),
        .testTarget(name: "RepositoryTests", swiftSettings: strict),
        tests(
            of: "SpikeloomCommands",
            ["ChipImage", "mutation-probe", "spikeloom", "spikeloom-hdf5"]
        ),
        // Reads damaged files, for the tests to limit.
        .executableTarget(
            name: "mutation-probe",
            dependencies: [
                "ChipImage", "ChipSpec", "Compiler", "Description", "Diagnostics", "HDF5",
                "NIRImport", "NetworkIR", "TestSupport",
            ],
            path: "Tests/Probes/MutationProbe",
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6]
)

// Sanitizer builds take long: SPIKELOOM_TESTS="EmulatorTests,SpikeTraceTests" builds these tests and what they need,
// and nothing else (scripts/check).
if let wanted = Context.environment["SPIKELOOM_TESTS"] {
    var rest = wanted.split(separator: ",").map(String.init)
    var needed: Set<String> = []
    while let name = rest.popLast() {
        guard needed.insert(name).inserted else { continue }
        for dependency in package.targets.first(where: { $0.name == name })?.dependencies ?? [] {
            if case .byNameItem(let name, _) = dependency { rest.append(name) }
        }
    }
    package.targets.removeAll { !needed.contains($0.name) }
    package.products = []
}
