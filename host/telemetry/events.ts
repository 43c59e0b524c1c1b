/** Every event that Mapveil logs. A line with another one was not written by it. */
export const EVENTS: ReadonlySet<string> = new Set(
  (
    "artefact_refused artefacts_lost bad_event call_failed call_refused certificate_loaded " +
    "certificate_rejected configuration_rejected configuration_reloaded crashed crashed_before " +
    "epoch_floor_announced eviction_failed files_ignored files_removed frame_failed " +
    "frame_not_counted frame_thread_replaced ledger_damaged ledger_head_failed " +
    "ledger_reserve_failed link_failed log_lines_lost lost_scans_not_counted permission_grant " +
    "permission_listener_failed permission_withdraw receiver_started receiver_stopped " +
    "restart_needed sidecar_started sidecar_stopped spool_damaged spool_listener_failed started " +
    "stop_forced stop_timed_out stopped stopping store_not_closed sweep_failed thread_crashed " +
    "upload_failed withdrawal_not_recorded withdrawn_at_start withdrawn_not_destroyed " +
    "writes_discarded"
  ).split(" "),
);
