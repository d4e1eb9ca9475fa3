import ChipImage
import ChipSpec
import TestSupport
import Testing

@Suite("Images with shared kernels")
struct KernelImageTests {
    private func fault(_ change: (inout ChipImage) -> Void) throws -> String {
        var image = try TinyImage.kernels()
        change(&image)
        do throws(ChipImageError) {
            let back = try ChipImage(decoding: image.encoded())
            try back.verify()
            return "none"
        } catch {
            return "\(error)"
        }
    }

    @Test(
        "hold each weight of a kernel once, and become the same tables",
        arguments: [false, true]
    )
    func roundTrip(compressing: Bool) throws {
        let image = try TinyImage.kernels()
        try image.verify()
        let bytes = try image.encoded(compressing: compressing)
        #expect(try ChipImage(decoding: bytes) == image)
        let stored = sections(of: bytes)
        // kernelWeights8 of projection 0; no targets (37, 45) and no weights (38, 41) of cores.
        #expect(stored.filter { $0.type == 10 }.map(\.rawSize) == [4])
        #expect(stored.filter { $0.type == 10 }.map(\.core) == [0])
        #expect(!stored.contains { [37, 38, 41, 45].contains($0.type) })
        #expect(word(bytes, 10, 2) == 2)
    }

    @Test("are version 1.1 without kernels")
    func version() throws {
        var image = try TinyImage.kernels()
        image.network.projections[0].kernels = nil
        #expect(word(try image.encoded(), 10, 2) == 1)
        #expect(try ChipImage(decoding: image.encoded()) == image)
    }

    @Test("keep synapses of other projections in the same rows")
    func mixedRows() throws {
        var image = try TinyImage.kernels()
        var other = image.network.projections[0]
        other.kernels = nil
        other.synapses = 2
        other.name = "other"
        image.network.projections.append(other)
        // Slot 4 twice from channel 1, and slot 5 from channel 3.
        image.cores[0].synapses.rowSynapses = [0, 2, 6, 9, 11]
        image.cores[0].synapses.targets = [0, 3, 0, 1, 4, 4, 1, 2, 5, 2, 5]
        image.cores[0].synapses.weights = [3, 5, -2, 3, 9, 5, -2, 3, 5, -2, 7]
        #expect(try ChipImage(decoding: image.encoded()) == image)
    }

    @Test("count a core's kernels once, and its synapses not at all")
    func memory() throws {
        let image = try TinyImage.kernels()
        let synapse = image.chip.synapse
        let headers = 4 * synapse.bytesPerRowHeader
        #expect(image.summary.bytes == 4 * synapse.bytesPerSynapse + headers)
        var unrolled = image
        unrolled.network.projections[0].kernels = nil
        #expect(unrolled.summary.bytes == 9 * synapse.bytesPerSynapse + headers)
        // A core with neurons of one filter holds one.
        var part = image
        part.cores[0].segments = [Segment(population: 0, firstSlot: 0, count: 3)]
        let use = try part.kernels.use(by: part.cores[0])
        #expect(use.synapses == 6 && use.weights == 2)
    }

    @Test("are refused where tables and kernels differ")
    func contradictions() throws {
        #expect(try fault { _ in } == "none")
        #expect(try fault { $0.cores[0].synapses.weights[4] = 6 }.contains("slot 4 of weight 5"))
        #expect(
            try fault { $0.network.projections[0].kernels?.weights[3] = 1 }
                .contains("slot 3 of weight 1")
        )
        // Channel 3 speaks for channel 2 as well; channel 3 is not heard.
        #expect(try fault { $0.inputs[0].routes.routes[3].axon = 2 }.contains("another sender"))
        #expect(
            try fault {
                $0.inputs[0].routes = RouteTable(
                    offsets: [0, 1, 2, 3, 3],
                    routes: [
                        Route(core: 1, axon: 0), Route(core: 1, axon: 1), Route(core: 1, axon: 2),
                    ]
                )
            }.contains("no row")
        )
        #expect(try fault { $0.network.projections[0].kernels?.exponent = 1 }.contains("no row"))
        #expect(try fault { $0.chip.synapse.hasSharedKernels = false }.contains("no format"))
        #expect(try fault { $0.network.projections[0].kernels?.filters = 3 }.contains("3 filters"))
        #expect(
            try fault { $0.network.projections[0].kernels?.weights.append(0) }.contains("5 weights")
        )
        #expect(
            try fault { $0.network.projections[0].kernels?.extents = [1, 5] }.contains("[1, 5]")
        )
        #expect(
            try fault { $0.network.projections[0].kernels?.channels = 2 }.contains("2 channels")
        )
        #expect(
            try fault { $0.network.projections[0].kernels?.strides = [0, 1] }.contains("strides")
        )
        #expect(
            try fault { $0.network.projections[0].kernels?.size = [1 << 30, 1 << 30] }
                .contains("4 weights")
        )
    }

    @Test("do not unroll what a small file claims")
    func claims() throws {
        var image = try TinyImage.kernels()
        let most = KernelTable.mostPairs
        image.network.projections[0].kernels?.size = [1, most / 4]
        image.network.projections[0].kernels?.weights = [Int16](repeating: 0, count: most / 2)
        #expect(throws: ChipImageError.self) { try image.verify() }
    }

    @Test("change their weights one by one only without kernels")
    func setWeights() throws {
        let image = try TinyImage.kernels()
        let registers = image.registers(ofProjection: 0)
        let changed = try image.settingWeights(registers.map { -$0 }, ofProjection: 0)
        #expect(changed.network.projections[0].kernels == nil)
        #expect(try ChipImage(decoding: changed.encoded()) == changed)
        #expect(!ImageDifference(from: image, to: changed).isSameNetwork)
    }
}
