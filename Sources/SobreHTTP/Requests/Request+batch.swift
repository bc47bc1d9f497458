import HTTPTypes
import Hummingbird
import JSON
import SobreIntake
import SobreSettings
import SobreWire

extension Request {
    /// Reads a batch as NDJSON or JSON within the limits, and responds with a result for each entry. The status is 200
    /// if all are stored, 207 if some are. If none is, it is 503 if a retry can help, else 422.
    func batch(
        _ limits: HTTPLimits, _ intake: IntakeLimits, _ traffic: HTTPTraffic, _ context: APIContext,
        lines takeLines: (NDJSONLines) async -> [ProfileResult], json take: (JSONRef) async -> [ProfileResult]
    ) async throws -> Response {
        let form = try bodyForm()
        let results = try await withBody(upTo: limits.maxBatchBytes, traffic, context) { bytes -> [ProfileResult] in
            switch form {
            case .ndjson:
                try Self.checkCount(bytes.count { $0 == 0x0A }, most: intake.maxBatch)
                return await takeLines(NDJSONLines(bytes, maxLineBytes: intake.maxLineBytes))
            case .json:
                let root = try parsed(
                    bytes, JSONLimits(maxDepth: intake.maxDepth + 1, maxBytes: limits.maxBatchBytes))
                if root.kind == .array { try Self.checkCount(root.count, most: intake.maxBatch) }
                return await take(root)
            }
        }
        return try .batch(results)
    }

    private static func checkCount(_ count: Int, most: Int) throws(Problem) {
        guard count > most else { return }
        throw Problem(
            .contentTooLarge, "too_many", "The batch has \(count) entries; at most \(most) are allowed per request.",
            expected: "several smaller batches")
    }
}

extension Response {
    /// The results of a batch of profiles, consents or suppressions.
    static func batch(_ results: [ProfileResult]) throws(Problem) -> Response {
        guard !results.isEmpty else {
            throw Problem(
                .badRequest, "empty_batch", "The batch is empty.",
                expected: "one JSON object per line, or an array of objects")
        }
        return .json(status(of: results)) { Wire.write(results, to: &$0) }
    }

    private static func status(of results: [ProfileResult]) -> HTTPResponse.Status {
        if results.allSatisfy(\.outcome.isTaken) { return .ok }
        if results.contains(where: \.outcome.isTaken) { return .multiStatus }
        let failures = results.compactMap { if case .notStored(let error) = $0.outcome { error } else { nil } }
        return failures.isEmpty ? .unprocessableContent : .ofStoreFailures(failures)
    }
}
