// A certificate's successor: asked for at two thirds of its life, fetched when the authority has
// signed it, put in its predecessor's place, and the predecessor retired (docs/adr/0019).
//
// Every state is in files, each written whole, so that a step that stopped anywhere goes on:
//   client.key.next, client.csr.next   made, to be asked for with
//   client.pem.next                    fetched and checked, about to take the place
//   client.pem.old                     replaced, not yet retired by a record
#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "transport/client.hpp"

#include <filesystem>
#include <string>

namespace cairn::agents {

struct renewal_files {
    std::filesystem::path certificate;
    std::filesystem::path key;
    std::string authority_pem;
};

enum class renewal_step : std::uint8_t {
    not_due, // and nothing to do until `due`
    waits,   // asked for; the authority has not signed it
    refused, // by the administrator, whose words are in `why`
    changed, // the files are the successor's: connect anew
};

struct renewal_state {
    renewal_step step = renewal_step::not_due;
    wall_time due;
    wall_time ends;
    // Of `waits`: since when, by the broker's clock.
    wall_time asked;
    std::string why;
};

// When a certificate that lives from `from` to `until` is to be renewed.
wall_time renewal_due(wall_time from, wall_time until);

// Where a step stopped between two files: brings certificate and key together again. Before
// anything reads them. errc::file_unwritable.
status finish_change(const renewal_files& files);

// One step; blocks on the network for as long as `connection` says, with its address and name (its
// certificates are not used). `now_anyway`: asks though it is not due yet. Again after a failure,
// or after an hour.
result<renewal_state> renew(
    transport::dialer& dialer,
    transport::dial_options connection,
    const renewal_files& files,
    wall_time now,
    bool now_anyway = false
);

} // namespace cairn::agents
