import Files
public import SobreAdmission
import SobreDelivery
import SobreModel
import SobreProviders
import SobreRendering
public import SobreSettings
import Text

extension Inspection {
    /// The policy as the next start and the next reload would see it.
    mutating func check(policy access: StoreAccess) async {
        let settings = access.settings
        let shown = FilePath.forDisplay(settings.paths.policy)
        do {
            let file = try PolicyFile(settings)
            let policy = file.policy
            if let objection = try await access.objection(to: file) {
                bad("policy", "\(shown): \(objection)")
            } else {
                good("policy", "\(shown), \(policy.categories.count) categories")
            }
            for finding in policy.findings + settings.unknownNames(in: policy) {
                remark("policy", "\(shown):\(finding.line): \(finding.message)")
            }
            let horizon = min(policy.horizon, .seconds(3660 * 86_400))
            if settings.retention.ledger < horizon {
                bad(
                    "policy",
                    "It counts \(DurationText.rounded(policy.horizon)) back, but retention.ledger keeps "
                        + "\(DurationText.rounded(settings.retention.ledger)). Raise retention.ledger.")
            }
        } catch { bad("policy", "\(error)") }
    }

    mutating func check(templates settings: Settings) {
        do {
            let snapshot = settings.checked(try settings.templateCatalogue().snapshot)
            good("templates", "\(snapshot.ready.count) in \(FilePath.forDisplay(settings.paths.templates))")
            for (_, error) in snapshot.broken { bad("templates", error.report) }
            for template in snapshot.ready
            where template.manifest.from == nil && settings.renderingOptions.defaultFrom == nil {
                guard let channel = template.channels.first(where: { $0.sender == .mailbox }) else { continue }
                bad(
                    "templates",
                    "\(template.manifest.name) names no sender; set from: in its template.yaml, or sender.\(channel).")
            }
        } catch { bad("templates", "\(error)") }
        let mailboxes = Channel.allCases.filter { $0.sender == .mailbox }
            .map { ("sender.\($0)", settings.sender[$0]) }
        for (name, text) in mailboxes + [("sender.reply_to", settings.sender.replyTo)] {
            if let text, Mailbox(parsing: text) == nil {
                bad("sender", "\(name) is not a mailbox: \(text). Write Name <local@domain>.")
            }
        }
    }

    /// The providers, and the secrets of their receipts.
    mutating func check(providers settings: Settings, _ environment: Environment) {
        do {
            let setup = try ProviderSetup(settings: settings, environment: environment)
            for instance in settings.providers {
                if let fault = setup.faults[instance.name] { bad("providers", fault) }
                do { _ = try setup.factory.receiptGate(instance) } catch {
                    let text = "\(error)"
                    if text != setup.faults[instance.name] { bad("receipts", text) }
                }
            }
            for note in setup.notes { remark("providers", note) }
            for channel in Channel.allCases {
                let route = (setup.routes[channel] ?? []).only { name in
                    setup.members.contains { $0.provider.name == name }
                }
                if route.names.isEmpty {
                    remark("providers", "No provider for \(channel): its messages are held. Configure one.")
                } else {
                    good("providers", "\(channel) by \(route)")
                }
            }
        } catch { bad("providers", "\(error)") }
    }

    /// The receivers of events, and their secrets.
    mutating func check(events settings: Settings, _ environment: Environment) {
        let subscriptions = EventSubscriptions(settings, environment: environment)
        for (_, fault) in subscriptions.faults.sorted(by: { $0.key < $1.key }) { bad("events", fault) }
        let names = subscriptions.ready.map(\.subscription.name)
        if !names.isEmpty { good("events", "subscriptions: \(names.joined(separator: ", "))") }
    }

    /// The sources of messages, their secrets, and the library that reads them.
    mutating func check(sources settings: Settings, _ environment: Environment) {
        let setup = SourceSetup(settings, environment: environment)
        for (_, fault) in setup.faults.sorted(by: { $0.key < $1.key }) { bad("sources", fault) }
        let names = setup.ready.map(\.source.name)
        if !names.isEmpty { good("sources", "messages from \(names.joined(separator: ", "))") }
    }

    /// The keys of signed links, and the address that they lead to.
    mutating func check(links settings: Settings, _ environment: Environment) {
        do {
            _ = try LinkMaker(settings: settings, environment: environment, creates: false)
        } catch { bad("links", "\(error)") }
        let url = settings.links.publicURL
        if url.contains("127.0.0.1") || url.contains("localhost") {
            remark("links", "links.public_url is \(url): unsubscribe links work on this machine only.")
        } else if !url.hasPrefix("https://") {
            bad("links", "links.public_url is not https, which one-click unsubscription needs (RFC 8058).")
        }
    }
}

extension Settings {
    /// The names in a policy's rules that nothing here has: most likely they are mistyped.
    ///
    /// - Parameter policy: the policy.
    /// - Returns: a finding for each; none when the templates cannot be read.
    public func unknownNames(in policy: Policy) -> [PolicyFinding] {
        guard let catalogue = try? templateCatalogue() else { return [] }
        return policy.unknownTemplates(known: catalogue.snapshot.names)
    }
}
