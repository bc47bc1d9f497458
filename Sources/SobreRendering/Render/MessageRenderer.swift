internal import Liquid
public import SobreModel

/// Renders the final content of a message for one channel, with the newest templates of a catalogue.
///
/// Synchronous, without I/O, bounded in steps, bytes and depth. Safe to call from many threads. Templates see the
/// following values; if two have the same name, the first wins:
/// - system values: `message` (`id`, `template`, `category`, `campaign`, `topic`, `journey`, `tags`), `campaign`,
///   `channel`, `locale`, `now`, `unsubscribe_url`, `preferences_url`; in the layout also
///   `email_subject` and `email_preheader`;
/// - the message's `data`, each member by its name;
/// - `customer`: the profile (`id`, `locale`, `language`, `timezone`, `country`) with its attributes;
/// - the profile's attributes, each by its name.
public struct MessageRenderer: Sendable {
    public let catalogue: TemplateCatalogue
    private let links: MessageLinks
    private let options: RenderingOptions
    private let schemes: LinkSchemes
    private let pool = RenderWorkerPool()

    /// Makes a renderer for a catalogue.
    public init(
        catalogue: TemplateCatalogue, links: MessageLinks = MessageLinks(),
        options: RenderingOptions = RenderingOptions()
    ) {
        self.catalogue = catalogue
        self.links = links
        self.options = options
        schemes = LinkSchemes(options.linkSchemes)
    }

    /// Renders one delivery.
    ///
    /// - Parameters:
    ///   - message: names the template and provides its data.
    ///   - profile: nil renders with only the message's own data.
    ///   - channel: the channel for which it is rendered.
    ///   - now: the time that templates see.
    ///   - delivery: identifies the delivery in links.
    /// - Returns: the content, or why there is none.
    public func render(
        _ message: Message, profile: Profile?, channel: Channel, now: Instant, delivery: DeliveryID
    ) -> RenderResult {
        let template: MessageTemplate
        switch catalogue.snapshot[message.template] {
        case .ready(let found): template = found
        case .broken(let error): return .failed(reason: error.summary, version: "")
        case nil:
            return .failed(
                reason: "There is no template \"\(message.template)\"; add its folder under \(catalogue.root).",
                version: "")
        }
        let subject = MessageLinks.Subject(
            recipient: message.recipient, category: message.category, topic: message.topic, channel: channel,
            delivery: delivery)
        return pool.withWorker { worker in
            let job = RenderJob(
                worker: worker, template: template, message: message, profile: profile, channel: channel, now: now,
                // Emails have the link in a header, whether their content uses it or not.
                links: RenderJob.Addresses(
                    links, subject, areNeeded: channel.hasUnsubscribeHeader || template.readsLinks),
                options: options, schemes: schemes)
            do throws(RenderStop) {
                let (content, fingerprint) = try job.run()
                return .rendered(content, fingerprint: fingerprint, version: template.version)
            } catch {
                switch error {
                case .aborted(let reason): return .aborted(reason: reason, version: template.version)
                case .failed(let reason): return .failed(reason: reason, version: template.version)
                }
            }
        }
    }
}

/// Why a render ended without content.
enum RenderStop: Error {
    case aborted(String)
    case failed(String)
}
