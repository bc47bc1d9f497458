public import SobreProviders

/// Judges what DNS says of the domains that a provider of email sends for: SPF, DKIM and DMARC.
public struct MailDomainCheck {
    private let identity: MailIdentity
    private let resolver: TXTResolver

    /// - Parameters:
    ///   - identity: the domains and keys of the provider.
    ///   - resolver: is asked for the records.
    public init(_ identity: MailIdentity, resolver: TXTResolver) {
        self.identity = identity
        self.resolver = resolver
    }

    /// Asks for every record, in order. It ends with the first name that no resolver answers for: the others would not be
    /// answered either, and each would take its time.
    ///
    /// - Returns: one finding for each record.
    public func run() -> [MailDomainFinding] {
        var findings: [MailDomainFinding] = []
        func add(_ finding: MailDomainFinding) -> Bool {
            findings.append(finding)
            return finding.state != .unknown
        }
        // Receivers check SPF for the domain of the envelope's sender. Most services use one of their own there.
        for domain in identity.envelopeDomains where !add(spf(of: domain)) { return findings }
        for key in identity.keys where !add(dkim(key)) { return findings }
        for domain in identity.fromDomains where !add(dmarc(of: domain)) { return findings }
        return findings
    }

    // MARK: SPF (RFC 7208)

    private func spf(of domain: String) -> MailDomainFinding {
        finding(.spf, domain) { texts in
            let records = SPFRecord.all(in: texts)
            guard let record = records.first else {
                let help = "no SPF record; publish v=spf1 with your relay, such as v=spf1 ip4:192.0.2.1 -all"
                return identity.isRelay ? (.wrong, help) : (.warning, help)
            }
            guard records.count == 1 else {
                return (.wrong, "\(records.count) SPF records, and one is allowed; join them")
            }
            let text = record.text
            if record.allowsEverybody { return (.wrong, "\(text): everybody may send (+all); end with -all or ~all") }
            var walk = SPFWalk(resolver: resolver)
            if let fault = walk.fault(of: record) { return (fault.state, "\(text): \(fault.detail)") }
            return record.isOpen ? (.warning, "\(text): it has no end; add -all or ~all") : (.good, text)
        }
    }

    // MARK: DKIM (RFC 6376)

    private func dkim(_ key: MailIdentity.Key) -> MailDomainFinding {
        finding(.dkim, key.recordName) { texts in
            guard let record = texts.first else { return (.wrong, "no record of the key; publish its public half") }
            guard texts.count == 1 else {
                return (.wrong, "\(texts.count) records, and one is allowed; remove the old one")
            }
            let tags = Self.tags(record)
            if let version = tags["v"], version != "DKIM1" { return (.wrong, "v=\(version) is not DKIM1") }
            if tags["p"] == "" {
                return (.wrong, "the key is revoked (p=); publish the public half of the one that signs")
            }
            if let problem = key.problem(type: tags["k"] ?? "rsa", publicKey: tags["p"] ?? "") {
                return (.wrong, problem)
            }
            let isTested = tags["t"]?.split(separator: ":").contains("y") == true
            return isTested
                ? (.warning, "t=y: receivers treat signatures as a trial; remove it") : (.good, "the key that signs")
        }
    }

    // MARK: DMARC (RFC 7489)

    private func dmarc(of domain: String) -> MailDomainFinding {
        // A subdomain has its parent's record if it has none.
        var name = domain[...]
        while name.contains(".") {
            let place = "_dmarc.\(name)"
            switch resolver.records(of: place) {
            case .unknown(let reason): return MailDomainFinding(.dmarc, place, .unknown, reason)
            case .records(let texts):
                let records = texts.filter { $0.hasPrefix("v") && Self.tags($0)["v"] == "DMARC1" }
                guard let first = records.first else { break }
                let (state, detail) = Self.judge(dmarc: first, count: records.count)
                return MailDomainFinding(.dmarc, place, state, detail)
            }
            name = name.drop { $0 != "." }.dropFirst()
        }
        return MailDomainFinding(
            .dmarc, "_dmarc.\(domain)", .wrong,
            "no DMARC record; publish v=DMARC1; p=none; rua=mailto:… at _dmarc.\(domain)")
    }

    private static func judge(
        dmarc record: String, count: Int
    ) -> (state: MailDomainFinding.State, detail: String) {
        guard count == 1 else { return (.wrong, "\(count) DMARC records, and one is allowed") }
        let policy = tags(record)["p"]?.lowercased()
        guard let policy, ["none", "quarantine", "reject"].contains(policy) else {
            return (.wrong, "\(record): p= is not none, quarantine or reject")
        }
        return policy == "none" ? (.warning, "\(record): p=none asks receivers for nothing") : (.good, record)
    }

    private func finding(
        _ record: MailDomainFinding.Record, _ name: String,
        _ judge: ([String]) -> (state: MailDomainFinding.State, detail: String)
    ) -> MailDomainFinding {
        switch resolver.records(of: name) {
        case .unknown(let reason): return MailDomainFinding(record, name, .unknown, reason)
        case .records(let texts):
            let (state, detail) = judge(texts)
            return MailDomainFinding(record, name, state, detail)
        }
    }

    /// `name=value; name=value`, without the white space around both.
    private static func tags(_ record: String) -> [String: String] {
        var tags: [String: String] = [:]
        for part in record.split(separator: ";") {
            guard let equals = part.firstIndex(of: "=") else { continue }
            let name = part[..<equals].filter { !$0.isWhitespace }
            let value = part[part.index(after: equals)...].filter { !$0.isWhitespace }
            tags[String(name)] = tags[String(name)] ?? value
        }
        return tags
    }
}
