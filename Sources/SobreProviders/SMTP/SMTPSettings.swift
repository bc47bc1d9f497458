internal import DomainNames
internal import Glibc
internal import SobreDelivery
internal import SobreModel
import SobreSettings
internal import Text
internal import YAMLDocument

/// The configuration of an SMTP provider.
///
/// Settings: `host`; `port` (default 587, 465 with `tls`, 25 with `none`); `security` (`starttls`, `tls`, `none`);
/// `from` and `from_name` (the sender if a template has none); `return_path`; `message_id_domain`; `feedback_id`;
/// `helo` (the name in EHLO; default: this machine's if it is qualified, else its address); `ca_file` (PEM, replaces the
/// system's authorities); `trace_headers` (default true); `max_bytes`. Secrets: `username`, `password`, DKIM keys under the
/// names of their DNS records (`SELECTOR._domainkey.DOMAIN`), `verp_key` and `previous_verp_key` for return paths, and
/// those of the login with an access token. The user name may also be a setting.
struct SMTPSettings {
    static let settings =
        [
            "host", "port", "security", "username", "from", "from_name", "return_path", "message_id_domain",
            "feedback_id",
            "trace_headers", "max_bytes", "helo", "ca_file",
        ] + oauthSettings
    static let secrets = ["username", "password", "verp_key", "previous_verp_key"] + oauthSecrets

    let instance: ProviderInstance
    let source: SecretSource

    init(_ instance: ProviderInstance, secrets source: SecretSource) throws(ProviderError) {
        self.instance = instance
        self.source = source
        if let channel = instance.channel, channel != MailBuilder.channel {
            throw .channel(instance: instance.name, problem: "smtp serves email, not \(channel)")
        }
        for name in instance.settings.keys.sorted() where !Self.settings.contains(name) {
            if name == "password" {
                throw bad(name, "it is a credential and belongs under secrets as env:NAME or file:PATH")
            }
            throw .unknownSetting(
                instance: instance.name, name: name, known: Self.settings,
                suggestion: Suggestion.closest(to: name, among: Self.settings))
        }
        for name in instance.secrets.keys.sorted() where !Self.secrets.contains(name) && !Self.isKey(name) {
            throw .unknownSetting(
                instance: instance.name, name: name, known: Self.secrets + ["SELECTOR\(Self.keyMark)DOMAIN"],
                suggestion: Suggestion.closest(to: name, among: Self.secrets))
        }
    }

    func provider(settingsSender: String?, time: any TimeSource) throws(ProviderError) -> SMTPProvider {
        let relay = try relay()
        var builder = MailBuilder(
            messageIDDomain: try domain("message_id_domain"), feedbackID: try feedbackID(),
            hasTraceHeaders: try flag("trace_headers") ?? true,
            maxBytes: try number("max_bytes", in: 1024...(256 << 20)) ?? MailBuilder.defaultMaxBytes,
            signer: try signer())
        if let from = try address("from") { builder.defaultFrom = Mailbox(name: try line("from_name"), address: from) }
        return SMTPProvider(
            name: instance.name, relay: relay, builder: builder, returnPath: try returnPath(),
            timeout: instance.limits.timeout, settingsSender: settingsSender, tokens: try tokens(time: time))
    }

    private func relay() throws(ProviderError) -> MailRelay {
        guard let host = instance.settings["host"], !host.isEmpty else {
            throw .missingSetting(instance: instance.name, name: "host", isSecret: false)
        }
        let isHost =
            host.utf8.count <= 253
            && host.utf8.allSatisfy { $0.isASCIIAlphanumeric || "-._:[]".utf8.contains($0) }
        guard isHost else { throw bad("host", "it is neither a host's name nor an IP address") }
        var security = MailRelay.Security.startTLS
        if let name = instance.settings["security"] {
            guard let known = MailRelay.Security(rawValue: name) else {
                throw bad("security", "it is not starttls, tls or none")
            }
            security = known
        }
        let username = try secret("username") ?? instance.settings["username"]
        let password = try secret("password")
        let hasSecret = password != nil || usesOAuth
        if (username == nil) == hasSecret {
            throw .missingSetting(
                instance: instance.name, name: username == nil ? "username" : "password", isSecret: true)
        }
        if hasSecret, security == .none, !ProviderURL.isLoopback(host) {
            throw bad("security", "a password or a token would go over the network in the clear; use starttls or tls")
        }
        let standard = [MailRelay.Security.startTLS: 587, .tls: 465, .none: 25]
        return MailRelay(
            host: host, port: try number("port", in: 1...65_535) ?? standard[security]!, security: security,
            username: username, password: password, helloName: try helloName(of: host), caFile: try caFile())
    }

    /// What an operator should know of the settings, in a sentence; nil: nothing.
    var note: String? {
        let machine = HelloName.machine
        guard instance.settings["helo"] == nil, !HelloName.isQualified(machine) else { return nil }
        let name = Self.standardName(towards: instance.settings["host"] ?? "")
        return """
            \(instance.name) greets its relay with \(name), because this machine's name, "\(machine)", has no domain. \
            If the relay wants a name, set settings: {helo: mail.example.com} for it.
            """
    }

    /// RFC 5321 §4.1.3: a domain name or an address in brackets.
    private func helloName(of host: String) throws(ProviderError) -> String {
        guard let text = instance.settings["helo"] else {
            return Self.standardName(towards: host)
        }
        if let name = DomainName.ascii(text) { return name }
        let inner = text.utf8.dropFirst().dropLast()
        let isLiteral =
            text.hasPrefix("[") && text.hasSuffix("]") && !inner.isEmpty && text.utf8.count <= 64
            && inner.allSatisfy { $0.isASCIIAlphanumeric || ".:".utf8.contains($0) }
        guard isLiteral else { throw bad("helo", "it is neither a host's name nor an address in brackets") }
        return text
    }

    /// What this machine calls itself where no name is set.
    private static func standardName(towards host: String) -> String {
        HelloName.standard(
            machine: HelloName.machine,
            address: HelloName.address(towardsLoopback: ProviderURL.isLoopback(host)))
    }

    private func caFile() throws(ProviderError) -> String? {
        guard let path = try line("ca_file") else { return nil }
        guard access(path, R_OK) == 0 else {
            throw bad("ca_file", "\(path) cannot be read (\(String(cString: strerror(errno))))")
        }
        return path
    }

    func bad(_ name: String, _ problem: String) -> ProviderError {
        .badSetting(instance: instance.name, name: name, problem: problem)
    }

    func secret(_ name: String) throws(ProviderError) -> String? {
        guard let reference = instance.secrets[name] else { return nil }
        let text = try source.resolve(reference, name: name, instance: instance.name).reveal()
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            throw bad(name, "it holds a control character")
        }
        return text
    }

    private func number(_ name: String, in range: ClosedRange<Int>) throws(ProviderError) -> Int? {
        guard let text = instance.settings[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw bad(name, "it is not a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private func flag(_ name: String) throws(ProviderError) -> Bool? {
        switch instance.settings[name] {
        case nil: nil
        case "true": true
        case "false": false
        default: throw bad(name, "it is neither true nor false")
        }
    }

    func address(_ name: String) throws(ProviderError) -> String? {
        guard let text = instance.settings[name] else { return nil }
        if let problem = MailAddressGrammar.problem(in: text) { throw bad(name, problem) }
        return text
    }

    private func domain(_ name: String) throws(ProviderError) -> String? {
        guard let text = instance.settings[name] else { return nil }
        if MailAddressGrammar.problem(in: "a@\(text)") != nil { throw bad(name, "it is not a domain's name") }
        return text
    }

    func line(_ name: String) throws(ProviderError) -> String? {
        guard let text = instance.settings[name] else { return nil }
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            throw bad(name, "it holds a control character")
        }
        return text
    }
}
