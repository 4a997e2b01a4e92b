// The bugs that can be planted. Each stands outside the product: a wrapper round the ledger, the
// runtime, the routes, the disk or an agency's store.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace cairn::sim {

enum class bug : std::uint8_t {
    none,
    sync_forgotten,           // COMMIT answers before the disk has it
    post_dropped,             // a message between threads is lost now and then
    notice_lost_on_reconnect, // what is committed while a stream catches up is not offered to it
    stale_routing,            // a desk closed by a registry change goes on being routed to
    revocation_ignored,       // a revoked certificate keeps its streams and its rights
    wrong_desk_confirmed,     // a confirmation settles another desk's notice
    foreign_receipt,          // a receipt out of another commit
    key_forgotten,            // after a restart a key once used counts as new
    address_leaked,           // redaction lets a protected address through
    credit_ignored,           // more notices in flight than the desk asked for
    order_swapped,            // two notices of a stream change places
    notice_altered,           // one byte of a notice changes on its way
    confirmed_unstored,       // an agency confirms what it has not stored
    checkpoint_ahead,         // a head is signed and shown before its records are committed
    refused_though_stored,    // the sender is told no, the record is there
    old_backup,               // a restart finds the folder of some time ago
    confirm_unrecorded,       // a confirmation is answered and never written
    others_notices,           // a stream is given what belongs to another desk
    recall_ignored,           // a recall is recorded and answered, and withdraws nothing
};

struct planted {
    bug which;
    std::string_view name;
};

inline constexpr std::array planted_bugs{
    planted{bug::sync_forgotten, "sync_forgotten"},
    planted{bug::post_dropped, "post_dropped"},
    planted{bug::notice_lost_on_reconnect, "notice_lost_on_reconnect"},
    planted{bug::stale_routing, "stale_routing"},
    planted{bug::revocation_ignored, "revocation_ignored"},
    planted{bug::wrong_desk_confirmed, "wrong_desk_confirmed"},
    planted{bug::foreign_receipt, "foreign_receipt"},
    planted{bug::key_forgotten, "key_forgotten"},
    planted{bug::address_leaked, "address_leaked"},
    planted{bug::credit_ignored, "credit_ignored"},
    planted{bug::order_swapped, "order_swapped"},
    planted{bug::notice_altered, "notice_altered"},
    planted{bug::confirmed_unstored, "confirmed_unstored"},
    planted{bug::checkpoint_ahead, "checkpoint_ahead"},
    planted{bug::refused_though_stored, "refused_though_stored"},
    planted{bug::old_backup, "old_backup"},
    planted{bug::confirm_unrecorded, "confirm_unrecorded"},
    planted{bug::others_notices, "others_notices"},
    planted{bug::recall_ignored, "recall_ignored"},
};

} // namespace cairn::sim
