/// Follows what a record of SPF includes and where it redirects to, as a receiver does who finds no match before the end.
struct SPFWalk {
    private let resolver: TXTResolver
    /// How many terms ask DNS so far.
    private var lookups = 0

    /// What is wrong, or could not be looked up.
    typealias Fault = (state: MailDomainFinding.State, detail: String)

    init(resolver: TXTResolver) { self.resolver = resolver }

    /// The first fault of a record and of all that it leads to. It ends with the term that is one too many, so that a
    /// record which includes itself is followed a few times only.
    ///
    /// - Parameter record: the record.
    /// - Returns: the fault; nil when there is none.
    mutating func fault(of record: SPFRecord) -> Fault? {
        lookups += record.lookups
        guard lookups <= SPFRecord.maxLookups else {
            return (
                .wrong, "\(lookups) terms need DNS, with those of the records that it includes, and ten are allowed"
            )
        }
        for (term, name) in record.further {
            let texts: [String]
            switch resolver.records(of: name) {
            case .unknown(let reason): return (.warning, "\(term) could not be looked up: \(reason)")
            case .records(let found): texts = found
            }
            let records = SPFRecord.all(in: texts)
            guard let next = records.first, records.count == 1 else {
                let found = records.isEmpty ? "has no SPF record" : "has \(records.count) SPF records"
                return (.wrong, "\(term): \(name) \(found), which makes the whole record invalid; correct or remove it")
            }
            if next.allowsEverybody { return (.wrong, "\(term): \(name) lets everybody send (+all); remove it") }
            if let fault = fault(of: next) { return fault }
        }
        return nil
    }
}
