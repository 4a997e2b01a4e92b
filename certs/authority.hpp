// The partnership's own certificate authority.
//
// Its key lies in a folder of its own that the daemon neither reads nor knows: whoever holds it can
// become any agency. `cairn` loads it for one command and forgets it.
#pragma once

#include "certs/names.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::certs {

// Whole seconds; `until` is the last one it holds in.
struct validity {
    wall_time from;
    wall_time until;
};

// A key of its own and the request for its certificate; the key never leaves the asking machine.
struct key_and_request {
    std::string key_pem; // secret: write_file(…, reach::secret, …)
    std::string request_pem;
};

// P-256 from OpenSSL's generator. errc::bad_value where the names are no slugs.
result<key_and_request> make_request(const identity& who, std::string_view partnership);

// What the issuer grants. Nothing in it comes from the request but the public key.
struct certificate_order {
    std::string request_pem;
    identity who;
    // A server's names, at least one of either; empty for everybody else.
    std::vector<std::string> dns_names{};
    std::vector<std::string> ip_addresses{};
    validity valid;
};

struct revocation {
    std::string serial_hex;
    wall_time when;
};

struct crl_order {
    std::span<const revocation> revoked;
    std::uint64_t number = 0; // grows with every list
    wall_time this_update;
    wall_time next_update;
};

namespace detail {
struct free_form; // certs/free_form.hpp
}

// Immutable once made; move only. Thread: any, one at a time.
class authority {
public:
    static constexpr const char* key_file = "authority.key";
    static constexpr const char* certificate_file = "authority.pem";

    // Self-signed, P-256. errc::bad_value for a name or a span that cannot be.
    static result<authority>
    make(std::string_view partnership, const validity& valid, random_source& random);
    // errc::file_permissions where others may read the key; errc::certificate_malformed where key
    // and certificate do not belong together.
    static result<authority> load(const std::filesystem::path& folder);
    // Makes the folder 0700, the key 0600. Overwrites nothing: errc::file_exists.
    [[nodiscard]] status save(const std::filesystem::path& folder) const;

    authority(authority&&) noexcept;
    authority& operator=(authority&&) noexcept;
    ~authority();

    [[nodiscard]] const std::string& partnership() const;
    [[nodiscard]] const std::string& certificate_pem() const;

    // One certificate with exactly one URI name. errc::request_invalid where the request's own
    // signature fails or its key is weaker than 128 bits; errc::bad_value for names or a span that
    // cannot be, a span beyond the authority's own included.
    [[nodiscard]] result<std::string>
    issue(const certificate_order& order, random_source& random) const;

    [[nodiscard]] result<std::string> make_crl(const crl_order& order) const;

private:
    friend struct detail::free_form;
    struct state;
    explicit authority(std::unique_ptr<state> s);
    std::unique_ptr<state> state_;
};

} // namespace cairn::certs
