internal import JSON
internal import Liquid
internal import SobreModel
internal import Text

/// Notifications.
extension RenderJob {
    func push(_ parts: TemplateParts, _ fingerprint: inout ContentFingerprint) throws(RenderStop) -> PushContent {
        guard let part = parts[.pushFields] else { throw noWords }
        var content = PushContent(title: "", body: try text(part.body, escaping: .none))
        var bytes = content.body.utf8.count
        var event = ""
        var state = ""
        for field in part.fields {
            let value = try text(field.template, escaping: .none)
            bytes += value.utf8.count + field.name.utf8.count
            switch field.name {
            case "title": content.title = value
            case "link": content.link = try address(value, "link")
            case "image": content.image = try address(value, "image")
            case "collapse": content.collapseKey = value.isEmpty ? nil : value
            case "priority": content.priority = try priority(value)
            case "ttl": content.timeToLive = try timeToLive(value)
            case "activity": event = value
            case "activity_state": state = value
            default: content.data.append(.init(key: String(field.name.dropFirst("data.".count)), value: value))
            }
        }
        content.activity = try activity(event, state)
        guard !content.title.isEmpty || !content.body.isEmpty || content.activity != nil else {
            throw .failed("The push message of \(template.manifest.name) is empty; add a title or a body.")
        }
        guard bytes <= template.manifest.budgets.pushBytes else {
            throw overBudget("push message", bytes, template.manifest.budgets.pushBytes, "bytes", "push")
        }
        fingerprint.combine(content.title)
        fingerprint.combine(content.body)
        // Two states of one activity are not the same message, although their words are.
        if let activity = content.activity { fingerprint.combine(activity.state) }
        return content
    }

    private func priority(_ value: String) throws(RenderStop) -> PushContent.Priority? {
        if value.isEmpty { return nil }
        if let priority = PushContent.Priority(rawValue: value) { return priority }
        throw .failed(
            "The priority \"\(value.prefix(20))\" of \(template.manifest.name)'s push message is not known; write high, "
                + "normal or low.")
    }

    /// The longest time that a push service keeps a notification: four weeks, which FCM and Web Push allow.
    private static let longestLife = Duration.seconds(28 * 86_400)

    private func timeToLive(_ value: String) throws(RenderStop) -> Int? {
        if value.isEmpty { return nil }
        if let life = DurationText.parse(value), life >= .zero, life <= Self.longestLife {
            return Int(life.components.seconds)
        }
        throw .failed(
            "The ttl \"\(value.prefix(20))\" of \(template.manifest.name)'s push message is not a duration of at most "
                + "28 days; \(DurationText.hint).")
    }

    private func activity(_ event: String, _ state: String) throws(RenderStop) -> PushContent.LiveActivity? {
        if event.isEmpty, state.isEmpty { return nil }
        guard let known = PushContent.LiveActivity.Event(rawValue: event) else {
            throw .failed(
                "The activity \"\(event.prefix(20))\" of \(template.manifest.name)'s push message is not known; write update "
                    + "or end.")
        }
        guard let document = try? JSONDocument.parse(state), document.root.kind == .object else {
            throw .failed(
                "The activity_state of \(template.manifest.name)'s push message is not a JSON object; write one such as "
                    + "{\"stops\": {{ stops }}}.")
        }
        return PushContent.LiveActivity(event: known, state: state)
    }

    /// A URL that a device can open; nil when it is empty.
    private func address(_ value: String, _ field: String) throws(RenderStop) -> String? {
        if value.isEmpty { return nil }
        guard let scheme = LinkSchemes.scheme(of: value.utf8), value.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
        else {
            throw .failed(
                "The \(field) of \(template.manifest.name)'s push message is not an address that can be opened; "
                    + "write it in full, such as https://shop.example/orders.")
        }
        guard schemes.allows(value.utf8) else {
            throw refusedLink("The \(field) of \(template.manifest.name)'s push message", scheme)
        }
        return value
    }
}
