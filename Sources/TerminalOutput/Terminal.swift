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

    /// The width of a terminal that does not say how wide it is.
    public static let usualWidth = 80
    /// The width of output that is not cut: a pipe, a file, or `--wide`.
    public static let unlimitedWidth = Int(Int32.max)

    /// Whether lines have no largest width.
    public var isUnlimited: Bool { width >= Self.unlimitedWidth }

    /// Standard output as it is now.
    public static var standardOutput: Terminal { describe(STDOUT_FILENO) }
    /// Standard error as it is now.
    public static var standardError: Terminal { describe(STDERR_FILENO) }

    /// The same terminal, with lines that have no largest width.
    public var wide: Terminal {
        var copy = self
        copy.width = Self.unlimitedWidth
        return copy
    }

    private static func describe(_ descriptor: Int32) -> Terminal {
        let isInteractive = isatty(descriptor) == 1
        let isPlain = isSet("NO_COLOR") || getenv("TERM").map { String(cString: $0) == "dumb" } ?? false
        var size = winsize()
        var columns: Int?
        if isInteractive, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 { columns = Int(size.ws_col) }
        let width = width(
            isInteractive: isInteractive, columns: columns, wanted: getenv("COLUMNS").map { String(cString: $0) })
        return Terminal(isInteractive: isInteractive, usesColour: isInteractive && !isPlain, width: width)
    }

    /// The width to use.
    ///
    /// - Parameters:
    ///   - isInteractive: whether the output is a terminal. A pipe gets whole lines.
    ///   - columns: what the terminal says; nil or under 20: it does not know.
    ///   - wanted: the variable `COLUMNS`, which wins; a value that is no number from 20 on is ignored.
    /// - Returns: columns, or ``unlimitedWidth``.
    static func width(isInteractive: Bool, columns: Int?, wanted: String?) -> Int {
        if let wanted = wanted.flatMap({ Int($0) }), wanted >= 20 { return min(wanted, unlimitedWidth) }
        guard isInteractive else { return unlimitedWidth }
        return columns.flatMap { $0 >= 20 ? $0 : nil } ?? usualWidth
    }

    private static func isSet(_ name: String) -> Bool {
        guard let value = getenv(name) else { return false }
        return value.pointee != 0
    }
}
