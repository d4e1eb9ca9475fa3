import HDF5Reader
import Testing

@Suite("Errors of the HDF5 reader")
struct HDF5ErrorTests {
    @Test("a message says where, what and what to do")
    func message() {
        let error = HDF5Error.notHDF5(file: "a.nir", reason: "it is empty")
        #expect(
            "\(error)" == "a.nir: this is not an HDF5 file (it is empty). NIR files are HDF5: give "
                + "the file that nir.write made."
        )
    }
}
