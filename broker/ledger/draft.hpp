// A record on its way into the log: everything the network thread could prepare, so that the one
// ledger thread only numbers, hashes, writes and signs.
#pragma once

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/result.hpp"
#include "merkle/leaf.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace cairn::ledger {

using record_kind = merkle::record_kind;

// A data key out of keys.db: used for one record, never again.
struct data_key {
    std::uint64_t slot = 0;
    key256 key{};
};

// Sealed under a data key: part 0 is the record's body, part n its n-th notice.
bytes seal_part(const data_key& key, std::uint32_t part, bytes_view plain);
result<bytes> open_part(const data_key& key, std::uint32_t part, bytes_view sealed);

// One who has an entry in the record's leaf.
struct party {
    enum class part_kind : std::uint8_t { sender = 1, desk = 2, actor = 3 };
    part_kind part = part_kind::sender;
    // "oakfield" or "northshire-police/mash"
    std::string name;
    // SHA-256(0x02 | r_i | exact bytes), i the party's place in the list.
    digest commitment{};
};

struct notice_draft {
    std::string desk;
    // seal_part(key, n, notice) with n = place in the list + 1.
    bytes sealed;
    bool hidden_from_sender = false;
    // Deadline for a named person to have read it, from record time. Microseconds.
    std::int64_t acknowledge_within_us = 0;
};

struct concern_effect {
    std::string concern_id;
    std::string thread;
    std::string sender;
    // Idempotency: unique in (sender, key) for the life of the record.
    std::string key;
    // Keyed hash of the submitted concern: a repeat with another body is refused.
    digest body_mac{};
    std::uint32_t kind = 0;
    std::string in_reply_to;
    std::vector<notice_draft> notices;
    // Kind acknowledgement: meets the obligation of these desks for in_reply_to, as far as they are
    // the sender's.
    bool acknowledges = false;
    std::vector<std::string> acknowledged;
    // Asks whether the key was used before and writes nothing: errc::not_found where it was not.
    bool only_repeat = false;
    // Pending notices of this concern are withdrawn in the same transaction (late harm flag,
    // recall). Its sender must be this one's.
    std::string withdraws;
};

struct confirm_effect {
    std::string desk;
    std::vector<std::uint64_t> positions;
};

struct return_effect {
    std::string desk;
    std::uint64_t position = 0;
    std::uint32_t reason = 0;
};

struct registry_effect {
    // Serialised v1::RegistryState after the change; its epoch must be the stored one plus one.
    bytes state;
    std::uint64_t epoch = 0;
};

// A record about a text of policy. The text is empty where it is refused, or only proved again.
struct policy_effect {
    // SHA-256 of `text`.
    digest text_digest{};
    bytes text;
};

using effect = std::variant<
    std::monostate,
    concern_effect,
    confirm_effect,
    return_effect,
    registry_effect,
    policy_effect>;

// Where a record is: log year and 0-based index in it, in one number that only grows.
struct position {
    std::uint64_t value = 0;
    static constexpr position at(std::uint32_t year, std::uint64_t index) {
        return {static_cast<std::uint64_t>(year) << 40U | index};
    }
    [[nodiscard]] constexpr std::uint32_t year() const {
        return static_cast<std::uint32_t>(value >> 40U);
    }
    [[nodiscard]] constexpr std::uint64_t index() const {
        return value & ((std::uint64_t{1} << 40U) - 1);
    }
    auto operator<=>(const position&) const = default;
};

// One that was pending and is not to be had any more.
struct withdrawn_notice {
    std::string desk;
    position at;
};

// What became of a draft. On failure nothing of it is stored.
struct committed {
    // record of the draft, or of the first submission where `repeated`.
    position at;
    std::int64_t recorded_at_us = 0;
    // C2SP tlog-proof of the first party's entry.
    std::string receipt;
    bool repeated = false;
    // Of the stored submission: equal to the draft's unless `repeated`.
    std::string concern_id;
    std::string thread;
    // confirm: how many of those asked are confirmed now; those confirmed before count again.
    std::uint32_t confirmed = 0;
    // By a recall, or a correction that withdraws.
    std::vector<withdrawn_notice> withdrawn;
};

struct draft {
    record_kind kind = record_kind::note;
    std::int64_t decided_at_us = 0;
    digest policy{};
    std::uint64_t registry_epoch = 0;
    // Per-record secret of the commitments; lives on only inside `sealed_body`.
    digest seed{};
    // Root of the field tree (concern) or of the one field that is the body (all others).
    digest body_root{};
    std::vector<party> parties;
    std::uint64_t key_slot = 0;
    // seal_part(key, 0, seed | serialised v1::RecordBody)
    bytes sealed_body;
    effect changes;
    bool urgent = false;
    // On the ledger thread, after the commit is on disk, in queue order.
    std::function<void(const result<committed>&)> done;
};

// For bounds: what the queue holds of memory.
std::size_t weight(const draft& d);

} // namespace cairn::ledger
