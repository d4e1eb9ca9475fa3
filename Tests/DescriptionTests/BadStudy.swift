import Testing

/// A change that makes a study bad, and what the message says: its place, and words of limit or advice.
struct BadStudy: Sendable, CustomTestStringConvertible {
    var old: String
    var new: String
    var words: [String]

    init(_ old: String, _ new: String, _ words: String...) {
        (self.old, self.new, self.words) = (old, new, words)
    }

    var testDescription: String { new }
}
