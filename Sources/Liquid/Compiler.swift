/// Compiles a source into a program in one pass. There is no syntax tree: steps are written as the tags are read.
struct Compiler {
    let options: ParseOptions
    let catalogue: any Catalogue
    var tables = ProgramTables()

    /// The current source and its number.
    var source = Source(name: "", bytes: [])
    var sourceNumber = 0
    /// The start of the current markup, for errors.
    var place = 0
    /// Whether `-%}` was last, so that leading whitespace of the next text is removed.
    var trimsNext = false
    /// The text step that a `{%-` may still shorten.
    var lastText = -1
    /// Whether the current body has produced only whitespace so far.
    var isBlank = true
    var depth = 0
    /// The enclosing loops and captures, innermost last.
    var enclosing: [Enclosing] = []
    /// The filters and named arguments of the current expression, and the segments of the current paths.
    var filterCalls: [FilterCall] = []
    var namedArguments: [(ByteSlice, Operand)] = []
    var openSegments: [Segment] = []
    /// The number of counters in the current chunk.
    var counters = 0
    /// The names of snippets that are not yet compiled.
    var queue: [String] = []
    var wantsWholeCatalogue = false
    /// What the steps that were written so far cost to run once.
    var work = 0

    /// What `break` and `continue` must undo and where they jump.
    struct Enclosing {
        enum Kind { case loop, row, capture }
        var kind: Kind
        var number = 0
        var breaks: [Int] = []
        var continues: [Int] = []
    }

    /// The tag that ended a body: one unknown to the body, or none at the end of the source.
    struct Ending {
        var name: ByteSlice
        var markup: ByteSlice
        var isEnd: Bool
        var start: Int
    }

    init(options: ParseOptions, catalogue: any Catalogue) {
        self.options = options
        self.catalogue = catalogue
        tables.dialect = options.dialect
        tables.operations.reserveCapacity(128)
        tables.places.reserveCapacity(128)
        tables.paths.reserveCapacity(64)
        tables.segments.reserveCapacity(64)
    }

    mutating func compile(_ bytes: [UInt8], name: String) throws(LiquidError) -> Program {
        guard bytes.count <= options.maxSourceBytes else {
            throw LiquidError(
                kind: .syntax,
                message:
                    "The template has \(bytes.count) bytes; at most \(options.maxSourceBytes) are allowed. Split it.",
                templateName: name)
        }
        try compileChunk(bytes, name: name)
        var next = 0
        while next < queue.count || wantsWholeCatalogue {
            if next == queue.count {
                wantsWholeCatalogue = false
                for other in catalogue.names where tables.chunkIndex[other] == nil { enqueue(other) }
                continue
            }
            compileSnippet(queue[next])
            next += 1
        }
        tables.selfSymbol = tables.symbols.find(Source.selfName.text) ?? -1
        return Program(tables)
    }

    /// Compiles a snippet. Its errors are kept until a render reaches it.
    private mutating func compileSnippet(_ name: String) {
        guard let bytes = catalogue.source(named: name) else { return }
        let operations = tables.operations.count
        do throws(LiquidError) {
            guard bytes.count <= options.maxSourceBytes else {
                throw LiquidError(
                    kind: .syntax, message: "Snippet '\(name)' is longer than \(options.maxSourceBytes) bytes.",
                    templateName: name)
            }
            try compileChunk(bytes, name: name)
        } catch {
            tables.operations.removeSubrange(operations...)
            tables.places.removeSubrange(operations...)
            tables.problems.append(error)
            tables.messages.append(error)
            let index = chunk(named: name)
            tables.chunks[index].start = tables.operations.count
            write(Operation(.fail, a: UInt32(tables.messages.count - 1)))
        }
    }

    private mutating func compileChunk(_ bytes: [UInt8], name: String) throws(LiquidError) {
        source = Source(name: name, bytes: bytes)
        sourceNumber = tables.sources.count
        tables.sources.append(source)
        let index = sourceNumber == 0 ? addChunk(name) : chunk(named: name)
        tables.chunks[index].start = tables.operations.count
        tables.chunks[index].source = sourceNumber
        let workBefore = work
        trimsNext = false
        lastText = -1
        isBlank = true
        depth = 0
        enclosing = []
        counters = 0
        var tokenizer = Tokenizer(source.text)
        let ending = try body(&tokenizer)
        if !ending.isEnd { throw unexpected(ending, in: nil) }
        write(Operation(.finish))
        tables.chunks[index].counters = counters
        tables.chunks[index].work = work - workBefore
    }

    /// The chunk number of a snippet, which is queued if it is new; -1 if there is no such snippet.
    mutating func snippet(named name: String) -> Int {
        if let index = tables.chunkIndex[name] { return index }
        guard queue.count < options.maxSnippets else { return -1 }
        if catalogue.source(named: name) != nil { return enqueue(name) }
        // `render 'Footer.liquid'` means `footer`, as on the case-insensitive file systems where themes come from.
        let wanted = SnippetName.normal(name)
        guard let found = catalogue.names.first(where: { SnippetName.normal($0) == wanted }) else { return -1 }
        return tables.chunkIndex[found] ?? enqueue(found)
    }

    @discardableResult
    private mutating func enqueue(_ name: String) -> Int {
        queue.append(name)
        return chunk(named: name)
    }

    private mutating func chunk(named name: String) -> Int {
        if let index = tables.chunkIndex[name] { return index }
        let index = addChunk(name)
        tables.chunkIndex[name] = index
        return index
    }

    private mutating func addChunk(_ name: String) -> Int {
        // A snippet's subject is bound to the last part of the snippet's name, whose bytes must be kept.
        var symbol = -1
        if !tables.chunks.isEmpty {
            let tail = name.split(separator: "/").last.map(String.init) ?? name
            symbol = tables.symbols.intern(keep(tail))
        }
        tables.chunks.append(Chunk(name: name, start: 0, source: 0, counters: 0, symbol: symbol))
        return tables.chunks.count - 1
    }

    /// Copies a text to memory that lives as long as the program.
    mutating func keep(_ text: String) -> ByteSlice {
        let holder = Source(name: "", bytes: Array(text.utf8))
        tables.kept.append(holder)
        return holder.text
    }

    // MARK: Writing

    mutating func write(_ operation: Operation) {
        tables.operations.append(operation)
        work &+= Work.step &+ Int(operation.count) &* Work.step
        tables.places.append(Place(source: UInt32(sourceNumber), offset: UInt32(place)))
    }

    var here: Int { tables.operations.count }

    mutating func patch(_ operation: Int, to target: Int) {
        tables.operations[operation].target = UInt32(target)
    }

    mutating func patch(_ operations: [Int], to target: Int) {
        for operation in operations { patch(operation, to: target) }
    }

    // MARK: Positions and errors

    /// The position of a slice in the source. For a text outside the source (the empty text of `blank`), the position
    /// of the tag.
    func offset(of slice: ByteSlice) -> Int {
        let distance = source.text.base.distance(to: slice.base)
        return distance >= 0 && distance <= source.text.count ? distance : place
    }

    func error(
        _ message: String, at slice: ByteSlice? = nil, kind: LiquidError.Kind = .syntax, hint: String? = nil
    ) -> LiquidError {
        error(message, offset: slice.map { offset(of: $0) } ?? place, kind: kind, hint: hint)
    }

    func error(
        _ message: String, offset: Int, kind: LiquidError.Kind = .syntax, hint: String? = nil
    ) -> LiquidError {
        let where_ = source.locate(offset)
        return LiquidError(
            kind: kind, message: message, templateName: source.name, line: where_.line, column: where_.column,
            sourceLine: where_.text, hint: hint)
    }

    /// The error for a tag in the wrong place.
    func unexpected(_ ending: Ending, in block: StaticString?) -> LiquidError {
        let name = ending.name.string
        if let block {
            let title = block.description
            if ending.isEnd {
                return error("'\(title)' is never closed. Add {% end\(title) %}.", offset: ending.start)
            }
            if name.hasPrefix("end") {
                return error(
                    "'\(name)' does not close '\(title)'. Use {% end\(title) %}.", offset: ending.start)
            }
            if name == "else" || name == "elsif" || name == "when" {
                return error("'\(title)' does not take '\(name)'.", offset: ending.start)
            }
        } else if name.hasPrefix("end") || name == "else" || name == "elsif" || name == "when" {
            return error("'\(name)' has no block to belong to.", offset: ending.start)
        }
        let hint = Spelling.closest(to: name, among: Compiler.tagNames).map { "Did you mean '\($0)'?" }
        return error("Unknown tag '\(name)'.", offset: ending.start, hint: hint)
    }
}

extension Source {
    static let selfName = Source(name: "", bytes: Array("self".utf8))
    static let catalogsName = Source(name: "", bytes: Array("catalogs".utf8))
    static let forloopName = Source(name: "", bytes: Array("forloop".utf8))
    static let tablerowName = Source(name: "", bytes: Array("tablerowloop".utf8))
}
