import JSON
import SobreSettings
import SobreStore

/// One entry of a batch of profiles, consents or suppressions: the item, or the problem with it.
struct ReadEntry<Item: Sendable>: Sendable {
    var line: Int
    var item: Result<Item, IntakeProblem>
}

extension Intake {
    /// Passes entries to `store` in chunks of ``IntakeLimits/chunk`` and concatenates the results.
    func inChunks<Entry, Outcome>(
        _ entries: some Sequence<Entry>, _ store: ([Entry]) async -> [Outcome]
    ) async -> [Outcome] {
        var results: [Outcome] = []
        var chunk: [Entry] = []
        chunk.reserveCapacity(limits.chunk)
        for entry in entries {
            chunk.append(entry)
            guard chunk.count >= limits.chunk else { continue }
            results += await store(chunk)
            chunk.removeAll(keepingCapacity: true)
        }
        if !chunk.isEmpty { results += await store(chunk) }
        return results
    }

    /// Reads one entry. The field of a problem is relative to the entry.
    func entry<Item: Sendable>(
        _ ref: JSONRef, line: Int, _ read: (JSONRef) throws(IntakeProblem) -> Item
    ) -> ReadEntry<Item> {
        do throws(IntakeProblem) {
            // The path of an array's element would begin with its index, which the line already says.
            return ReadEntry(line: line, item: .success(try read(ref.asRoot)))
        } catch {
            return ReadEntry(line: line, item: .failure(error.at(line: line)))
        }
    }

    /// Reads the lines of an NDJSON text lazily.
    func entries<Item: Sendable>(
        _ lines: NDJSONLines, _ read: @escaping (JSONRef) throws(IntakeProblem) -> Item
    ) -> some Sequence<ReadEntry<Item>> {
        lines.lazy.map { line in
            switch parse(line, of: lines) {
            case .success(let document): entry(document.root, line: line.number, read)
            case .failure(let problem): ReadEntry(line: line.number, item: .failure(problem))
            }
        }
    }

    /// Reads the elements of an array lazily. They are numbered from 1.
    func entries<Item: Sendable>(
        elementsOf array: JSONRef, _ read: @escaping (JSONRef) throws(IntakeProblem) -> Item
    ) -> some Sequence<ReadEntry<Item>> {
        zip(array.elements, 1...).lazy.map { entry($0, line: $1, read) }
    }

    /// Stores the valid entries, one transaction for each chunk. Invalid entries do not affect valid ones.
    ///
    /// - Parameters:
    ///   - entries: the entries with their items or problems.
    ///   - name: the id of an item in its result.
    ///   - store: stores items and returns an outcome for each, in order.
    /// - Returns: one result for each entry, in order.
    func store<Item: Sendable>(
        _ entries: some Sequence<ReadEntry<Item>>, named name: (Item) -> String,
        by store: ([Item]) async throws(StoreError) -> [ProfileResult.Outcome]
    ) async -> [ProfileResult] {
        await inChunks(entries) { chunk in
            let items = chunk.compactMap { try? $0.item.get() }
            var outcomes: [ProfileResult.Outcome] = []
            if !items.isEmpty {
                do throws(StoreError) {
                    outcomes = try await store(items)
                } catch {
                    outcomes = Array(repeating: .notStored(error), count: items.count)
                }
            }
            var next = outcomes.makeIterator()
            return chunk.map { entry in
                switch entry.item {
                case .failure(let problem):
                    return ProfileResult(line: entry.line, id: nil, outcome: .rejected(problem))
                case .success(let item):
                    var outcome = next.next()!
                    if case .rejected(let problem) = outcome { outcome = .rejected(problem.at(line: entry.line)) }
                    return ProfileResult(line: entry.line, id: name(item), outcome: outcome)
                }
            }
        }
    }
}
