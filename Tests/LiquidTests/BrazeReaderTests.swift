import Liquid
import Testing

@Suite struct BrazeReaderTests {
    @Test(arguments: [
        ("Hi {{${first_name} | default: 'there'}}!", "Hi {{customer.first_name | default: 'there'}}!"),
        ("{{custom_attribute.${zip code}}}", "{{customer['zip code']}}"),
        ("{{ custom_attribute.${plan} | upcase }}", "{{ customer.plan | upcase }}"),
        ("{% if {{custom_attribute.${plan}}} == 'gold' %}x{% endif %}", "{% if customer.plan == 'gold' %}x{% endif %}"),
        ("{{content_blocks.${Footer}}}", "{% render 'Footer' %}"),
        ("{% abort_message('no stock') %}", "{% abort 'no stock' %}"), ("{% abort_message() %}", "{% abort %}"),
        ("{%- abort_message(\"x\") -%}", "{% abort \"x\" %}"), ("{{event_properties.${item}}}", "{{event.item}}"),
        ("{{api_trigger_properties.${order}.id}}", "{{data.order.id}}"),
        ("{{${unsubscribe_url}}}", "{{unsubscribe_url}}"),
        ("{% assign a = '${not} {{this}}' %}{{ a }}", "{% assign a = '${not} {{this}}' %}{{ a }}"),
        ("plain {{ name }} text", "plain {{ name }} text"),
    ])
    func `Braze's syntax becomes this dialect`(braze: String, expected: String) throws {
        let reader = BrazeReader(braze)
        #expect(reader.template == expected)
        #expect(reader.isComplete)
        #expect(reader.notes.isEmpty == (braze == expected))
        _ = try Template.parse(source: reader.template, catalogue: MemoryCatalogue(["Footer": ""]))
    }

    @Test func `what cannot be kept is named with its line`() throws {
        let reader = BrazeReader("a\nb {% connected_content https://x.example/{{${user_id}}} :save r %}\n{{r.title}}")
        #expect(!reader.isComplete)
        #expect(reader.notes.map(\.line) == [2])
        #expect(reader.notes.first?.problem?.contains("network") == true)
        #expect(try rendered(reader.template, #"{"r":{"title":"T"}}"#) == "a\nb \nT")
    }

    @Test(arguments: ["{{ x", "{% if", "{{${", "{{${a}", "${}", "{{'", "{%'{{"])
    func `unfinished templates are kept and reported`(braze: String) {
        let reader = BrazeReader(braze)
        #expect(reader.template.hasPrefix("{") || reader.template == braze)
    }
}
