/// Turns a template in Braze's dialect of Liquid into this one, and says line by line what it did.
///
/// It changes syntax that only Braze has: `{{${first_name}}}`, `custom_attribute.${zip code}`, `{{ }}` inside tags,
/// `{{content_blocks.${Footer}}}`, `{% abort_message('reason') %}`, `{% connected_content … %}` (which it cannot keep)
/// and system values. Everything else stays to the byte.
public struct BrazeReader: Sendable {
    /// One thing that was changed or could not be.
    public struct Note: Sendable, Equatable {
        /// 1-based line of the original.
        public var line: Int
        public var before: String
        /// What stands there now; nil when it was left alone.
        public var after: String?
        /// A sentence for what needs a person.
        public var problem: String?
    }

    /// The template in this dialect.
    public private(set) var template = ""
    public private(set) var notes: [Note] = []

    private let source: [Character]
    private var at = 0
    private var line = 1

    /// Reads a template.
    public init(_ text: String) {
        source = Array(text)
        while at < source.count { readPiece() }
    }

    /// Whether everything could be kept.
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
            if source[at] == "\n" || source[at] == "\r\n" { line += 1 }
            at += 1
        }
    }

    /// `{{ … }}`, where the inside may hold `${…}`.
    private mutating func readOutput() {
        guard let end = closing("}}", from: at + 2) else { return copyRest("This output is not closed.") }
        let original = String(source[at..<end])
        let inside = String(source[(at + 2)..<(end - 2)])
        let startLine = line
        advance(end - at)
        if let block = contentBlock(inside) {
            return put(original, "{% render '\(block)' %}", startLine)
        }
        if inside.trimmed.hasPrefix("campaign.${message_api_id}") || inside.trimmed.hasPrefix("campaign.${dispatch_id}")
        {
            note(startLine, original, nil, "Braze's message and dispatch ids do not exist here; use message.id.")
        }
        put(original, "{{" + expression(inside, startLine) + "}}", startLine)
    }

    private mutating func readTag() {
        guard let end = closing("%}", from: at + 2) else { return copyRest("This tag is not closed.") }
        let original = String(source[at..<end])
        let inside = String(source[(at + 2)..<(end - 2)])
        let startLine = line
        advance(end - at)
        let body = inside.trimmed.trimmingDashes
        if body.hasPrefix("abort_message") { return readAbort(original, body, startLine) }
        for lost in ["connected_content", "catalog_items", "catalog_selection_items", "message_extras", "promotion"]
        where body.hasPrefix(lost) {
            note(
                startLine, original, nil,
                lost == "connected_content"
                    ? "Rendering does no network I/O here: put the answer into the message's data before sending."
                    : "'\(lost)' has no counterpart: put its values into the message's data.")
            template += "{% comment %}\(original.replacingAll("{%", "{ %").replacingAll("%}", "% }"))"
            template += "{% endcomment %}"
            return
        }
        put(original, "{%" + expression(inside, startLine) + "%}", startLine)
    }

    /// `abort_message('reason')`, `abort_message("reason")` or `abort_message()`.
    private mutating func readAbort(_ original: String, _ body: String, _ startLine: Int) {
        let argument = body.dropFirst("abort_message".count).trimmed.trimmingParentheses
        let reason = argument.isEmpty ? "" : " " + argument
        put(original, "{% abort\(reason) %}", startLine)
    }

    private mutating func copyRest(_ problem: String) {
        let rest = String(source[at...])
        note(line, String(rest.prefix(60)), nil, problem)
        template += rest
        at = source.count
    }

    /// The offset behind `delimiter`, skipping strings and `${…}`.
    private func closing(_ delimiter: String, from start: Int) -> Int? {
        var index = start
        var quote: Character?
        while index < source.count {
            let character = source[index]
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if starts("${", from: index) {
                while index < source.count, source[index] != "}" { index += 1 }
            } else if delimiter == "%}", starts("{{", from: index), let end = closing("}}", from: index + 2) {
                index = end
                continue
            } else if starts(delimiter, from: index) {
                return index + delimiter.count
            }
            index += 1
        }
        return nil
    }

    // MARK: Expressions

    private func contentBlock(_ inside: String) -> String? {
        let text = inside.trimmed
        guard text.hasPrefix("content_blocks.${"), let close = text.firstIndex(of: "}") else { return nil }
        let start = text.index(text.startIndex, offsetBy: "content_blocks.${".count)
        return String(text[start..<close]).replacingAll("'", "")
    }

    /// `${name}`, `group.${name}` and `{{ }}` within a tag, outside of strings.
    private mutating func expression(_ text: String, _ startLine: Int) -> String {
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
                result = Self.reference(name, after: result)
                index = close + 1
            } else if character == "{" || character == "}",
                index + 1 < characters.count, characters[index + 1] == character
            {
                // Braces within a tag say nothing that the tag does not say.
                index += 2
            } else {
                result.append(character)
                index += 1
            }
        }
        return result
    }

    /// The path for `${name}`, with the group before it: `custom_attribute.`, `event_properties.` and so on.
    private static func reference(_ name: String, after written: String) -> String {
        let isPlain =
            name.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || $0 == "_" || $0 == "-" || ("0"..."9").contains($0))
            }
            && !(name.first?.isNumber ?? true)
        func member(of owner: String) -> String {
            isPlain ? "\(owner).\(name)" : "\(owner)['\(name.replacingAll("'", ""))']"
        }
        for (group, owner) in [
            ("custom_attribute.", "customer"), ("event_properties.", "event"), ("api_trigger_properties.", "data"),
            ("canvas_entry_properties.", "data"), ("context.", "data"), ("campaign.", "campaign"),
            ("canvas.", "campaign"),
            ("card.", "card"), ("app.", "app"), ("targeted_device.", "device"),
            ("most_recently_used_device.", "device"),
            ("subscribed_state.", "subscriptions"),
        ] where written.hasSuffix(group) {
            return String(written.dropLast(group.count)) + member(of: owner)
        }
        if let system = systemValues[name] { return written + system }
        return written + member(of: "customer")
    }

    /// Braze's names for what every message has here under another name.
    private static let systemValues = [
        "unsubscribe_url": "unsubscribe_url", "set_user_to_unsubscribed_url": "unsubscribe_url",
        "set_user_to_subscribed_url": "preferences_url", "set_user_to_opted_in_url": "preferences_url",
        "preference_center": "preferences_url", "user_id": "customer.id", "braze_id": "customer.id",
        "email_address": "customer.email", "phone_number": "customer.phone", "language": "locale",
        "time_zone": "customer.time_zone",
    ]

    // MARK: Notes

    private mutating func put(_ before: String, _ after: String, _ startLine: Int) {
        template += after
        if before != after { note(startLine, before, after, nil) }
    }

    private mutating func note(_ line: Int, _ before: String, _ after: String?, _ problem: String?) {
        notes.append(Note(line: line, before: before, after: after, problem: problem))
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        var text = Substring(self)
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }

    /// Without the dashes of white space control.
    fileprivate var trimmingDashes: String {
        var text = Substring(self)
        if text.hasPrefix("-") { text.removeFirst() }
        if text.hasSuffix("-") { text.removeLast() }
        return text.trimmed
    }

    fileprivate var trimmingParentheses: String {
        var text = Substring(self)
        if text.hasPrefix("(") { text.removeFirst() }
        if text.hasSuffix(")") { text.removeLast() }
        return text.trimmed
    }

    fileprivate func replacingAll(_ target: String, _ replacement: String) -> String {
        var result = ""
        var rest = Substring(self)
        while !rest.isEmpty {
            if rest.hasPrefix(target) {
                result += replacement
                rest = rest.dropFirst(target.count)
            } else {
                result.append(rest.removeFirst())
            }
        }
        return result
    }
}
