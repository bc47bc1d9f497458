import JSON
public import SobreModel

/// Formats the explanation of a decision for display.
public enum Explanation {
    /// The width of lines in columns, if words permit.
    static let width = 80

    /// The lines of `sobre explain`: the verdict, then each channel with its steps, and under each cap the contacts
    /// that count towards it. JSON that is not an explanation gives one line that says so.
    ///
    /// - Parameters:
    ///   - json: the explanation of an ``AdmissionDecision``.
    ///   - names: names for the deliveries the explanation refers to.
    /// - Returns: lines of at most 80 columns, except for longer words.
    public static func render(json: [UInt8], names: [DeliveryID: String] = [:]) -> [String] {
        guard let document = try? JSONDocument.parse(json), let verdict = document.root["verdict"]?.string else {
            return ["The explanation of this decision cannot be read."]
        }
        return render(document.root, verdict, names)
    }

    /// The deliveries an explanation refers to: those that fill a rule or that the message waits for.
    public static func deliveries(json: [UInt8]) -> [DeliveryID] {
        guard let root = try? JSONDocument.parse(json).root else { return [] }
        var found: [DeliveryID] = []
        for step in elements(root["channels"]).flatMap({ elements($0["steps"]) }) {
            let entries: [JSONRef?] =
                [step["of"], step["waits_for"]] + elements(step["rules"]).flatMap { elements($0["filled_by"]) }
            for entry in entries {
                guard let id = entry?["delivery"]?.string.flatMap({ DeliveryID($0) }), !found.contains(id) else {
                    continue
                }
                found.append(id)
            }
        }
        return found
    }

    private static func render(_ root: JSONRef, _ verdict: String, _ names: [DeliveryID: String]) -> [String] {
        var lines: [String] = []
        var head = verdict
        if let reason = root["reason"]?.string { head += ": \(words(reason))" }
        if let until = root["until"]?.string { head += " until \(until)" }
        if let channel = root["channel"]?.string { head += verdict == "send" ? " on \(channel)" : " to \(channel)" }
        lines += wrap(head, indent: 0)
        if let summary = root["summary"]?.string, !summary.isEmpty { lines += wrap(summary, indent: 2) }
        let version = root["policy_version"]?.int ?? 0
        lines += wrap("decided \(root["decided_at"]?.string ?? "") under policy version \(version)", indent: 2)
        for step in elements(root["steps"]) where step["passes"]?.bool == false {
            lines += render(step: step, names)
        }
        // Channels with equal steps share a block.
        var blocks: [(channels: String, lines: [String])] = []
        for channel in elements(root["channels"]) {
            let name = channel["channel"]?.string ?? ""
            let told = elements(channel["steps"]).flatMap { render(step: $0, names) }
            if let index = blocks.firstIndex(where: { $0.lines == told }) {
                blocks[index].channels += ", \(name)"
            } else {
                blocks.append((name, told))
            }
        }
        return lines + blocks.flatMap { [$0.channels] + $0.lines }
    }

    private static func render(step: JSONRef, _ names: [DeliveryID: String]) -> [String] {
        var text = mark(step) + " " + words(step["step"]?.string ?? "")
        let details = [
            step["exempt"]?.string, step["counted"]?.bool == false ? "not counted" : nil,
            step["crowded"]?.bool == true ? "more profiles hold the address than are judged together" : nil,
            step["rule"]?.string, step["scope"]?.string,
            step["content"]?.string, step["window"]?.string.map { "window of \($0)" },
            step["last_inbound"]?.string.map { "last written at \($0)" },
            step["reason"]?.string, step["mode"]?.string.map(words), step["about"]?.string, step["at"]?.string,
            step["hour"]?.string, step["on"]?.string.map { "on \($0)" }, step["category"]?.string,
            step["until"]?.string.map { "until \($0)" },
            step["error"]?.string, step["by"]?.string.map { "by \($0)" }, step["since"]?.string.map { "since \($0)" },
            step["open_until"]?.string.map { "open until \($0)" }, step["help"]?.string,
        ].compactMap { $0 }
        if !details.isEmpty { text += ": " + details.joined(separator: ", ") }
        var lines = wrap(text, indent: 2)
        for key in ["of", "waits_for"] {
            if let entry = step[key], entry.kind == .object { lines += render(entry: entry, names) }
        }
        for rule in elements(step["rules"]) { lines += render(rule: rule, names) }
        return lines
    }

    private static func render(rule: JSONRef, _ names: [DeliveryID: String]) -> [String] {
        let name = rule["rule"]?.string ?? ""
        if let other = rule["overridden_by"]?.string {
            return wrap("- \(name): overridden by \(other)", indent: 4)
        }
        var text = "\(mark(rule)) \(name) \(rule["count"]?.int ?? 0)/\(rule["limit"]?.int ?? 0)"
        if let holder = rule["of"]?.string { text += " of \(holder)" }
        text += ", \(rule["window"]?.string ?? ""), per \(rule["per"]?.string ?? "")"
        if let open = rule["in_flight"]?.int, open > 0 { text += ", \(open) in flight" }
        if rule["joins"]?.bool == true { text += ", an update of an activity that counts already" }
        if let own = rule["policy_limit"]?.int { text += ", the person's own limit instead of \(own)" }
        if let kept = rule["reserved"]?.int { text += ", \(kept) reserved for others" }
        if let condition = rule["where"]?.string { text += ", where \(condition)" }
        if let reason = rule["unreadable"]?.string { text += " (cannot be evaluated: \(reason))" }
        if let free = rule["free_at"]?.string { text += ", next slot \(free)" }
        if let look = rule["look_again_at"]?.string { text += ", next check \(look)" }
        var lines = wrap(text, indent: 4)
        for entry in elements(rule["filled_by"]) { lines += render(entry: entry, names) }
        return lines
    }

    private static func render(entry: JSONRef, _ names: [DeliveryID: String]) -> [String] {
        let known = entry["delivery"]?.string.flatMap { DeliveryID($0) }.flatMap { names[$0] }
        let parts = [
            entry["delivery"]?.string, entry["at"]?.string, entry["channel"]?.string,
            known ?? entry["campaign"]?.string ?? entry["template"]?.string,
            entry["in_flight"] == nil ? nil : "in flight",
        ]
        return wrap(parts.compactMap { $0 }.joined(separator: "  "), indent: 6)
    }

    /// The text with its instants in a readable form: `2026-03-08 12:00:00 UTC` for `2026-03-08T12:00:00.123Z`.
    public static func readable(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "Z")) else { return text }
        return text.split(separator: " ", omittingEmptySubsequences: false).map { word in
            let core = word.trimmed(of: [",", ".", ";", ":", "(", ")"])
            guard let instant = Instant(rfc3339: String(core)), core.hasSuffix("Z") else { return String(word) }
            let shown = "\(instant.rfc3339.prefix(10)) \(instant.rfc3339.dropFirst(11).prefix(8)) UTC"
            return word[..<core.startIndex] + shown + word[core.endIndex...]
        }.joined(separator: " ")
    }

    private static func elements(_ value: JSONRef?) -> [JSONRef] { value.map { Array($0.elements) } ?? [] }

    private static func mark(_ value: JSONRef) -> String { value["passes"]?.bool == false ? "✗" : "✓" }

    private static func words(_ code: String) -> String { String(code.map { $0 == "_" ? " " : $0 }) }

    /// Breaks a text at spaces to fit the width. A longer word gets a line of its own.
    private static func wrap(_ text: String, indent: Int) -> [String] {
        var lines: [String] = []
        var line = String(repeating: " ", count: indent)
        let text = readable(text)
        var isEmpty = true
        var used = indent
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            let count = word.count
            if !isEmpty, used + 1 + count > width {
                lines.append(line)
                line = String(repeating: " ", count: indent + 2)
                used = indent + 2
                isEmpty = true
            }
            if !isEmpty {
                line += " "
                used += 1
            }
            line += word
            used += count
            isEmpty = false
        }
        lines.append(line)
        return lines
    }
}

extension Substring {
    /// The part without these characters at its ends.
    fileprivate func trimmed(of characters: Set<Character>) -> Substring {
        var part = self
        while let first = part.first, characters.contains(first) { part.removeFirst() }
        while let last = part.last, characters.contains(last) { part.removeLast() }
        return part
    }
}
