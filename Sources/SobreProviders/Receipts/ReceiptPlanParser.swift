internal import SobreModel
internal import YAMLDocument

extension ManifestParser {
    /// Reads the `receipts:` of a manifest.
    func parseReceipts(_ value: YAMLValue) throws(YAMLError) -> ReceiptPlan {
        let mapping = try value.mapping()
        try mapping.checkKeys(known: ["verify", "form"])
        let form = try mapping.read("form") { value throws(YAMLError) in try Self.receiptForm(value) }
        return ReceiptPlan(proof: try receiptProof(try mapping.require("verify")), form: form ?? nil)
    }

    private func receiptProof(_ value: YAMLValue) throws(YAMLError) -> ReceiptPlan.Proof {
        let mapping = try value.mapping()
        let type = try mapping.require("type")
        let name = try type.string()
        switch name {
        case "standard_webhooks":
            try mapping.checkKeys(known: ["type"])
            return .standardWebhooks
        case "twilio":
            try mapping.checkKeys(known: ["type", "token"])
            return .twilio(token: try template(try mapping.require("token"), .settings))
        default: throw type.unknownName(name, known: ["standard_webhooks", "twilio"])
        }
    }

    private static func receiptForm(_ value: YAMLValue) throws(YAMLError) -> ReceiptPlan.Form? {
        if case .scalar(let text, _) = value.content {
            if text == "sobre" { return nil }
            throw value.unknownName(text, known: ["sobre"])
        }
        let mapping = try value.mapping()
        try mapping.checkKeys(known: ["reference", "id", "event_id", "status", "detail", "kinds"])
        func place(_ value: YAMLValue) throws(YAMLError) -> ReceiptPlan.Place {
            let text = try value.string()
            if text.hasPrefix("query:") { return .query(String(text.dropFirst(6))) }
            if text.hasPrefix("form:") { return .form(String(text.dropFirst(5))) }
            throw value.error("\"\(text)\" is not a place in a receipt", help: "write form:NAME or query:NAME")
        }
        func optionalPlace(_ key: String) throws(YAMLError) -> ReceiptPlan.Place? {
            if let value = mapping[key] { try place(value) } else { nil }
        }
        var kinds: [String: Receipt.Kind?] = [:]
        for entry in try mapping.require("kinds").mapping().entries {
            let text = try entry.value.string()
            if text == "none" {
                kinds[entry.key] = .some(nil)
                continue
            }
            guard let kind = Receipt.Kind(name: text) else {
                throw entry.value.unknownName(text, known: Receipt.Kind.allCases.map(\.description) + ["none"])
            }
            kinds[entry.key] = .some(kind)
        }
        let form = ReceiptPlan.Form(
            reference: try optionalPlace("reference"), providerID: try optionalPlace("id"),
            eventID: try optionalPlace("event_id"), status: try place(try mapping.require("status")),
            detail: try optionalPlace("detail"), kinds: kinds)
        guard form.reference != nil || form.providerID != nil else {
            throw value.error(
                "the receipts do not identify their message", help: "add reference: query:sobre_id or id: form:NAME")
        }
        return form
    }
}
