import Foundation

/// The targets below Sources/ and what they import, read from the text of `Package.swift`.
///
/// SwiftPM can print the manifest, but not while it runs the tests. The text is ours and of one style;
/// that every folder of Sources/ is found is a test.
struct Manifest {
    /// Dependencies of each target, by name.
    private(set) var imports: [String: Set<String>] = [:]

    /// Names of products of other packages, by the constant that stands for them.
    private static let products = [
        "argumentParser": "ArgumentParser", "heap": "HeapModule", "yams": "Yams",
    ]

    init(text: String) {
        let code = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.prefix(upTo: $0.firstRange(of: "//")?.lowerBound ?? $0.endIndex) }
            .joined(separator: "\n")
        for opening in ["module(", ".target(", ".executableTarget(", ".systemLibrary("] {
            for range in code.ranges(of: opening) {
                let arguments = Self.balanced(code[range.upperBound...])
                guard let name = Self.strings(in: arguments).first,
                    // The name comes first; the helper functions have a variable there.
                    arguments.drop(while: \.isWhitespace).first(where: { $0 == "\"" || $0 == "," })
                        == "\"",
                    !arguments.contains("path: \"Tests/")
                else { continue }
                var dependencies: Set<String> = []
                if opening != ".systemLibrary(", let list = arguments.firstIndex(of: "[") {
                    let items = Self.balanced(arguments[arguments.index(after: list)...])
                    dependencies = Set(Self.strings(in: items))
                    for (constant, product) in Self.products where items.contains(constant) {
                        dependencies.insert(product)
                    }
                }
                imports[name] = dependencies
            }
        }
    }

    /// The text up to the bracket that closes one opened before it.
    private static func balanced(_ text: Substring) -> Substring {
        var depth = 1
        for index in text.indices {
            if "([".contains(text[index]) { depth += 1 }
            if ")]".contains(text[index]) { depth -= 1 }
            if depth == 0 { return text[..<index] }
        }
        return text
    }

    private static func strings(in text: Substring) -> [String] {
        text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }
            .map { String($0.element) }
    }
}
