import SobreModel
import SobreStore

/// Reads numbers that represent a value. An unknown number is an error, because reading it as another value could send
/// a message to the wrong place.
extension Statement {
    /// Reads a column whose number represents a value, such as a channel or a state.
    ///
    /// - Parameters:
    ///   - column: The column.
    ///   - place: The table and column, for errors.
    ///   - id: The row, for errors.
    /// - Returns: The value that the number represents.
    /// - Throws: `StoreError` with code `incompatible` when the number is unknown.
    func value<Value: RawRepresentable<UInt8>>(
        _ column: Int32, in place: StaticString, of id: @autoclosure () -> Int64
    ) throws(StoreError) -> Value {
        let number = int(column)
        guard let raw = UInt8(exactly: number), let value = Value(rawValue: raw) else {
            throw .unreadable("\(number)", in: place, of: id())
        }
        return value
    }

    /// Like ``value(_:in:of:)`` for columns in which 0 means all channels.
    func channelOrAll(
        _ column: Int32, in place: StaticString, of id: @autoclosure () -> Int64
    ) throws(StoreError) -> Channel? {
        int(column) == 0 ? nil : try value(column, in: place, of: id())
    }
}

extension StoreError {
    /// The error for an unknown value: what was found, where, and what to do about it.
    static func unreadable(_ what: String, in place: StaticString, of id: Int64) -> StoreError {
        StoreError(
            .incompatible,
            "The database holds \(what) in \(place) of row \(id), which this program does not know. Use a newer Sobre, or "
                + "restore the data directory from a backup.")
    }
}
