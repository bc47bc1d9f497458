import HistoryChecker
import SobreHistories
import Testing

/// Proves that the checker can fail. Each safeguard is broken in turn, and the checker must report the promise that is
/// broken by it.
@Suite("The checker sees every broken step", .serialized)
struct MutationTests {
    /// The number of histories within which each mutation must be detected.
    static let seeds: UInt64 = 400

    /// The promises that may reveal a mutation.
    static func promises(_ mutation: Mutation) -> Set<Invariant> {
        switch mutation {
        case .noLedgerRow, .openNotCounted, .shortHorizon, .forgetsOtherProfile, .reserveNotChecked,
            .mergeForgets, .holdersNotCounted:
            [.capHolds, .onceAKey]
        case .holdersNotJudged: [.capHolds, .wishHolds]
        case .holdersInherit: [.noOverblocking, .tenantUntouched]
        case .earlyStamp: [.capHolds, .onceAKey]
        case .releasedOnUnknown: [.capHolds, .onceAKey, .ledgerIsWhole, .marketingOnce, .everyOutcomeExplained]
        case .noEpochCheck: [.staleChangesNothing, .marketingOnce, .escalatesWhenNeeded]
        case .oldPolicy: [.newestPolicy]
        case .dedupDoesNotWait: [.onceAKey]
        case .resendsMarketing: [.marketingOnce]
        case .resendsTwice, .resendUnflagged: [.transactionalOnceOrFlagged, .legalMoves]
        case .staleSuppressions: [.suppressionHolds]
        case .staleProfile: [.suppressionHolds, .wishHolds]
        case .keyNotChecked: [.oneMessageAKey]
        case .expiryNotChecked, .quietNotChecked, .cancelLost, .categoryExpiryForgotten: [.timesAreKept]
        case .restoreForgotten: [.restoreHolds]
        case .acceptedNotDurable: [.acceptedSurvives, .intentBeforeRequest, .ledgerIsWhole]
        case .rescueSaysUnsent, .timeoutSaysUnsent: [.marketingOnce, .transactionalOnceOrFlagged, .capHolds]
        case .garbageSaysSent: [.sentIsProven]
        case .callsWithoutIntent: [.intentBeforeRequest]
        case .claimsAreLost, .retriesNothing: [.endsInBoundedTime]
        case .countsTwice: [.noOverblocking]
        case .receiptsOverwrite: [.receiptsFold]
        case .mergeForgetsWishes: [.mergeKeepsAll]
        case .deadAddressesStay, .deadDevicesReached, .bouncesForgotten, .complaintsForgotten,
            .unsubscribesForgotten:
            [.suppressionHolds]
        case .softBounceSuppresses: [.everyOutcomeExplained]
        case .bounceGivesBack: [.ledgerIsWhole, .capHolds, .onceAKey]
        case .rejectionKeepsSlot: [.ledgerIsWhole, .noOverblocking]
        case .rejectionOfAny: [.ledgerIsWhole, .receiptsFold, .capHolds]
        case .foreignReceiptsBelieved: [.receiptsFold, .everyOutcomeExplained]
        case .escalatesAtOnce, .successForgotten: [.escalatesWhenNeeded]
        case .tenantsMixed: [.tenantUntouched]
        case .tenantsLost: [.capHolds, .onceAKey]
        case .limitsNotRead: [.wishHolds, .capHolds]
        case .pausesNotRead: [.wishHolds]
        case .habitsNotRead, .bestTimeNotAsked: [.habitsDecide]
        case .testsCount, .flagsIgnored: [.noOverblocking, .everyOutcomeExplained]
        case .groupsDrawnAnew: [.groupsAreFixed]
        case .nextChannelIsEnd: [.noOverblocking]
        case .operatorsNotHeard: [.pauseHolds]
        case .resumeLost: [.endsInBoundedTime, .pauseHolds]
        }
    }

    @Test("broken on purpose", arguments: Mutation.allCases)
    func isSeen(_ mutation: Mutation) throws {
        let campaign = Campaign.play(
            0..<Self.seeds, mutation: mutation, workers: HistoryTests.workers, stopAfter: 1)
        let broken = try #require(
            campaign.broken.first, "\(mutation): no history of \(campaign.played) broke a promise")
        #expect(
            broken.violations.contains { Self.promises(mutation).contains($0.invariant) },
            "\(mutation) was seen, but as \(broken.violations.map(\.description))")
    }
}
