import GRDB
import GRDBSQLite
import SobreModel
import SobreSettings
import SobreStore
import Threads

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The data directory.
enum DataDirectory {
    static let fileName = "sobre.db"

    static func make(_ path: String) throws(StoreError) {
        guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        throw StoreError(
            .io, "The data directory \(path) cannot be created; check that its parent exists and is writable.",
            underlying: String(cString: strerror(errno)))
    }

    /// Creates an empty database file that only its owner can read. SQLite gives its other files the same permissions.
    static func makeFile(_ path: String) throws(StoreError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(
                .io, "The database file \(path) cannot be opened; check its owner and permissions.",
                underlying: String(cString: strerror(errno)))
        }
        close(descriptor)
    }

    static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// The number of bytes that can still be written on a file's disk. Nil when the system does not report it.
    static func room(beside path: String) -> Int? {
        var space = statvfs()
        return statvfs(path, &space) == 0 ? Int(space.f_bavail) * Int(space.f_frsize) : nil
    }
}

/// Opens the writing connection: checks the file, converts the layout, sets durability and verifies it.
enum StoreOpening {
    static func open(
        path: String, time: any TimeSource, configuration: SQLiteConfiguration
    ) throws(StoreError) -> (DatabaseQueue, Core) {
        SQLiteProcess.ready
        try DataDirectory.makeFile(path)
        do {
            var options = Configuration()
            options.label = "sobre-writer"
            options.foreignKeysEnabled = false
            options.busyMode = .timeout(Double(configuration.limits.busyTimeout.milliseconds) / 1000)
            let queue = try DatabaseQueue(path: path, configuration: options)
            try queue.inDatabase { db in try check(db, path, configuration) }
            try queue.inDatabase { db in try tune(db, configuration) }
            try migrate(queue, path, configuration)
            let core = try queue.inDatabase { db in
                guard let connection = db.sqliteConnection else { throw StoreError.closed }
                try db.execute(sql: SecureDelete.everywhere.sql)
                let core = try Core(connection: connection, time: time, configuration: configuration)
                // A process that ended before may have left what it erased.
                core.logCleaning.isDue = true
                core.cleanLog()
                return core
            }
            return (queue, core)
        } catch {
            throw .from(error, doing: "opening \(path)")
        }
    }

    /// Makes the checks of ``open(path:time:configuration:)`` that change nothing.
    static func inspect(path: String, configuration: SQLiteConfiguration) throws(StoreError) {
        SQLiteProcess.ready
        do {
            var options = Configuration()
            options.label = "sobre-check"
            options.readonly = true
            options.busyMode = .timeout(Double(configuration.limits.busyTimeout.milliseconds) / 1000)
            let queue = try DatabaseQueue(path: path, configuration: options)
            try queue.inDatabase { db in
                try check(db, path, configuration)
                guard try db.tableExists("message"), try !Schema.migrator.hasCompletedMigrations(db) else { return }
                let bytes = DataDirectory.size(of: path)
                if let lack = lackOfRoom(toConvert: bytes, room: DataDirectory.room(beside: path)) { throw lack }
            }
        } catch {
            throw .from(error, doing: "checking \(path)")
        }
    }

    private static func check(_ db: Database, _ path: String, _ configuration: SQLiteConfiguration) throws {
        // A file without tables is a new one.
        if try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0 { return }
        try Reader.checkVersion(db)
        guard configuration.limits.checksOnOpen, DataDirectory.size(of: path) <= configuration.limits.maxCheckedBytes
        else { return }
        let findings = try String.fetchAll(db, sql: "PRAGMA quick_check(3)")
        if findings != ["ok"] {
            throw StoreError(
                .corrupt, "The database \(path) is damaged; restore the data directory from a backup.",
                underlying: findings.joined(separator: "; "))
        }
    }

    private static func migrate(
        _ queue: DatabaseQueue, _ path: String, _ configuration: SQLiteConfiguration
    ) throws {
        let migrator = Schema.migrator
        let isEarlier = try queue.inDatabase { db in
            try db.tableExists("message") && !migrator.hasCompletedMigrations(db)
        }
        if isEarlier {
            let bytes = DataDirectory.size(of: path)
            if let problem = lackOfRoom(toConvert: bytes, room: DataDirectory.room(beside: path)) { throw problem }
            configuration.onUpgrade(.begins(bytes: bytes))
        }
        let begun = MonotonicTime.now().nanoseconds
        try migrator.migrate(queue)
        if isEarlier {
            configuration.onUpgrade(.ended(took: .nanoseconds(Int64(MonotonicTime.now().nanoseconds - begun))))
        }
    }

    /// The conversion writes messages and ledger again before it frees the old rows. In the worst case this is
    /// everything in the file. Without enough room it would fill the disk and be rolled back, at every start.
    static func lackOfRoom(toConvert bytes: Int, room: Int?) -> StoreError? {
        let needed = bytes
        guard let room, room < needed else { return nil }
        return StoreError(
            .full,
            "The data must be converted to this version's layout, for which \(needed >> 20) MB must be free on the disk; there "
                + "are \(room >> 20) MB. Free some space, then start Sobre again. The data is unchanged.")
    }

    /// SQLite's default page size in bytes.
    private static let pageBytes = 4096

    /// In WAL mode GRDB sets `synchronous` to NORMAL, which loses acknowledged commits in a power cut. So the mode is
    /// set here, and the values that the connection uses are read back.
    private static func tune(_ db: Database, _ configuration: SQLiteConfiguration) throws {
        let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
        try db.execute(
            sql: """
                PRAGMA synchronous = FULL;
                PRAGMA temp_store = MEMORY;
                \(SecureDelete.inWrittenPages.sql);
                PRAGMA cache_size = -\(configuration.limits.writerCacheBytes / 1024);
                PRAGMA wal_autocheckpoint = \(max(configuration.limits.checkpointBytes / pageBytes, 1));
                PRAGMA journal_size_limit = \(configuration.limits.maxLogBytes);
                """)
        let maxPages = configuration.limits.maxBytes / pageBytes
        if maxPages > 0 { try db.execute(sql: "PRAGMA max_page_count = \(maxPages)") }
        let synchronous = try Int.fetchOne(db, sql: "PRAGMA synchronous")
        guard mode == "wal", synchronous == 2 else {
            throw StoreError(
                .io,
                "The file system does not allow a durable write-ahead log; put the data directory on a local disk.",
                underlying: "journal_mode \(mode ?? "?"), synchronous \(synchronous ?? -1)")
        }
    }
}
