import SobreModel

/// What the tables with random keys do not hold yet, ready to be found.
struct Unfiled {
    var contactQueue: FilingQueue<ContactRow>
    var keyQueue: FilingQueue<MessageRow>
    var peopleQueue: FilingQueue<MessageRow>
    private var contacts: [Int64: Few<ContactRow>] = [:]
    private var keys: [Int64: Few<Int64>] = [:]

    init(limit: Int) {
        contactQueue = FilingQueue(limit: limit)
        keyQueue = FilingQueue(limit: limit)
        peopleQueue = FilingQueue(limit: limit)
    }

    func contacts(of subject: Symbol) -> Few<ContactRow>? { contacts[subject.stored] }

    func messages(keyHash: Int64) -> Few<Int64>? { keys[keyHash] }

    mutating func begin() {
        contactQueue.begin()
        keyQueue.begin()
        peopleQueue.begin()
    }

    mutating func add(_ contact: ContactRow) {
        contactQueue.append(contact)
        Few.append(contact, to: &contacts[contact.subject])
    }

    mutating func undoContact(of subject: Int64) {
        contactQueue.undoAppend()
        Few.removeLast(of: &contacts[subject])
    }

    mutating func add(key: MessageRow) {
        keyQueue.append(key)
        Few.append(key.message, to: &keys[key.key])
    }

    mutating func undoKey(_ hash: Int64) {
        keyQueue.undoAppend()
        Few.removeLast(of: &keys[hash])
    }

    /// Forgets what a commit has put into the tables.
    mutating func didFile(contacts contactCount: Int, keys keyCount: Int, people: Int) {
        for row in contactQueue.next.prefix(contactCount) {
            Few.remove(from: &contacts[row.subject]) { $0.attempt == row.attempt }
        }
        for row in keyQueue.next.prefix(keyCount) {
            Few.remove(from: &keys[row.key]) { $0 == row.message }
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
}
