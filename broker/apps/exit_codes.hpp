// How our programs exit: sysexits.h, one number for each error of the catalogue, the same in all of
// them. docs/EXIT_CODES.md is the page for people; a test holds the two together.
#pragma once

#include "core/result.hpp"

namespace cairn::apps {

enum exit_code : int {
    ok = 0,
    usage = 64,         // EX_USAGE
    bad_data = 65,      // EX_DATAERR: what was given, or what was checked, is not good
    no_input = 66,      // EX_NOINPUT: what was named is not there or cannot be read
    unavailable = 69,   // EX_UNAVAILABLE: no broker, or not this operation
    internal = 70,      // EX_SOFTWARE
    cannot_create = 73, // EX_CANTCREAT: a file of ours cannot be made
    io_error = 74,      // EX_IOERR: the ledger's disk
    try_later = 75,     // EX_TEMPFAIL: the same again may succeed
    not_permitted = 77, // EX_NOPERM
    bad_config = 78,    // EX_CONFIG: configuration, policy or keys
};

// What the gRPC status says, but for the errors it is too coarse for.
constexpr int exit_code_of(errc code) {
    switch (code) {
    case errc::usage:
        return exit_code::usage;
    case errc::too_large:
        return exit_code::bad_data;
    case errc::policy_missing:
    case errc::policy_expired:
    case errc::policy_invalid:
    case errc::policy_contradiction:
    case errc::policy_unsigned:
    case errc::policy_not_yet:
    case errc::storage_foreign:
    case errc::keys_missing:
    case errc::config_unknown_key:
    case errc::config_bad_value:
    case errc::file_permissions:
        return exit_code::bad_config;
    case errc::storage_full:
    case errc::storage_failed:
    case errc::storage_read_only:
        return exit_code::io_error;
    case errc::storage_in_use:
        return exit_code::try_later;
    case errc::file_unreadable:
        return exit_code::no_input;
    case errc::file_exists:
    case errc::file_unwritable:
        return exit_code::cannot_create;
    default:
        break;
    }
    switch (describe(code).grpc) {
    case 1:  // CANCELLED
    case 4:  // DEADLINE_EXCEEDED
    case 8:  // RESOURCE_EXHAUSTED
    case 10: // ABORTED
        return exit_code::try_later;
    case 5: // NOT_FOUND
        return exit_code::no_input;
    case 7:  // PERMISSION_DENIED
    case 16: // UNAUTHENTICATED
        return exit_code::not_permitted;
    case 12: // UNIMPLEMENTED
    case 14: // UNAVAILABLE
        return exit_code::unavailable;
    case 13: // INTERNAL
        return exit_code::internal;
    default:
        return exit_code::bad_data;
    }
}

} // namespace cairn::apps
