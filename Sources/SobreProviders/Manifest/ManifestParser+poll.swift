internal import SobreDelivery
internal import SobreModel
internal import YAMLDocument

extension ManifestParser {
    /// Reads the `poll:` of a manifest.
    func parsePoll(_ value: YAMLValue) throws(YAMLError) -> PollPlan {
        let mapping = try value.mapping()
        try mapping.checkKeys(known: ManifestKeys.poll)
        let path = try mapping.require("path")
        let ids = try mapping.string(ifPresent: "ids")
        guard try path.string().contains(PollPlan.idMark) == (ids == nil) else {
            throw path.error(
                "a question names messages once", help: "write \(PollPlan.idMark) in the path, or ids: NAME")
        }
        if ids == nil, mapping.contains("answers") {
            throw try mapping.require("answers").error("answers needs ids", help: "one message is the whole answer")
        }
        return PollPlan(
            terms: try Self.pollTerms(mapping, hasBatch: ids != nil), path: try text("path", in: mapping), ids: ids,
            answers: try Self.paths(mapping["answers"]).first, status: try Self.paths(try mapping.require("status")),
            code: try Self.paths(mapping["code"]), diagnostic: try Self.paths(mapping["diagnostic"]),
            pending: Set(try mapping["pending"]?.strings() ?? []), kinds: try Self.kinds(try mapping.require("kinds")),
            errors: try Self.errors(mapping["errors"]))
    }

    private static func pollTerms(_ mapping: YAMLMapping, hasBatch: Bool) throws(YAMLError) -> PollTerms {
        let range = Duration.seconds(1)...(.seconds(30 * 86_400))
        let after = try mapping.duration(ifPresent: "after", in: range) ?? .seconds(900)
        let every = try mapping.duration(ifPresent: "every", in: range) ?? after
        let terms = PollTerms(
            after: after, every: every, slowest: try mapping.duration(ifPresent: "slowest", in: range) ?? every * 8,
            giveUpAfter: try mapping.duration(ifPresent: "give_up_after", in: range) ?? .seconds(86_400),
            batch: hasBatch ? try mapping.int(ifPresent: "batch", in: 1...10_000) ?? 100 : 1)
        guard terms.after <= terms.giveUpAfter, terms.every <= terms.slowest else {
            throw try mapping.require("path").error(
                "the times contradict each other", help: "after ≤ give_up_after and every ≤ slowest must hold")
        }
        return terms
    }
}
