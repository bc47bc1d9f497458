import SobreModel
import SobreSettings
import SobreStore

/// Who holds an address. A contact through an address counts for each profile that holds the address when it is sent,
/// and a send is judged by the caps of all who hold the address.
///
/// An address that more than `max_address_holders` profiles hold is taken for that of an organisation. Its holders are
/// judged separately.
extension Core {
    /// The other profiles that hold an address of this one. Most profiles share none, and then no statement is run.
    func sharing(of person: Person) throws(StoreError) -> AddressSharing {
        if let known = person.sharing { return known }
        var sharing = AddressSharing()
        let most = configuration.limits.maxAddressHolders - 1
        for (place, address) in person.subjects.enumerated().dropFirst(person.names)
        where !person.subjects[..<place].contains(address) {
            let others = try otherHolders(of: address, than: person.subjects[0], limit: most + 1)
            if others.count > most {
                sharing.crowded.append(address)
            } else {
                for other in others { sharing.add(other, at: address) }
            }
        }
        person.sharing = sharing
        return sharing
    }

    /// Adds the other profiles that hold an address of the recipient, with their contacts.
    func addHolders(of person: Person, to facts: inout AdmissionFacts, after cutoff: Instant) throws(StoreError) {
        let sharing = try sharing(of: person)
        if sharing.isNone { return }
        facts.crowdedAddresses = sharing.crowded
        for holder in sharing.holders {
            guard let other = try self.person(at: holder.person) else { continue }
            facts.holders.append(
                AddressHolder(
                    profile: other.profile, addresses: holder.addresses,
                    ledger: try contacts(of: other.subjects, names: other.names, after: cutoff)))
        }
    }

    /// At most `limit` profiles that hold an address, without this one.
    private func otherHolders(
        of address: KeyHash, than person: KeyHash, limit: Int
    ) throws(StoreError) -> [KeyHash] {
        let row = try cold("SELECT person FROM address_holder WHERE address = ? AND person <> ? LIMIT ?")
            .bind(1, address).bind(2, person).bind(3, Int64(limit))
        defer { row.reset() }
        var others: [KeyHash] = []
        while try row.step() { others.append(row.keyHash(0)) }
        return others
    }

    /// Records which addresses a profile holds from now on. Others who hold one of them are read again, because they
    /// share it from now on or no longer.
    ///
    /// - Parameters:
    ///   - addresses: The profile's addresses.
    ///   - key: The key hash of the profile's ID.
    ///   - earlier: What was stored before.
    /// - Throws: ``StoreError`` when a row cannot be written.
    func hold(_ addresses: [Address], of key: KeyHash, insteadOf earlier: Person?) throws(StoreError) {
        let mayHaveShared = earlier.map { $0.sharing == nil || $0.sharing?.isNone == false } ?? false
        if let earlier, earlier.profile.addresses == addresses { return }
        let former = Set(earlier?.subjects.dropFirst(earlier?.names ?? 0) ?? [])
        let held = Set(addresses.map(\.subject))
        try giveUp(former.subtracting(held), of: key)
        var shares = false
        for address in held where mayHaveShared || !former.contains(address) {
            let isNew = !former.contains(address)
            if isNew {
                try cold("INSERT OR IGNORE INTO address_holder VALUES (?, ?)").bind(1, address).bind(2, key).run()
            }
            let others = try holdersToRead(of: address, than: key)
            if others.isEmpty { continue }
            shares = true
            guard isNew else { continue }
            for other in others {
                try cold("UPDATE profile SET shares = 1 WHERE key = ? AND shares = 0").bind(1, other).run()
            }
            try readAgain(others)
        }
        if shares != mayHaveShared {
            try cold("UPDATE profile SET shares = ? WHERE key = ?").bind(1, shares ? 1 : 0).bind(2, key).run()
        }
    }

    /// Records that a profile no longer holds these addresses. Contacts that were made meanwhile still count for it.
    func giveUp(_ addresses: some Sequence<KeyHash>, of key: KeyHash) throws(StoreError) {
        for address in addresses {
            try cold("DELETE FROM address_holder WHERE address = ? AND person = ?").bind(1, address).bind(2, key).run()
            try readAgain(try holdersToRead(of: address, than: key))
        }
    }

    /// The other holders of an address, one more than can be affected by a further one. With so many, the address is
    /// crowded with and without this profile.
    private func holdersToRead(of address: KeyHash, than key: KeyHash) throws(StoreError) -> [KeyHash] {
        try otherHolders(of: address, than: key, limit: configuration.limits.maxAddressHolders + 1)
    }

    private func readAgain(_ others: [KeyHash]) throws(StoreError) {
        guard others.count <= configuration.limits.maxAddressHolders else { return }
        for other in others { for name in try names(of: other) { profiles.remove(name) } }
    }

    // MARK: The holders of an attempt

    func add(holders: [KeyHash], of attempt: Int64) throws(StoreError) {
        for holder in holders {
            try cold("INSERT INTO attempt_holder VALUES (?, ?)").bind(1, attempt).bind(2, holder).run()
        }
    }

    /// The other profiles for which an attempt counts.
    func holders(ofAttempt id: Int64) throws(StoreError) -> [KeyHash] {
        let row = try cold("SELECT person FROM attempt_holder WHERE attempt = ?").bind(1, id)
        defer { row.reset() }
        var holders: [KeyHash] = []
        while try row.step() { holders.append(row.keyHash(0)) }
        return holders
    }
}
