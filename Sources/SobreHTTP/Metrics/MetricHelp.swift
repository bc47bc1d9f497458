/// What each metric means, for the `# HELP` lines of `GET /metrics` and the manual.
public enum MetricHelp {
    /// The sentence of a metric; nil for one that is not Sobre's own.
    public static func text(of name: String) -> String? { texts[name] }

    /// The names of all metrics.
    public static var names: [String] { texts.keys.sorted() }

    private static let texts: [String: String] = [
        "sobre_accepted_to_sent_seconds":
            "Time from acceptance, or from send_at, until a provider accepted a delivery.",
        "sobre_attempts_total": "Calls to providers, by the kind of their outcome.",
        "sobre_backlog": "Deliveries that wait.",
        "sobre_build_info": "Always 1. The label is the version of the program.",
        "sobre_claim_batch_size": "Deliveries in a claim.",
        "sobre_clock_alarm": "1 while the wall clock is not trusted.",
        "sobre_clock_offset_seconds": "The difference of the wall clock from Sobre's own time.",
        "sobre_decision_seconds": "Duration of a decision, reading its facts included.",
        "sobre_decisions_total":
            "Decisions by verdict, with the step and the policy's rule that refused; of several caps, the first.",
        "sobre_deliveries": "All deliveries that are kept.",
        "sobre_disk_free_bytes": "What may still be written beside the data.",
        "sobre_dropped_total": "Deliveries dropped by decision.",
        "sobre_events_behind_seconds": "The age of the oldest row of the log that a subscription has not passed.",
        "sobre_events_delivered_total": "Events that a receiver took, repetitions included.",
        "sobre_events_request_seconds": "Duration of a request to a receiver of events.",
        "sobre_events_requests_total": "Requests to a receiver of events, by their outcome.",
        "sobre_events_state": "1 for the state of a subscription to events: active, failing, paused or broken.",
        "sobre_failed_total": "Deliveries given up.",
        "sobre_files_refused":
            "Files that changed and are not in force: policy, templates' folder, settings, manifests.",
        "sobre_held": "Deliveries that are held; by template where they cannot be rendered.",
        "sobre_held_total": "Deliveries held by decision.",
        "sobre_http_buffered_bytes": "Bodies that are read or handled, without the first bytes of each.",
        "sobre_http_connections": "Open connections.",
        "sobre_http_refused_total": "Connections and bodies that were refused or cut off.",
        "sobre_http_request_seconds": "Duration of an answer.",
        "sobre_http_requests_total": "Requests answered.",
        "sobre_in_flight": "Claims and attempts in progress.",
        "sobre_late_outcomes_total": "Outcomes that came after their attempt had been closed as unknown.",
        "sobre_metrics_dropped_series": "Series that were not recorded for lack of room.",
        "sobre_oldest_due_seconds": "For how long the oldest delivery that is due has waited.",
        "sobre_pauses": "Pauses of sending in force.",
        "sobre_policy_version": "The policy in force.",
        "sobre_polls_lapsed_total": "Messages whose provider never said what became of them.",
        "sobre_provider_call_seconds": "Time from a request's first byte until the provider's answer is known.",
        "sobre_provider_faults": "Configured providers that cannot send, or whose receipts cannot be verified.",
        "sobre_provider_in_flight": "Calls in progress, and messages that are decided and wait for one.",
        "sobre_provider_share": "The part of its traffic that a provider keeps, 0.01 to 1.",
        "sobre_provider_state": "1 for the state that a provider is in: open, limited or broken.",
        "sobre_receipts_lapsed_total": "Receipts whose message did not appear.",
        "sobre_receipts_rejected_total": "Receipts that were rejected.",
        "sobre_resends_total": "Second attempts after an unknown outcome.",
        "sobre_settings_pending_restart": "Settings whose new values need a restart.",
        "sobre_source_lag_records": "Records of a source that are not stored yet.",
        "sobre_source_records_total": "Records of a source by what became of them: accepted, replayed or rejected.",
        "sobre_source_rejects": "Rejected records of a source that are kept.",
        "sobre_source_state": "1 for the state of a source: starting, reading, paused, failing or broken.",
        "sobre_store_bytes": "The size of the database and of its write-ahead log.",
        "sobre_store_commit_calls": "Calls that shared a commit.",
        "sobre_store_commit_seconds": "Duration of a commit, the sync of the disk included.",
        "sobre_store_faults_total": "Calls that the store refused.",
        "sobre_templates_broken": "Templates that cannot be read.",
        "sobre_transitions_total": "Deliveries that entered a state.",
    ]
}
