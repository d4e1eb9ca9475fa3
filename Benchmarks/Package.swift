// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "spikeloom-benchmarks",
    dependencies: [
        .package(name: "spikeloom", path: ".."),
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "EmulatorBenchmarks",
            dependencies: [
                .product(name: "Benchmark", package: "benchmark"),
                .product(name: "Spikeloom", package: "spikeloom"),
            ],
            path: "Benchmarks/EmulatorBenchmarks",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        )
    ],
    swiftLanguageModes: [.v6]
)
