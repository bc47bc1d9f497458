/// Prices of work, in units of about one nanosecond of the machine on which they were measured.
///
/// Whatever a template can repeat has a price: each step of a loop's body, each filter and comparison, and every byte
/// that one of them reads or writes. Prices are upper bounds, so a render is over before its units are nanoseconds.
/// They do not depend on the machine, so the same template with the same data ends in the same way everywhere.
enum Work {
    /// One step of the program, with its operands.
    static let step = 12
    /// One segment of a path.
    static let segment = 6
    /// One filter, apart from what it reads and writes.
    static let filter = 20
    /// One comparison, apart from what it reads.
    static let comparison = 10
    /// One element of an array or member of an object that is visited.
    static let element = 10
    /// One value that is added, rounded or otherwise computed in decimals.
    static let decimal = 100
    /// One fraction that is written with all its digits, or read back from them.
    static let fraction = 400
    /// One division in decimals.
    static let division = 800
    /// One byte read as digits.
    static let digit = 10
    /// One byte of text taken apart into Unicode characters.
    static let unicodeByte = 100
    /// One byte of a digest.
    static let digestByte = 12
    /// The fixed part of a digest: padding, and the hashes of a key.
    static let digest = 2500
    /// One filter that needs the language's rules.
    static let localized = 1500
    /// One date read or moved, and one byte of a date's pattern.
    static let date = 4000
    static let patternByte = 60
    /// A time zone given by name, which may have to be looked up.
    static let zone = 20_000
}

extension Machine {
    /// Pays for work. Fails when the render's budget is used up.
    @inline(__always)
    mutating func charge(_ units: Int) throws(Failure) {
        workLeft &-= units
        if workLeft < 0 { throw Failure(kind: .workLimit) }
    }
}
