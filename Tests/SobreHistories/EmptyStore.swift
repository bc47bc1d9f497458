import SobreModel
import SobreSQLite
import SobreStore

/// The files of an empty store, made once. Creating the tables for each history would take a tenth of its time.
enum EmptyStore {
    private static let files: [(name: String, bytes: [UInt8])] = {
        let directory = Files.temporaryDirectory()
        defer { Files.remove(directory) }
        let time = VirtualTime(History.beginsAt)
        guard let store = try? SQLiteStore.open(directory: directory, time: time) else { return [] }
        return withExtendedLifetime(store) {
            Files.names(in: directory).filter { !$0.hasSuffix("-shm") && !$0.hasSuffix(".lock") }
                .map { ($0, Files.read(directory + "/" + $0)) }
        }
    }()

    /// Writes the files to a new directory.
    static func put(into directory: String) {
        Files.make(directory)
        for file in files { Files.write(file.bytes, to: directory + "/" + file.name) }
    }
}
