#include "support/bad_certs.hpp"

#include "certs/free_form.hpp"
#include "certs/parse.hpp"
#include "core/assert.hpp"

#include <array>

namespace cairn::test {
namespace {

using namespace std::chrono_literals;
using certs::identity_kind;

constexpr auto day = 24h;
constexpr auto year = 365 * day;

template <class T>
T must(result<T> r) {
    CAIRN_ASSERT(r.has_value(), "a test certificate could not be made");
    return std::move(*r);
}

certs::validity around(wall_time now) {
    return {now - day, now + year};
}

certs::authority
make_authority(std::string_view partnership, wall_time now, random_source& random) {
    return must(certs::authority::make(partnership, {now - 3 * year, now + 10 * year}, random));
}

issued pack(std::string name, std::string pem, std::string key_pem) {
    const certs::certificate_facts facts = must(certs::parse_certificate(pem));
    issued out;
    out.name = std::move(name);
    out.uri = facts.uris.empty() ? "" : facts.uris.front();
    out.certificate_pem = std::move(pem);
    out.key_pem = std::move(key_pem);
    out.sha256_hex = to_hex(view(facts.fingerprint));
    out.serial_hex = facts.serial_hex;
    return out;
}

struct order {
    std::string name;
    certs::identity who{identity_kind::agency, "oakfield"};
    certs::validity valid;
};

issued honest(const certs::authority& by, const order& o, random_source& random) {
    certs::key_and_request made = must(certs::make_request(o.who, by.partnership()));
    certs::certificate_order wanted{
        .request_pem = made.request_pem, .who = o.who, .valid = o.valid};
    if (o.who.kind == identity_kind::server) {
        wanted.dns_names = {"localhost"};
        wanted.ip_addresses = {"127.0.0.1", "::1"};
    }
    return pack(o.name, must(by.issue(wanted, random)), std::move(made.key_pem));
}

// A client certificate with the URI names given, one or not.
issued with_uris(
    const certs::authority& by, const order& o, std::vector<std::string> uris, random_source& random
) {
    certs::key_and_request made = must(certs::make_request(o.who, by.partnership()));
    const certs::detail::free_form form{
        .request_pem = made.request_pem,
        .common_name = "agency/oakfield",
        .uris = std::move(uris),
        .dns_names = {},
        .ip_addresses = {},
        .for_server = false,
        .for_client = true,
        .valid = o.valid,
    };
    return pack(o.name, must(form.sign(by, random)), std::move(made.key_pem));
}

} // namespace

void seeded_random::fill(std::span<std::uint8_t> out) {
    for (std::uint8_t& byte : out) {
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        byte = static_cast<std::uint8_t>(z >> 56);
    }
}

refused_by who_refuses(flaw what) {
    switch (what) {
    case flaw::no_uri:
    case flaw::two_uris:
        return refused_by::name;
    case flaw::unknown_to_registry:
        return refused_by::registry;
    case flaw::expired:
    case flaw::not_yet_valid:
    case flaw::wrong_authority:
    case flaw::same_named_authority:
    case flaw::server_as_client:
    case flaw::revoked:
        return refused_by::chain;
    }
    return refused_by::chain;
}

certificate_set::certificate_set(std::string_view partnership, wall_time now, random_source& random)
    : now_(now), random_(random), authority_(make_authority(partnership, now, random)),
      server_(honest(authority_, {"server", {identity_kind::server, "broker"}, around(now)}, random)
      ) {
    const certs::validity valid = around(now);
    const order plain{.name = "", .valid = valid};
    const auto named = [&](const char* name, const certs::validity& span) {
        order o = plain;
        o.name = name;
        o.valid = span;
        return o;
    };
    const certs::authority stranger = make_authority("elsewhere", now, random);
    const certs::authority impostor = make_authority(partnership, now, random);
    const std::string uri = must(certs::uri_of(plain.who, partnership));
    const std::string second =
        must(certs::uri_of({identity_kind::agency, "northshire-police"}, partnership));

    add(flaw::expired, honest(authority_, named("expired", {now - year, now - day}), random));
    add(flaw::not_yet_valid,
        honest(authority_, named("not yet valid", {now + day, now + year}), random));
    add(flaw::wrong_authority, with_uris(stranger, named("wrong authority", valid), {uri}, random));
    add(flaw::same_named_authority,
        honest(impostor, named("same-named false authority", valid), random));
    add(flaw::no_uri, with_uris(authority_, named("no URI name", valid), {}, random));
    add(flaw::two_uris,
        with_uris(authority_, named("two URI names", valid), {uri, second}, random));
    order server = named("server certificate as client", valid);
    server.who = {identity_kind::server, "broker"};
    add(flaw::server_as_client, honest(authority_, server, random));
    add(flaw::revoked, honest(authority_, named("revoked", valid), random));
    add(flaw::unknown_to_registry, honest(authority_, named("unknown", valid), random));

    const std::array rows{certs::revocation{bad(flaw::revoked).serial_hex, now - day}};
    crl_pem_ = must(authority_.make_crl(
        {.revoked = rows, .number = 1, .this_update = now - day, .next_update = now + year}
    ));
}

const issued& certificate_set::bad(flaw what) const {
    for (const bad_certificate& b : bad_) {
        if (b.what == what) return b.certificate;
    }
    CAIRN_ASSERT(false, "no certificate of that flaw");
}

issued certificate_set::issue(const certs::identity& who) {
    return honest(authority_, {who.id, who, around(now_)}, random_);
}

void certificate_set::add(flaw what, issued certificate) {
    bad_.push_back({what, std::move(certificate)});
}

} // namespace cairn::test
