import DequeModule

extension Deque {
    /// Removes and returns all elements that match, in order.
    mutating func extract(where isGone: (Element) -> Bool) -> [Element] {
        let gone = filter(isGone)
        if !gone.isEmpty { removeAll(where: isGone) }
        return Array(gone)
    }
}
