import Liquid
import Testing

/// Regressions found by differential runs against the reference implementation.
@Suite struct ReferenceTests {
    @Test(arguments: [
        ("March 14, 2016", "2016-03-14 00:00"), ("14 Mar 2016", "2016-03-14 00:00"),
        ("14-mar-2016", "2016-03-14 00:00"),
        ("Fri, 15 Mar 2024 14:30:05 GMT", "2024-03-15 14:30"), ("2024-03-15T14:30:05.123Z", "2024-03-15 14:30"),
        ("2024-03-15 14:30 -0500", "2024-03-15 14:30"), ("3/15", "2026-03-15 00:00"), ("3/15/24", "3/15/24"),
        ("15/3/2024", "2024-03-15 00:00"), ("2024/3/15", "2024-03-15 00:00"), ("15.3.2024", "2024-03-15 00:00"),
        ("20240315T143000", "2024-03-15 14:30"), ("202403151430", "8383-11-26 01:37"), ("240315", "1970-01-03 18:45"),
        ("2024-075", "2024-03-15 00:00"), ("--03-15", "2026-03-15 00:00"), ("H31.04.30", "2019-04-30 00:00"),
        ("the 3rd", "2026-11-03 00:00"), ("Apr 31", "2026-05-01 00:00"), ("2 pm", "2026-11-21 14:00"),
        ("12:00 AM", "2026-11-21 00:00"), ("14h30", "2026-11-21 14:30"), ("23:59:60", "2026-11-22 00:00"),
        ("25:00", "25:00"), ("2024-13-01", "2024-13-01"), ("32 jan 1999", "32 jan 1999"), ("soon", "soon"),
        ("tuesday", "tuesday"), ("1_000", "1_000"), ("-100", "2026-04-10 00:00"), ("1 jan 50 bc", "-0049-01-01 00:00"),
    ])
    func `dates are parsed as by the reference`(text: String, expected: String) throws {
        #expect(try rendered("{{ '\(text)' | date: '%Y-%m-%d %H:%M' }}") == expected)
    }

    @Test(arguments: [
        ("%:z|%::z|%:::z|%_z", "+05:30|+05:30:00|+05:30| +530"), ("[%10Z]", "[]"), ("%:Y %+", "%:Y %+"),
        ("%^c|%#c", "FRI MAR 15 14:30:05 2024|Fri Mar 15 14:30:05 2024"),
    ])
    func `unusual date formats match the reference`(format: String, expected: String) throws {
        #expect(try rendered("{{ '2024-03-15 14:30:05 +0530' | date: '\(format)' }}") == expected)
    }

    @Test(arguments: [
        ("{{ 'a.b' | replace: '.', '[\\0]' }}", "a[.]b"), ("{{ 'ab' | replace_first: 'b', '\\\\-' }}", "a\\-"),
        ("{{ 'x' | replace: '', '\\0-' }}", "-x-"), ("{{ -2.5 | times: 0 }}|{{ 0 | divided_by: -1.5 }}", "-0.0|-0.0"),
        ("{{ 12 | round: -1.5 }}|{{ '12.6' | round }}", "10|13"), ("{{ 1.5e3 }}", ""),
        ("{{ 18446744073709551616 | size }}", "9"), ("{{ '18446744073709551616' | plus: 1 }}", "18446744073709551617"),
        ("{% if (1..3) contains 2.5 %}in{% endif %}", "in"),
        ("{% for i in (1..3) limit: '0x2' %}{{ i }}{% endfor %}", "12"),
        ("{% for i in (1..9) limit: '010' %}{{ i }}{% endfor %}", "12345678"), ("{{ x | has: 'a' }}", "false"),
        ("{% assign f = 1.5 %}{{ (1..2.9) }}", "1..2"),
    ])
    func `values behave as in the reference`(source: String, expected: String) throws {
        let lax = ParseOptions(mode: .lax, dialect: .standard)
        #expect(try rendered(source, parse: lax) == expected)
    }

    @Test(arguments: [
        "{{ (true..3) }}", "{% assign f = 1.5 %}{{ (1..f) }}", "{{ (1..a) }}", "{% include blank %}",
        "{% include empty %}",
        "{% assign x.y = 1 %}", "{% assign a = 'x' %}{{ a | where: nil }}", "{{ 12 | round: 99999999999 }}",
    ])
    func `errors of the reference are errors here`(source: String) {
        #expect(failure(source, #"{"a":[1]}"#, parse: ParseOptions(dialect: .standard)) != nil)
    }

    @Test(arguments: [
        ("{% cycle x:y %}", "a"), ("{% cycle x: 1, 2 %}{% cycle x: 1, 2 %}", "12"),
        ("{% for i in 'a'.size %}{{ i }}{% endfor %}", ""),
        ("{% render x 's' %}", "S"),
    ])
    func `the lax grammar takes fragments as in the reference`(source: String, expected: String) throws {
        let lax = ParseOptions(mode: .lax, dialect: .standard)
        #expect(try rendered(source, #"{"x":1,"y":"a"}"#, snippets: ["s": "S"], parse: lax) == expected)
    }
}
