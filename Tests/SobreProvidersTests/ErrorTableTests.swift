import Foundation
import SobreDelivery
import SobreModel
import Testing

@testable import SobreProviders

/// What every provider documents about its refusals, and who is to blame for each: `Tests/ErrorTables/NAME.txt`.
///
/// Only the outcomes under *recipient* that say that an address is dead, or wants nothing, suppress it. Only those under
/// *account*, *rate* and *provider* slow the provider down. The sender of a message is the message's, unless the settings
/// name it.
@Suite("Documented refusals of every provider") struct ErrorTableTests {
    struct Row: Sendable, CustomStringConvertible {
        var expected: Outcome.Kind
        var status: Int
        var headers: [(name: String, value: String)]
        var body: String
        var line: Int
        var description: String { "line \(line): \(status) \(body)" }
    }

    private static let manifests = (try? shippedManifests()) ?? []
    private static let names = manifests.map(\.name).sorted()
    private static let folder = sourceRoot.appending(path: "Tests/ErrorTables")

    /// Lines of `OUTCOME | STATUS [NAME=VALUE] | BODY`. `#` begins a comment.
    private static func rows(of name: String) throws -> [Row] {
        let text = try String(contentsOf: folder.appending(path: "\(name).txt"), encoding: .utf8)
        return try text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap {
            index, line -> Row? in
            if line.isEmpty || line.hasPrefix("#") { return nil }
            let parts = line.split(separator: " | ", maxSplits: 2, omittingEmptySubsequences: false)
            let words = try #require(parts.count > 1 ? parts[1].split(separator: " ") : nil, "\(name):\(index + 1)")
            let headers = words.dropFirst().map { word in
                let pair = word.split(separator: "=", maxSplits: 1)
                return (name: String(pair[0]), value: String(pair[1]))
            }
            return Row(
                expected: try #require(Outcome.Kind(rawValue: String(parts[0])), "\(name):\(index + 1): \(parts[0])"),
                status: try #require(Int(words[0]), "\(name):\(index + 1)"), headers: headers,
                body: parts.count > 2 ? String(parts[2]) : "", line: index + 1)
        }
    }

    private static func outcome(_ plan: ResponsePlan, _ row: Row) -> Outcome.Kind {
        plan.outcome(
            status: row.status, headers: row.headers, body: Array(row.body.utf8), address: "", now: .epoch
        ).kind
    }

    @Test(arguments: names)
    func `Each documented refusal has the outcome of the one who is to blame`(name: String) throws {
        let plan = try #require(Self.manifests.first { $0.name == name }).response
        let rows = try Self.rows(of: name)
        #expect(rows.count >= 5)
        for row in rows {
            let outcome = Self.outcome(plan, row)
            #expect(outcome == row.expected, "\(name) \(row): \(outcome.rawValue)")
        }
    }

    @Test(arguments: names)
    func `Each table has a fault of the account, and no refusal is taken for an acceptance`(name: String) throws {
        let rows = try Self.rows(of: name)
        #expect(rows.contains { $0.expected.fault == .account })
        #expect(rows.allSatisfy { $0.expected.proof != .sent || (200..<300).contains($0.status) })
    }

    /// Words that occur in refusals of many kinds. None of them alone is evidence about a recipient.
    @Test(arguments: names)
    func `No words about something else suppress a recipient`(name: String) throws {
        let plan = try #require(Self.manifests.first { $0.name == name }).response
        let texts = [
            "Unable to parse the request to JSON: invalid option", "Failed to process: contact support to continue",
            "The number of recipients exceeds the limit", "Permission to send to the destination region is not enabled",
            "Your account is not allowed to send to this destination country", "The receiver limit is reached",
            "Sender phone number is invalid", "Message blocked by a spam filter",
            "Template is not valid: to be approved",
        ]
        let suppressing: Set<Outcome.Kind> = [
            .recipientInvalid, .recipientGone, .recipientUnsubscribed, .recipientSuppressed,
        ]
        for status in [400, 403, 422] {
            for text in texts {
                for body in Self.bodies(text) {
                    let row = Row(expected: .ambiguous, status: status, headers: [], body: body, line: 0)
                    let outcome = Self.outcome(plan, row)
                    #expect(!suppressing.contains(outcome), "\(name) \(row): \(outcome.rawValue)")
                }
            }
        }
    }

    /// A text in the places where providers put their words.
    private static func bodies(_ text: String) -> [String] {
        [
            text, #"{"message":"\#(text)"}"#, #"{"error":"\#(text)"}"#,
            #"{"error":{"code":"BadRequest","message":"\#(text)"}}"#,
            #"{"errors":["\#(text)"]}"#, #"{"errors":[{"message":"\#(text)","description":"\#(text)"}]}"#,
            #"{"code":"syntax_invalid_parameter_format","text":"\#(text)"}"#,
            #"{"ErrorCode":300,"Message":"\#(text)"}"#, #"{"code":"invalid_parameter","message":"\#(text)"}"#,
            #"{"name":"validation_error","message":"\#(text)"}"#,
            #"{"messages":[{"status":"3","error-text":"\#(text)","accepted":false,"error":"\#(text)"}]}"#,
            #"{"errorDescription":"\#(text)"}"#,
            #"{"ok":false,"error_code":400,"description":"Bad Request: \#(text)"}"#,
            #"{"value":[{"httpStatusCode":400,"successful":false,"errorMessage":"\#(text)"}]}"#,
        ]
    }
}
