/// A template and every snippet it can reach, as flat, immutable tables.
///
/// `@unchecked Sendable` is right: all storage is written before `init` returns and never afterwards. The pointers
/// inside the tables point only into `sources`, which live as long as this object.
final class Program: @unchecked Sendable {
    let name: String
    let operations: UnsafeBufferPointer<Operation>
    /// For each operation, the source index in the high 8 bits and the byte offset in the low ones.
    let places: UnsafeBufferPointer<Place>
    let constants: UnsafeBufferPointer<Value>
    let ranges: UnsafeBufferPointer<RangePlan>
    let paths: UnsafeBufferPointer<Path>
    let segments: UnsafeBufferPointer<Segment>
    let arguments: UnsafeBufferPointer<Operand>
    let symbols: UnsafeBufferPointer<Value>
    let loops: UnsafeBufferPointer<LoopPlan>
    let cycles: UnsafeBufferPointer<CyclePlan>
    let calls: UnsafeBufferPointer<CallPlan>
    let chunks: [Chunk]
    /// The names of snippets and, at the same index, their chunks.
    let snippetNames: SymbolTable
    let snippetChunks: [Int]
    let messages: [LiquidError]
    let sources: [Source]
    let symbolIndex: SymbolTable
    let loopNameCount: Int
    let cycleGroupCount: Int
    let selfSymbol: Int
    /// Names used as counters. They hide data of the same name, as if the counter existed from the start.
    let counterSymbols: [Int]
    let dialect: Dialect
    let problems: [LiquidError]
    let uses: TemplateUses
    private let kept: [Source]

    init(_ grown: consuming ProgramTables) {
        var tables = grown
        name = tables.sources[0].name
        operations = Program.freeze(tables.operations)
        places = Program.freeze(tables.places)
        constants = Program.freeze(tables.constants)
        ranges = Program.freeze(tables.ranges)
        paths = Program.freeze(tables.paths)
        segments = Program.freeze(tables.segments)
        arguments = Program.freeze(tables.arguments)
        symbols = Program.freeze(tables.symbols.keys)
        loops = Program.freeze(tables.loops)
        cycles = Program.freeze(tables.cycles)
        calls = Program.freeze(tables.calls)
        self.chunks = tables.chunks
        var names = SymbolTable()
        var chunks: [Int] = []
        for (name, chunk) in tables.chunkIndex {
            let holder = Source(name: "", bytes: Array(name.utf8))
            tables.kept.append(holder)
            _ = names.intern(holder.text)
            chunks.append(chunk)
        }
        snippetNames = names
        snippetChunks = chunks
        messages = tables.messages
        sources = tables.sources
        symbolIndex = tables.symbols
        loopNameCount = tables.loopNames.count
        cycleGroupCount = tables.cycleGroups.count
        selfSymbol = tables.selfSymbol
        counterSymbols = tables.counterSymbols
        dialect = tables.dialect
        problems = tables.problems
        uses = tables.uses
        kept = tables.kept
    }

    deinit {
        operations.deallocate()
        places.deallocate()
        constants.deallocate()
        ranges.deallocate()
        paths.deallocate()
        segments.deallocate()
        arguments.deallocate()
        symbols.deallocate()
        loops.deallocate()
        cycles.deallocate()
        calls.deallocate()
    }

    private static func freeze<T: BitwiseCopyable>(_ array: [T]) -> UnsafeBufferPointer<T> {
        let copy = UnsafeMutableBufferPointer<T>.allocate(capacity: max(1, array.count))
        _ = copy.initialize(from: array)
        return UnsafeBufferPointer(rebasing: copy[0..<array.count])
    }
}

/// The position of an operation in its source.
struct Place {
    var source: UInt32
    var offset: UInt32
}

/// `(lower..upper)`
struct RangePlan {
    var lower: Operand
    var upper: Operand
}

/// A template's text, at an address that does not change during the program's life.
///
/// `@unchecked Sendable` is right: the bytes are written once, in `init`.
final class Source: @unchecked Sendable {
    let name: String
    let text: ByteSlice

    init(name: String, bytes: [UInt8]) {
        self.name = name
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count + 8)
        bytes.withUnsafeBufferPointer { from in
            if let base = from.baseAddress { copy.initialize(from: base, count: from.count) }
        }
        (copy + bytes.count).initialize(repeating: 0, count: 8)
        text = ByteSlice(base: UnsafePointer(copy), count: bytes.count)
    }

    deinit { text.base.deallocate() }

    /// The line and column (from 1) of a byte offset, and the text of the line.
    func locate(_ offset: Int) -> (line: Int, column: Int, text: String) {
        let at = min(max(0, offset), text.count)
        var line = 1
        var start = 0
        for index in 0..<at where text[index] == 0x0A {
            line += 1
            start = index + 1
        }
        var end = at
        while end < text.count, text[end] != 0x0A { end += 1 }
        if end > start, text[end - 1] == 0x0D { end -= 1 }
        let column = text.slice(start, max(start, at)).characterCount + 1
        return (line, column, text.slice(start, max(start, end)).string)
    }
}

/// The tables while they are being built.
struct ProgramTables {
    var operations: [Operation] = []
    var places: [Place] = []
    /// The first six are fixed: nil, blank, empty, true, false and the empty string.
    var constants: [Value] = [
        .null, Value(tag: .blank), Value(tag: .empty), .bool(true), .bool(false),
        .string(.empty, flags: Value.safe),
    ]
    var ranges: [RangePlan] = []
    var paths: [Path] = []
    var segments: [Segment] = []
    var arguments: [Operand] = []
    var symbols = SymbolTable()
    var loops: [LoopPlan] = []
    var cycles: [CyclePlan] = []
    var calls: [CallPlan] = []
    var chunks: [Chunk] = []
    var chunkIndex: [String: Int] = [:]
    var messages: [LiquidError] = []
    var sources: [Source] = []
    var loopNames = LoopNames()
    var cycleGroups: [String: Int] = [:]
    var selfSymbol = -1
    /// Symbols of `increment` and `decrement`.
    var counterSymbols: [Int] = []
    var dialect = Dialect.message
    var problems: [LiquidError] = []
    var uses = TemplateUses()
    /// Bytes made by the compiler to which values point.
    var kept: [Source] = []
}
