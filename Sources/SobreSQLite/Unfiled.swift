import SobreModel

/// What the tables with random keys do not hold yet, ready to be found.
struct Unfiled {
    var contactQueue: FilingQueue<ContactRow>
    var keyQueue: FilingQueue<MessageRow>
    var peopleQueue: FilingQueue<MessageRow>
    private var contacts: [Int64: [ContactRow]] = [:]
    private var keys: [Int64: [Int64]] = [:]

    init(limit: Int) {
        contactQueue = FilingQueue(limit: limit)
        keyQueue = FilingQueue(limit: limit)
        peopleQueue = FilingQueue(limit: limit)
    }

    func contacts(of subject: Symbol) -> [ContactRow] { contacts[subject.stored] ?? [] }

    func messages(keyHash: Int64) -> [Int64] { keys[keyHash] ?? [] }

    mutating func begin() {
        contactQueue.begin()
        keyQueue.begin()
        peopleQueue.begin()
    }

    mutating func add(_ contact: ContactRow) {
        contactQueue.append(contact)
        contacts[contact.subject, default: []].append(contact)
    }

    mutating func undoContact(of subject: Int64) {
        contactQueue.undoAppend()
        forget(subject, in: \.contacts) { $0.removeLast() }
    }

    mutating func add(key: MessageRow) {
        keyQueue.append(key)
        keys[key.key, default: []].append(key.message)
    }

    mutating func undoKey(_ hash: Int64) {
        keyQueue.undoAppend()
        forget(hash, in: \.keys) { $0.removeLast() }
    }

    /// Forgets what a commit has put into the tables.
    mutating func didFile(contacts contactCount: Int, keys keyCount: Int, people: Int) {
        for row in contactQueue.next.prefix(contactCount) {
            forget(row.subject, in: \.contacts) { $0.removeAll { $0.attempt == row.attempt } }
        }
        for row in keyQueue.next.prefix(keyCount) {
            forget(row.key, in: \.keys) { $0.removeAll { $0 == row.message } }
        }
        contactQueue.didFile(contactCount)
        keyQueue.didFile(keyCount)
        peopleQueue.didFile(people)
    }

    mutating func removeAll() {
        contactQueue.removeAll()
        keyQueue.removeAll()
        peopleQueue.removeAll()
        contacts = [:]
        keys = [:]
    }

    private mutating func forget<Value>(
        _ key: Int64, in map: WritableKeyPath<Unfiled, [Int64: [Value]]>, _ change: (inout [Value]) -> Void
    ) {
        guard let index = self[keyPath: map].index(forKey: key) else { return }
        change(&self[keyPath: map].values[index])
        if self[keyPath: map].values[index].isEmpty { self[keyPath: map].remove(at: index) }
    }
}
