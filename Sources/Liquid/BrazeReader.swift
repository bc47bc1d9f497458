/// Converts a template from Braze's dialect of Liquid to this one, and reports each change with its position.
///
/// It changes syntax that only Braze has: `{{${first_name}}}`, `custom_attribute.${zip code}`, `{{ }}` inside tags,
/// `{{content_blocks.${Footer}}}`, `{% abort_message('reason') %}`, the `time_zone` filter and names of system values.
/// Features without an equivalent (`connected_content`, subscription states, devices) are reported with an
/// alternative. Everything else stays byte for byte.
public struct BrazeReader: Sendable {
    /// One change, or one problem that prevented a change.
    public struct Note: Sendable, Equatable {
        /// 1-based line of the original.
        public var line: Int
        /// 1-based column of the original, in characters.
        public var column: Int
        /// The original text.
        public var before: String
        /// The new text; nil when it was removed or left unchanged.
        public var after: String?
        /// A sentence on what must be reviewed and what to do; nil when the change keeps the meaning.
        public var problem: String?
    }

    /// The template in this dialect.
    public private(set) var template = ""
    /// Every change and every problem, in the order of the original.
    public private(set) var notes: [Note] = []
    /// The content blocks that the template needs as snippets, in order of first use.
    public private(set) var snippets: [String] = []

    private let source: [Character]
    private var at = 0
    private var line = 1
    private var column = 1
    /// Why the current expression has a different meaning here than in Braze.
    private var doubts: [String] = []

    /// Converts a template.
    public init(_ text: String) {
        source = Array(text)
        while at < source.count { readPiece() }
    }

    /// Whether the whole template could be converted.
    public var isComplete: Bool { notes.allSatisfy { $0.problem == nil } }

    // MARK: Pieces

    private mutating func readPiece() {
        if starts("{%") { return readTag() }
        if starts("{{") { return readOutput() }
        template.append(source[at])
        advance(1)
    }

    private func starts(_ text: String, from offset: Int? = nil) -> Bool {
        let start = offset ?? at
        let wanted = Array(text)
        guard start + wanted.count <= source.count else { return false }
        return (0..<wanted.count).allSatisfy { source[start + $0] == wanted[$0] }
    }

    private mutating func advance(_ count: Int) {
        for _ in 0..<count where at < source.count {
            if source[at] == "\n" || source[at] == "\r\n" {
                line += 1
                column = 1
            } else {
                column += 1
            }
            at += 1
        }
    }

    /// A tag or an output as written, without the dashes of whitespace control.
    private struct Piece {
        var line: Int
        var column: Int
        var original: String
        var opening: String
        var inside: String
        var closing: String
    }

    private mutating func take(until end: Int) -> Piece {
        var piece = Piece(
            line: line, column: column, original: String(source[at..<end]), opening: "",
            inside: String(source[(at + 2)..<(end - 2)]), closing: "")
        if piece.inside.hasPrefix("-") {
            piece.opening = "-"
            piece.inside.removeFirst()
        }
        if piece.inside.hasSuffix("-") {
            piece.closing = "-"
            piece.inside.removeLast()
        }
        advance(end - at)
        return piece
    }

    /// `{{ … }}`, which may contain `${…}`.
    private mutating func readOutput() {
        guard let end = closing("}}", from: at + 2) else { return copyRest("This output is not closed: add '}}'.") }
        let piece = take(until: end)
        if let block = contentBlock(piece.inside) {
            return put(piece, "{%\(piece.opening) render '\(block)' \(piece.closing)%}")
        }
        put(piece, "{{\(piece.opening)\(expression(piece.inside))\(piece.closing)}}")
    }

    private mutating func readTag() {
        guard let end = closing("%}", from: at + 2) else { return copyRest("This tag is not closed: add '%}'.") }
        let piece = take(until: end)
        let body = piece.inside.trimmed
        if body.hasPrefix("abort_message") {
            let argument = body.dropFirst("abort_message".count).trimmed.trimmingParentheses
            let reason = argument.isEmpty ? " " : " \(expression(argument)) "
            return put(piece, "{%\(piece.opening) abort\(reason)\(piece.closing)%}")
        }
        for (name, advice) in Self.lostTags where body.hasPrefix(name) {
            note(piece, nil, advice)
            // The text inside a comment must not end the comment.
            let text = piece.original.replacing("{%", with: "{ %").replacing("%}", with: "% }")
            template += "{% comment %}\(text){% endcomment %}"
            return
        }
        if let (name, block) = assignedBlock(body) {
            return put(
                piece,
                "{%\(piece.opening) capture \(name) %}{% render '\(block)' %}{% endcapture \(piece.closing)%}")
        }
        put(piece, "{%\(piece.opening)\(expression(piece.inside))\(piece.closing)%}")
    }

    private static let lostTags = [
        (
            "connected_content",
            "Rendering does no network I/O here: fetch the answer before sending and put it into the message's data."
        ),
        (
            "catalog_items",
            "Read rows of a local catalogue one by one: {% catalog 'name' id: 'row', save: item %}, then {{ item.title }}."
        ),
        (
            "catalog_selection_items",
            "Selections are not kept here: put the chosen rows into the message's data as a list."
        ),
        ("message_extras", "Put what analytics needs into the message's tags or data instead."),
        ("promotion", "Promotion codes are not drawn here: put the code into the message's data."),
    ]

    private mutating func copyRest(_ problem: String) {
        let rest = String(source[at...])
        notes.append(
            Note(line: line, column: column, before: String(rest.prefix(60)), after: nil, problem: problem))
        template += rest
        at = source.count
    }

    /// The offset after `delimiter`, skipping strings and `${…}`.
    private func closing(_ delimiter: String, from start: Int) -> Int? {
        // An output may hold others: `{{ a | plus: {{b}} }}`. Where they do not pair, the first end counts.
        if delimiter == "}}", let end = pairedEnd(from: start) { return end }
        var index = start
        var quote: Character?
        var hasEnds = true
        while index < source.count {
            let character = source[index]
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if starts("${", from: index) {
                while index < source.count, source[index] != "}" { index += 1 }
            } else if delimiter == "%}", hasEnds, starts("{{", from: index) {
                if let end = closing("}}", from: index + 2) {
                    index = end
                    continue
                }
                hasEnds = false
            } else if starts(delimiter, from: index) {
                return index + delimiter.count
            }
            index += 1
        }
        return nil
    }

    /// The offset after the `}}` that belongs to a `{{` before `start`; nil if braces do not pair.
    private func pairedEnd(from start: Int) -> Int? {
        var index = start
        var depth = 1
        var quote: Character?
        while index < source.count {
            let character = source[index]
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if starts("${", from: index) {
                while index < source.count, source[index] != "}" { index += 1 }
            } else if starts("{{", from: index) {
                depth += 1
                index += 1
            } else if starts("}}", from: index) {
                depth -= 1
                index += 1
                if depth == 0 { return index + 1 }
            } else if starts("{%", from: index) {
                return nil
            }
            index += 1
        }
        return nil
    }

    // MARK: Content blocks

    /// The name in `content_blocks.${Name}`, alone or with filters. The filters only set Braze's ids.
    private mutating func contentBlock(_ inside: String) -> String? {
        let text = inside.trimmed
        guard text.hasPrefix("content_blocks.${"), let close = text.firstIndex(of: "}") else { return nil }
        let rest = text[text.index(after: close)...].trimmed
        guard rest.isEmpty || rest.hasPrefix("|") else { return nil }
        let start = text.index(text.startIndex, offsetBy: "content_blocks.${".count)
        let name = text[start..<close].trimmed.replacing("'", with: "")
        if !snippets.contains(name) { snippets.append(name) }
        return name
    }

    /// `assign x = {{content_blocks.${Name}}}`
    private mutating func assignedBlock(_ body: String) -> (variable: String, block: String)? {
        guard body.hasPrefix("assign "), let equals = body.firstIndex(of: "=") else { return nil }
        let variable = body[..<equals].dropFirst("assign ".count).trimmed
        var value = body[body.index(after: equals)...].trimmed
        guard value.hasPrefix("{{"), value.hasSuffix("}}") else { return nil }
        value = value.dropFirst(2).dropLast(2).trimmed
        guard let block = contentBlock(value) else { return nil }
        return (variable, block)
    }

    // MARK: Expressions

    /// Converts `${name}`, `group.${name}`, `{{ }}` within a tag and Braze's own filters, outside of strings.
    private mutating func expression(_ text: String) -> String {
        let characters = Array(text)
        var result = ""
        var index = 0
        var quote: Character?
        while index < characters.count {
            let character = characters[index]
            if let open = quote {
                if character == open { quote = nil }
                result.append(character)
                index += 1
            } else if character == "'" || character == "\"" {
                quote = character
                result.append(character)
                index += 1
            } else if character == "$", index + 1 < characters.count, characters[index + 1] == "{",
                let close = characters[index...].firstIndex(of: "}")
            {
                let name = String(characters[(index + 2)..<close]).trimmed
                let (path, doubt) = BrazeNames.path(for: name, after: &result)
                result += path
                if let doubt { doubts.append(doubt) }
                index = close + 1
            } else if character == "{" || character == "}", index + 1 < characters.count,
                characters[index + 1] == character
            {
                // Braces within a tag are redundant.
                index += 2
            } else {
                result.append(character)
                index += 1
            }
        }
        let (filtered, doubt) = BrazeFilters.converted(result)
        if let doubt { doubts.append(doubt) }
        return filtered
    }

    // MARK: Notes

    private mutating func put(_ piece: Piece, _ after: String) {
        template += after
        let doubt = doubts.isEmpty ? nil : doubts.joined(separator: " ")
        doubts.removeAll()
        if piece.original != after || doubt != nil {
            note(piece, piece.original == after ? nil : after, doubt)
        }
    }

    private mutating func note(_ piece: Piece, _ after: String?, _ problem: String?) {
        notes.append(
            Note(line: piece.line, column: piece.column, before: piece.original, after: after, problem: problem))
    }
}

extension StringProtocol {
    var trimmed: String {
        var text = Substring(self)
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }

    fileprivate var trimmingParentheses: String {
        var text = Substring(self)
        if text.hasPrefix("(") { text.removeFirst() }
        if text.hasSuffix(")") { text.removeLast() }
        return text.trimmed
    }
}
