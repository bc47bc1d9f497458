/// Conditions in SQL, and the values bound to them in the same order.
struct LogConditions {
    enum Value {
        case number(Int64)
        case text(String)
    }

    private var conditions: [String] = []
    private var values: [Value] = []

    var sql: String { conditions.joined(separator: " AND ") }

    mutating func add(_ condition: String) { conditions.append(condition) }

    mutating func add(_ condition: String, _ value: Value) {
        conditions.append(condition)
        values.append(value)
    }

    mutating func add(_ column: String, in list: [Value]) {
        conditions.append("\(column) IN (\(list.map { _ in "?" }.joined(separator: ", ")))")
        values += list
    }

    func bind(to row: Statement) {
        for (index, value) in values.enumerated() {
            switch value {
            case .number(let number): row.bind(Int32(index + 1), number)
            case .text(let text): row.bind(Int32(index + 1), text)
            }
        }
    }
}
