/// The whole interface of a store: the protocols that a second store implements.
///
/// The command line and the API also read a store through ``StoreReader``, and find one through ``StoreLocation``.
public typealias Store = AdministrationStore & AuditStore & EventStore & InboundStore & LogStore & MessageStore
    & PauseStore & PollStore & ProfileStore & QueueStore & ReceiptStore & SourceStore & StateChangeStore & StateStore
