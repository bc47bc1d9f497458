public import SobreModel
public import SobreStore

/// A store under test, with its clock and the functions that open it.
///
/// Every store implementation provides its own factory and must pass the same checks.
public struct StoreUnderTest: Sendable {
    /// Opens the store. After `close` it is called again and opens the same data.
    public var open: @Sendable () async throws -> any Store
    /// Opens another handle on the same data while others are open, as another node does. Nil when the store has one
    /// owner at a time; the checks for several nodes then do not apply.
    public var join: (@Sendable () async throws -> any Store)?
    /// Notifies a store that its clock was moved.
    public var poke: @Sendable (any Store) async -> Void
    public var time: VirtualTime
    /// How long after the end of a node the store treats it as gone and reassigns its work.
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

/// One check: a sentence of the contract, and the test for it.
public struct ConformanceCheck: Sendable, CustomStringConvertible {
    public var description: String
    public var run: @Sendable (StoreUnderTest) async throws -> Void

    init(_ description: String, _ run: @escaping @Sendable (StoreUnderTest) async throws -> Void) {
        self.description = description
        self.run = run
    }
}

/// The error for a violation of the contract.
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
        acceptance + attachments + channels + claiming + admission + holding + recording + ledger + people + merging
        + consenting
        + suppressing + refusing + erasing + cancelling + restarting + history + following + owning
        + pausing + subscribing + administration + receipts + stating + replaying + auditing + sourcing

    /// The checks of the queue: claims, decisions, outcomes and what they need.
    public static let queue: [ConformanceCheck] = attachments + channels + claiming + admission + holding + recording

    /// Checks for stores that several nodes share. Each opens more handles on the same data (``StoreUnderTest/join``).
    public static let severalNodes: [ConformanceCheck] = sharing

    /// The initial time of a check's clock.
    public static let start = Instant(milliseconds: 1_767_225_600_000)
}
