/// The state of one render: runs a program's steps against data and writes text.
///
/// All tables are pointers into the program, which `Renderer` retains during the run. All values are trivial, so a
/// step needs neither a retain nor an allocation.
struct Machine: ~Copyable {
    var output = OutputBuffer()
    var arena = Arena()
    /// Variables. Each frame has three values per symbol: bound (loops, arguments), assigned, and counters.
    var bank = ValueStack()
    /// Values of the data by symbol, resolved on first use.
    var globals = ValueStack()
    /// Values hidden by a call or a loop, to be restored.
    var hidden = HiddenStack()
    var frames: [Frame] = []
    var counters: [Int] = []
    /// The start of each open `capture`.
    var captures: [Int] = []
    /// For `offset: continue`, by loop name.
    var offsets: [Int] = []
    /// The positions of unnamed cycles by group, and of named ones by name.
    var turns: [Int] = []
    var namedTurns: [(name: Value, turn: Int)] = []
    var registers = Registers()
    private(set) var offsetCount = 0
    private(set) var turnCount = 0
    /// Values from which an array is built.
    var scratch = ValueStack()
    /// The position where a member was last found, by segment. It is tried first next time.
    var hints: [UInt16] = []

    // The program's tables during a run.
    var operations: UnsafePointer<Operation>
    var constants: UnsafePointer<Value>
    var paths: UnsafePointer<Path>
    var segments: UnsafePointer<Segment>
    var arguments: UnsafePointer<Operand>
    var ranges: UnsafePointer<RangePlan>
    var symbolNames: UnsafePointer<Value>
    var symbolCount = 0
    var selfSymbol = -1
    var isMessageDialect = false

    var accumulator = Value.missing
    /// The path of the value in the accumulator while it may still be reported as undefined; otherwise -1.
    var suspect = -1
    /// The index in `bank` of the current frame's values.
    var frameBase = 0
    var counterBase = 0
    var loopState: UnsafeMutablePointer<LoopState>?
    /// 1 for `break`, 2 for `continue`: an interrupt that is leaving a snippet.
    var pendingInterrupt: UInt8 = 0
    var stepsLeft = 0
    /// Units of `Work` that the render may still do.
    var workLeft = 0
    var position = 0
    var isRendering = 0
    var options: RenderOptions
    /// Undefined paths, each once, with their positions.
    var undefined: [(path: Int, position: Int)] = []
    /// Whether a path is in `undefined`, by its number. Empty until one is.
    var isReported: [Bool] = []
    var pathCount = 0
    /// Keys of missing translations.
    var missingTranslations: [(key: String, position: Int)] = []
    /// Every step taken, with the length of the text before it, if the render is traced.
    var trace: [TraceEntry] = []
    var detail = ""
    var abortReason = Value.missing

    /// A running call.
    struct Frame {
        var returnTo: Int
        var call: Int
        var hiddenMark: Int
        var frameBase: Int
        var counterBase: Int
        var loopState: UnsafeMutablePointer<LoopState>?
        /// For calls once per item: the remaining items.
        var items: UnsafePointer<Value>?
        var itemCount: Int
        var itemIndex: Int
        var chunk: Int
        var symbol: Int
        var loop: UnsafeMutablePointer<LoopState>?
        /// A `render` has its own loops and cycles. These are the caller's.
        var registers: Registers
    }

    /// The start of the current frame's offsets and turns, and the last output of `ifchanged`.
    struct Registers {
        var offsets = 0
        var turns = 0
        var namedTurns = 0
        var lastChanged = Value.missing
    }

    init() {
        let nowhere = UnsafeRawPointer(bitPattern: 16).unsafelyUnwrapped
        // `begin` replaces all of these before they are read.
        operations = nowhere.assumingMemoryBound(to: Operation.self)
        constants = nowhere.assumingMemoryBound(to: Value.self)
        paths = nowhere.assumingMemoryBound(to: Path.self)
        segments = nowhere.assumingMemoryBound(to: Segment.self)
        arguments = nowhere.assumingMemoryBound(to: Operand.self)
        ranges = nowhere.assumingMemoryBound(to: RangePlan.self)
        symbolNames = nowhere.assumingMemoryBound(to: Value.self)
        options = RenderOptions(nowMilliseconds: 0)
    }

    /// Prepares a run.
    mutating func begin(_ program: Program, _ options: RenderOptions) {
        self.options = options
        // Clamps a clock outside of any calendar, so that its arithmetic cannot overflow.
        self.options.nowMilliseconds = max(-3_000_000_000_000_000, min(3_000_000_000_000_000, options.nowMilliseconds))
        output.reset(limit: options.limits.outputBytes)
        arena.reset()
        arena.limit = options.limits.memoryBytes
        operations = program.operations.baseAddress.unsafelyUnwrapped
        constants = program.constants.baseAddress.unsafelyUnwrapped
        paths = program.paths.baseAddress.unsafelyUnwrapped
        segments = program.segments.baseAddress.unsafelyUnwrapped
        arguments = program.arguments.baseAddress.unsafelyUnwrapped
        ranges = program.ranges.baseAddress.unsafelyUnwrapped
        symbolNames = program.symbols.baseAddress.unsafelyUnwrapped
        symbolCount = program.symbols.count
        selfSymbol = program.selfSymbol
        isMessageDialect = program.dialect == .message
        bank.removeAll()
        bank.push(symbolCount * 3)
        globals.removeAll()
        globals.push(symbolCount)
        for symbol in program.counterSymbols { globals[symbol] = Value(tag: .null, aux: Machine.absent) }
        hidden.removeAll()
        frames.removeAll(keepingCapacity: true)
        captures.removeAll(keepingCapacity: true)
        Machine.fill(&counters, program.chunks[0].counters)
        Machine.fill(&offsets, program.loopNameCount)
        Machine.fill(&turns, program.cycleGroupCount)
        namedTurns.removeAll(keepingCapacity: true)
        undefined.removeAll(keepingCapacity: true)
        if !isReported.isEmpty { isReported.removeAll(keepingCapacity: true) }
        pathCount = program.paths.count
        missingTranslations.removeAll(keepingCapacity: true)
        scratch.removeAll()
        if hints.count < program.segments.count {
            hints.append(contentsOf: repeatElement(0, count: program.segments.count - hints.count))
        }
        registers = Registers()
        offsetCount = program.loopNameCount
        turnCount = program.cycleGroupCount
        accumulator = .missing
        suspect = -1
        frameBase = 0
        counterBase = 0
        loopState = nil
        pendingInterrupt = 0
        stepsLeft = options.limits.steps
        workLeft = options.limits.work &- program.chunks[0].work
        position = 0
        isRendering = 0
        trace.removeAll(keepingCapacity: true)
        detail = ""
        abortReason = .missing
    }

    /// Pushes new registers.
    mutating func openRegisters() {
        registers = Registers(offsets: offsets.count, turns: turns.count, namedTurns: namedTurns.count)
        if offsetCount > 0 { offsets.append(contentsOf: repeatElement(0, count: offsetCount)) }
        if turnCount > 0 { turns.append(contentsOf: repeatElement(0, count: turnCount)) }
    }

    /// Drops the registers that `openRegisters` made and returns to `older`.
    mutating func closeRegisters(_ older: Registers) {
        offsets.removeSubrange(registers.offsets...)
        turns.removeSubrange(registers.turns...)
        namedTurns.removeSubrange(registers.namedTurns...)
        registers = older
    }

    private static func fill(_ array: inout [Int], _ count: Int) {
        array.removeAll(keepingCapacity: true)
        if count > 0 { array.append(contentsOf: repeatElement(0, count: count)) }
    }

    @inline(__always)
    mutating func step(_ cost: Int = 1) throws(Failure) {
        stepsLeft &-= cost
        if stepsLeft < 0 { throw Failure(kind: .stepLimit) }
    }

    /// A failure with its message.
    mutating func fail(_ sentence: String) -> Failure { fail(.argument, sentence) }

    mutating func fail(_ kind: LiquidError.Kind, _ sentence: String) -> Failure {
        detail = sentence
        return Failure(kind: kind)
    }

    mutating func allocate(_ size: Int) throws(Failure) -> UnsafeMutableRawPointer {
        guard let place = arena.allocate(size) else { throw Failure(kind: .memoryLimit) }
        return place
    }
}

/// A stack of values whose memory never shrinks.
struct ValueStack: ~Copyable {
    private(set) var base: UnsafeMutablePointer<Value>
    private(set) var count = 0
    private var capacity: Int

    init() {
        capacity = 256
        base = .allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    mutating func removeAll() { count = 0 }

    @inline(__always)
    mutating func append(_ value: Value) {
        if count == capacity { grow(by: 1) }
        (base + count).initialize(to: value)
        count &+= 1
    }

    /// Pushes `more` missing values.
    mutating func push(_ more: Int) {
        grow(by: more)
        (base + count).update(repeating: .missing, count: more)
        count += more
    }

    private mutating func grow(by more: Int) {
        if count + more > capacity {
            let wanted = max(capacity * 2, count + more)
            let larger = UnsafeMutablePointer<Value>.allocate(capacity: wanted)
            larger.update(from: base, count: count)
            base.deallocate()
            base = larger
            capacity = wanted
        }
    }

    mutating func pop(to length: Int) { count = length }

    @inline(__always)
    subscript(index: Int) -> Value {
        get { base[index] }
        nonmutating set { base[index] = newValue }
    }
}

/// Values to be restored, with their positions.
struct HiddenStack: ~Copyable {
    private var entries: [(slot: Int, value: Value)] = []

    var count: Int { entries.count }

    mutating func removeAll() { entries.removeAll(keepingCapacity: true) }
    mutating func push(_ slot: Int, _ value: Value) { entries.append((slot, value)) }
    mutating func pop() -> (slot: Int, value: Value)? { entries.popLast() }
}
