import Files
import Logging
import SobreAdmission
import SobreRendering
import SobreSettings
import SobreStore

extension Node {
    /// The templates, those as broken whose category the policy in force does not know.
    var checkedTemplates: CatalogueSnapshot {
        templates.snapshot.knowing(
            categories: policy.policy.categoryNames, policy: FilePath.forDisplay(settings.paths.policy))
    }

    /// Reads templates and the policy again where their files changed, and tells what else has changed. What is refused
    /// stays out: the version in force goes on.
    ///
    /// - Parameters:
    ///   - logger: where it is told, once for each change.
    ///   - isOrdered: an operator asked for it: the policy is read now, whether or not its file has rested, and what is
    ///     refused is told again.
    func reload(logger: Logger, isOrdered: Bool = false) async {
        reloadTemplates(logger, isOrdered)
        await reloadPolicy(logger, isOrdered)
        checkSettings(logger, isOrdered)
    }

    private func reloadTemplates(_ logger: Logger, _ isOrdered: Bool) {
        let folder = FilePath.forDisplay(settings.paths.templates)
        do {
            if try templates.reload() {
                for (name, error) in checkedTemplates.broken {
                    logger.error("template is broken", metadata: ["template": "\(name)", "why": "\(error.summary)"])
                }
                logger.notice("templates reloaded", metadata: ["count": "\(templates.snapshot.names.count)"])
            }
            refusals.note(folder, nil)
        } catch {
            if refusals.note(folder, "\(error)") || isOrdered {
                logger.error("templates cannot be read; those in memory stay in force", metadata: ["why": "\(error)"])
            }
        }
    }

    private func reloadPolicy(_ logger: Logger, _ isOrdered: Bool) async {
        let file = FilePath.forDisplay(settings.paths.policy)
        do {
            let text = try PolicyFile.text(of: settings)
            if text == policy.text {
                policy.see(text)
                refusals.note(file, nil)
                return
            }
            // A file that still grows is not a policy yet.
            guard isOrdered || policy.rests(text, for: settings.monitor.policyRest) else { return }
            if policy.hasSeen(text), !isOrdered { return }
            try await replacePolicy(with: text, logger)
            refusals.note(file, nil)
        } catch {
            if refusals.note(file, "\(error)") || isOrdered {
                logger.error("the policy is refused; the last good one stays in force", metadata: ["why": "\(error)"])
            }
        }
    }

    private func replacePolicy(with text: String, _ logger: Logger) async throws {
        do {
            let file = try PolicyFile(text: text, settings)
            if let objection = file.objection(replacing: (policy.version, policy.text)) { throw objection }
            let version = try await policy.replace(with: file.policy, text: text) {
                try await store.register(policy: text)
            }
            logger.notice("policy in force", metadata: ["version": "\(version)"])
        } catch let error as StoreError {
            // Not the file's fault: tried again.
            throw error
        } catch {
            policy.see(text)
            throw error
        }
    }

    /// Settings and provider manifests are read at the start only.
    private func checkSettings(_ logger: Logger, _ isOrdered: Bool) {
        guard let path = settings.file, let atStart = settingsText else { return }
        let file = FilePath.forDisplay(path)
        var why: String?
        do {
            let text = try TextFile.readText(path, atMost: 1 << 20)
            if text != atStart {
                _ = try Settings.load(path: path, environment: environment)
                why = "It changed since the start, and settings are read at the start only. Restart to apply it."
            }
        } catch { why = "\(error) The settings of the start stay in force; the next start would fail." }
        if refusals.note(file, why), let why {
            logger.warning("the settings changed", metadata: ["file": "\(file)", "why": "\(why)"])
        } else if isOrdered, why == nil {
            logger.notice(
                "read again; settings and providers are read at the start only", metadata: ["file": "\(file)"])
        }
    }
}
