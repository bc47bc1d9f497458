public import SobreModel

/// Where a store's data is and how it is opened. Only this type depends on the kind of store.
///
/// One process owns the data at a time. Other processes may read it, and make changes through the owner.
public protocol StoreLocation: Sendable {
    /// Whether the location holds data.
    var hasData: Bool { get }

    /// Whether a process, such as a running server, owns the data now. Changes nothing.
    var isOwned: Bool { get }

    /// The number of bytes that can still be written, or nil when it is unknown.
    var room: Int? { get }

    /// How many commits that were acknowledged the data lack, because a part of them was lost or an older copy was put in
    /// their place. 0: none that is known. Changes nothing.
    func lostCommits() async -> Int

    /// Opens the data for writing and takes ownership of it. Creates the data if there is none.
    ///
    /// Blocks while it checks and loads the data.
    ///
    /// - Parameter time: The store's clock.
    /// - Returns: The store. This process owns it until it is closed.
    /// - Throws: `locked` when another process owns the data.
    func open(time: any TimeSource) throws(StoreError) -> any Store

    /// Makes the checks of ``open(time:)``, as far as they change nothing. Blocks while it reads the data.
    ///
    /// - Throws: what would keep ``open(time:)`` from opening the data: they are damaged, of a newer version, or there is no
    ///   room to convert them.
    func check() throws(StoreError)

    /// Opens the data for reading, whether or not a process owns it. Changes nothing.
    func openForReading() throws(StoreError) -> any StoreReader

    /// Writes a complete copy of the data as of one instant. Works while another process owns the data. Blocks until
    /// the copy is on disk. A failed copy is removed.
    ///
    /// - Parameter folder: An existing folder. The copy is written in the form of a data directory.
    /// - Returns: The name of the file in the folder and its size in bytes.
    /// - Throws: A ``StoreError`` that says what could not be read or written.
    func copy(to folder: String) throws(StoreError) -> (name: String, bytes: Int)
}
