import Files
import SobreAdmission
import SobreModel
import SobrePreview
import SobreRendering
import SobreSQLite
import SobreSettings

@testable import SobreNode

extension VerdictHistory {
    /// Compares what `sobre preview` says beside a stopped node with what the server says after its start: both read the
    /// same files.
    func comparePreviewOfStoppedNode() async throws {
        // A preview reads the facts by the machine's clock. Only rules that look back for ever find the same by both.
        guard looksBackForever else { return }
        time.doubt(nil, [])
        var drafts: [MessageDraft] = []
        for number in profiles.indices {
            var draft = RandomRecipients.draft(number, &random, at: time.now())
            draft.recipient = profiles[number].id
            drafts.append(draft)
        }
        await store.close()
        var previews: [[PreviewDecision]] = []
        let access = StoreAccess(try settings())
        let catalogue = try TemplateCatalogue(root: folder + "/templates")
        guard case .ready(let template)? = catalogue.snapshot["t0"] else { return differences.append("no template") }
        for (draft, profile) in zip(drafts, profiles) {
            let subject = try await PreviewSubject(
                person: profile.id, profileFile: nil, data: nil, template: template, catalogue: catalogue
            ) { _ in profile }
            previews += try await access.decide([draft], subject: subject, at: time.now())
        }
        store = try SQLiteStore.open(directory: folder + "/data", time: time)
        let dryRunner = DryRunner(store: store, policy: PolicyInForce(policy), time: time, providers: { [:] })
        for (draft, preview) in zip(drafts, previews) {
            let answers = try await dryRunner.decide(draft).map { PreviewDecision($0.channel ?? .email, $0.decision) }
            count("asked a stopped node")
            let texts = [preview, answers].map { $0.map { "\($0.channel) \($0.verdict) \($0.reason)" } }
            if texts[0] != texts[1] {
                differences.append("the preview of a stopped node says \(texts[0]), and its server \(texts[1])")
            }
        }
    }

    private func settings() throws -> Settings {
        try Folder.make(folder + "/templates/t0")
        try TextFile.replace(folder + "/templates/t0/template.yaml", with: "channels: [sms]\n")
        try TextFile.replace(folder + "/templates/t0/sms.liquid", with: "Hello")
        try TextFile.replace(folder + "/policy.yaml", with: text)
        var settings = Settings()
        settings.data.directory = folder + "/data"
        settings.paths.policy = folder + "/policy.yaml"
        settings.paths.templates = folder + "/templates"
        return settings
    }
}
