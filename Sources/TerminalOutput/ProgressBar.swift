import Glibc

/// Shows how far long work is, on standard error and only on a terminal.
public struct ProgressBar: ~Copyable {
    private let title: String
    /// The whole, or nil where it is not known.
    private let total: Int?
    private let terminal = Terminal.standardError
    private var drawnAt: ContinuousClock.Instant?
    private var isDrawn = false

    /// Time between two drawings.
    private static let interval = Duration.milliseconds(100)

    public init(_ title: String, total: Int?) {
        self.title = title
        self.total = total
    }

    /// Draws it, at most ten times a second.
    public mutating func update(_ done: Int, note: String = "") {
        guard terminal.isInteractive else { return }
        let now = ContinuousClock.now
        if let drawnAt, now - drawnAt < Self.interval { return }
        drawnAt = now
        isDrawn = true
        var line = title
        if let total, total > 0 {
            let share = min(1, Double(done) / Double(total))
            let filled = Int(share * 24)
            line += " [" + String(repeating: "#", count: filled) + String(repeating: "-", count: 24 - filled) + "]"
            line += " \(Int(share * 100)) %"
        }
        if !note.isEmpty { line += "  \(note)" }
        draw(TextWidth.cut(line, to: terminal.width - 1))
    }

    /// Takes it away.
    public mutating func clear() {
        guard isDrawn else { return }
        isDrawn = false
        draw("")
    }

    private func draw(_ line: String) { Console.write(Array("\r\u{1B}[K\(line)".utf8), to: STDERR_FILENO) }
}
