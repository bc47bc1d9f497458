import Glibc

/// What is known about where output goes.
struct Terminal: Sendable {
    /// Whether standard output is a terminal.
    var isInteractive: Bool
    /// Whether colours are wanted: on a terminal, and without `NO_COLOR` (https://no-color.org) and `TERM=dumb`.
    var usesColour: Bool
    /// Columns to fit tables into.
    var width: Int

    /// Columns where nothing says otherwise.
    static let usualWidth = 80

    /// Standard output as it is now.
    static var standardOutput: Terminal { describe(STDOUT_FILENO) }
    /// Standard error as it is now.
    static var standardError: Terminal { describe(STDERR_FILENO) }

    private static func describe(_ descriptor: Int32) -> Terminal {
        let isInteractive = isatty(descriptor) == 1
        let isPlain = isSet("NO_COLOR") || getenv("TERM").map { String(cString: $0) == "dumb" } ?? false
        var size = winsize()
        var width = usualWidth
        if isInteractive, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 40 {
            width = Int(size.ws_col)
        }
        return Terminal(isInteractive: isInteractive, usesColour: isInteractive && !isPlain, width: width)
    }

    private static func isSet(_ name: String) -> Bool {
        guard let value = getenv(name) else { return false }
        return value.pointee != 0
    }
}

/// A colour with a meaning.
enum Style: String, Sendable {
    case good = "32"
    case warning = "33"
    case bad = "31"
    case waiting = "36"
    case quiet = "2"
    case strong = "1"

    /// The text in this style, or as it is where colours are not wanted.
    func paint(_ text: String, on terminal: Terminal) -> String {
        terminal.usesColour && !text.isEmpty ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}
