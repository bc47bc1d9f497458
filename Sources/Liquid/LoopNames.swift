/// Numbers the names of loops, `variable-collection`, from 0 in order of appearance.
///
/// Templates have few loops, which are compared one by one. Beyond that, they are found by a hash.
struct LoopNames {
    private struct Key: Hashable {
        var variable: [UInt8]
        var collection: [UInt8]
    }

    private static let few = 32

    private var names: [(variable: ByteSlice, collection: ByteSlice)] = []
    private var numbers: [Key: Int] = [:]

    var count: Int { names.count }

    /// The number of a loop's name, which is added if it is new.
    mutating func number(of variable: ByteSlice, _ collection: ByteSlice) -> Int {
        for index in 0..<min(names.count, Self.few)
        where names[index].variable.equals(variable) && names[index].collection.equals(collection) { return index }
        if names.count >= Self.few {
            let key = Key(variable: variable.bytes, collection: collection.bytes)
            if let known = numbers[key] { return known }
            numbers[key] = names.count
        }
        names.append((variable, collection))
        return names.count - 1
    }
}
