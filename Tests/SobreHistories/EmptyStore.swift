import SobreModel
import SobreSQLite
import SobreStore

/// The files of a store in which nothing is yet, made once: making the tables anew would be a tenth of a history's time.
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

    /// Puts the files into a new directory.
    static func put(into directory: String) {
        Files.make(directory)
        for file in files { Files.write(file.bytes, to: directory + "/" + file.name) }
    }
}
