import Files
import JSON
import SobreIntake
public import SobreModel
public import SobreRendering

/// The recipient and the data of a preview.
public struct PreviewSubject: Sendable {
    /// Where the profile comes from, which determines whether earlier contacts are known.
    public enum Origin: Sendable {
        /// A sample or a file, without earlier contacts.
        case invented
        /// A profile of the store, with its history.
        case stored
    }

    public var profile: Profile
    /// A JSON object.
    public var data: [UInt8]
    public var origin: Origin
    /// The source of the profile, such as `sample maria` or `profile 4711`.
    public var source: String

    /// Finds the profile: a file if given; else `sample:NAME`; else a profile of the store, or a sample if the store
    /// has none of that name. Without a name it is the first sample.
    ///
    /// - Parameters:
    ///   - person: the value of `--as`.
    ///   - profileFile: a file with a profile; nil if none.
    ///   - data: the message's data as JSON, or `@FILE`; nil for the sample's data, or none.
    ///   - template: the template to preview.
    ///   - catalogue: holds the template's samples.
    ///   - find: finds a profile in the store by name.
    /// - Throws: ``PreviewError`` if no profile is found or the input is invalid; errors of files and of `find`.
    public init(
        person: String?, profileFile: String?, data: String?, template: MessageTemplate, catalogue: TemplateCatalogue,
        stored find: (String) async throws -> Profile?
    ) async throws {
        let wanted = person.map(Wanted.init)
        let stored = wanted?.isSample == false && profileFile == nil ? try await find(wanted!.name) : nil
        let sample = try Sample.find(wanted?.name, in: template, catalogue)
        if let profileFile {
            let root = try Self.parse(try TextFile.read(profileFile, atMost: 1 << 20), name: profileFile)
            profile = try ProfileChecker().check(root["profile"] ?? root, name: profileFile)
            origin = .invented
            source = "file"
        } else if let stored {
            profile = stored
            origin = .stored
            source = "profile \(stored.id)"
        } else if let sample, let value = sample.profile, wanted == nil || wanted?.name == sample.name {
            profile = try ProfileChecker().check(value, name: "the sample \(sample.name)")
            origin = .invented
            source = "sample \(sample.name)"
        } else {
            throw Self.unknown(wanted, template)
        }
        self.data = try Self.data(data) ?? sample?.data ?? Array("{}".utf8)
    }

    /// The parsed value of `--as`.
    private struct Wanted {
        var name: String
        var isSample: Bool

        init(_ text: String) {
            isSample = text.hasPrefix("sample:")
            name = isSample ? String(text.dropFirst(7)) : text
        }
    }

    /// A sample of a template: the one of this name, else the first.
    private struct Sample {
        var name: String
        var profile: JSONRef?
        var data: [UInt8]?

        static func find(_ name: String?, in template: MessageTemplate, _ catalogue: TemplateCatalogue) throws
            -> Sample?
        {
            let own = name.flatMap { template.sampleNames.contains($0) ? $0 : nil }
            guard let found = own ?? template.sampleNames.first else { return nil }
            let bytes = try catalogue.sample(found, of: template.manifest.name)
            let root = try PreviewSubject.parse(bytes, name: "\(template.manifest.name)/samples/\(found).json")
            return Sample(
                name: found, profile: root["profile"],
                data: try root["data"].map { try PreviewSubject.data(of: $0, name: found) })
        }
    }

    private static func unknown(_ wanted: Wanted?, _ template: MessageTemplate) -> PreviewError {
        let name = template.manifest.name
        let samples =
            template.sampleNames.isEmpty ? "no samples" : "the samples \(template.sampleNames.joined(separator: ", "))"
        guard let wanted else {
            return PreviewError(
                .nobody, "Name a person: --as PERSON (a profile's id), or --profile FILE; \(name) has no samples.")
        }
        let shown = wanted.name
        return PreviewError(
            .unknown,
            wanted.isSample
                ? "There is no sample \(shown): \(name) has \(samples)."
                : "There is no person \(shown): \(name) has \(samples), and the store has no such profile.")
    }

    /// The data given on the command line: JSON, or `@FILE`.
    private static func data(_ text: String?) throws -> [UInt8]? {
        guard let text else { return nil }
        let bytes =
            text.hasPrefix("@") ? try TextFile.read(String(text.dropFirst()), atMost: 1 << 20) : Array(text.utf8)
        let name = text.hasPrefix("@") ? String(text.dropFirst()) : "--data"
        return try data(of: try parse(bytes, name: name), name: name)
    }

    /// The bytes of a message's data, if intake would accept its names.
    fileprivate static func data(of root: JSONRef, name: String) throws -> [UInt8] {
        for (key, _) in root.members {
            guard let reserved = ReservedName.names.first(where: key.equals) else { continue }
            throw PreviewError(
                .data,
                "\(name): the data has \"\(reserved)\", and templates have a value of that name of their own. Rename it; "
                    + "reserved are \(ReservedName.names.joined(separator: ", ")).")
        }
        return Array(root.rawBytes)
    }

    fileprivate static func parse(_ bytes: [UInt8], name: String) throws -> JSONRef {
        do {
            let root = try JSONDocument.parse(bytes).root
            guard root.kind == .object else {
                throw PreviewError(.data, "\(name) must hold a JSON object, not \(root.kind).")
            }
            return root
        } catch let error as JSONError {
            throw PreviewError(.data, "\(name):\(error.line):\(error.column): \(error.message)")
        }
    }

    /// The same profile with another locale.
    public func speaking(_ locale: String?) -> PreviewSubject {
        guard let locale else { return self }
        var copy = self
        copy.profile.locale = locale
        return copy
    }
}

/// Validates a profile with intake's rules.
private struct ProfileChecker {
    func check(_ value: JSONRef, name: String) throws -> Profile {
        do {
            return try ProfileReader().read(value, id: nil)
        } catch {
            throw PreviewError(.data, "\(name): \(error.description)")
        }
    }
}
