import Foundation
import Report
import Testing

@Suite("JSON values")
struct JSONValueTests {
    private let document: JSONValue = [
        "schema": "spikeloom.run/1", "accuracy": 0.9733333333333334, "samples": 450,
        "terms": [["name": "spike", "joules": 1e-9], ["name": "reset", "joules": nil]],
        "empty": [], "nothing": [:], "exact": true,
    ]

    @Test("members keep their order on one line")
    func writesCompactly() {
        #expect(
            document.compactText
                == #"{"schema":"spikeloom.run/1","accuracy":0.9733333333333334,"samples":450,"#
                + #""terms":[{"name":"spike","joules":1e-09},{"name":"reset","joules":null}],"#
                + #""empty":[],"nothing":{},"exact":true}"#
        )
    }

    @Test("short lists stay on a line, nested ones are indented")
    func writesIndented() {
        #expect(
            document.text == """
                {
                  "schema": "spikeloom.run/1",
                  "accuracy": 0.9733333333333334,
                  "samples": 450,
                  "terms": [
                    {"name": "spike", "joules": 1e-09},
                    {"name": "reset", "joules": null}
                  ],
                  "empty": [],
                  "nothing": {},
                  "exact": true
                }

                """
        )
    }

    @Test("long lists of numbers fill lines of 100 characters")
    func fillsLines() {
        let text = JSONValue.array((0..<300).map { .integer($0 * 7919) }).text
        let lines = text.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 100 })
        #expect(lines.dropFirst().dropLast(2).allSatisfy { $0.count > 85 })
    }

    @Test("both layouts mean the same document to another parser")
    func parsesBack() throws {
        let long: JSONValue = [
            "numbers": .array((0..<300).map { .number(Double($0) / 7) }), "all": document,
            "words": .array((0..<40).map { .string("word \($0)") }),
        ]
        let compact = try JSONSerialization.jsonObject(with: Data(long.compactText.utf8))
        let indented = try JSONSerialization.jsonObject(with: Data(long.text.utf8))
        #expect((compact as? NSDictionary) == (indented as? NSDictionary))
        #expect((compact as? NSDictionary)?.count == 3)
    }

    @Test(
        "doubles come back bit for bit",
        arguments: [
            0.1, 1 / 3, .leastNonzeroMagnitude, 1.7976931348623157e308, -0.0, 1e16, 1e-5,
            123_456_789.125, 1,
        ] as [Double]
    )
    func roundTripsDoubles(value: Double) throws {
        let text = JSONValue.number(value).compactText
        #expect(Double(text)?.bitPattern == value.bitPattern)
        let array = try JSONSerialization.jsonObject(with: Data("[\(text)]".utf8))
        #expect((array as? [Double])?.first == value)
    }

    @Test("numbers that JSON does not have become null")
    func writesNonFinite() {
        let values: JSONValue = [
            .number(.infinity), .number(-.infinity), .number(.nan), .optional(Double?.none),
        ]
        #expect(values.compactText == "[null,null,null,null]")
    }

    @Test("whole numbers keep all digits")
    func writesIntegers() {
        let values: JSONValue = [.integer(.min), .integer(.max), .unsigned(.max)]
        #expect(
            values.compactText == "[-9223372036854775808,9223372036854775807,18446744073709551615]"
        )
    }

    @Test("every character that JSON forbids in a text is escaped")
    func escapes() throws {
        let texts = (0...0x2030).compactMap(Unicode.Scalar.init).map { "a\($0)b" } + ["𝄞\u{10FFFF}"]
        let text = JSONValue.array(texts.map(JSONValue.string)).compactText
        #expect(!text.utf8.contains { $0 < 0x20 })
        let back = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String]
        // Compared by scalars: a combining mark behind "a" would compare equal in other forms.
        #expect(back?.map { Array($0.unicodeScalars) } == texts.map { Array($0.unicodeScalars) })
    }

    @Test("members are found by name")
    func findsMembers() {
        #expect(document["samples"] == 450)
        #expect(document["missing"] == nil)
        #expect(JSONValue.null["samples"] == nil)
    }
}
