public import SobreModel
public import SobreStore

/// A store under test: how it is opened and opened again, and the clock it was given.
///
/// A later store brings its own factory and passes the same checks.
public struct StoreUnderTest: Sendable {
    /// Opens the store of one place; called again after `close`, on the same data.
    public var open: @Sendable () async throws -> any Store
    /// Opens another handle on the same data while others are open, as another node does; nil: the store has one owner at a
    /// time, and the checks of several nodes do not apply to it.
    public var join: (@Sendable () async throws -> any Store)?
    /// Tells a store that its clock was moved.
    public var poke: @Sendable (any Store) async -> Void
    public var time: VirtualTime
    /// How long after the end of a node its store has proof that it is gone and hands on what it has begun.
    public var proofTime: Duration

    public init(
        time: VirtualTime, proofTime: Duration = .zero, poke: @escaping @Sendable (any Store) async -> Void,
        join: (@Sendable () async throws -> any Store)? = nil, open: @escaping @Sendable () async throws -> any Store
    ) {
        self.time = time
        self.proofTime = proofTime
        self.poke = poke
        self.join = join
        self.open = open
    }
}

/// One check: a sentence of the contract and what proves it.
public struct ConformanceCheck: Sendable, CustomStringConvertible {
    public var description: String
    public var run: @Sendable (StoreUnderTest) async throws -> Void

    init(_ description: String, _ run: @escaping @Sendable (StoreUnderTest) async throws -> Void) {
        self.description = description
        self.run = run
    }
}

/// A promise of the contract that a store broke.
public struct ConformanceFailure: Error, CustomStringConvertible {
    public var description: String
}

/// Fails the check unless the condition holds.
func require(
    _ condition: Bool, _ message: @autoclosure () -> String = "", file: StaticString = #fileID, driver: UInt = #line
) throws {
    if !condition { throw ConformanceFailure(description: "\(file):\(driver): \(message())") }
}

/// Fails the check unless both are equal.
func requireEqual<Value: Equatable>(
    _ actual: Value, _ expected: Value, _ what: @autoclosure () -> String = "", file: StaticString = #fileID,
    driver: UInt = #line
) throws {
    if actual != expected {
        throw ConformanceFailure(description: "\(file):\(driver): \(what()) is \(actual), should be \(expected)")
    }
}

/// Fails the check unless there is a value.
func requireSome<Value>(_ value: Value?, file: StaticString = #fileID, driver: UInt = #line) throws -> Value {
    guard let value else { throw ConformanceFailure(description: "\(file):\(driver): there is nothing") }
    return value
}

/// All checks, in the order of the contract.
public enum StoreConformance {
    public static let checks: [ConformanceCheck] =
        acceptance + channels + claiming + admission + recording + ledger + people + merging + consenting
        + suppressing + erasing + cancelling + restarting + history + following + owning
        + administration + receipts

    /// For stores that several nodes share: each check opens more handles on the same data (``StoreUnderTest/join``).
    public static let severalNodes: [ConformanceCheck] = sharing

    /// When the clock of a check begins.
    public static let start = Instant(milliseconds: 1_767_225_600_000)
}
