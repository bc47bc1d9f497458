import SobreModel
import SobreRendering
import Testing

@Suite("Names of data that push services reserve")
struct ReservedDataTests {
    private static func error(_ field: String) throws -> String? {
        let folder = try TemplateFolder([
            "note/template.yaml": "", "note/push.liquid": "title: T\n\(field): x\n---\nB\n",
        ])
        let catalogue = try TemplateCatalogue(root: folder.root)
        return catalogue.snapshot.broken.first.map(\.error.summary)
    }

    @Test(arguments: [
        "data.aps", "data.APS", "data.from", "data.message_type", "data.collapse_key", "data.google.sent_time",
        "data.gcm.notification.title", "data.googleplex",
    ])
    func `a template with a reserved name is broken, with the line and what helps`(field: String) throws {
        let error = try #require(try Self.error(field))
        #expect(error.contains("push.liquid:2:1"), "\(error)")
        #expect(error.contains("data.app_\(field.dropFirst("data.".count))"), "\(error)")
    }

    @Test(arguments: ["data.order", "data.apsis", "data.fromage", "data.my_google_id"])
    func `a name that only resembles one is not`(field: String) throws {
        #expect(try Self.error(field) == nil)
    }
}
