import SobreModel

/// Another profile that is judged with a member of a group, because they share addresses.
struct SharedAddresses {
    var person: UInt32
    var addresses: [KeyHash]
}

/// A contact through an address counts for each profile that holds the address, and a send is judged by the caps of all
/// who hold the address. In a replay, profiles hold their addresses from the beginning to the end.
extension ReplayRun {
    /// Notes who is judged with the profile that has just joined.
    mutating func noteSharing(of person: UInt32) {
        let place = members.count - 1
        var noted: [SharedAddresses] = []
        for subject in Set((members[place].profile?.addresses ?? []).map(\.subject)).sorted() {
            guard let all = sharers[subject] else { continue }
            guard all.count <= population.maxAddressHolders else {
                members[place].crowdedAddresses.append(subject)
                continue
            }
            for other in all where other != person {
                if let index = noted.firstIndex(where: { $0.person == other }) {
                    noted[index].addresses.append(subject)
                } else {
                    noted.append(SharedAddresses(person: other, addresses: [subject]))
                }
            }
        }
        others.append(noted)
    }

    /// The other profiles that hold an address of a member, with their contacts.
    mutating func holders(with place: Int, at now: Instant) -> [AddressHolder] {
        var holders: [AddressHolder] = []
        for other in others[place] {
            let index = self.place(of: other.person)
            forget(index, at: now)
            guard let profile = members[index].profile else { continue }
            holders.append(
                AddressHolder(profile: profile, addresses: other.addresses, ledger: members[index].ledger))
        }
        return holders
    }

    /// Adds a contact of a member to the ledgers of the others who hold one of its addresses. Beyond the bound, only
    /// rules about the address count it.
    mutating func share(_ contact: LedgerEntry, of place: Int, further: [Address]) {
        let reached = [contact.address] + further.map(\.subject)
        for other in others[place] where other.addresses.contains(where: reached.contains) {
            members[self.place(of: other.person)].ledger.append(contact)
        }
        guard members[place].crowdedAddresses.contains(contact.address), let all = sharers[contact.address] else {
            return
        }
        var seen = contact
        seen.countsForHolder = false
        let judged = others[place].filter { $0.addresses.contains(where: reached.contains) }.map(\.person)
        for other in all where !judged.contains(other) {
            let index = self.place(of: other)
            if index != place { members[index].ledger.append(seen) }
        }
    }
}
