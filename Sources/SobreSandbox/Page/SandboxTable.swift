/// Messages as a table for a terminal.
public enum SandboxTable {
    /// A table of messages in the order given, every line at most `width` columns wide.
    ///
    /// Wide (East Asian) characters count as two columns. Control characters are shown as `·`, so that a message
    /// cannot control the terminal.
    ///
    /// - Parameters:
    ///   - messages: the rows.
    ///   - width: the columns to fit. At least 40 are used.
    /// - Returns: the lines, each with its line feed.
    public static func messages(_ messages: [ReceivedMessage], width: Int = 80) -> String {
        if messages.isEmpty { return "Nothing received yet.\n" }
        let width = max(width, 40)
        let rows = messages.map { message -> [String] in
            let when = TimeText(milliseconds: message.instant)
            return [
                String(message.seq), "\(when.day.dropFirst(2)) \(when.time)", message.channel.rawValue,
                message.person ?? message.to, message.title.isEmpty ? message.text : message.title,
                result(of: message),
            ]
        }
        let header = ["SEQ", "TIME (UTC)", "CHANNEL", "TO", "MESSAGE", "RESULT"]
        let natural = header.indices.map { column in
            max(columns(header[column]), rows.map { columns(safe($0[column])) }.max() ?? 0)
        }
        let limits = fit(natural, width: width)
        var text = line(header, limits)
        for row in rows { text += line(row.map(safe), limits) }
        return text
    }

    /// The number of messages per channel, as lines such as `email  120 received, 118 accepted, 2 refused`.
    public static func summary(_ messages: [ReceivedMessage]) -> String {
        var text = ""
        let width = ReceivedMessage.Channel.allCases.map(\.rawValue.count).max()! + 1  // allCases is not empty
        for channel in ReceivedMessage.Channel.allCases {
            let received = messages.filter { $0.channel == channel }
            if received.isEmpty { continue }
            let accepted = received.count { $0.accepted }
            let name = channel.rawValue.padding(to: width)
            text += "\(name)\(received.count) received, \(accepted) accepted, \(received.count - accepted) refused\n"
        }
        return text.isEmpty ? "Nothing received yet.\n" : text
    }

    private static func result(of message: ReceivedMessage) -> String {
        let labels = SandboxPage.labels(of: message).map(\.text)
        return labels.isEmpty ? "accepted" : labels.joined(separator: ", ")
    }

    /// Shrinks the text columns until the line fits: first the message, then the address, then the result.
    private static func fit(_ natural: [Int], width: Int) -> [Int] {
        var limits = natural
        let gaps = 2 * (natural.count - 1)
        for (column, least) in [(4, 10), (3, 8), (5, 8), (4, 4), (3, 4), (5, 4), (1, 5), (2, 3), (0, 3)] {
            let excess = limits.reduce(gaps, +) - width
            if excess <= 0 { break }
            limits[column] = max(min(least, limits[column]), limits[column] - excess)
        }
        return limits
    }

    private static func line(_ cells: [String], _ limits: [Int]) -> String {
        var line = ""
        for (column, cell) in cells.enumerated() {
            let text = cut(cell, to: limits[column])
            line += text
            if column < cells.count - 1 { line += String(repeating: " ", count: limits[column] - columns(text) + 2) }
        }
        while line.last == " " { line.removeLast() }
        return line + "\n"
    }

    private static func cut(_ text: String, to limit: Int) -> String {
        if columns(text) <= limit { return text }
        var result = ""
        var used = 1
        for character in text {
            used += columns(String(character))
            if used > limit { break }
            result.append(character)
        }
        return result + "…"
    }

    /// The number of columns that a text takes on a terminal.
    static func columns(_ text: String) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.reduce(0) { sum, character in
            let isWide = character.unicodeScalars.contains { scalar in
                (0x1100...0x115F).contains(scalar.value) || (0x2E80...0xA4CF).contains(scalar.value)
                    || (0xAC00...0xD7A3).contains(scalar.value) || (0xF900...0xFAFF).contains(scalar.value)
                    || (0xFE30...0xFE6F).contains(scalar.value) || (0xFF00...0xFF60).contains(scalar.value)
                    || scalar.properties.isEmojiPresentation || scalar.value == 0xFE0F
            }
            return sum + (isWide ? 2 : 1)
        }
    }

    /// A text without characters that move the cursor or change the text direction.
    private static func safe(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: result.unicodeScalars.append("·")
            case .format where scalar.value != 0x200D: continue
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(1, width - count))
    }
}
