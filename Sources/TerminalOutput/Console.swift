import Files
import Glibc

/// Writes to standard output and error. Text of others is made harmless first.
public enum Console {
    /// Writes a line to standard output. Ends the process quietly when nobody reads any more (`sobre logs | head`).
    public static func print(_ line: String) { write(Array((line + "\n").utf8), to: STDOUT_FILENO) }

    public static func print(_ lines: [String]) {
        if !lines.isEmpty { write(Array((lines.joined(separator: "\n") + "\n").utf8), to: STDOUT_FILENO) }
    }

    /// Writes bytes to standard output as they are.
    public static func print(bytes: [UInt8]) { write(bytes, to: STDOUT_FILENO) }

    /// Writes a line to standard error.
    public static func complain(_ line: String) { write(Array((line + "\n").utf8), to: STDERR_FILENO) }

    /// The text without control characters, which could move the cursor or forge lines of a table.
    public static func harmless(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) || text.unicodeScalars.contains(where: isC1) else {
            return text
        }
        var cleaned = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || scalar.value == 0x7F || isC1(scalar)
            cleaned.append(isControl ? " " : scalar)
        }
        return String(cleaned)
    }

    private static func isC1(_ scalar: Unicode.Scalar) -> Bool { (0x80...0x9F).contains(scalar.value) }

    /// Writes bytes to standard output or error. What cannot be written ends the process, and is told where it can be.
    public static func write(_ bytes: [UInt8], to descriptor: Int32) {
        do {
            try TextFile.write(bytes, to: descriptor, named: "standard output")
        } catch {
            if error.isUnread { exit(ExitStatus.success.rawValue) }
            if descriptor != STDERR_FILENO { complain("sobre: \(error)") }
            exit(ExitStatus.io.rawValue)
        }
    }
}
