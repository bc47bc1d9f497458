import Files
import JSON
import SobreIntake
import SobreModel
import SobreSettings
import SobreStoreConformance
import Testing

@testable import SobreNode
@testable import SobreRendering

/// What the intake of a node knows of its templates and its policy.
@Suite struct NodeCatalogueTests {
    private func withCatalogue(policy: String = "", _ body: (NodeCatalogue) throws -> Void) async throws {
        try await withTemporaryDirectory { folder in
            let text = "categories: { marketing: { consent: opt_in } }\n\(policy)"
            try TextFile.replace("\(folder)/policy.yaml", with: text)
            try Folder.make("\(folder)/templates")
            try Folder.make("\(folder)/templates/receipt")
            for (name, text) in [
                (
                    "template.yaml",
                    """
                    category: transactional
                    channels: [email]
                    topic: Orders
                    variables:
                      total: { type: number, required: true }
                      note: { type: string }
                    """
                ), ("email.subject.liquid", "Receipt {{ total }}"), ("email.text.liquid", "{{ note }}"),
            ] { try TextFile.replace("\(folder)/templates/receipt/\(name)", with: text) }
            var settings = Settings()
            settings.paths.policy = "\(folder)/policy.yaml"
            settings.paths.templates = "\(folder)/templates"
            try body(
                NodeCatalogue(
                    templates: try TemplateCatalogue(root: settings.paths.templates),
                    policy: PolicyInForce(try settings.readPolicy())))
        }
    }

    @Test(arguments: [
        ("{}", IntakeProblem.Code.missingField, "data.total"), (#"{"total":null}"#, .missingField, "data.total"),
        (#"{"total":"5"}"#, .wrongType, "data.total"), (#"{"total":5,"note":[]}"#, .wrongType, "data.note"),
    ])
    func `Data without a required variable is a problem with its name`(
        data: String, code: IntakeProblem.Code, field: String
    ) async throws {
        try await withCatalogue { catalogue in
            let found = catalogue.problem(inData: try JSONDocument.parse(data).root, of: "receipt")
            #expect(found?.code == code)
            #expect(found?.field == field)
        }
    }

    @Test func `Without data the first required variable is missing, and valid data is no problem`() async throws {
        try await withCatalogue { catalogue in
            let found = try #require(catalogue.problem(inData: nil, of: "receipt"))
            #expect(found.message == "The message's data has no total, which receipt needs: send a number.")
            #expect(catalogue.problem(inData: try JSONDocument.parse(#"{"total":5}"#).root, of: "receipt") == nil)
            #expect(catalogue.problem(inData: nil, of: "another") == nil)
        }
    }

    @Test func `Topics come from the policy's list, its selectors and the templates`() async throws {
        let policy = """
            topics: [weather]
            caps: [{ name: weekly, applies_to: { topic: [sales, weather] }, limit: 1, window: 7d }]
            """
        try await withCatalogue(policy: policy) { catalogue in
            #expect(catalogue.topics == ["sales", "weather", "Orders"])
            #expect(catalogue.capNames == ["weekly"])
            #expect(catalogue.categories == ["marketing", "transactional"])
        }
    }
}
