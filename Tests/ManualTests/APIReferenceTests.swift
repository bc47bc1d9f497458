import Foundation
import Hummingbird
import SobreModel
import SobreProviders
import SobreStore
import SobreWire
import Testing

@testable import SobreHTTP
@testable import SobreIntake
import SobreSettings

/// Compares the API reference with the code: routes, error codes, fields, states and reasons.
@Suite struct APIReferenceTests {
    private let page: ManualPage

    init() throws { page = try ManualPage("\(ManualPage.manual)/API.md") }

    @Test func `every route of the server has its heading, and no other`() async throws {
        let served = try await ServedRoutes.all()
        let described = Set(page.headings.filter { $0.wholeMatch(of: /[A-Z]+ \/\S*/) != nil })
        #expect(served.count > 30)
        #expect(served.subtracting(described) == [], "not in the page")
        #expect(described.subtracting(served) == [], "not served")
    }

    @Test func `every error code is in the table with its status, and no other`() throws {
        var statuses: [String: Set<Int>] = [:]
        for row in ManualPage.rows(page.section("Errors")) where row.count == 3 && row[1].first?.isNumber == true {
            let numbers = Set(row[1].matches(of: /\d+/).compactMap { Int($0.output) })
            for code in ManualPage.codeSpans([row[0]]) { statuses[code] = numbers }
        }
        var known = try Self.problems()
        for code in IntakeProblem.Code.allCases {
            known[code.rawValue, default: []].insert(status(Problem(IntakeProblem(code, message: ""))))
        }
        for code in StoreError.Code.allCases {
            known["store_\(code.rawValue)", default: []].insert(status(Problem(StoreError(code, ""))))
        }
        for code in ReceiptRefusal.Code.allCases {
            let status =
                switch code {
                case .malformed, .noReport, .autoReply, .noReference: 422
                case .unavailable: 503
                case .noSecret, .signature, .timestamp: 401
                }
            known[code.rawValue, default: []].insert(status)
        }
        #expect(Set(known.keys).subtracting(statuses.keys) == [], "not in the page")
        #expect(Set(statuses.keys).subtracting(known.keys) == [], "not in the code")
        for (code, numbers) in known { #expect(statuses[code] == numbers, "\(code)") }
    }

    private func status(_ problem: Problem) -> Int { problem.status.code }

    @Test func `every state and reason is described`() throws {
        let spans = ManualPage.codeSpans(page.section("States and reasons"))
        var known = Set(DeliveryState.allCases.map(\.description))
        known.formUnion(HoldReason.allCases.map(\.rawValue))
        known.formUnion(DropReason.allCases.map(\.rawValue))
        known.formUnion(FailureReason.allCases.map(\.rawValue))
        #expect(known.subtracting(spans) == [])
    }

    /// A heading with the names that its section must have.
    struct Section: CustomTestStringConvertible {
        var heading: String
        var names: [String]
        var testDescription: String { heading }
    }

    private static let sections: [Section] = [
        Section(heading: "POST /v1/messages", names: MessageReader.keys),
        Section(heading: "PUT /v1/profiles/{id}", names: ProfileReader.keys + ProfileReader.addressKeys),
        Section(heading: "POST /v1/profiles/{id}/consents", names: ConsentReader.keys),
        Section(heading: "POST /v1/suppressions", names: SuppressionReader.keys),
        Section(heading: "POST /v1/suppressions", names: Suppression.Reason.allCases.map(\.rawValue)),
        Section(heading: "POST /v1/receipts/{provider}", names: ReceiptReader.keys),
        Section(heading: "POST /v1/receipts/{provider}", names: Receipt.Kind.allCases.map(\.description)),
        Section(heading: "GET /v1/log", names: LogRoutes.parameters),
        Section(heading: "GET /v1/messages", names: StateFilterParameters.names),
        Section(heading: "GET /v1/audit", names: AuditRoutes.parameters + AuditAction.allCases.map(\.rawValue)),
        Section(heading: "Authentication", names: APIScope.allCases.map(\.rawValue)),
    ]

    @Test(arguments: sections)
    func `every field of a request is described`(section: Section) {
        // `{"channel", "address"}` describes two fields.
        var described: Set<String> = []
        for span in ManualPage.codeSpans(page.section(section.heading)) {
            for match in span.matches(of: /[\w.]+/) { described.insert(String(match.output)) }
        }
        #expect(Set(section.names).subtracting(described) == [])
    }

    /// The error codes in the source code, with their statuses.
    private static func problems() throws -> [String: Set<Int>] {
        let numbers = [
            "badRequest": 400, "unauthorized": 401, "forbidden": 403, "notFound": 404, "methodNotAllowed": 405,
            "conflict": 409,
            "requestTimeout": 408, "contentTooLarge": 413, "unsupportedMediaType": 415, "unprocessableContent": 422,
            "requestHeaderFieldsTooLarge": 431, "internalServerError": 500, "notImplemented": 501,
            "serviceUnavailable": 503, "insufficientStorage": 507,
        ]
        var found: [String: Set<Int>] = [:]
        let sources = "\(ManualPage.root)/Sources"
        for file in FileManager.default.enumerator(atPath: sources)?.compactMap({ $0 as? String }) ?? [] {
            guard file.hasSuffix(".swift") else { continue }
            let text = try String(contentsOfFile: "\(sources)/\(file)", encoding: .utf8)
            for match in text.matches(of: /(?:Problem|Self\.unauthorized)\(\s*(?:\.(\w+),\s*)?"([a-z_]+)"/) {
                let status = match.output.1.map(String.init) ?? "unauthorized"
                found[String(match.output.2), default: []].insert(try #require(numbers[status], "\(file): \(status)"))
            }
            for match in text.matches(of: /ReceiptRejection\(\s*code: "([a-z_]+)"/) {
                found[String(match.output.1), default: []].insert(401)
            }
        }
        return found
    }
}
