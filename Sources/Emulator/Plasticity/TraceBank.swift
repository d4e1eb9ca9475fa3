import ChipImage
import ChipSpec
import FixedPoint

/// Where presynaptic spikes of one rule arrive: an axon in, and the steps after which they act there.
struct PreLine: BitwiseCopyable {
    /// Sender whose spikes it takes.
    var sender: UInt32
    /// Steps from spike to action: 0, or the delay of the row.
    var offset: UInt32
    /// `RandomStream.id` of the sender's population or input.
    var populationID: UInt32
    /// Index of the sender in its population or input.
    var index: UInt32
    /// Physical core of the axon, and its index among the used ones.
    var core: UInt32
    var denseCore: UInt32
    var axon: UInt32

    static let none = PreLine(
        sender: 0,
        offset: 0,
        populationID: 0,
        index: 0,
        core: 0,
        denseCore: 0,
        axon: 0
    )
}

/// A postsynaptic neuron of one rule.
struct PostNeuron: BitwiseCopyable {
    /// Number of the neuron.
    var neuron: UInt32
    var populationID: UInt32
    /// Index in its population.
    var index: UInt32
    /// Physical core, its index among the used ones, and the slot.
    var core: UInt32
    var denseCore: UInt32
    var slot: UInt32

    static let none = PostNeuron(
        neuron: 0,
        populationID: 0,
        index: 0,
        core: 0,
        denseCore: 0,
        slot: 0
    )
}

/// Learning traces and last spikes of one rule: `docs/NUMERICS.md`, section 9, steps a, b and d.
@safe
final class TraceBank {
    /// Before every step: nobody has spiked yet.
    static let never = Int64.min / 4

    let lines: HostArray<PreLine>
    let posts: HostArray<PostNeuron>
    let columns: [TraceColumn]
    let lastPre: HostArray<Int64>
    let lastPost: HostArray<Int64>
    /// 1 where the line, or neuron, has a spike in the running step.
    let preFired: HostArray<UInt8>
    let postFired: HostArray<UInt8>
    /// Entry of each neuron among `posts`; −1 for others.
    let postOfNeuron: [Int32]
    /// Entry of the apical dendrite that a neuron's spikes run back into, −1 without; empty if no neuron
    /// has one.
    var dendriteOfNeuron: [Int32] = []
    /// Lines of each sender: `senderLines[senderStart[s]..<senderStart[s + 1]]`.
    let senderStart: [UInt32]
    let senderLines: [UInt32]
    /// Offsets of the lines, ascending.
    let offsets: [UInt32]

    /// Whether the engine `loihi` reads it, which has traces of its own and works in every step.
    let isLoihi: Bool

    private let spec: LearningSpec
    private let stream: RandomStream

    init(
        program: RuleProgram,
        spec: LearningSpec,
        lines: [PreLine],
        posts: [PostNeuron],
        senderCount: Int,
        neuronCount: Int,
        factors: DeviceFactors,
        seed: UInt64,
        isLoihi: Bool = false
    ) {
        self.isLoihi = isLoihi
        self.lines = HostArray(lines, else: .none)
        self.posts = HostArray(posts, else: .none)
        self.spec = spec
        stream = RandomStream(seed: seed, purpose: .learningTrace)
        columns = program.traces.map { trace in
            let id = TraceColumn.number(of: trace.register)
            let places =
                id < 2
                ? lines.map { DevicePlace(core: $0.core, index: $0.axon + id << 20) }
                : posts.map { DevicePlace(core: $0.core, index: $0.slot + id << 20) }
            let cores = id < 2 ? lines.map(\.denseCore) : posts.map(\.denseCore)
            return TraceColumn(trace, spec: spec, places: places, cores: cores, factors: factors)
        }
        lastPre = HostArray(repeating: Self.never, count: lines.count)
        lastPost = HostArray(repeating: Self.never, count: posts.count)
        preFired = HostArray(repeating: 0, count: lines.count)
        postFired = HostArray(repeating: 0, count: posts.count)
        var postOfNeuron = [Int32](repeating: -1, count: neuronCount)
        for (entry, post) in posts.enumerated() { postOfNeuron[Int(post.neuron)] = Int32(entry) }
        self.postOfNeuron = postOfNeuron
        var bySender = [[UInt32]](repeating: [], count: senderCount)
        for (line, place) in lines.enumerated() {
            bySender[Int(place.sender)].append(UInt32(line))
        }
        var starts: [UInt32] = [0]
        for list in bySender { starts.append(starts[starts.count - 1] + UInt32(list.count)) }
        senderStart = starts
        senderLines = bySender.flatMap { $0 }
        offsets = Set(lines.map(\.offset)).sorted()
    }

    /// Column of a trace register; nil for other registers.
    func column(_ register: RuleVariable) -> TraceColumn? {
        columns.first { $0.register == register }
    }

    func reset() {
        for column in columns { column.value.fill(0) }
        lastPre.fill(Self.never)
        lastPost.fill(Self.never)
    }

    /// Step a: decays every trace.
    ///
    /// - Parameters:
    ///   - step: Number of the step.
    ///   - updates: Traces updated, by core; raised.
    func decay(step: UInt32, updates: HostArray<UInt32>) {
        for column in columns {
            switch column.decay {
            case .none: countUpdates(column, updates)
            case .clear:
                countUpdates(column, updates)
                column.value.fill(0)
            case .fall: fall(column, updates)
            case .factor:
                countUpdates(column, updates)
                if spec.traceRounding == .stochastic {
                    decayStochastically(column, step: step)
                } else {
                    for entry in 0..<column.value.count {
                        let product =
                            unsafe Int64(column.value.base[entry])
                            &* Int64(column.factor.base[entry])
                        unsafe column.value.base[entry] = Int32(
                            truncatingIfNeeded: spec.traceRounding.shifted(
                                product,
                                rightBy: spec.traceDecayBits
                            )
                        )
                    }
                }
            }
        }
    }

    /// Counts the traces that are not 0, by core.
    @inline(__always)
    private func countUpdates(_ column: TraceColumn, _ updates: HostArray<UInt32>) {
        let cores = unsafe column.cores.base
        for entry in 0..<column.value.count {
            let isCounted: UInt8 = unsafe column.value.base[entry] == 0 ? 0 : 1
            unsafe column.isCounted.base[entry] = isCounted
            unsafe updates.base[Int(cores[entry])] &+= UInt32(isCounted)
        }
    }

    /// Counts and lets fall in one pass.
    @inline(__always)
    private func fall(_ column: TraceColumn, _ updates: HostArray<UInt32>) {
        let values = unsafe column.value.base
        let factors = unsafe column.factor.base
        let counted = unsafe column.isCounted.base
        let cores = unsafe column.cores.base
        let totals = unsafe updates.base
        for entry in 0..<column.value.count {
            let z = unsafe values[entry]
            let isCounted: UInt8 = z == 0 ? 0 : 1
            unsafe counted[entry] = isCounted
            unsafe totals[Int(cores[entry])] &+= UInt32(isCounted)
            unsafe values[entry] = max(0, z &- factors[entry])
        }
    }

    /// Steps b and d of the presynaptic side.
    func bumpPre(_ fired: [UInt32], updates: HostArray<UInt32>) {
        for column in columns where column.isPre {
            for entry in fired {
                if column.bump(Int(entry)) {
                    unsafe updates.base[Int(lines.base[Int(entry)].denseCore)] &+= 1
                }
            }
        }
    }

    /// Steps b and d of the postsynaptic side.
    func bumpPost(_ fired: [UInt32], updates: HostArray<UInt32>) {
        for column in columns where !column.isPre {
            for entry in fired {
                if column.bump(Int(entry)) {
                    unsafe updates.base[Int(posts.base[Int(entry)].denseCore)] &+= 1
                }
            }
        }
    }

    private func decayStochastically(_ column: TraceColumn, step: UInt32) {
        let bits = Int64(spec.traceDecayBits)
        let mask = (Int64(1) << bits) - 1
        let base = column.id << 20
        var lanes = DrawLanes()
        for entry in 0..<column.value.count {
            let z = unsafe Int64(column.value.base[entry])
            guard z != 0 else { continue }
            let index: UInt32
            let population: UInt32
            let address: UInt32
            if column.isPre {
                let line = unsafe lines.base[entry]
                index = line.index
                population = line.populationID
                address = index >> 3 &+ base &+ line.offset << 23
            } else {
                let post = unsafe posts.base[entry]
                index = post.index
                population = post.populationID
                address = index >> 3 &+ base
            }
            let draw = lanes.draw(index & 7, stream, address, population, step)
            let factor = unsafe Int64(column.factor.base[entry])
            unsafe column.value.base[entry] = Int32(
                truncatingIfNeeded: (z &* factor &+ (Int64(draw) & mask)) &>> bits
            )
        }
    }
}

/// One learning trace register of all lines or neurons of a rule.
@safe
final class TraceColumn {
    /// What a step does to the trace.
    enum Decay {
        case none
        case clear
        case fall
        case factor
    }

    let register: RuleVariable
    /// 0...4 for x1, x2, y1, y2, y3.
    let id: UInt32
    let decay: Decay
    let impulse: Int32
    /// Whether a spike sets the trace instead of adding to it.
    let replaces: Bool
    let top: Int32
    let value: HostArray<Int32>
    /// Factor of an exponential decay, or what a triangular one takes away.
    let factor: HostArray<Int32>
    /// 1 where the trace was not 0 before the step, so that it has been counted.
    let isCounted: HostArray<UInt8>
    /// Core of each entry among the used ones.
    let cores: HostArray<UInt32>

    var isPre: Bool { id < 2 }

    init(
        _ trace: TraceProgram,
        spec: LearningSpec,
        places: [DevicePlace],
        cores: [UInt32],
        factors: DeviceFactors
    ) {
        self.cores = HostArray(cores, else: 0)
        register = trace.register
        id = Self.number(of: trace.register)
        impulse = Int32(trace.impulse)
        replaces = trace.shape == .triangular
        top = (Int32(1) << Int32(spec.traceBits)) - 1
        value = HostArray(repeating: 0, count: places.count)
        let full = Double(Int64(1) << Int64(spec.traceDecayBits))
        var table: [Int32] = []
        switch (trace.tau, trace.shape) {
        case (nil, _): decay = .none
        case (let tau?, _) where tau == 0: decay = .clear
        case (let tau?, .triangular):
            decay = .fall
            table = places.map { place in
                let tau = tau * factors.factor(.traceTau, at: place)
                let fall = (trace.impulse / tau).rounded(.toNearestOrAwayFromZero)
                return Int32(min(max(1, fall), 65536))
            }
        case (let tau?, .exponential):
            decay = .factor
            table = places.map { place in
                let tau = tau * factors.factor(.traceTau, at: place)
                let factor = (full * PortableMath.exp(-1 / tau)).rounded(.toNearestOrAwayFromZero)
                return Int32(min(full - 1, factor))
            }
        }
        factor = HostArray(table, else: 0)
        isCounted = HostArray(repeating: 0, count: places.count)
    }

    static func number(of register: RuleVariable) -> UInt32 {
        switch register {
        case .x1: 0
        case .x2: 1
        case .y1: 2
        case .y2: 3
        default: 4
        }
    }

    /// A spike: steps b and d.
    ///
    /// - Parameter entry: Of the bank's lines or posts.
    /// - Returns: Whether this is the trace's first update of the step.
    @inline(__always)
    func bump(_ entry: Int) -> Bool {
        let z = unsafe value.base[entry]
        unsafe value.base[entry] = min(replaces ? impulse : z &+ impulse, top)
        return unsafe isCounted.base[entry] == 0
    }
}

/// Eight 16-bit draws of a block, drawn when first needed.
struct DrawLanes {
    private var address: (UInt32, UInt32, UInt32) = (0, 0, 0)
    private var isEmpty = true
    private var words: Philox4x32.Block = (0, 0, 0, 0)

    /// A lane of the block at (a, b, c); blocks are drawn once if asked for in sequence.
    @inline(__always)
    mutating func draw(
        _ lane: UInt32,
        _ stream: RandomStream,
        _ a: UInt32,
        _ b: UInt32,
        _ c: UInt32
    ) -> UInt32 {
        if isEmpty || address != (a, b, c) {
            words = stream.words(a, b, c)
            address = (a, b, c)
            isEmpty = false
        }
        let word =
            switch lane >> 1 {
            case 0: words.0
            case 1: words.1
            case 2: words.2
            default: words.3
            }
        return lane & 1 == 0 ? word & 0xFFFF : word >> 16
    }
}
