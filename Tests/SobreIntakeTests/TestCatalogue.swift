import JSON
import SobreIntake
import SobreModel

/// Three templates and two categories.
struct TestCatalogue: IntakeCatalogue {
    var categories = ["transactional", "marketing"]

    let templates: [String: TemplateDefaults] = [
        "order-confirmed": TemplateDefaults(
            channels: [.email, .sms], category: "transactional", campaign: "order-confirmed", topic: "orders",
            tags: ["orders"], priority: .high),
        "thank-you": TemplateDefaults(channels: [.push, .email]),
        "empty": TemplateDefaults(channels: []),
    ]

    var topics = ["orders", "New-Arrivals"]
    var consentNames = ["Tracking"]
    var capNames: [String]? = ["marketing-per-week"]

    func template(_ name: String) -> TemplateDefaults? { templates[name] }
    var templateNames: [String] { Array(templates.keys) }
    func capFlags(of category: String) -> (obeys: Bool, counts: Bool) { (true, true) }
    func priority(of category: String) -> Priority { category == "transactional" ? .critical : .low }
}

func json(_ text: String) throws -> JSONRef { try JSONDocument.parse(text).root }
