import Glibc

/// Generates templates and data from pieces of the language, a corpus and noise.
struct Mutator {
    struct Input {
        var template: [UInt8]
        var json: [UInt8]
        var snippet: [UInt8]
        var number: UInt64
    }

    private var state: UInt64
    private var corpus: [[UInt8]]

    init(seed: UInt64) {
        state = seed &* 2 &+ 1
        corpus = Mutator.seeds.map { Array($0.utf8) }
    }

    mutating func add(linesOf path: String) {
        guard let file = fopen(path, "rb") else { return }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 8192)
        while fgets(&line, Int32(line.count), file) != nil {
            let bytes = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            if bytes.contains(0x7B), corpus.count < 20_000 { corpus.append(bytes) }
        }
    }

    mutating func next() -> Input {
        Input(
            template: mutated(), json: json(), snippet: random(3) == 0 ? mutated() : pick(corpus), number: roll())
    }

    // MARK: Pieces

    mutating func roll() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    mutating func random(_ bound: Int) -> Int { Int(roll() % UInt64(max(1, bound))) }

    mutating func pick<T>(_ list: [T]) -> T { list[random(list.count)] }

    private mutating func mutated() -> [UInt8] {
        var bytes: [UInt8]
        switch random(6) {
        case 0: bytes = generated()
        case 1: bytes = tag()
        default: bytes = pick(corpus)
        }
        for _ in 0..<random(6) { mutate(&bytes) }
        return Array(bytes.prefix(4096))
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        let at = random(bytes.count + 1)
        switch random(8) {
        case 0: if !bytes.isEmpty { bytes[random(bytes.count)] = UInt8(truncatingIfNeeded: roll()) }
        case 1: bytes.insert(contentsOf: Array(pick(Mutator.words).utf8), at: at)
        case 2: bytes.removeSubrange(at..<min(bytes.count, at + random(12)))
        case 3:
            let other = pick(corpus)
            let from = random(other.count + 1)
            bytes.insert(contentsOf: other[from..<min(other.count, from + random(60))], at: at)
        case 4: bytes.insert(contentsOf: Array(pick(Mutator.numbers).utf8), at: at)
        case 5: bytes.insert(contentsOf: Array(" | \(pick(Mutator.filters)): \(pick(Mutator.values))".utf8), at: at)
        case 6:
            let end = min(bytes.count, at + random(40))
            bytes.insert(contentsOf: bytes[at..<end], at: at)
        default: bytes.insert(UInt8(truncatingIfNeeded: roll()), at: at)
        }
    }

    /// A chain of filters on a value.
    private mutating func generated() -> [UInt8] {
        var text = random(3) == 0 ? "{% assign x = \(pick(Mutator.values))" : "{{ \(pick(Mutator.values))"
        let isTag = text.hasPrefix("{%")
        for _ in 0...random(4) {
            text += " | \(pick(Mutator.filters))"
            let count = random(4)
            if count > 0 { text += ": " + (0..<count).map { _ in pick(Mutator.values) }.joined(separator: ", ") }
        }
        return Array((text + (isTag ? " %}{{ x }}{{ x.first.size }}" : " }}")).utf8)
    }

    /// A tag with random values, valid or not.
    private mutating func tag() -> [UInt8] {
        let value = pick(Mutator.values)
        let other = pick(Mutator.values)
        let name = pick(Mutator.filters)
        let tags = [
            "{% include \(value) %}", "{% include \(value) with \(other) as x, y: \(value) %}", "{% render \(value) %}",
            "{% render 'a' for \(value), x: \(other) %}", "{% cycle \(value): \(other), \(value) %}",
            "{% for i in \(value) limit: \(other) offset: \(value) %}{{ i }}{% endfor %}",
            "{% tablerow i in \(value) cols: \(other) limit: \(value) %}{{ i }}{% endtablerow %}",
            "{% case \(value) %}{% when \(other), \(value) %}{{ \(value) }}{% else %}{{ \(other) }}{% endcase %}",
            "{% if \(value) contains \(other) or \(other) <= \(value) %}{{ \(value) }}{% endif %}",
            "{% assign \(value) = \(other) %}", "{% capture \(value) %}{{ \(other) }}{% endcapture %}",
            "{% increment \(value) %}{% decrement \(other) %}", "{% abort \(value) %}",
            "{% catalog \(value) id: \(other), save: x %}", "{{ (\(value)..\(other)) | \(name) }}",
            "{{ x[\(value)][\(other)].\(name) }}",
        ]
        return Array(pick(tags).utf8)
    }

    private mutating func json() -> [UInt8] {
        var text = "{"
        for name in ["x", "y", "items", "a", "user"] {
            if text.utf8.count > 1 { text += "," }
            text += "\"\(name)\":\(jsonValue(0))"
        }
        var bytes = Array((text + "}").utf8)
        if random(8) == 0 { mutate(&bytes) }
        return bytes
    }

    private mutating func jsonValue(_ depth: Int) -> String {
        switch random(depth > 3 ? 5 : 8) {
        case 0: return pick(Mutator.numbers)
        case 1:
            return "\"\(pick(["", "a", "é", "2024-03-15", "<b>&\\\"", "12.5", "日本語", "a,b , c", "\\u0000", " x "]))\""
        case 2: return pick(["true", "false", "null"])
        case 3: return "\(random(100))"
        case 4: return "\(random(1000)).\(random(100))"
        case 5, 6: return "[" + (0..<random(5)).map { _ in jsonValue(depth + 1) }.joined(separator: ",") + "]"
        default:
            return "{"
                + (0..<random(5)).map { "\"\(pick(["a", "b", "size", "first"]))\($0)\":\(jsonValue(depth + 1))" }
                .joined(separator: ",") + "}"
        }
    }

    // MARK: Vocabulary

    private static let numbers = [
        "0", "-1", "1", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1e308", "-0.0",
        "99999999999999999999999999999999999999", "0.1", "1.0e-320", "123456789012345678.9",
        "170141183460469231731687303715884105727",
    ]

    private static let values = [
        "x", "y", "items", "a.b", "user.first", "'text'", "\"é日\"", "12", "-3", "0.5", "nil", "true", "empty", "blank",
        "(1..5)", "(-3..x)", "(9223372036854775800..9223372036854775807)", "items[0]", "items[-1]", "user['a0']",
        "forloop", "self", "'%Y-%m-%d'", "'%^10B%-d%:z%N%3L%C%G%V%U%s%999d'", "'now'", "'2024-02-29T12:00:00+02:00'",
        "9223372036854775807", "-9223372036854775808", "'EUR'", "'days'", "''", "' '", "99999999999", "1.5",
    ]

    static let filters = [
        "abs", "append", "at_least", "at_most", "base64_decode", "base64_encode", "base64_url_safe_decode",
        "capitalize",
        "ceil", "compact", "concat", "date", "default", "divided_by", "downcase", "escape", "escape_once", "find",
        "find_index", "first", "floor", "has", "join", "last", "lstrip", "map", "minus", "modulo", "newline_to_br",
        "plus",
        "prepend", "reject", "remove", "remove_first", "remove_last", "replace", "replace_first", "replace_last",
        "reverse", "round", "rstrip", "size", "slice", "sort", "sort_natural", "split", "squish", "strip", "strip_html",
        "strip_newlines", "sum", "times", "truncate", "truncatewords", "uniq", "upcase", "url_decode", "url_encode",
        "where", "raw", "json", "titlecase", "initials", "truncate_graphemes", "md5", "sha256", "hmac_sha256", "mask",
        "sms_safe", "currency", "number", "percent", "date_add", "days_until", "pluralize", "list", "utm", "t",
    ]

    private static let words = [
        "{{", "}}", "{%", "%}", "{%-", "-%}", "{{-", "-}}", "{% if x %}", "{% endif %}", "{% else %}",
        "{% for i in items %}",
        "{% endfor %}", "{% break %}", "{% continue %}", "{% capture c %}", "{% endcapture %}", "{% case x %}",
        "{% when 1, 'a' or x %}", "{% endcase %}", "{% tablerow i in items cols: 2 %}", "{% endtablerow %}",
        "{% raw %}",
        "{% endraw %}", "{% comment %}", "{% endcomment %}", "{% include 'a' %}", "{% render 'a' for items as i %}",
        "{% include x %}", "{% cycle 'a', x %}", "{% increment x %}", "{% decrement y %}", "{% liquid\necho x\n%}",
        "{% catalog 'a' id: x, save: y %}", "{% ifchanged %}", "{% endifchanged %}", "{% abort x %}", "{% doc %}",
        "{% enddoc %}", "{% # c %}", "[", "]",
        "(",
        ")", "..", ".", "|", ":", ",", "'", "\"", " and ", " or ", " contains ", "==", "<", "offset: continue",
        "limit: 2",
        "reversed", "with x as y", ".first", ".last", ".size", "[x]", "\n", "\0", "\u{FF}",
    ]

    private static let seeds = [
        "Hello {{ user.first_name | default: 'there' | upcase }}!",
        "{% for i in items offset: 1 limit: 3 reversed %}{{ forloop.index }}:{{ i }}{% else %}none{% endfor %}",
        "{% assign a = items | map: 'a' | uniq | sort %}{{ a | join: ', ' }}{% if a contains x and y > 2 or a == empty %}y{% endif %}",
        "{% capture c %}{% render 'a', x: y %}{% include 'b' %}{% endcapture %}{{ c | strip_html | truncate: 20 }}",
        "{% case x %}{% when 1, 2 %}one{% when 'a' or y %}a{% else %}other{% endcase %}",
        "{% tablerow i in (1..x) cols: 3 %}{{ tablerowloop.col }}{% endtablerow %}",
        "{{ 'now' | date: '%A, %B %-d, %Y', locale: 'fr', time_zone: 'UTC' }}{{ x | date: y }}",
        "{% liquid\nassign q = x | plus: 1\nfor i in items\n  echo i\n  if i == 2\n    break\n  endif\nendfor\n%}",
        "{% cycle 'g': 'a', 'b' %}{% increment n %}{% decrement n %}{% ifchanged %}{{ x }}{% endifchanged %}",
        "{%- comment -%}c{%- endcomment -%}{% raw %}{{ x }}{% endraw %}{% # inline %}",
    ]
}
