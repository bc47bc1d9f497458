/// A `message/delivery-status` part (RFC 3464 §2): groups of fields, of which the first is about the email and each
/// further one about a recipient.
struct DeliveryStatus {
    /// One group of fields, by their names in lower case.
    struct Group {
        private(set) var fields: [String: String] = [:]

        subscript(name: String) -> String? { fields[name] }

        /// A field of the form `type; value`, without the type.
        func typed(_ name: String) -> String? {
            guard let value = fields[name] else { return nil }
            guard let semicolon = value.firstIndex(of: ";") else { return value.trimmed }
            return value[value.index(after: semicolon)...].trimmed
        }

        mutating func add(_ name: String, _ value: String) {
            if fields[name] == nil { fields[name] = value }
        }

        mutating func extend(_ name: String, _ value: String) { fields[name, default: ""] += " " + value }
    }

    private(set) var message = Group()
    private(set) var recipients: [Group] = []

    /// The fields with which a group is about a recipient. Some servers write no empty line before it.
    private static let recipientFields: Set = ["final-recipient", "original-recipient", "x-actual-recipient"]
    private static let maxRecipients = 1_000

    /// Reads the part's text.
    init(_ text: String) {
        var group = Group()
        var last: String?
        func hasRecipient(_ group: Group) -> Bool {
            Self.recipientFields.contains { group[$0] != nil } || group["action"] != nil || group["status"] != nil
        }
        func finish() {
            if hasRecipient(group) {
                if recipients.count < Self.maxRecipients { recipients.append(group) }
            } else {
                for (name, value) in group.fields { message.add(name, value) }
            }
            group = Group()
            last = nil
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.allSatisfy(\.isWhitespace) {
                finish()
            } else if line.first == " " || line.first == "\t" {
                if let last { group.extend(last, line.trimmed) }
            } else if let colon = line.firstIndex(of: ":"), !line[..<colon].trimmed.contains(" ") {
                let name = line[..<colon].trimmed.lowercased()
                if name == "final-recipient", group["final-recipient"] != nil { finish() }
                group.add(name, line[line.index(after: colon)...].trimmed)
                last = name
            } else if let last {
                // A line of a reply that was not indented.
                group.extend(last, line.trimmed)
            }
        }
        finish()
    }
}
