/// Renders templates, one after the other, into one buffer that it reuses.
///
/// Not Sendable: keep one per worker. Once warm, a render allocates nothing.
public final class Renderer {
    private var machine = Machine()
    private var lastProgram: Program?

    public init() {}

    /// Renders a template.
    ///
    /// - Returns: `.text` if the text is complete (see `withText`), `.aborted` if the template decided not to be
    ///   sent.
    /// - Throws: `LiquidError` with the position in the template. The text must not be used then.
    public func render(
        _ template: Template, data: TemplateData, options: RenderOptions
    ) throws(LiquidError) -> RenderOutcome {
        let program = template.program
        lastProgram = program
        machine.begin(program, options)
        do throws(Failure) {
            if options.isTraced {
                try machine.run(program, data, TracingOn.self)
            } else {
                try machine.run(program, data, TracingOff.self)
            }
            if machine.output.isOverfull { throw Failure(kind: .outputLimit) }
        } catch {
            throw explain(error, program)
        }
        if machine.abortReason.tag == .string {
            return .aborted(reason: machine.abortReason.text.string)
        }
        return .text
    }

    /// Units of work that the last render did.
    public var work: Int { machine.options.limits.work - machine.workLeft }

    /// The text of the last render, without a copy. Valid inside `body` only.
    public func withText<R>(_ body: (UnsafeBufferPointer<UInt8>) throws -> R) rethrows -> R {
        try body(UnsafeBufferPointer(start: machine.output.base, count: machine.output.count))
    }

    /// A copy of the text of the last render.
    public var text: [UInt8] {
        Array(UnsafeBufferPointer(start: machine.output.base, count: machine.output.count))
    }

    /// The outputs of the last render without a value, each path once, in order of appearance.
    public var undefined: [UndefinedValue] {
        guard let program = lastProgram else { return [] }
        var places = PlaceIndexes(program)
        var seen: Set<String> = []
        var values: [UndefinedValue] = []
        for entry in machine.undefined {
            let path = program.paths[entry.path]
            let source = program.sources[Int(path.source)]
            let place = places.locate(Int(path.start), in: Int(path.source))
            let text = source.text.slice(Int(path.start), Int(path.start + path.length)).trimmed().string
            guard seen.insert(text).inserted else { continue }
            values.append(
                UndefinedValue(path: text, templateName: source.name, line: place.line, column: place.column))
        }
        for entry in machine.missingTranslations {
            let place = program.places[entry.position]
            let source = program.sources[Int(place.source)]
            let located = places.locate(Int(place.offset), in: Int(place.source))
            guard seen.insert(entry.key).inserted else { continue }
            values.append(
                UndefinedValue(
                    path: entry.key, templateName: source.name, line: located.line, column: located.column,
                    isTranslation: true))
        }
        return values
    }

    /// The trace of the last render if `RenderOptions.isTraced` was set; otherwise nil.
    public var trace: RenderTrace? {
        guard let program = lastProgram, machine.options.isTraced else { return nil }
        return RenderTrace(program: program, entries: machine.trace, textLength: machine.output.count)
    }

    /// The public error for a failure inside the machine.
    private func explain(_ failure: Failure, _ program: Program) -> LiquidError {
        let place = program.places[machine.position]
        let operation = program.operations[machine.position]
        if operation.code == .fail { return program.messages[Int(operation.a)] }
        let source = program.sources[Int(place.source)]
        let located = source.locate(Int(place.offset))
        return LiquidError(
            kind: failure.kind, message: sentence(failure.kind), templateName: source.name, line: located.line,
            column: located.column, sourceLine: located.text)
    }

    private func sentence(_ kind: LiquidError.Kind) -> String {
        if !machine.detail.isEmpty { return machine.detail }
        let limits = machine.options.limits
        switch kind {
        case .stepLimit: return "The template takes more than \(limits.steps) steps. Loop over less."
        case .workLimit:
            return "The template does more work than its budget of \(limits.work) units. "
                + "Apply filters and comparisons to shorter texts, or to fewer."
        case .outputLimit: return "The text is longer than \(limits.outputBytes) bytes. Shorten it or raise the limit."
        case .captureLimit: return "A value is longer than \(limits.captureBytes) bytes. Shorten it or raise the limit."
        case .memoryLimit: return "The template needs more than \(limits.memoryBytes) bytes of memory. Loop over less."
        case .depthLimit:
            return "Snippets call each other more than \(limits.depth) deep. Look for one that calls itself."
        case .undefinedVariable:
            let path = undefined.first?.path ?? "A variable"
            return "'\(path)' has no value. Give it one, or a fallback: {{ \(path) | default: '...' }}."
        default: return "The template cannot be rendered with this data."
        }
    }
}
