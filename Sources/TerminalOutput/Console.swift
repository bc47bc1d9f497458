import Files
import Glibc

/// Writes to standard output and error. Text of others is made harmless first.
public enum Console {
    /// Writes a line to standard output. Ends the process quietly when nobody reads any more (`sobre logs | head`).
    public static func print(_ line: String) { write(Array((line + "\n").utf8), to: STDOUT_FILENO) }

    public static func print(_ lines: [String]) {
        if !lines.isEmpty { write(Array((lines.joined(separator: "\n") + "\n").utf8), to: STDOUT_FILENO) }
    }

    /// Writes JSON to standard output: to a program as it is, to a terminal with deceptive characters escaped.
    public static func print(bytes: [UInt8]) {
        write(isatty(STDOUT_FILENO) == 1 ? escaped(bytes) : bytes, to: STDOUT_FILENO)
    }

    /// Writes a line to standard error.
    public static func printError(_ line: String) { write(Array((line + "\n").utf8), to: STDERR_FILENO) }

    /// The text without what could deceive its reader on a terminal: control characters and line separators, which move
    /// the cursor or forge lines of a table, become spaces; invisible format characters, which may turn the direction of
    /// what follows (U+202E) or hide in a name, become U+FFFD. Joiners within words and emoji stay.
    public static func harmless(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        var cleaned = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { cleaned.append(replacement(for: scalar) ?? scalar) }
        return String(cleaned)
    }

    private static func replacement(for scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: " "
        // Zero width non-joiner and joiner, and the soft hyphen.
        case .format: [0x200C, 0x200D, 0xAD].contains(scalar.value) ? nil : "\u{FFFD}"
        default: nil
        }
    }

    /// JSON in which such characters are escaped, which changes nothing of what it says.
    static func escaped(_ bytes: [UInt8]) -> [UInt8] {
        if bytes.allSatisfy({ $0 < 0x7F }) { return bytes }
        var escaped = ""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            if scalar.value >= 0x7F, replacement(for: scalar) != nil {
                for unit in UTF16.encode(scalar)! {
                    let digits = String(unit, radix: 16)
                    escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                escaped.unicodeScalars.append(scalar)
            }
        }
        return Array(escaped.utf8)
    }

    /// Writes bytes to standard output or error. What cannot be written ends the process, and is told where it can be.
    public static func write(_ bytes: [UInt8], to descriptor: Int32) {
        do {
            try TextFile.write(bytes, to: descriptor, named: "standard output")
        } catch {
            if error.isUnread { exit(ExitStatus.success.rawValue) }
            if descriptor != STDERR_FILENO { printError("sobre: \(error)") }
            exit(ExitStatus.io.rawValue)
        }
    }
}
