public import SobreModel
public import SobreStore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A data directory with an embedded store.
public struct SQLiteLocation: StoreLocation {
    let directory: String
    let configuration: SQLiteConfiguration

    /// - Parameters:
    ///   - directory: The directory with the store's files.
    ///   - configuration: The store's limits.
    public init(directory: String, configuration: SQLiteConfiguration = .init()) {
        self.directory = directory
        self.configuration = configuration
    }

    public var hasData: Bool { access("\(directory)/\(DataDirectory.fileName)", F_OK) == 0 }

    public var isOwned: Bool { SQLiteStore.isOwned(directory: directory) }

    public var room: Int? { SQLiteStore.room(in: directory) }

    public func open(time: any TimeSource) throws(StoreError) -> any Store {
        try SQLiteStore.open(directory: directory, time: time, configuration: configuration)
    }

    public func check() throws(StoreError) {
        try StoreOpening.inspect(path: "\(directory)/\(DataDirectory.fileName)", configuration: configuration)
    }

    public func openForReading() throws(StoreError) -> any StoreReader {
        try SQLiteStore.openReadOnly(directory: directory, configuration: configuration)
    }

    public func copy(to folder: String) throws(StoreError) -> (name: String, bytes: Int) {
        let name = DataDirectory.fileName
        return (name, try SQLiteStore.copyDatabase(of: directory, to: "\(folder)/\(name)"))
    }
}
