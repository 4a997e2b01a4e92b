// A partnership from nothing, in files: authority, broker folder, ledger with its first record,
// first admin, and where asked for an example.
//
//   by folder            --system               holds
//   DIR/broker/          /etc/cairn/broker/     cairnd.toml, tls/, policy.textproto and its
//                                               signatures, policy-signers, calendar.csv
//   DIR/broker/data/     /var/lib/cairn/        the ledger
//   DIR/broker/keys/     /etc/cairn/keys/       partnership.key, log.key
//   DIR/authority/       /etc/cairn/authority/  authority.key, authority.pem, issued/, policy/
//   DIR/admin/           /etc/cairn/admin/      context.toml, admin.pem, admin.key, vkeys
//   DIR/example/         /etc/cairn/example/    a school, a council, a concern
//
// With --system, broker/ and the ledger are user cairn's; the rest stays root's, the keys too,
// which the service gets as credentials.
#pragma once

#include "apps/cairn/program.hpp"
#include "certs/authority.hpp"
#include "certs/names.hpp"
#include "certs/parse.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cairn::cli {

struct founding {
    std::string folder;
    std::string partnership;
    std::string admin = "admin";
    std::string address = "127.0.0.1";
    std::uint16_t port = 7443;
    std::uint16_t health_port = 7480;
    std::vector<std::string> names{"localhost"};
    // Where the packages' service looks for it, for the packages' user.
    bool system = false;
    bool example = false;
};

struct places {
    std::filesystem::path root, broker, data, keys, authority, admin, example;
};
places places_of(const founding& o);

// Where clients on this machine reach the broker.
std::string own_address(const founding& o);

// errc::bad_value where something is there already that would be written over; file_unwritable;
// with `system` errc::usage for who is not root or where the packages are not installed.
status found(const founding& o);

// Key and certificate of somebody in the partnership, written as NAME.key and NAME.pem; the
// authority keeps its copy.
result<certs::certificate_facts> make_identity(
    const founding& o,
    const certs::authority& authority,
    const certs::identity& who,
    const std::filesystem::path& folder,
    const std::string& name
);

} // namespace cairn::cli
