import DequeModule

extension Deque {
    /// Takes out every element that `isGone` names, in order.
    mutating func extract(where isGone: (Element) -> Bool) -> [Element] {
        let gone = filter(isGone)
        if !gone.isEmpty { removeAll(where: isGone) }
        return Array(gone)
    }
}
