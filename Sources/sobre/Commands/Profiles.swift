import ArgumentParser
import JSON
import SobreClient
import SobreIntake
import SobreModel
import SobreNode
import SobreSettings
import SobreStore
import SobreWire
import TerminalOutput
import Text

/// `sobre profiles`.
struct Profiles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Profiles of people: import, export, show, merge, erase.",
        subcommands: [Import.self, Export.self, Show.self, Merge.self, Erase.self])

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import profiles from a file: one JSON object per line. A profile with a known id is replaced.",
            usage: "sobre profiles import <file> [<options>]",
            discussion: """
                Example:  sobre profiles import people.ndjson

                Valid lines are stored; each invalid one is reported with its line and field.
                """)

        @Argument(help: ArgumentHelp("An NDJSON file, or - for standard input.", valueName: "file"))
        var file: String

        @OptionGroup var creation: CreationOptions
        @OptionGroup var settings: SettingsOptions
        @OptionGroup var output: FormatOptions

        func run() async throws {
            try await BatchRun.command(
                .profiles, file: file, access: settings.access(), nouns: ("profile", "profiles"), format: output.format,
                creation: creation)
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Export all profiles as NDJSON, in the form in which they are imported.",
            discussion: """
                Example:  sobre profiles export people.ndjson

                The file contains addresses in full: protect it like the data directory.
                """)

        @Argument(help: ArgumentHelp("The file to write; - is standard output.", valueName: "file"))
        var file = "-"

        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            try await ExportRun("Exporting", to: file, settings).run(after: Profile?.none) { reader, last, limit in
                try await reader.profiles(after: last?.id, limit: limit)
            } write: { profile, bytes in
                bytes += JSONWriter.line { ProfileDocument.write(profile, to: &$0) }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one profile: addresses, consents, attributes.",
            discussion: """
                Example:  sobre profiles show ann

                Addresses are shown in full: do not write the output to a log.
                """)

        @Argument(help: "The person's id, or an alias.")
        var id: String

        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            let profile = try await settings.access().read { try await $0.profile(id) }
            guard let profile else {
                throw CommandFailure(
                    .negative, "There is no profile \(id). sobre profiles import FILE imports profiles.")
            }
            var writer = JSONWriter(indentation: 2)
            Wire.write(profile, to: &writer)
            writer.newline()
            Console.print(bytes: writer.take())
        }
    }

    struct Merge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Merge two profiles into one person, under the second id. This cannot be undone.",
            discussion: """
                Example:  sobre profiles merge anon-1 ann

                Contacts of both count from then on, also those in flight. All suppressions stay in force, and of consents \
                the newest. Both ids name the person afterwards.
                """)

        @Argument(help: "The profile to merge; its id becomes an alias.")
        var from: String

        @Argument(help: "The profile to keep.")
        var into: String

        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            let isNew = try await settings.access().change { try await $0.merge(from, into: into) }
            let (gone, kept) = (Console.harmless(from), Console.harmless(into))
            Console.print(isNew ? "\(gone) is now \(kept)." : "\(gone) was already merged into \(kept).")
        }
    }

    struct Erase: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erase a person: profile, evidence of consents, data of messages. This cannot be undone.",
            discussion: """
                Example:  sobre profiles erase ann --yes

                Waiting messages are cancelled. The hashes that suppress the person and the addresses are kept, and the \
                contacts that caps count.
                """)

        @Argument(help: "The person's id, or an alias.")
        var id: String

        @Flag(help: "Confirm. Without this nothing is erased.")
        var yes = false

        @OptionGroup var settings: SettingsOptions

        func validate() throws {
            guard yes else {
                throw ValidationError(
                    "Erasing cannot be undone. Add --yes to erase \(Console.harmless(id)).")
            }
        }

        func run() async throws {
            let done = try await settings.access().change { try await $0.erase(id) }
            guard let done else { throw CommandFailure(.negative, "There is no profile \(Console.harmless(id)).") }
            Console.print(
                "\(Console.harmless(id)) is erased: data of \(done.messages) messages deleted, \(done.cancelled) waiting messages "
                    + "cancelled. The suppression is kept.")
        }
    }
}
