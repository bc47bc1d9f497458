import HistoryChecker
import SobreAdmission
import SobreModel
import Synchronization

/// The policies of the histories. Each is a promise, from which the policy text for the product is generated.
enum PromiseFixtures {
    static let marketing = Promise.Category(
        "marketing", needsConsent: true, obeysCaps: true, countsTowardCaps: true, isResent: false)
    static let news = Promise.Category(
        "news", needsConsent: false, obeysCaps: true, countsTowardCaps: true, isResent: false)
    static let transactional = Promise.Category(
        "transactional", needsConsent: false, obeysCaps: false, countsTowardCaps: false, isResent: true)
    private static let any = Promise.Subject(categories: ["marketing", "news"])
    private static let onlyMarketing = Promise.Subject(categories: ["marketing"])
    private static let all = [marketing, news, transactional]

    private static func changed(_ category: Promise.Category, _ change: (inout Promise.Category) -> Void)
        -> Promise.Category
    {
        var category = category
        change(&category)
        return category
    }

    static let promises: [Promise] = [
        Promise(
            categories: all,
            caps: [
                Promise.Cap("two-a-minute", any, limit: 2, window: .rolling(seconds: 60), onFull: "hold"),
                Promise.Cap("one-in-ten", onlyMarketing, limit: 1, window: .rolling(seconds: 10), onFull: "hold"),
            ]),
        Promise(
            categories: all, caps: [Promise.Cap("one", any, limit: 1, window: .rolling(seconds: 40))],
            once: [Promise.Once("same", onlyMarketing, seconds: 60)]),
        Promise(
            categories: all,
            caps: [
                Promise.Cap(
                    "mail", Promise.Subject(categories: ["marketing", "news"], channels: [.email]), limit: 1,
                    window: .rolling(seconds: 30), onFull: "next_channel"),
                Promise.Cap("three", any, limit: 3, window: .rolling(seconds: 90), onFull: "hold"),
            ],
            quiet: [Promise.Quiet("midnight", onlyMarketing, from: 0, to: 1)]),
        Promise(
            categories: [marketing, changed(news) { $0.expiresAfterSeconds = 30 }, transactional],
            caps: [
                Promise.Cap("a-day", any, limit: 3, window: .day, onFull: "hold"),
                Promise.Cap(
                    "campaign", onlyMarketing, limit: 1, window: .rolling(seconds: 50), shared: [.campaign]),
            ]),
        Promise(
            categories: [
                marketing, news, changed(transactional) { $0.countsTowardCaps = true },
            ],
            caps: [
                Promise.Cap(
                    "reserved", any, limit: 2, window: .rolling(seconds: 45), onFull: "hold", reservedSlots: 1),
                Promise.Cap("all", Promise.Subject(), limit: 4, window: .rolling(seconds: 100)),
            ]),
        Promise(
            categories: [changed(marketing) { $0.sameWordsSeconds = 120 }, news, transactional],
            caps: [
                Promise.Cap("box", any, limit: 1, window: .rolling(seconds: 25), shared: [.address], onFull: "hold")
            ],
            once: [
                Promise.Once("same", Promise.Subject(), seconds: 90, acrossChannels: false)
            ]),
        Promise(
            categories: all,
            caps: [
                Promise.Cap("ever", onlyMarketing, limit: 4, window: .lifetime),
                Promise.Cap(
                    "channel", any, limit: 1, window: .rolling(seconds: 20), shared: [.channel], onFull: "hold"),
            ],
            quiet: [Promise.Quiet("evening", Promise.Subject(categories: ["news"]), from: 1438, to: 1439)]),
        Promise(categories: all, once: [Promise.Once("same", any, seconds: 100)]),
        Promise(
            categories: all,
            caps: [
                Promise.Cap(
                    "mail-or-else", Promise.Subject(categories: ["marketing", "news"], channels: [.email]), limit: 1,
                    window: .rolling(seconds: 30), onFull: "next_channel", otherwise: "drop"),
                Promise.Cap(
                    "text-or-else", Promise.Subject(categories: ["marketing"], channels: [.sms]), limit: 1,
                    window: .rolling(seconds: 45), onFull: "next_channel"),
            ],
            quiet: [
                Promise.Quiet(
                    "no-texts", Promise.Subject(categories: ["news"], channels: [.sms]), from: 0, to: 1,
                    onHit: "next_channel")
            ], sharesTenants: true),
        Promise(
            categories: all,
            caps: [
                Promise.Cap(
                    "wished", any, limit: 2, window: .rolling(seconds: 50), onFull: "hold", isReplaced: true),
                Promise.Cap("a-few", onlyMarketing, limit: 3, window: .rolling(seconds: 80)),
            ],
            groups: [
                Promise.Group("left-out", Promise.Subject(campaigns: ["sale"]), percent: 50),
                Promise.Group("not-asked", Promise.Subject(campaigns: ["spring"]), percent: 30),
            ]),
    ]

    static var count: Int { promises.count }

    private static let compiled = Mutex<[String: Policy]>([:])

    /// A parsed policy text. Each text is parsed once.
    static func policy(_ text: String) -> Policy {
        compiled.withLock { compiled in
            if let policy = compiled[text] { return policy }
            do {
                let policy = try Policy.parse(text: text)
                compiled[text] = policy
                return policy
            } catch { preconditionFailure("the simulation's own policy is wrong: \(error)") }
        }
    }

    /// The promise as policy text.
    static func text(_ promise: Promise, number: Int) -> String {
        var lines = ["# \(number)", "in_flight: 12s", "tenants: \(promise.sharesTenants ? "shared" : "separate")"]
        if !promise.groups.isEmpty { lines.append("control_groups:") }
        for group in promise.groups {
            let parts = ["name: \(group.name)"] + subject(group.subject) + ["percent: \(group.percent)"]
            lines.append("  - { \(parts.joined(separator: ", ")) }")
        }
        lines.append("categories:")
        for category in promise.categories {
            lines.append(
                "  \(category.name): { consent: \(category.needsConsent ? "opt_in" : "none"), "
                    + "obeys_caps: \(category.obeysCaps), counts_toward_caps: \(category.countsTowardCaps), "
                    + "unknown_outcome: \(category.isResent ? "resend_once" : "close"), "
                    + "fingerprint_window: \(category.sameWordsSeconds)s"
                    + (category.expiresAfterSeconds.map { ", expires_after: \($0)s" } ?? "") + " }")
        }
        if !promise.caps.isEmpty { lines.append("caps:") }
        for cap in promise.caps {
            var parts = ["name: \(cap.name)"] + subject(cap.subject) + ["limit: \(cap.limit)"]
            switch cap.window {
            case .rolling(let seconds): parts.append("window: \(seconds)s")
            case .day: parts += ["window: calendar day", "in: UTC"]
            case .lifetime: parts.append("window: lifetime")
            }
            if !cap.shared.isEmpty { parts.append("per: \(cap.shared.map(\.rawValue).joined(separator: "+"))") }
            parts.append("on_cap: \(cap.onFull)")
            if cap.onFull == "next_channel" { parts.append("otherwise: \(cap.otherwise)") }
            if cap.isReplaced { parts.append("personal: replace") }
            if cap.reservedSlots > 0 {
                parts.append("reserve: { priority: \(cap.reservedFor), slots: \(cap.reservedSlots) }")
            }
            lines.append("  - { \(parts.joined(separator: ", ")) }")
        }
        if !promise.quiet.isEmpty { lines.append("quiet_hours:") }
        for quiet in promise.quiet {
            let hours = "hours: [{ from: \"\(clock(quiet.fromMinute))\", to: \"\(clock(quiet.toMinute))\" }]"
            let parts =
                ["name: \(quiet.name)"] + subject(quiet.subject)
                + [hours, "zone: UTC", "on_hit: \(quiet.onHit)", "spread: 2s"]
            lines.append("  - { \(parts.joined(separator: ", ")) }")
        }
        if !promise.once.isEmpty { lines.append("dedup:") }
        for once in promise.once {
            let parts =
                ["name: \(once.name)"] + subject(once.subject)
                + [
                    "window: \(once.seconds)s", "scope: \(once.byAddress ? "address" : "recipient")",
                    "across: \(once.acrossChannels ? "channels" : "none")",
                ]
            lines.append("  - { \(parts.joined(separator: ", ")) }")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func subject(_ subject: Promise.Subject) -> [String] {
        var parts: [String] = []
        if !subject.categories.isEmpty { parts.append("category: [\(subject.categories.joined(separator: ", "))]") }
        if !subject.channels.isEmpty {
            parts.append("channel: [\(subject.channels.map(\.description).joined(separator: ", "))]")
        }
        if !subject.campaigns.isEmpty { parts.append("campaign: [\(subject.campaigns.joined(separator: ", "))]") }
        return parts.isEmpty ? [] : ["applies_to: { \(parts.joined(separator: ", ")) }"]
    }

    private static func clock(_ minute: Int) -> String {
        let hours = minute / 60
        let minutes = minute % 60
        return (hours < 10 ? "0" : "") + "\(hours):" + (minutes < 10 ? "0" : "") + "\(minutes)"
    }
}
