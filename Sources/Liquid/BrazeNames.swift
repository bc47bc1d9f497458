/// Maps Braze's names of values to the names used here.
enum BrazeNames {
    /// The path for `${name}`. A group before it, such as `custom_attribute.`, is removed from the end of `written`.
    /// The second part says how the value differs, if it does.
    static func path(for name: String, after written: inout String) -> (path: String, doubt: String?) {
        let group = takeGroup(&written)
        switch group {
        case "": return (systemValues[name] ?? member(name, of: "customer"), unsupported[name])
        case "custom_attribute": return (member(name, of: "customer"), nil)
        case "event_properties", "api_trigger_properties", "canvas_entry_properties", "context":
            // The message's data is at the top level.
            return (isPlain(name) ? name : member(name, of: "self"), nil)
        case "preference_center": return ("preferences_url", nil)
        case "campaign", "canvas": return campaign(name, isCanvas: group == "canvas")
        case "subscribed_state":
            return (
                member(name, of: "subscriptions"),
                "Consent is checked before a message is rendered: remove the condition, or put the state into the "
                    + "message's data as 'subscriptions'."
            )
        case "targeted_device", "most_recently_used_device", "app":
            let owner = group == "app" ? "app" : "device"
            return (
                member(name, of: owner),
                "Nothing is known of devices and apps here: put what you need into the message's data as '\(owner)'."
            )
        case "content_blocks":
            return (
                member(name, of: "self"), "A content block can only be written or assigned: use {% render '\(name)' %}."
            )
        default:
            return (
                "\(group)." + (isPlain(name) ? name : "['\(name)']"),
                "'\(group).${\(name)}' is not known here: put the value into the message's data."
            )
        }
    }

    private static func campaign(_ name: String, isCanvas: Bool) -> (String, String?) {
        switch (isCanvas, name) {
        case (false, "name"): return ("campaign", nil)
        case (true, "name"): return ("message.journey", nil)
        case (_, "message_name"), (_, "step_name"): return ("message.template", nil)
        default:
            return (
                "message.id",
                "Braze's id of the \(isCanvas ? "canvas" : "campaign") does not exist here; this is the message's."
            )
        }
    }

    /// Values that every message has here under another name.
    private static let systemValues = [
        "unsubscribe_url": "unsubscribe_url", "set_user_to_unsubscribed_url": "unsubscribe_url",
        "subscription_management_url": "preferences_url", "set_user_to_subscribed_url": "preferences_url",
        "set_user_to_opted_in_url": "preferences_url", "preference_center_url": "preferences_url",
        "user_id": "customer.id", "braze_id": "customer.id", "language": "customer.language",
        "time_zone": "customer.timezone",
        "email_address": "customer.email", "phone_number": "customer.phone",
    ]

    /// Values that Braze fills in and nobody does here, and what to do about them.
    private static let unsupported: [String: String] = {
        let address = "Addresses are not among a template's values: put it into the message's data, or remove it."
        let app = "Nothing is known of apps here: put the value into the profile's attributes or the message's data."
        return [
            "email_address": address, "phone_number": address, "most_recent_app_version": app,
            "last_used_app_date": app,
            "most_recent_locale": "This is the profile's locale here: write {{ locale }}, such as fr-FR.",
            "random_bucket_number": "There are no random buckets here: use a variant of the template.",
        ]
    }()

    /// Removes `word.` from the end.
    private static func takeGroup(_ written: inout String) -> String {
        guard written.hasSuffix(".") else { return "" }
        var group = written.dropLast()
        var name = ""
        while let last = group.last, last == "_" || last.isLetter || last.isNumber {
            name.insert(last, at: name.startIndex)
            group.removeLast()
        }
        guard !name.isEmpty else { return "" }
        written = String(group)
        return name
    }

    private static func member(_ name: String, of owner: String) -> String {
        isPlain(name) ? "\(owner).\(name)" : "\(owner)['\(name.replacing("'", with: ""))']"
    }

    private static func isPlain(_ name: String) -> Bool {
        guard let first = name.utf8.first, !isDigit(first), first != 0x2D else { return false }
        return name.utf8.allSatisfy { $0 < 0x80 && (isWord($0) || $0 == 0x2D) }
    }
}
