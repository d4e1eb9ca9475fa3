import ChipSpec
import Description
import Diagnostics
import Testing

@Suite("Device files")
struct DeviceFileTests {
    private static let text = """
        device: bench-7
        chip: pilot
        drawn: { seed: 7, mismatch: { threshold: 0.2 } }
        cores:
          - core: 3
            factors:
              threshold: 1.02000 ~ 0.95000
              membraneTau: [1.1, ~, 0.9]
            low: { threshold: 1.0 ~ 0.9 }
            high: { threshold: 1.1 ~ 1.0 }
        dead: { cores: [5, 2] }
        """

    @Test("are read, and what is written is read as the same")
    func roundTrip() throws {
        let file = try DeviceFile(text: Self.text, path: "d.yaml")
        #expect(file.device.seed == 7 && file.device.variation == [.threshold: 0.2])
        let known = try #require(file.device.known[3])
        #expect(known.factor(.threshold, at: 0) == 1.02)
        #expect(known.factor(.threshold, at: 1) == nil && known.factor(.threshold, at: 3) == nil)
        #expect(known.factor(.membraneTau, at: 2) == 0.9)
        #expect(file.device.deadCores == [2, 5])
        #expect(file.intervals[3]?.low[.threshold] == [1, 0, 0.9])
        let again = try DeviceFile(text: file.text, path: "d.yaml")
        #expect(again == file && again.device.digest == file.device.digest)
        var other = file.device
        other.deadCores = []
        #expect(other.digest != file.device.digest)
    }

    @Test(
        "are refused with file, line and key where they are wrong",
        arguments: [
            ("chip: pilot", DiagnosticCode.descriptionMissing),
            ("device: a\nchip: pilot\ncorse: []", .descriptionUnknownKey),
            (
                "device: a\nchip: pilot\ncores: [{ core: 0, factors: { threshold: 0 } }]",
                .descriptionValue
            ),
            (
                "device: a\nchip: pilot\ncores: [{ core: 0, factors: { threshold: 1001 } }]",
                .descriptionValue
            ),
            (
                "device: a\nchip: pilot\ncores: [{ core: 0, factors: { threshold: nan } }]",
                .descriptionValue
            ),
            ("device: a\nchip: pilot\ncores: [{ core: -1 }]", .descriptionValue),
            (
                "device: a\nchip: pilot\ncores: [{ core: 0 }, { core: 0 }, { core: 0 }]",
                .descriptionTwice
            ),
            (
                "device: a\nchip: pilot\ncores: [{ core: 0, factors: { threshold: 1 }, low: { threshold: 1 2 } }]",
                .descriptionValue
            ),
            (
                "device: a\nchip: pilot\ncores: [{ core: 0, factors: { threshold: 1 }, low: { threshold: 2 }, high: { threshold: 1 } }]",
                .descriptionValue
            ),
            ("device: a\nchip: pilot\ndrawn: { seed: -1 }", .descriptionValue),
            ("device: a\nchip: pilot\nchipDigest: 12", .descriptionValue),
            ("device: a\nchip: pilot\ndead: { cores: [4, 4] }", .descriptionTwice),
        ]
    )
    func refusals(text: String, code: DiagnosticCode) {
        #expect {
            _ = try DeviceFile(text: text, path: "d.yaml")
        } throws: { error in
            (error as? DescriptionError)?.code == code && "\(error)".hasPrefix("d.yaml")
        }
    }

    @Test("with more structure than any device has are refused before they are parsed")
    func bomb() {
        let text = "device: a\nchip: pilot\ncores: " + String(repeating: "[", count: 300_000)
        #expect {
            _ = try DeviceFile(text: text, path: "d.yaml")
        } throws: { error in
            (error as? DescriptionError)?.code == .descriptionTooLarge
        }
    }
}
