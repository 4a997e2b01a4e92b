// The agent's journal: what it owes the broker and what it has taken from it.
//
// Invariants.
//  1. append() returned well: the rows survive power loss. Only then is a file taken away.
//  2. A queued row keeps the exact bytes to send; every retry repeats them under one key, so that
//     the broker answers a repeat with the first receipt.
//  3. A settled row keeps its answer until mark_filed(), so that a crash between the answer and the
//     receipt file loses neither.
//  4. Rows are never deleted: a key once used stays known. Content is, as soon as it is filed.
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn::agents {

enum class submission_state : std::uint8_t { queued = 0, accepted = 1, refused = 2 };

struct submission {
    std::string key;
    // Encoded v1::SubmitRequest, sent as it is. Empty once filed.
    bytes request;
    // Digest of the content of the file it came from.
    std::string source;
    submission_state state = submission_state::queued;
    // Encoded v1::PublishResponse. Empty while queued and once filed.
    bytes answer;
};

// What became of a queued row.
struct settlement {
    std::string key;
    submission_state state = submission_state::accepted;
    // Encoded v1::PublishResponse.
    bytes answer;
};

using row_sink = std::function<status(const submission&)>;
// Gives its rows one by one; ends with the first failure, the sink's own among them. What is read
// of a big file is in no memory whole.
using row_source = std::function<status(const row_sink&)>;

// Thread: one at a time. Failures: errc::storage_failed, storage_full.
class outbox_store {
public:
    virtual ~outbox_store() = default;

    // All or nothing, also where the source fails. A key known with the same bytes is left as it
    // is; with others errc::key_reused.
    virtual status append_each(const row_source& rows) = 0;
    status append(const std::vector<submission>& rows) {
        return append_each([&](const row_sink& to) -> status {
            for (const auto& row : rows) CAIRN_TRY(to(row));
            return {};
        });
    }
    // Keys in the order they were appended.
    virtual result<std::vector<std::string>> queued() = 0;
    // errc::not_found.
    virtual result<submission> find(std::string_view key) = 0;
    // All or nothing, for one wait on the disk.
    virtual status settle(const std::vector<settlement>& all) = 0;
    status settle(std::string_view key, submission_state state, bytes_view answer) {
        return settle({{std::string(key), state, bytes(answer)}});
    }
    // Settled keys whose receipt or reason is not yet a file.
    virtual result<std::vector<std::string>> unfiled() = 0;
    // Takes the content away; the keys stay. All or nothing.
    virtual status mark_filed(const std::vector<std::string>& keys) = 0;

    // True while rows of this file are journaled and the file itself may still be there.
    virtual result<bool> source_journaled(std::string_view source) = 0;
    virtual status mark_source_removed(std::string_view source) = 0;
    // A key under which this content is queued or was accepted; nullopt: never taken, or all of it
    // was refused.
    virtual result<std::optional<std::string>> taken_as(std::string_view source) = 0;
    virtual result<std::optional<std::string>> oldest_queued() = 0;

    // Position of the last notice stored for a desk; 0: none.
    virtual result<std::uint64_t> last_stored(std::string_view desk) = 0;
    virtual status
    mark_stored(std::string_view desk, std::uint64_t position, bool owes_confirm) = 0;
    // Stored and not yet confirmed to the broker, ascending.
    virtual result<std::vector<std::uint64_t>> unconfirmed(std::string_view desk) = 0;
    virtual status
    mark_confirmed(std::string_view desk, const std::vector<std::uint64_t>& positions) = 0;
};

// Forgets with the object: simulation and tests.
std::unique_ptr<outbox_store> make_memory_outbox();

// A file of mode 0600, made when absent. errc::storage_in_use when another agent has it,
// storage_foreign when it is not such a journal, storage_read_only. `vfs`: a SQLite VFS by name,
// empty: the system's; with another one the file is made by that alone.
result<std::unique_ptr<outbox_store>>
open_sqlite_outbox(const std::string& path, const std::string& vfs = {});

} // namespace cairn::agents
