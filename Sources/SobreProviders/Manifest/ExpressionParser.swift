internal import SobreModel
internal import Text
internal import YAMLDocument

/// The names that a manifest's expressions may use, and the slots of the settings that they do use.
final class ExpressionScope {
    /// The channels that the manifest serves.
    let channels: Set<Channel>
    /// The declared settings and secrets.
    let settings: [String: ManifestSetting]
    /// The settings in order of first use. A slot is an index into this array.
    private(set) var slots: [SettingSlot] = []
    /// Whether an expression uses the whole email as MIME.
    var usesMIME = false

    init(channels: Set<Channel>, settings: [ManifestSetting]) {
        self.channels = channels
        self.settings = Dictionary(settings.map { ($0.name, $0) }) { first, _ in first }
    }

    func slot(_ wanted: SettingSlot) -> Int {
        if let index = slots.firstIndex(of: wanted) { return index }
        slots.append(wanted)
        return slots.count - 1
    }
}

/// One setting, or one member of a setting that is a JSON object.
struct SettingSlot: Hashable, Sendable {
    let name: String
    let member: String?
}

/// The position of an expression, which determines the names that it may use.
enum ExpressionPlace: Equatable {
    /// Settings and secrets only: the endpoint, the credentials.
    case settings
    /// A request: settings, secrets and the message.
    case message
    /// The signature of a finished request: settings, secrets, the request and the earlier steps.
    case signing(steps: [String])
    /// Inside `$do` over mailboxes or attachments.
    case mailbox
    case attachment
    /// Inside `$do` over names and values.
    case pair
}

/// Compiles the texts of a manifest.
struct ExpressionParser {
    let scope: ExpressionScope
    let place: ExpressionPlace

    /// Compiles a text that contains `${…}`; `$${` is a literal `${`.
    func template(_ text: String) throws(ExpressionError) -> Template {
        var parts: [Template.Part] = []
        var plain = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            plain += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                plain += "${"
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${") {
                guard let close = Self.closingBrace(in: rest) else {
                    throw ExpressionError("\"${\" is not closed in \"\(text)\"")
                }
                if !plain.isEmpty { parts.append(.text(Array(plain.utf8))) }
                plain = ""
                let inner = rest[rest.index(rest.startIndex, offsetBy: 2)..<close]
                parts.append(.expression(try expression(String(inner))))
                rest = rest[rest.index(after: close)...]
            } else {
                plain += "$"
                rest = rest.dropFirst()
            }
        }
        plain += rest
        if !plain.isEmpty { parts.append(.text(Array(plain.utf8))) }
        return Template(parts: parts)
    }

    private static func closingBrace(in text: Substring) -> Substring.Index? {
        var quote: Character?
        for index in text.indices {
            let character = text[index]
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character == "}" {
                return index
            }
        }
        return nil
    }

    /// Compiles `path | function(argument) | …`.
    func expression(_ text: String) throws(ExpressionError) -> Expression {
        let pieces = Self.split(text, at: "|")
        let path = Self.trimmed(pieces[0])
        var calls: [(name: String, function: ExpressionFunction)] = []
        for piece in pieces.dropFirst() { calls.append(try call(Self.trimmed(piece))) }
        let first = calls.first?.name
        let (source, sourceType) = try source(
            path, wantsList: ["first", "map", "join"].contains(first), wantsMailbox: first == "mailbox")
        var type = sourceType
        for (name, function) in calls {
            guard let result = function.result(of: type) else {
                throw ExpressionError("\(name) does not accept \(type.words) in \"${\(text)}\"")
            }
            type = result
        }
        return Expression(source: source, calls: calls.map(\.function), type: type)
    }

    /// Compiles the path of a list for `$each`, `$pairs` and `$kv`. The `${}` around it is optional.
    func listExpression(_ text: String) throws(ExpressionError) -> Expression {
        var inner = Self.trimmed(text)
        if inner.hasPrefix("${"), inner.hasSuffix("}") { inner = String(inner.dropFirst(2).dropLast()) }
        if Self.split(inner, at: "|").count > 1 { return try expression(inner) }
        let (source, type) = try source(inner, wantsList: true, wantsMailbox: false)
        return Expression(source: source, calls: [], type: type)
    }

    // MARK: - Paths

    func source(
        _ path: String, wantsList: Bool, wantsMailbox: Bool
    ) throws(ExpressionError) -> (Expression.Source, ValueType) {
        if path.hasPrefix("cfg.") || path.hasPrefix("secret.") { return (try setting(path), .text) }
        switch place {
        case .settings:
            throw ExpressionError(
                "\"\(path)\" cannot be used here",
                help: "only cfg.NAME and secret.NAME can: this part is built before any message")
        case .signing(let steps): return try signingSource(path, steps)
        case .message, .mailbox, .attachment, .pair: break
        }
        if let found = item(path) { return found }
        if wantsList, let field = ListField(rawValue: path), !field.channels.isDisjoint(with: scope.channels) {
            return (.list(field), field.isMailboxes ? .mailboxes : .attachments)
        }
        if wantsMailbox, path == "msg.from", !scope.channels.isDisjoint(with: Channel.withMail) {
            return (.fromMailbox, .mailbox)
        }
        if let field = TextField(path: path) {
            try check(path, field.channels)
            return (.text(field), .text)
        }
        if let field = ListField(rawValue: path) {
            try check(path, field.channels)
            return (.list(field), field.isMailboxes ? .mailboxes : .attachments)
        }
        if let field = PairsField(path: path) {
            try check(path, field.channels)
            return (.pairs(field), .pairs)
        }
        if path == "mime" {
            try check(path, Channel.withMail)
            scope.usesMIME = true
            return (.mime, .bytes)
        }
        throw unknown(path)
    }

    private func signingSource(
        _ path: String, _ steps: [String]
    ) throws(ExpressionError) -> (Expression.Source, ValueType) {
        if let fact = RequestFact(rawValue: path) { return (.request(fact), fact == .body ? .bytes : .text) }
        if path.hasPrefix("let."), let index = steps.firstIndex(of: String(path.dropFirst(4))) {
            return (.step(index), .text)
        }
        let known = RequestFact.allCases.map(\.rawValue) + steps.map { "let.\($0)" }
        throw ExpressionError("\"\(path)\" is not known in a signature", help: Self.hint(path, among: known))
    }

    private func item(_ path: String) -> (Expression.Source, ValueType)? {
        switch place {
        case .mailbox:
            if path == "it" { return (.wholeItem, .mailbox) }
            if let field = ItemField(rawValue: path), field.isMailbox { return (.item(field), .text) }
        case .attachment:
            if path == "it.content" { return (.itemContent, .bytes) }
            if let field = ItemField(rawValue: path), field.isAttachment { return (.item(field), .text) }
        case .pair:
            if let field = ItemField(rawValue: path), field.isPair { return (.item(field), .text) }
        case .settings, .message, .signing: break
        }
        return nil
    }

    private func check(_ path: String, _ channels: Set<Channel>) throws(ExpressionError) {
        guard channels.isDisjoint(with: scope.channels) else { return }
        let wanted = channels.sorted().map(\.description).joined(separator: " and ")
        throw ExpressionError(
            "\"\(path)\" belongs to \(wanted) messages", help: "this manifest does not serve that channel")
    }

    private func setting(_ path: String) throws(ExpressionError) -> Expression.Source {
        let parts = path.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        let isSecret = parts[0] == "secret"
        let name = parts[1]
        let member = parts.count > 2 ? parts[2] : nil
        guard let declared = scope.settings[name], declared.isSecret == isSecret else {
            let known = scope.settings.values.map { ($0.isSecret ? "secret." : "cfg.") + $0.name }
            throw ExpressionError("\"\(path)\" is not declared under settings", help: Self.hint(path, among: known))
        }
        guard (member != nil) == declared.isJSON else {
            throw ExpressionError(
                declared.isJSON
                    ? "\"\(path)\" is a JSON object" : "\"\(path)\" has no members",
                help: declared.isJSON ? "name a member: \(path).NAME" : "declare it with json: true")
        }
        return .slot(scope.slot(SettingSlot(name: name, member: member)))
    }

    private func unknown(_ path: String) -> ExpressionError {
        var known = TextField.all.filter { !$0.channels.isDisjoint(with: scope.channels) }.map(\.path)
        known += ListField.allCases.filter { !$0.channels.isDisjoint(with: scope.channels) }.map(\.rawValue)
        known += PairsField.all.filter { !$0.channels.isDisjoint(with: scope.channels) }.map(\.path)
        if place == .mailbox { known += ["it", "it.address", "it.name"] }
        if place == .pair { known += ItemField.allCases.filter(\.isPair).map(\.rawValue) }
        if place == .attachment { known += ItemField.allCases.filter(\.isAttachment).map(\.rawValue) + ["it.content"] }
        return ExpressionError("\"\(path)\" is not known", help: Self.hint(path, among: known))
    }

    static func hint(_ word: String, among known: [String]) -> String {
        if let closest = Suggestion.closest(to: word, among: known.sorted()) { return "did you mean \"\(closest)\"?" }
        return "known are \(known.sorted().joined(separator: ", "))"
    }
}
