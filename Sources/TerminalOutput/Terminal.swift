import Glibc

/// What is known about where output goes.
public struct Terminal: Sendable {
    /// Whether standard output is a terminal.
    public var isInteractive: Bool
    /// Whether colours are wanted: on a terminal, and without `NO_COLOR` (https://no-color.org) and `TERM=dumb`.
    public var usesColour: Bool
    /// Columns to fit tables into.
    public var width: Int

    /// Makes a description.
    public init(isInteractive: Bool, usesColour: Bool, width: Int) {
        self.isInteractive = isInteractive
        self.usesColour = usesColour
        self.width = width
    }

    /// Columns where nothing says otherwise.
    public static let usualWidth = 80

    /// Standard output as it is now.
    public static var standardOutput: Terminal { describe(STDOUT_FILENO) }
    /// Standard error as it is now.
    public static var standardError: Terminal { describe(STDERR_FILENO) }

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
