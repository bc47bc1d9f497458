internal import JSON
internal import SobreModel
internal import YAMLDocument

/// Reads the `examples:` of a manifest.
enum ExampleParser {
    static func parse(_ value: YAMLValue, _ receipts: ReceiptPlan?) throws(YAMLError) -> ManifestExample {
        let mapping = try value.mapping()
        try mapping.checkKeys(known: ManifestKeys.example)
        let sample: ManifestExample.Sample
        if let receipt = mapping["receipt"] {
            guard let format = receipts?.format else {
                throw receipt.error("the manifest does not say how to read receipts", help: "add receipts: decode: …")
            }
            sample = .receipt(
                try request(try receipt.mapping(), format), expected: try kinds(try mapping.require("expect")),
                inbound: try mapping.read("inbound") { value throws(YAMLError) in try inbound(value) })
        } else {
            sample = try answer(try mapping.require("answer").mapping(), try mapping.require("expect").choice())
        }
        return ManifestExample(
            sample: sample, id: try mapping.string(ifPresent: "id"),
            retryAfter: try mapping.duration(ifPresent: "retry_after"), line: value.line)
    }

    private static func answer(
        _ answer: YAMLMapping, _ expected: Outcome.Kind
    ) throws(YAMLError) -> ManifestExample.Sample {
        try answer.checkKeys(known: ManifestKeys.answer)
        var headers: [(name: String, value: String)] = []
        for entry in try answer.mapping(ifPresent: "headers")?.entries ?? [] {
            headers.append((entry.key, try entry.value.string()))
        }
        let text = Array(try answer.string("text", default: "").utf8)
        return .answer(
            status: try answer.require("status").int(in: 100...599), headers: headers,
            body: try answer.read("json") { value throws(YAMLError) in try json(value) } ?? text, expected: expected)
    }

    private static func request(
        _ mapping: YAMLMapping, _ format: ReceiptFormat
    ) throws(YAMLError) -> ReceiptRequest {
        try mapping.checkKeys(known: ManifestKeys.receipt)
        var headers: [String: String] = [:]
        for entry in try mapping.mapping(ifPresent: "headers")?.entries ?? [] {
            headers[entry.key.lowercased()] = try entry.value.string()
        }
        var body = Array(try mapping.string("form", default: "").utf8)
        if let value = mapping["json"] {
            body = try json(value)
            if format.decode == .sns {
                var writer = JSONWriter()
                writer.beginObject()
                writer.member("Type", "Notification")
                writer.key("Message")
                writer.value(utf8: body)
                writer.endObject()
                body = writer.take()
            }
        }
        return ReceiptRequest(query: try mapping.string("query", default: ""), headers: headers, body: body)
    }

    private static func inbound(_ value: YAMLValue) throws(YAMLError) -> ReceivedText {
        let mapping = try value.mapping()
        try mapping.checkKeys(known: ManifestKeys.exampleInbound)
        return ReceivedText(from: try mapping.string("from"), text: try mapping.string("text"))
    }

    /// `none`, a kind or a list of kinds.
    private static func kinds(_ value: YAMLValue) throws(YAMLError) -> [Receipt.Kind] {
        if case .scalar("none", _) = value.content { return [] }
        var kinds: [Receipt.Kind] = []
        for element in value.listOrOne { kinds.append(try ManifestParser.kind(element)) }
        return kinds
    }

    private static func json(_ value: YAMLValue) throws(YAMLError) -> [UInt8] {
        var writer = JSONWriter()
        try write(value, to: &writer)
        return writer.take()
    }

    private static func write(_ value: YAMLValue, to writer: inout JSONWriter) throws(YAMLError) {
        switch value.content {
        case .sequence(let elements):
            writer.beginArray()
            for element in elements { try write(element, to: &writer) }
            writer.endArray()
        case .mapping(let entries):
            writer.beginObject()
            for entry in entries {
                writer.key(entry.key)
                try write(entry.value, to: &writer)
            }
            writer.endObject()
        case .scalar:
            switch value.scalar {
            case .bool(let flag)?: writer.value(flag)
            case .int(let number)?: writer.value(number)
            case .double(let number)?: writer.value(number)
            case .string(let text)?: writer.value(text)
            case .null?, nil: writer.null()
            }
        }
    }
}
