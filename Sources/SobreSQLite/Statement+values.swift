import SobreModel
import SobreStore

/// Reading numbers that stand for something. A number that this program does not know is an error: reading it as
/// something else would send to the wrong place.
extension Statement {
    /// A column whose number stands for a value, such as a channel or a state.
    ///
    /// - Parameters:
    ///   - column: the column.
    ///   - place: the table and column, for errors.
    ///   - id: the row, for errors.
    /// - Returns: what the number stands for.
    /// - Throws: `StoreError` with code `incompatible` when it stands for nothing.
    func value<Value: RawRepresentable<UInt8>>(
        _ column: Int32, in place: StaticString, of id: @autoclosure () -> Int64
    ) throws(StoreError) -> Value {
        let number = int(column)
        guard let raw = UInt8(exactly: number), let value = Value(rawValue: raw) else {
            throw .unreadable("\(number)", in: place, of: id())
        }
        return value
    }

    /// The same where 0 stands for all channels.
    func channelOrAll(
        _ column: Int32, in place: StaticString, of id: @autoclosure () -> Int64
    ) throws(StoreError) -> Channel? {
        int(column) == 0 ? nil : try value(column, in: place, of: id())
    }
}

extension StoreError {
    /// What was found, where, and what to do about it.
    static func unreadable(_ what: String, in place: StaticString, of id: Int64) -> StoreError {
        StoreError(
            .incompatible,
            "The database holds \(what) in \(place) of row \(id), which this program does not know. Use a newer Sobre, or "
                + "restore the data directory from a backup.")
    }
}
