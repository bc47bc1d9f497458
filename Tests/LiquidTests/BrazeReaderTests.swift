import Liquid
import Testing

@Suite struct BrazeReaderTests {
    @Test(arguments: [
        ("Hi {{${first_name} | default: 'there'}}!", "Hi {{customer.first_name | default: 'there'}}!"),
        ("{{custom_attribute.${zip code}}}", "{{customer['zip code']}}"),
        ("{{ custom_attribute.${plan} | upcase }}", "{{ customer.plan | upcase }}"),
        ("{{custom_attribute.${pets}[0].name}}", "{{customer.pets[0].name}}"),
        ("{% if {{custom_attribute.${plan}}} == 'gold' %}x{% endif %}", "{% if customer.plan == 'gold' %}x{% endif %}"),
        ("{% assign n = {{${first_name}}} | upcase %}{{n}}", "{% assign n = customer.first_name | upcase %}{{n}}"),
        ("{{content_blocks.${Footer}}}", "{% render 'Footer' %}"),
        ("{{- content_blocks.${Footer} | id: 'cb1' -}}", "{%- render 'Footer' -%}"),
        (
            "{% assign f = {{content_blocks.${Footer}}} %}{{f}}",
            "{% capture f %}{% render 'Footer' %}{% endcapture %}{{f}}"
        ),
        ("{% abort_message('no stock') %}", "{% abort 'no stock' %}"), ("{% abort_message() %}", "{% abort %}"),
        ("{%- abort_message(\"x\") -%}", "{%- abort \"x\" -%}"), ("{% abort_message %}", "{% abort %}"),
        ("{{event_properties.${item}}}", "{{item}}"), ("{{event_properties.${item name}}}", "{{self['item name']}}"),
        ("{{api_trigger_properties.${order}.id}}", "{{order.id}}"),
        ("{{canvas_entry_properties.${cart}[0]}}", "{{cart[0]}}"), ("{{context.${x}}}", "{{x}}"),
        ("{{${unsubscribe_url}}}", "{{unsubscribe_url}}"),
        ("{{${set_user_to_unsubscribed_url}}}", "{{unsubscribe_url}}"),
        ("{{preference_center.${Main}}}", "{{preferences_url}}"), ("{{${user_id}}}", "{{customer.id}}"),
        (
            "{% if ${language} == 'fr' %}x{% elsif {{${language}}} == 'de' %}y{% endif %}",
            "{% if customer.language == 'fr' %}x{% elsif customer.language == 'de' %}y{% endif %}"
        ),
        (
            "{{custom_attribute.${points} | plus: {{custom_attribute.${gift}}}}} points",
            "{{customer.points | plus: customer.gift}} points"
        ),
        (
            "{{ ${a} | append: {{ ${b} | append: {{${c}}} }} }}!",
            "{{ customer.a | append:  customer.b | append: customer.c  }}!"
        ),
        ("{{campaign.${name}}}", "{{campaign}}"), ("{{canvas.${name}}}", "{{message.journey}}"),
        (
            "{{ 'now' | time_zone: 'Europe/Paris' | date: '%H' }}",
            "{{ 'now' | date: '%H', time_zone: 'Europe/Paris' }}"
        ),
        ("{{ 'now' | time_zone: ${time_zone} | date: '%H'}}", "{{ 'now' | date: '%H', time_zone: customer.timezone}}"),
        ("{{ x | number_with_delimiter }}", "{{ x | number }}"), ("{{ x | as_json_string }}", "{{ x | json }}"),
        ("{{ x | property_accessor: 'a b' }}", "{{ x['a b'] }}"),
        ("{{ '| sha2' | append: x }}", "{{ '| sha2' | append: x }}"),
        ("{% assign a = '${not} {{this}}' %}{{ a }}", "{% assign a = '${not} {{this}}' %}{{ a }}"),
        ("plain {{ name }} text ${kept} }} {", "plain {{ name }} text ${kept} }} {"),
    ])
    func `Braze's syntax is converted to this dialect`(braze: String, expected: String) throws {
        let reader = BrazeReader(braze)
        #expect(reader.template == expected)
        #expect(reader.isComplete)
        #expect(reader.notes.isEmpty == (braze == expected))
        _ = try Template.parse(source: reader.template, catalogue: MemoryCatalogue(["Footer": ""]))
    }

    @Test(arguments: [
        ("{% connected_content https://x.example/{{${user_id}}} :save r %}", "network"),
        ("{% catalog_items games 12 %}", "{% catalog 'name' id: 'row', save: item %}"),
        ("{% catalog_selection_items games top %}", "list"), ("{% message_extras :key a :value b %}", "tags"),
        ("{% promotion('x') %}", "code"),
        ("{% if {{subscribed_state.${email_global}}} == 'x' %}{% endif %}", "Consent"),
        ("{{targeted_device.${os}}}", "devices"), ("{{campaign.${dispatch_id}}}", "message's"),
        ("{{${email_address}}}", "Addresses"), ("{{${random_bucket_number}}}", "buckets"),
        ("{{lists.${x}}}", "not known"), ("{{ x | json_parse }}", "JSON"), ("{{ x | hmac_sha1_hex: 'k' }}", "SHA-1"),
        ("{{ x | time_zone: 'UTC' }}", "date"), ("{{ x | append: content_blocks.${A} }}", "render"),
    ])
    func `unsupported syntax is reported with its position and advice`(braze: String, advice: String) throws {
        let reader = BrazeReader("a\nb \(braze) c")
        #expect(!reader.isComplete)
        let note = try #require(reader.notes.first { $0.problem != nil })
        #expect((note.line, note.column) == (2, 3))
        #expect(note.problem?.contains(advice) == true)
        #expect(reader.template.hasPrefix("a\nb "))
        #expect(reader.template.hasSuffix(" c"))
    }

    @Test func `an unsupported tag becomes a comment`() throws {
        let reader = BrazeReader("a\nb {% connected_content https://x.example/{{${user_id}}} :save r %}\n{{r.title}}")
        #expect(try rendered(reader.template, #"{"r":{"title":"T"}}"#) == "a\nb \nT")
    }

    @Test func `content blocks are listed once`() {
        let reader = BrazeReader("{{content_blocks.${B}}}{{content_blocks.${A}}}{{content_blocks.${B}}}")
        #expect(reader.snippets == ["B", "A"])
    }

    @Test(arguments: [
        "{{ x", "{% if", "{{${", "{{${a}", "${}", "{{'", "{%'{{", "{{}}", "{%%}", "{{-}}", "{%-%}", "{{--}}",
    ])
    func `unfinished templates are kept and reported`(braze: String) {
        let reader = BrazeReader(braze)
        #expect(reader.template.hasPrefix("{") || reader.template == braze)
    }
}
