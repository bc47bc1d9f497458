import YAMLDocument

extension PolicyReader {
    /// Reads `segment: { where: "engagement == 'low'" }` with the rule's `on_error`. Nil means all recipients.
    func segment(_ mapping: YAMLMapping) throws(YAMLError) -> Segment? {
        guard let segment = try mapping.mapping(ifPresent: "segment") else {
            if let value = mapping["on_error"] {
                throw value.error(
                    "\"on_error\" is allowed only together with \"segment\"", help: "remove the key \"on_error\"")
            }
            return nil
        }
        try segment.checkKeys(known: ["where"])
        let value = try segment.require("where")
        let text = try value.string()
        let condition: Segment.Condition
        do throws(SegmentParser.Mistake) {
            condition = try SegmentParser.parse(text)
        } catch {
            throw value.error(inside: error.offset, error.message, help: error.help)
        }
        return Segment(
            text: text, condition: condition, onError: try mapping.choice("on_error", default: Segment.Failure.apply))
    }
}
