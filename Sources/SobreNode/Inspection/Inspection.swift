import Files
public import SobreSettings

/// The checks of everything that a node needs: what `sobre doctor` reports. Whatever stops a server from starting is
/// checked here by the code that the server runs.
public struct Inspection: Sendable {
    public enum Grade: String, Sendable { case good, remark, bad }

    /// One result.
    public struct Entry: Sendable {
        public var grade: Grade
        /// What was checked, in a word or two.
        public var about: String
        /// What was found and, unless it is good, what to do.
        public var text: String
    }

    public private(set) var entries: [Entry] = []

    public var hasFault: Bool { entries.contains { $0.grade == .bad } }

    mutating func good(_ about: String, _ text: String) {
        entries.append(Entry(grade: .good, about: about, text: text))
    }
    mutating func remark(_ about: String, _ text: String) {
        entries.append(Entry(grade: .remark, about: about, text: text))
    }
    mutating func bad(_ about: String, _ text: String) { entries.append(Entry(grade: .bad, about: about, text: text)) }

    /// Runs every check. Changes nothing and calls no provider.
    ///
    /// - Parameters:
    ///   - path: the settings' file; nil: where they usually are.
    ///   - environment: where settings and secrets may be.
    /// - Returns: the results, in the order of the checks.
    public static func run(config path: String?, environment: Environment = .process) async -> Inspection {
        var inspection = Inspection()
        let settings: Settings
        do {
            settings = try Settings.load(path: path, environment: environment)
            inspection.good("settings", settings.file.map(FilePath.forDisplay) ?? "no file; defaults are used")
        } catch {
            inspection.bad("settings", "\(error)")
            return inspection
        }
        let access = StoreAccess(settings, environment: environment)
        await inspection.check(policy: access)
        inspection.check(templates: settings)
        inspection.check(providers: settings, environment)
        inspection.check(links: settings, environment)
        inspection.check(events: settings, environment)
        inspection.check(sources: settings, environment)
        await inspection.check(data: access)
        inspection.check(start: access)
        await inspection.check(server: access)
        inspection.check(system: settings)
        return inspection
    }
}
