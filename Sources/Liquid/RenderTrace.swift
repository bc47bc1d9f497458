/// A step that was taken, with the length of the text before it.
struct TraceEntry: BitwiseCopyable {
    var operation: UInt32
    var output: UInt32
}

/// Decides at compile time whether the machine's loop records a trace.
protocol Tracing {
    static var isOn: Bool { get }
}

enum TracingOn: Tracing {
    @inline(__always) static var isOn: Bool { true }
}

enum TracingOff: Tracing {
    @inline(__always) static var isOn: Bool { false }
}

/// The origin of each part of a rendered text, and the places in the template that were reached.
public struct RenderTrace: Sendable {
    /// A part of the text and the place in a template that wrote it.
    public struct Span: Sendable, Equatable {
        /// Byte offsets in the text.
        public var range: Range<Int>
        /// The template or snippet.
        public var templateName: String
        /// 1-based.
        public var line: Int
        /// 1-based, in characters.
        public var column: Int
        /// The variable written, for example `customer.first_name`; nil for the template's own text.
        public var path: String?
    }

    private let program: Program
    private let entries: [TraceEntry]
    private let textLength: Int

    init(program: Program, entries: [TraceEntry], textLength: Int) {
        self.program = program
        self.entries = entries
        self.textLength = textLength
    }

    /// Every part of the text in order. Captured text is attributed to the place where it was output.
    public var spans: [Span] {
        var places = PlaceIndexes(program)
        var spans: [Span] = []
        for (index, entry) in entries.enumerated() {
            let start = Int(entry.output)
            let end = index + 1 < entries.count ? Int(entries[index + 1].output) : textLength
            while let last = spans.last, last.range.upperBound > start { spans.removeLast() }
            if end > start { spans.append(span(Int(entry.operation), start..<end, &places)) }
        }
        return spans
    }

    /// The origin of the byte at `offset` in the text; nil outside of it.
    public func origin(ofByteAt offset: Int) -> Span? { spans.first { $0.range.contains(offset) } }

    private func span(_ index: Int, _ range: Range<Int>, _ places: inout PlaceIndexes) -> Span {
        let operation = program.operations[index]
        let place = program.places[index]
        let source = program.sources[Int(place.source)]
        let located = places.locate(Int(place.offset), in: Int(place.source))
        return Span(
            range: range, templateName: source.name, line: located.line, column: located.column,
            path: path(index, operation))
    }

    private func path(_ index: Int, _ operation: Operation) -> String? {
        var operand = Operand(raw: operation.a)
        switch operation.code {
        case .emit, .emitEscaped: break
        case .emitAccumulator, .emitAccumulatorEscaped:
            // The value was loaded before its filters were applied.
            var start = index
            while start > 0, program.operations[start].code != .load { start -= 1 }
            operand = Operand(raw: program.operations[start].a)
        default: return nil
        }
        guard operand.isPath else { return nil }
        let path = program.paths[operand.index]
        let text = program.sources[Int(path.source)].text
        return text.slice(Int(path.start), Int(path.start + path.length)).trimmed().string
    }

    /// The numbers of the steps that were taken.
    var reached: Set<Int> { Set(entries.map { Int($0.operation) }) }
}

extension RenderTrace {
    func isOf(_ other: Program) -> Bool { program === other }

    /// Each step with the one that followed it.
    var steps: [(from: Int, to: Int)] {
        zip(entries, entries.dropFirst()).map { (Int($0.operation), Int($1.operation)) }
    }
}
