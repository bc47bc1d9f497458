import Liquid

/// Generates templates and data that do much work: loops over filters and comparisons of large values.
extension Mutator {
    /// A template that parses in most cases, and data of up to a megabyte.
    mutating func heavy() -> Input {
        let json = heavyData()
        var template = ""
        for _ in 0...random(3) { template += heavyBlock(depth: 0) }
        if random(10) == 0 {
            template = String(repeating: template, count: 1 + random(1 << 20) / max(1, template.utf8.count))
        }
        return Input(
            template: Array(template.utf8.prefix(1 << 20)), json: json, snippet: Array(heavyStep().utf8), number: roll()
        )
    }

    // MARK: Template

    private mutating func heavyBlock(depth: Int) -> String {
        let inner = depth < 3 && random(2) == 0 ? heavyBlock(depth: depth + 1) : ""
        let body = (0...random(4)).map { _ in heavyStep() }.joined() + inner
        switch random(9) {
        case 0: return "{% if \(operand()) \(comparison()) \(operand()) %}\(body){% else %}\(inner){% endif %}"
        case 1: return "{% capture c %}\(body){% endcapture %}"
        case 2: return "{% ifchanged %}\(body){% endifchanged %}"
        case 3: return "{% tablerow i in \(operand()) cols: 3 %}\(body){% endtablerow %}"
        case 4:
            return "{% case \(operand()) %}{% when \(operand()), \(operand()) %}\(body){% else %}\(inner){% endcase %}"
        case 5: return "{% for i in \(operand()) %}\(body){% endfor %}"
        default: return "{% for i in (1..\(pick([9, 1_000, 90_000]))) %}\(body){% endfor %}"
        }
    }

    private mutating func heavyStep() -> String {
        switch random(8) {
        case 0: return "{{ \(chain()) }}"
        case 1: return "{% capture d %}{{ \(chain()) }}{% endcapture %}"
        case 2: return "{% if \(operand()) \(comparison()) \(operand()) %}y{% endif %}"
        case 3: return "{% cycle \(operand()): 'a', \(operand()) %}"
        case 4: return "{% assign w = \(operand()).\(pick(["size", "first", "last", "a", "b.c"])) %}"
        case 5: return "{% assign w = self[\(operand())] %}{% assign w = o[\(operand())] %}"
        case 6: return random(4) == 0 ? "{% render 'a' for \(operand()) as x %}{% include 'a', x: \(operand()) %}" : ""
        default: return "{% assign \(pick(["w", "x"])) = \(chain()) %}"
        }
    }

    private mutating func chain() -> String {
        var text = operand()
        for _ in 0...random(3) {
            let filter = pick(Mutator.filters)
            text += " | \(filter)"
            // Mostly the number of arguments that it takes; a wrong one ends the render at once.
            let takesOne = Mutator.filtersWithArgument.contains(filter)
            if takesOne || random(12) == 0 { text += ": \(operand())" }
            if takesOne, Mutator.filtersWithTwo.contains(filter) { text += ", \(operand())" }
            if takesOne, random(12) == 0 {
                text += ", \(pick(["locale", "time_zone", "count", "source"])): \(operand())"
            }
        }
        return text
    }

    private static let filtersWithArgument: Set<String> = [
        "append", "at_least", "at_most", "concat", "date", "default", "divided_by", "find", "find_index", "has", "join",
        "map", "minus", "modulo", "plus", "prepend", "reject", "remove", "remove_first", "remove_last", "replace",
        "replace_first", "replace_last", "slice", "sort", "sort_natural", "split", "sum", "times", "truncate",
        "truncatewords", "uniq", "where", "truncate_graphemes", "hmac_sha256", "mask", "currency", "date_add",
        "pluralize", "list", "utm",
    ]

    private static let filtersWithTwo: Set<String> = [
        "find", "find_index", "has", "reject", "replace", "replace_first", "replace_last", "where", "pluralize",
        "truncate", "truncatewords", "truncate_graphemes",
    ]

    private mutating func comparison() -> String { pick(["==", "!=", "<", ">=", "contains", "and", "or"]) }

    private mutating func operand() -> String {
        pick([
            "t", "u", "v", "l", "m", "o", "w", "x", "i", "c", "d", "12", "'a'", "'b'", "''", "'%A %B %d'", "blank",
            "l[0]", "o.a", "t", "u", "l", "3.5", "'\\\\0'",
        ])
    }

    // MARK: Data

    /// Three strings, two arrays, and an object, of any sizes up to a megabyte together.
    private mutating func heavyData() -> [UInt8] {
        let budget = pick([2_000, 20_000, 60_000, 300_000, 1_000_000])
        var parts: [String] = []
        for name in ["t", "u", "v"] { parts.append("\"\(name)\":\"\(longText(random(budget / 4)))\"") }
        for name in ["l", "m"] {
            let element = pick([
                "1", "\"a\"", "\"\(longText(40))\"", "{\"a\":1,\"b\":{\"c\":\"x\"}}", "[1,[2,3]]", "null", "1.25",
            ])
            let isVaried = random(2) == 0
            let count = random(budget / 5) / (element.utf8.count + 1)
            let elements = (0..<count).map { isVaried ? "\"\($0)\"" : element }
            parts.append("\"\(name)\":[\(elements.joined(separator: ","))]")
        }
        let members = (0..<random(budget / 60)).map { "\"k\($0)\":\"v\($0)\"" } + ["\"a\":\"\(longText(100))\""]
        parts.append("\"o\":{\(members.joined(separator: ","))}")
        return Array("{\(parts.joined(separator: ","))}".utf8)
    }

    /// At most `bytes` of one kind of text, as the content of a JSON string.
    private mutating func longText(_ bytes: Int) -> String {
        let unit = pick([
            "a", "ab", "lorem ipsum ", "é", "日本", "e\u{301}", "😀", " ", "&", "<", "<b>", "<!--", "%", "%A", "1", "9.5",
            "\\n", "\\\\\\\\0", "a,b,", "{{ x }}", "%{a", "-", "_", "2024-03-15 ", "\\\"",
        ])
        let text = String(repeating: unit, count: bytes / unit.utf8.count)
        return random(3) == 0 ? text + pick(["b", "é", "-->", ">"]) : text
    }
}
