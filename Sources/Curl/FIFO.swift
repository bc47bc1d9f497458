/// A queue over one array, whose storage is reused.
struct FIFO<Element> {
    /// `head` is the next one; what lies before it has been taken.
    private var items: [Element?] = []
    private var head = 0

    var isEmpty: Bool { head == items.count }

    var count: Int { items.count - head }

    mutating func append(_ element: Element) {
        items.append(element)
    }

    mutating func prepend(_ element: Element) {
        if head > 0 {
            head -= 1
            items[head] = element
        } else {
            items.insert(element, at: 0)
        }
    }

    mutating func popFirst() -> Element? {
        guard head < items.count else { return nil }
        let first = items[head]
        items[head] = nil
        head += 1
        if head == items.count {
            items.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 1_024, head * 2 >= items.count {
            items.removeSubrange(..<head)
            head = 0
        }
        return first
    }

    /// Takes out every element that `isGone` names, in order.
    mutating func remove(where isGone: (Element) -> Bool) -> [Element] {
        let all = items[head...].compactMap(\.self)
        guard all.contains(where: isGone) else { return [] }
        items = all.filter { !isGone($0) }
        head = 0
        return all.filter(isGone)
    }
}
