import Foundation
import SobreModel
import SobreSettings
import SobreStore
import SobreWire
import Testing
import YAMLDocument

@testable import SobreHTTP
@testable import SobreIntake

/// Compares openapi.yaml with the router, with the readers of requests, and with its page of the manual.
@Suite struct OpenAPITests {
    private let document: OpenAPIFile

    init() throws { document = try OpenAPIFile() }

    @Test func `every route of the server with its method is in openapi.yaml, and no other`() async throws {
        let served = try await ServedRoutes.all()
        let described = Set(document.operations.map { "\($0.method) \($0.path)" })
        #expect(served.count > 35)
        #expect(served.subtracting(described) == [], "not in openapi.yaml")
        #expect(described.subtracting(served) == [], "not served")
    }

    @Test func `the text in the binary is the file`() throws {
        #expect(OpenAPIRoute.text == Array(document.text.utf8))
    }

    /// A schema and the names of its members or values in the code.
    struct Names: CustomTestStringConvertible {
        var schema: String
        var names: [String]
        var testDescription: String { schema }
    }

    private static let exported = ["recorded_at", "sequence"]
    private static let objects = [
        Names(schema: "Message", names: MessageReader.keys),
        Names(schema: "DecisionRequest", names: MessageReader.keys + ["at"]),
        Names(schema: "ProfileWithId", names: ProfileReader.keys), Names(schema: "Profile", names: ProfileReader.keys),
        Names(schema: "ProfilePatch", names: ProfileReader.keys.filter { $0 != "id" }),
        Names(schema: "Address", names: ProfileReader.addressKeys), Names(schema: "Consent", names: ConsentReader.keys),
        Names(schema: "ConsentStatement", names: ConsentReader.keys + ["recipient"] + exported),
        Names(schema: "NamedConsentStatement", names: ConsentReader.keys + ["recipient"] + exported),
        Names(schema: "NewSuppression", names: SuppressionReader.keys),
        Names(schema: "Receipt", names: ReceiptReader.keys),
    ]
    private static let words = [
        Names(schema: "Channel", names: Channel.names),
        Names(schema: "State", names: DeliveryState.allCases.map(\.description)),
        Names(schema: "Reason", names: LogReason.names),
        Names(schema: "Scope", names: APIScope.allCases.map(\.rawValue)),
        Names(schema: "SuppressionReason", names: Suppression.Reason.allCases.map(\.rawValue)),
        Names(schema: "ReceiptKind", names: Receipt.Kind.allCases.map(\.description)),
    ]

    @Test(arguments: objects)
    func `a request has the members that its reader knows`(names: Names) throws {
        let schema = try #require(document.schemas[names.schema])
        let properties = try #require(schema["properties"]).mapping()
        #expect(Set(properties.keys) == Set(names.names))
        let isOpen = try #require(schema["additionalProperties"]).bool()
        #expect(!isOpen)
    }

    @Test(arguments: words)
    func `a word of the API is one that the code knows`(names: Names) throws {
        let schema = try #require(document.schemas[names.schema])
        let values = try #require(schema["enum"]).strings()
        #expect(Set(values) == Set(names.names))
    }

    @Test func `the log has the parameters that its reader knows`() throws {
        let log = try #require(document.operations.first { $0.path == "/v1/log" })
        let names = log.parameters.filter { $0.place == "query" }.map(\.name)
        #expect(Set(names) == Set(LogRoutes.parameters))
    }

    @Test func `every operation names its errors and has answers with request ids`() throws {
        for operation in document.operations {
            let statuses = Set(operation.responses.map(\.status))
            #expect(!statuses.isDisjoint(with: ["200", "201", "202", "204"]), "\(operation.title)")
            #expect(statuses.isSuperset(of: ["408", "431", "503"]), "\(operation.title)")
            if !operation.isOpen { #expect(statuses.isSuperset(of: ["401", "403"]), "\(operation.title)") }
            for response in operation.responses where !["408", "431"].contains(response.status) {
                #expect(response.headers.contains("X-Request-Id"), "\(operation.title) \(response.status)")
            }
        }
    }

    /// `UPDATE_MANUAL=1` writes the page.
    @Test func `the page of the manual says what openapi.yaml says`() throws {
        let path = "\(ManualPage.root)/\(ManualPage.manual)/OpenAPI.md"
        let page = OpenAPIPage(document).text
        if ProcessInfo.processInfo.environment["UPDATE_MANUAL"] == "1" {
            try page.write(toFile: path, atomically: true, encoding: .utf8)
        }
        let written = try String(contentsOfFile: path, encoding: .utf8)
        #expect(written == page, "run UPDATE_MANUAL=1 swift test --filter OpenAPITests")
    }
}
