@testable import SobreHistories

/// The text of a policy with rules of every kind, drawn from a seed.
enum RandomPolicy {
    /// Caps with every kind of window, scope and action. The first is in every policy, because another overrides it.
    private static let caps = [
        "{ name: rolling, applies_to: { category: [marketing, news] }, limit: 4, window: 7d, on_cap: hold }",
        "{ name: day, applies_to: { category: marketing }, limit: 1, window: calendar day, on_cap: hold }",
        """
        { name: weeks, applies_to: { category: [news, brief] }, limit: 3, window: calendar 2 weeks, in: Europe/Paris,
              week_starts: sunday, on_cap: drop }
        """,
        """
        { name: month, applies_to: { channel: [email, whatsapp], category: [marketing, news] }, limit: 1,
              window: calendar month, on_cap: next_channel }
        """,
        "{ name: lifetime, applies_to: { campaign: c0, category: [marketing, news] }, limit: 1, window: lifetime }",
        "{ name: gap, applies_to: { category: [marketing, alerts] }, gap: 3h, on_cap: hold }",
        "{ name: texts, applies_to: { channel: sms }, limit: 2, window: 30d, on_cap: next_channel, otherwise: drop }",
        "{ name: mailbox, applies_to: { category: news }, limit: 1, window: 9d, per: address, on_cap: drop }",
        """
        { name: campaign, applies_to: { category: [marketing, news, brief] }, limit: 2, window: 30d,
              per: recipient+campaign }
        """,
        """
        { name: each-channel, applies_to: { category: [marketing, brief, alerts] }, limit: 1, window: 12h,
              per: recipient+channel, on_cap: next_channel }
        """,
        """
        { name: reserved, applies_to: { category: marketing }, limit: 3, window: 4d, on_cap: hold,
              reserve: { priority: high, slots: 2 } }
        """,
        """
        { name: gold, applies_to: { category: marketing }, limit: 1, window: 7d, segment: { where: "tier == 'gold'" },
              overrides: [rolling], on_cap: drop }
        """,
        """
        { name: young, applies_to: { category: [marketing, news] }, limit: 1, window: 2d,
              segment: { where: "orders < 3" }, on_error: apply, on_cap: hold }
        """,
        """
        { name: tolerant, applies_to: { category: [news, alerts] }, limit: 1, window: 3d,
              segment: { where: "address.city == 'Paris' or orders > 5" }, on_error: allow }
        """,
        "{ name: tags, applies_to: { tags: { any: [promo], none: [promo/test] } }, limit: 2, window: 5d, on_cap: hold }",
        "{ name: own, applies_to: { category: [news, brief] }, limit: 1, window: 10d, personal: replace, on_cap: hold }",
        "{ name: never, applies_to: { campaign: c3, category: marketing }, limit: 0, window: 1d, on_cap: hold }",
        """
        { name: tenant, applies_to: { category: marketing }, counts: { category: [marketing, news] }, limit: 1,
              window: 6d, per: recipient+tenant, on_cap: drop }
        """,
    ]
    static let capNames = caps.map { String($0.dropFirst("{ name: ".count).prefix { $0 != "," }) }

    private static let quiet = [
        """
        { name: nights, applies_to: { channel: [sms, push] }, hours: [{ from: "21:00", to: "08:00" }], on_hit: hold,
              spread: 10m }
        """,
        """
        { name: evenings, applies_to: { category: [news, brief] }, hours: [{ from: "19:00", to: "22:00" }],
              zone: Europe/Paris, on_hit: drop }
        """,
        """
        { name: mornings, applies_to: { channel: email }, hours: [{ days: weekdays, from: "06:00", to: "09:00" }],
              on_hit: next_channel }
        """,
        """
        { name: sundays, applies_to: { category: alerts }, hours: [{ days: sunday, from: "00:00", to: "23:00" }],
              on_hit: next_channel, otherwise: drop }
        """,
        """
        { name: early, applies_to: { category: marketing }, hours: [{ from: "05:00", to: "07:30" }],
              segment: { where: "recipient.country == 'FR' or orders < 9" }, on_hit: hold }
        """,
    ]

    private static let dedup = [
        "{ name: same, applies_to: { category: marketing }, key: [campaign, dedup_key], window: 3d }",
        "{ name: strict, applies_to: { category: brief }, key: [dedup_key], window: 1d, when_missing: hold }",
        """
        { name: apart, applies_to: { category: [news, transactional] }, key: [template, dedup_key], window: 2d,
              scope: address, across: none, when_missing: skip }
        """,
    ]

    /// Draws a policy. Every other one has a rule about all contacts ever, so that its facts do not depend on the date.
    static func text(_ random: inout Seeded, looksBackForever: Bool) -> String {
        let optional = caps.dropFirst().filter { looksBackForever || !$0.contains("lifetime") }
        var chosen = [caps[0]] + optional.shuffled(using: &random).prefix(Int(random.number(4...8)))
        if looksBackForever, !chosen.contains(where: { $0.contains("lifetime") }) { chosen.append(caps[4]) }
        return """
            default_timezone: \(random.pick(["UTC", "America/New_York", "Australia/Lord_Howe"]))
            in_flight: 10m
            tenants: \(random.pick(["separate", "separate", "shared"]))
            categories:
              transactional: { consent: none, obeys_caps: false, counts_toward_caps: false }
              marketing: { consent: opt_in, expires_after: 5d }
              news: { consent: opt_out }
              alerts: { consent: none, counts_toward_caps: false }
              brief: { consent: none, expires_after: 2h }
            control_groups: [{ name: holdout, applies_to: { campaign: c2 }, percent: 20 }]
            dedup:
            \(list(dedup.shuffled(using: &random).prefix(2)))
            quiet_hours:
            \(list(quiet.shuffled(using: &random).prefix(Int(random.number(1...3)))))
            caps:
            \(list(chosen))
            """
    }

    private static func list(_ rules: some Sequence<String>) -> String {
        rules.map { "  - \($0)" }.joined(separator: "\n")
    }
}
