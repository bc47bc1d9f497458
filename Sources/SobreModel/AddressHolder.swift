/// Another profile that holds an address of a message's recipient, with what its caps depend on.
///
/// A contact through an address counts for each profile that holds the address when it is sent, and a send is judged by
/// the caps of all who hold the address.
public struct AddressHolder: Hashable, Sendable {
    /// The number of profiles up to which an address is judged for all who hold it, unless the settings say otherwise.
    public static let usualMost = 32

    public var profile: Profile
    /// The addresses that the profile has in common with the recipient.
    public var addresses: [KeyHash]
    /// The profile's contacts, like ``AdmissionFacts/ledger``.
    public var ledger: [LedgerEntry]

    public init(profile: Profile, addresses: [KeyHash], ledger: [LedgerEntry]) {
        self.profile = profile
        self.addresses = addresses
        self.ledger = ledger
    }
}
