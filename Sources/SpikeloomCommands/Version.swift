/// Version of the program, as `--version`, reports and recordings say it.
enum Version {
    /// Semantic version.
    static let text = "0.1.0"
}
