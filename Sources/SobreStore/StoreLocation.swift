public import SobreModel

/// Where a store's data are, and how they are opened: the one thing that knows which kind of store it is.
///
/// One process owns the data at a time. Others read beside it, and change them through it.
public protocol StoreLocation: Sendable {
    /// Whether there are data.
    var hasData: Bool { get }

    /// Whether some process, such as a running server, owns the data now. Changes nothing.
    var isOwned: Bool { get }

    /// The bytes that may still be written; nil when that is not known.
    var room: Int? { get }

    /// Takes possession of the data, which are made where they are missing.
    ///
    /// Blocks while it checks and loads.
    ///
    /// - Parameter time: the store's clock.
    /// - Returns: the store, which this process owns until it is closed.
    /// - Throws: `locked` when another process owns the data.
    func open(time: any TimeSource) throws(StoreError) -> any Store

    /// Opens the data for reading, whether or not a process owns them. Changes nothing.
    func openForReading() throws(StoreError) -> any StoreReader

    /// Writes a whole copy of the data as of one instant, also beside the process that owns them. Blocks until it is on
    /// the disk. What has been written of a copy that fails is removed.
    ///
    /// - Parameter folder: where the copy is written, in the form of a data directory; it is there already.
    /// - Returns: the name of the file in the folder, and its bytes.
    /// - Throws: a ``StoreError`` that says what could not be read or written.
    func copy(to folder: String) throws(StoreError) -> (name: String, bytes: Int)
}
