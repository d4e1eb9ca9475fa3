import ChipImage
import TestSupport
import Testing

@Suite("Chip image encoding")
struct EncodingTests {
    @Test("an image that is written and read is the same image", arguments: [false, true])
    func roundTrip(compressing: Bool) throws {
        for image in [try TinyImage.plain(), try TinyImage.loihi()] {
            let bytes = try image.encoded(compressing: compressing)
            #expect(try ChipImage(decoding: bytes) == image)
            #expect(try image.encoded(compressing: compressing) == bytes)
        }
    }
}
