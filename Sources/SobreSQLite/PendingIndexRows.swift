import SobreModel

/// Rows that are not yet in the tables with random keys. They can be looked up here.
struct PendingIndexRows {
    var contactQueue: IndexingQueue<ContactRow>
    var keyQueue: IndexingQueue<MessageRow>
    var peopleQueue: IndexingQueue<MessageRow>
    private var contacts: [Int64: SmallArray<ContactRow>] = [:]
    private var keys: [Int64: SmallArray<Int64>] = [:]

    init(limit: Int) {
        contactQueue = IndexingQueue(limit: limit)
        keyQueue = IndexingQueue(limit: limit)
        peopleQueue = IndexingQueue(limit: limit)
    }

    func contacts(of subject: KeyHash) -> SmallArray<ContactRow>? { contacts[subject.stored] }

    func messages(keyHash: Int64) -> SmallArray<Int64>? { keys[keyHash] }

    mutating func begin() {
        contactQueue.begin()
        keyQueue.begin()
        peopleQueue.begin()
    }

    mutating func add(_ contact: ContactRow) {
        contactQueue.append(contact)
        SmallArray.append(contact, to: &contacts[contact.subject])
    }

    mutating func undoContact(of subject: Int64) {
        contactQueue.undoAppend()
        SmallArray.removeLast(of: &contacts[subject])
    }

    mutating func add(key: MessageRow) {
        keyQueue.append(key)
        SmallArray.append(key.message, to: &keys[key.key])
    }

    mutating func undoKey(_ hash: Int64) {
        keyQueue.undoAppend()
        SmallArray.removeLast(of: &keys[hash])
    }

    /// Removes the rows that a commit has written to the tables.
    mutating func didIndex(contacts contactCount: Int, keys keyCount: Int, people: Int) {
        for row in contactQueue.next.prefix(contactCount) {
            SmallArray.remove(from: &contacts[row.subject]) { $0.attempt == row.attempt }
        }
        for row in keyQueue.next.prefix(keyCount) {
            SmallArray.remove(from: &keys[row.key]) { $0 == row.message }
        }
        contactQueue.didIndex(contactCount)
        keyQueue.didIndex(keyCount)
        peopleQueue.didIndex(people)
    }

    mutating func removeAll() {
        contactQueue.removeAll()
        keyQueue.removeAll()
        peopleQueue.removeAll()
        contacts = [:]
        keys = [:]
    }
}
