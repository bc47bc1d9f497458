import JSON
import SobreIntake
import SobreModel
import SobreRendering
import SobreSQLite
import SobreStore

/// For whom a preview is made, and with what data.
struct PreviewSubject: Sendable {
    /// Where the person comes from, which decides what is known of earlier contacts.
    enum Origin: Sendable {
        /// A sample or a file: nobody has written to this person yet.
        case invented
        /// A profile of the store, with its history.
        case stored
    }

    var profile: Profile
    /// A JSON object.
    var data: [UInt8]
    var origin: Origin

    /// Finds the person: a file, else a sample of that name, else a profile of the store; without a name the first sample.
    init(
        person: String?, profileFile: String?, data: String?, template: MessageTemplate, catalogue: TemplateCatalogue,
        settings: Settings
    ) async throws {
        let reader = ProfileChecker()
        var sampleData: [UInt8]?
        let sampleName = person.flatMap { template.sampleNames.contains($0) ? $0 : nil } ?? template.sampleNames.first
        if let sampleName {
            let bytes = try catalogue.sample(sampleName, of: template.manifest.name)
            let root = try Self.parse(bytes, name: "\(template.manifest.name)/samples/\(sampleName).json")
            sampleData = root["data"].map { Array($0.rawBytes) }
            if let value = root["profile"], person == nil || person == sampleName, profileFile == nil {
                profile = try reader.check(value, name: "the sample \(sampleName)")
                origin = .invented
                self.data = try Self.data(data) ?? sampleData ?? Array("{}".utf8)
                return
            }
        }
        if let profileFile {
            let root = try Self.parse(try TextFile.read(profileFile, atMost: 1 << 20), name: profileFile)
            profile = try reader.check(root["profile"] ?? root, name: profileFile)
            origin = .invented
        } else if let person {
            profile = try await Self.stored(person, template: template, settings: settings)
            origin = .stored
        } else {
            throw CommandFailure(
                .usage,
                "Say for whom: --as PERSON (a profile's id), or --profile FILE; \(template.manifest.name) has no samples."
            )
        }
        self.data = try Self.data(data) ?? sampleData ?? Array("{}".utf8)
    }

    private static func stored(_ person: String, template: MessageTemplate, settings: Settings) async throws -> Profile
    {
        let samples =
            template.sampleNames.isEmpty ? "no samples" : "the samples \(template.sampleNames.joined(separator: ", "))"
        let directory = settings.data.directory
        if TextFile.exists("\(directory)/sobre.db") {
            let reader = try SQLiteStore.openReadOnly(directory: directory)
            let found = try await reader.profile(person)
            await reader.close()
            if let found { return found }
        }
        throw CommandFailure(
            .noInput,
            "Nobody is called \(Console.harmless(person)): \(template.manifest.name) has \(samples), and the store has no such profile."
        )
    }

    /// The data that was given on the command line: JSON, or `@FILE`.
    private static func data(_ text: String?) throws -> [UInt8]? {
        guard let text else { return nil }
        let bytes =
            text.hasPrefix("@") ? try TextFile.read(String(text.dropFirst()), atMost: 1 << 20) : Array(text.utf8)
        return Array(try parse(bytes, name: text.hasPrefix("@") ? String(text.dropFirst()) : "--data").rawBytes)
    }

    private static func parse(_ bytes: [UInt8], name: String) throws -> JSONRef {
        do {
            let root = try JSONDocument.parse(bytes).root
            guard root.kind == .object else {
                throw CommandFailure(.data, "\(name) must hold a JSON object, not \(root.kind).")
            }
            return root
        } catch let error as JSONError {
            throw CommandFailure(.data, "\(name):\(error.line):\(error.column): \(error.message)")
        }
    }

    /// The same person, speaking another language.
    func speaking(_ locale: String?) -> PreviewSubject {
        guard let locale else { return self }
        var copy = self
        copy.profile.locale = locale
        return copy
    }
}

/// Checks a profile with intake's own rules.
private struct ProfileChecker {
    func check(_ value: JSONRef, name: String) throws -> Profile {
        do {
            return try ProfileReader().read(value, id: nil)
        } catch {
            throw CommandFailure(.data, "\(name): \(error.description)")
        }
    }
}
