/// A colour with a meaning.
public enum Style: String, Sendable {
    case good = "32"
    case warning = "33"
    case bad = "31"
    case waiting = "36"
    case quiet = "2"
    case strong = "1"

    /// The text in this style, or as it is where colours are not wanted.
    public func paint(_ text: String, on terminal: Terminal) -> String {
        terminal.usesColour && !text.isEmpty ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}
