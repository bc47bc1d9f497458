import Yams

/// Guards the use of Yams: bounds the expansion of aliases before parsing, and converts Yams' errors afterwards.
enum YAMLGuard {
    /// Rejects a text with anchors that has more aliases than allowed.
    ///
    /// Yams expands aliases while it compares keys, before values can be counted. Twenty aliases multiply a text by
    /// at most about 1,500. The check is approximate: it counts what could be an alias outside comment lines. A text
    /// without anchors passes.
    static func checkAliases(in source: YAMLSource, atMost limit: Int) throws(YAMLError) {
        var anchors = 0
        var aliases = 0
        var last = (line: 1, column: 1)
        for (number, line) in source.lines.enumerated() {
            var previous = UInt8(ascii: " ")
            var isFirst = true
            let bytes = line.utf8
            var index = bytes.startIndex
            while index < bytes.endIndex {
                let byte = bytes[index]
                if isFirst, byte == UInt8(ascii: "#") { break }
                if byte != 0x20 { isFirst = false }
                let next = bytes.index(after: index)
                if byte == UInt8(ascii: "*") || byte == UInt8(ascii: "&"), beginsToken(after: previous),
                    next < bytes.endIndex, isNameByte(bytes[next])
                {
                    if byte == UInt8(ascii: "&") {
                        anchors += 1
                    } else {
                        aliases += 1
                        last = (number + 1, bytes.distance(from: bytes.startIndex, to: index) + 1)
                    }
                }
                previous = byte
                index = next
            }
        }
        guard anchors > 0, aliases > limit else { return }
        throw source.error(
            line: last.line, column: last.column, "more than \(limit) aliases (*name) in one file",
            help: "write the values out")
    }

    private static func beginsToken(after byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x09, UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "-"),
            UInt8(ascii: "?"):
            true
        default: false
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// Converts an error of Yams to a ``YAMLError``.
    static func translate(_ error: any Error, in source: YAMLSource) -> YAMLError {
        guard let error = error as? YamlError else {
            return YAMLError(file: source.file, line: 0, column: 0, message: "the file cannot be read: \(error)")
        }
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let setting = context.map { " (\($0.text) at line \($0.mark.line))" } ?? ""
            return source.error(
                line: mark.line, column: mark.column, "\(problem)\(setting)", help: help(for: problem))
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "\"\($0)\"" }.joined(separator: ", ")
            return source.error(
                line: context.mark.line, column: context.mark.column, "the key \(names) occurs twice in this mapping",
                help: "keep one")
        case .reader(let problem, let offset, _, _):
            return YAMLError(
                file: source.file, line: 0, column: 0,
                message: "\(problem) at character \((offset ?? 0) + 1)",
                help: "the file must be UTF-8 without control characters")
        default:
            return YAMLError(file: source.file, line: 0, column: 0, message: "the file cannot be read: \(error)")
        }
    }

    private static func help(for problem: String) -> String? {
        if problem.contains("cannot start any token") {
            return "indent with spaces, and quote strings that begin with @, ` or %"
        }
        if problem.contains("mapping values are not allowed") { return "a string that contains \": \" must be quoted" }
        return nil
    }
}
