/// Parses a segment's condition.
///
/// ```
/// condition = all { "or" all }          all = one { "and" one }        one = ["not"] one | "(" condition ")" | test
/// test      = value [ ("==" | "!=" | "<" | "<=" | ">" | ">=") value | ["not"] "in" ( "[" value, … "]" | path ) ]
/// value     = 'text' | "text" | number | true | false | null | path          path = name { "." name }
/// ```
struct SegmentParser {
    /// A syntax error. `offset` counts characters from 0.
    struct Mistake: Error {
        var offset: Int
        var message: String
        var help: String?
    }

    static let maxBytes = 2_000
    static let maxParts = 64
    static let maxDepth = 16
    static let maxKeys = 8

    private enum Token: Equatable {
        case name(String)
        case text(String)
        case number(Double)
        case sign(String)
        case end

        var shown: String {
            switch self {
            case .name(let name): "\"\(name)\""
            case .text(let text): "the string '\(text)'"
            case .number(let number): "the number \(number)"
            case .sign(let sign): "\"\(sign)\""
            case .end: "the end"
            }
        }
    }

    private static let words: Set<String> = ["and", "or", "not", "in", "true", "false", "null"]

    private let characters: [Character]
    private var place = 0
    private var token = Token.end
    private var tokenPlace = 0
    private var parts = 0

    static func parse(_ text: String) throws(Mistake) -> Segment.Condition {
        guard text.utf8.count <= maxBytes else {
            throw Mistake(offset: 0, message: "a condition has at most \(maxBytes) bytes")
        }
        var parser = SegmentParser(text)
        try parser.advance()
        let condition = try parser.condition(depth: 0)
        guard parser.token == .end else { throw parser.unexpected("\"and\", \"or\" or the end") }
        return condition
    }

    private init(_ text: String) { characters = Array(text) }

    private func unexpected(_ wanted: String) -> Mistake {
        var help: String?
        switch token {
        case .sign("="): help = "equality is written =="
        case .sign("&"): help = "write \"and\""
        case .sign("|"): help = "write \"or\""
        case .sign("!"): help = "write \"not\""
        default: break
        }
        return Mistake(offset: tokenPlace, message: "\(wanted) is expected here, not \(token.shown)", help: help)
    }

    private func check(_ depth: Int) throws(Mistake) {
        guard depth <= Self.maxDepth else {
            throw Mistake(offset: tokenPlace, message: "a condition is nested at most \(Self.maxDepth) deep")
        }
    }

    private mutating func condition(depth: Int) throws(Mistake) -> Segment.Condition {
        try check(depth)
        var left = try all(depth: depth)
        while token == .name("or") {
            try advance()
            left = .either(left, try all(depth: depth))
        }
        return left
    }

    private mutating func all(depth: Int) throws(Mistake) -> Segment.Condition {
        var left = try one(depth: depth)
        while token == .name("and") {
            try advance()
            left = .both(left, try one(depth: depth))
        }
        return left
    }

    private mutating func one(depth: Int) throws(Mistake) -> Segment.Condition {
        try check(depth)
        if token == .name("not") {
            try advance()
            return .not(try one(depth: depth + 1))
        }
        if token == .sign("(") {
            try advance()
            let inner = try condition(depth: depth + 1)
            guard token == .sign(")") else { throw unexpected("\")\"") }
            try advance()
            return inner
        }
        return try test()
    }

    private mutating func test() throws(Mistake) -> Segment.Condition {
        parts += 1
        guard parts <= Self.maxParts else {
            throw Mistake(offset: tokenPlace, message: "a condition has at most \(Self.maxParts) parts")
        }
        let start = tokenPlace
        let left = try operand()
        if case .sign(let sign) = token, let comparison = Segment.Comparison(rawValue: sign) {
            let signPlace = tokenPlace
            try advance()
            let right = try operand()
            try checkOrder(left, comparison, right, at: signPlace)
            return .compare(left, comparison, right)
        }
        if token == .name("in") {
            try advance()
            return try membership(of: left)
        }
        if token == .name("not") {
            try advance()
            guard token == .name("in") else { throw unexpected("\"in\"") }
            try advance()
            return .not(try membership(of: left))
        }
        switch left {
        case .attribute, .bool: return .holds(left)
        default:
            throw Mistake(
                offset: start, message: "this is neither true nor false",
                help: "compare it: engagement == 'low', orders >= 3, 'vip' in groups")
        }
    }

    /// Numbers can only be ordered with numbers, and texts only with texts.
    private func checkOrder(
        _ a: Segment.Operand, _ comparison: Segment.Comparison, _ b: Segment.Operand, at offset: Int
    ) throws(Mistake) {
        guard comparison != .equal, comparison != .notEqual else { return }
        for operand in [a, b] {
            switch operand {
            case .bool, .null:
                throw Mistake(offset: offset, message: "true, false and null have no order", help: "use == or !=")
            default: break
            }
        }
    }

    private mutating func membership(of value: Segment.Operand) throws(Mistake) -> Segment.Condition {
        if case .name(let name) = token, !Self.words.contains(name) { return .listed(value, in: try operand()) }
        guard token == .sign("[") else { throw unexpected("a list such as ['fr', 'be'], or a path,") }
        try advance()
        var list: [Segment.Operand] = []
        while token != .sign("]") {
            parts += 1
            guard parts <= Self.maxParts * 4 else {
                throw Mistake(offset: tokenPlace, message: "a condition lists at most \(Self.maxParts * 4) values")
            }
            list.append(try operand())
            guard token == .sign(",") else { break }
            try advance()
        }
        guard token == .sign("]") else { throw unexpected("\",\" or \"]\"") }
        try advance()
        return .contained(value, in: list)
    }

    private mutating func operand() throws(Mistake) -> Segment.Operand {
        let operand: Segment.Operand
        switch token {
        case .text(let text): operand = .text(text)
        case .number(let number): operand = .number(number)
        case .name("true"): operand = .bool(true)
        case .name("false"): operand = .bool(false)
        case .name("null"): operand = .null
        case .name(let name) where !Self.words.contains(name): return try path(name)
        default: throw unexpected("an attribute, a string or a number")
        }
        try advance()
        return operand
    }

    private mutating func path(_ first: String) throws(Mistake) -> Segment.Operand {
        let start = tokenPlace
        var keys = [first]
        try advance()
        while token == .sign(".") {
            try advance()
            guard case .name(let key) = token else { throw unexpected("a name") }
            keys.append(key)
            guard keys.count <= Self.maxKeys else {
                throw Mistake(offset: start, message: "a path has at most \(Self.maxKeys) names")
            }
            try advance()
        }
        guard first == "recipient", keys.count > 1 else { return .attribute(keys) }
        guard keys.count == 2, let field = Segment.Field(rawValue: keys[1]) else {
            let known = Segment.Field.allCases.map { "recipient.\($0.rawValue)" }.joined(separator: ", ")
            throw Mistake(offset: start, message: "a profile has no \"\(keys.joined(separator: "."))\"", help: known)
        }
        return .field(field)
    }

    // MARK: Tokens

    private mutating func advance() throws(Mistake) {
        while place < characters.count, characters[place].isWhitespace { place += 1 }
        tokenPlace = place
        guard place < characters.count else {
            token = .end
            return
        }
        let character = characters[place]
        switch character {
        case "'", "\"": try readText(until: character)
        case "0"..."9": try readNumber()
        case "-" where place + 1 < characters.count && characters[place + 1].isASCIIDigit: try readNumber()
        case _ where character.isLetter || character == "_": readName()
        default: readSign()
        }
    }

    private mutating func readText(until quote: Character) throws(Mistake) {
        var text = ""
        var index = place + 1
        while index < characters.count, characters[index] != quote {
            text.append(characters[index])
            index += 1
        }
        guard index < characters.count else {
            throw Mistake(offset: place, message: "the string is not closed", help: "close it with \(quote)")
        }
        token = .text(text)
        place = index + 1
    }

    private mutating func readNumber() throws(Mistake) {
        var index = place + 1
        while index < characters.count, characters[index].isASCIIDigit || characters[index] == "." { index += 1 }
        guard let number = Double(String(characters[place..<index])), number.isFinite else {
            throw Mistake(offset: place, message: "this is not a number", help: "write it as 5, -1 or 0.25")
        }
        token = .number(number)
        place = index
    }

    private mutating func readName() {
        var index = place
        while index < characters.count,
            characters[index].isLetter || characters[index].isNumber || characters[index] == "_"
                || characters[index] == "-"
        { index += 1 }
        token = .name(String(characters[place..<index]))
        place = index
    }

    private mutating func readSign() {
        let pair = String(characters[place..<min(place + 2, characters.count)])
        let sign = ["==", "!=", "<=", ">="].contains(pair) ? pair : String(characters[place])
        token = .sign(sign)
        place += sign.count
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { "0"..."9" ~= self }
}
