// Every limit of the product, named once. An error that enforces one says its number.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace cairn::limits {

using namespace std::chrono_literals;

// A concern, encoded.
inline constexpr std::size_t concern_bytes = 1024 * 1024;
inline constexpr std::size_t narrative_bytes = 256 * 1024;
inline constexpr std::size_t persons = 200;
inline constexpr std::size_t desks = 64;
inline constexpr std::size_t assertions = 2000;
inline constexpr std::size_t detriments = 100;
// Concerns of one thread; a longer story goes on in another thread, joined by a link.
inline constexpr std::size_t thread_concerns = 512;
// Of one concern, returned to its sender.
inline constexpr std::size_t warnings = 100;
// Cells of a concern, over all its desks, beyond which an explanation says of each what its rule
// says and no more: an answer has to fit into a message.
inline constexpr std::size_t explained_cells = 4000;
// One message of any call, after framing.
inline constexpr std::size_t message_bytes = 4 * 1024 * 1024;
inline constexpr std::size_t text_field_bytes = 8 * 1024;
inline constexpr std::size_t key_bytes_min = 8;
inline constexpr std::size_t key_bytes_max = 64;
inline constexpr std::size_t confirm_positions = 4096;

// A policy text.
inline constexpr std::size_t policy_bytes = 1024 * 1024;
inline constexpr int policy_rules = 2000;
// Compiled: its rules, once for each list in which they stand; and the decisions a proof holds.
inline constexpr std::size_t policy_entries = 4'000'000;
inline constexpr std::size_t policy_walks = 4'000'000;
// Days to come on which rules of one text come into force: it is proved for each.
inline constexpr std::size_t policy_days = 16;
// A file of test cases for one; its bytes are bounded as a text's.
inline constexpr int policy_cases = 5000;

// HTTP/2, per connection.
inline constexpr std::uint32_t streams = 256;
inline constexpr std::size_t running_handlers = 512;
inline constexpr std::size_t header_list_bytes = 16 * 1024;
inline constexpr std::size_t queued_output_bytes = 64 * 1024;
inline constexpr std::size_t outbound_frames = 5000;
inline constexpr std::size_t empty_data_frames = 1000;
inline constexpr std::size_t swallowed_body_bytes = 16 * 1024 * 1024;
// Initial windows. What a connection may make us hold is bounded apart, below.
inline constexpr std::uint32_t stream_window = 512 * 1024;
inline constexpr std::uint32_t connection_window = 4 * 1024 * 1024;
// Request bytes held for all calls of a connection; the call that passes it is refused.
inline constexpr std::size_t connection_held_bytes = 32 * 1024 * 1024;
// Response bytes of all calls of a connection before it is not read any more.
inline constexpr std::size_t connection_queued_bytes = 4 * 1024 * 1024;
// Messages one stream hands over before the others get their turn.
inline constexpr std::size_t messages_a_turn = 1024;
// Frames of a peer that break a rule and cost us a reset, before it is told to go away.
inline constexpr std::size_t invalid_frames = 100;
inline constexpr std::uint64_t reset_burst = 200;
inline constexpr std::uint64_t reset_rate = 20;

// Connections and time.
inline constexpr std::size_t connections = 1024;
// Of one identity, whatever its certificates: no agency can take the places of all others.
inline constexpr std::size_t connections_per_identity = connections / 4;
inline constexpr std::size_t handshakes_in_flight = 64;
inline constexpr std::size_t health_connections = 32;
inline constexpr auto handshake = 5s;
inline constexpr auto header = 10s;
inline constexpr auto write_stall = 30s;
inline constexpr auto idle = 300s;
inline constexpr auto body_progress = 30s;
inline constexpr auto keepalive_ping = 60s;
inline constexpr auto ping_answer = 30s;
// Between the announcement of the end and the last GOAWAY, at most.
inline constexpr auto shutdown_notice = 1s;
inline constexpr auto connection_age = 24h;
inline constexpr auto drain = 10s;

// The ledger.
inline constexpr std::size_t group_records = 256;
inline constexpr std::size_t group_bytes = 1024 * 1024;
inline constexpr std::size_t queue_records = 4096;
inline constexpr std::size_t queue_bytes = 32 * 1024 * 1024;
inline constexpr std::size_t key_slots_ahead = 8192;
// Commits after which the last released head is written beside the keys, if not sooner.
inline constexpr std::size_t released_head_commits = 64;
// The write-ahead log, in pages of 4 KiB: past it the writer waits for the readers, query_time at
// most, and cuts it to nothing. 256 MiB.
inline constexpr int wal_pages = 65536;
// Of each of the two indexes over random keys, before they go into its table; 24 bytes a key.
inline constexpr std::size_t index_keys_in_memory = 32768;
inline constexpr auto query_time = 2s;
// Of the log at once, by whoever reads many concerns: concerns, records looked at for them, bytes
// of opened bodies beyond which no further one is read.
inline constexpr std::size_t part_concerns = 256;
inline constexpr std::size_t part_records = 16384;
inline constexpr std::size_t part_bytes = 4 * 1024 * 1024;

// Delivery.
inline constexpr std::uint32_t unconfirmed_default = 256;
inline constexpr std::uint32_t unconfirmed_max = 4096;
inline constexpr std::uint32_t fetch_default = 32;
inline constexpr std::uint32_t fetch_max = 256;
// Deliveries of one FetchResponse, below message_bytes so that every client can read it; one
// delivery goes in any case.
inline constexpr std::size_t fetch_bytes = 3 * 1024 * 1024;
// What a live stream holds of notices it could not send yet, and what it reads of the store at
// once. Beyond it the stream reads the store again when the desk has taken what it has.
inline constexpr std::size_t stream_buffer_bytes = 4 * 1024 * 1024;
inline constexpr std::size_t stream_read_bytes = 1024 * 1024;

// Enrolment and renewal. Administrators who approve, each another.
inline constexpr int approvals = 2;
// A PKCS #10 request, PEM.
inline constexpr std::size_t request_bytes = 16 * 1024;
inline constexpr std::size_t renewal_signature_bytes = 1024;
// Rows of the registry, finished ones among them.
inline constexpr int enrolments = 4096;
inline constexpr std::size_t conformance_steps = 32;
inline constexpr std::size_t conformance_detail_bytes = 512;
// Changes of the registry that wait for the one under way.
inline constexpr std::size_t registry_changes_waiting = 1024;

// Clocks. Wall and monotonic clock apart by more than this between two looks is a jump.
inline constexpr auto clock_jump = 2s;
// A record at least this often, so that silence can be seen in the log.
inline constexpr auto heartbeat = 60s;

// Texts of the log: notes, checkpoints, receipts. C2SP asks for 16 signatures or more.
inline constexpr std::size_t note_bytes = 1024 * 1024;
inline constexpr std::size_t note_signatures = 100;

} // namespace cairn::limits
