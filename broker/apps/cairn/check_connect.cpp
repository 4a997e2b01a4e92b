// cairn check connect: what stands between here and the broker, by name, with what to do.
#include "apps/cairn/probe.hpp"

#include "certs/parse.hpp"
#include "core/system.hpp"
#include "daemon/json_log.hpp"

#include "cairn/v1/admin.pb.h"
#include "cairn/v1/exchange.pb.h"

#include <fmt/format.h>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;

struct cause {
    std::string_view name;
    std::string_view next;
};

// By the words of the layer that failed (transport/dial.cpp, tls_channel.cpp).
struct known_cause {
    std::string_view words;
    cause what;
};
constexpr known_cause by_words[] = {
    {"the name is not known",
     {"DNS", "Ask whoever runs your name server, or check `broker` in the context for a slip"}},
    {"nothing listens there",
     {"closed port", "Check the port in the context, and whether the broker runs"}},
    {"took too long",
     {"no answer", "A firewall drops it on the way: ask for the port to be opened"}},
    {"no answer in time",
     {"no answer", "A firewall drops it on the way: ask for the port to be opened"}},
    {"is of another authority (issuer:",
     {"wrong authority or intercepted TLS",
      "If the issuer named is your own firewall or proxy, have this host let through uninspected; "
      "else get authority.pem anew from the partnership's administrator"}},
    {"does not carry the name",
     {"wrong name", "Check `broker` and `name` in the context; something else may answer there"}},
    {"the server's certificate has expired",
     {"their certificate expired", "Tell the partnership's administrator; check this clock too"}},
    {"the server's certificate is not valid yet",
     {"clock", "Set this machine's clock: it is behind the certificate's first day"}},
    {"authority it does not know",
     {"our certificate is of a wrong authority",
      "Use the certificate the partnership's administrator gave you"}},
    {"the certificate has expired",
     {"our certificate expired", "Ask the partnership's administrator for a new one"}},
    {"the certificate was revoked",
     {"our certificate was revoked", "Ask the partnership's administrator why"}},
    {"wants a certificate", {"no certificate", "Name certificate and key in the context"}},
    {"proxy", {"proxy", "Ask whoever runs the proxy to let CONNECT to the broker through"}},
};

constexpr std::string_view not_enrolled =
    "Ask the partnership's administrator to register this certificate: cairn cert list shows his";

cause cause_of(const failure& f) {
    switch (f.code) {
    case errc::certificate_unknown:
    case errc::certificate_identity:
        return {"not enrolled", not_enrolled};
    case errc::certificate_revoked:
        return {"our certificate was revoked", describe(f.code).next_step};
    case errc::unauthenticated:
        return {"our certificate expired", describe(f.code).next_step};
    case errc::agency_suspended:
        return {"agency suspended", describe(f.code).next_step};
    default:
        break;
    }
    const std::string said = f.where + " " + f.detail;
    for (const auto& k : by_words) {
        if (said.find(k.words) != std::string::npos) return k.what;
    }
    return {f.code == errc::tls_failed ? "TLS" : "connection", describe(f.code).next_step};
}

void refuse(program& p, const failure& f) {
    const cause why = cause_of(f);
    const std::string detail = f.detail.empty() ? "" : "; " + f.detail;
    say(p, level::critical, fmt::format("{}: {}{}", why.name, f.public_text(), detail), why.next);
}

// Our own certificate by this machine's clock, before anybody is asked. False: said.
bool own_dates_good(program& p, const context& mine) {
    const auto facts = certs::parse_certificate(mine.tls.certificate_pem);
    const auto now = system_clock().wall_now();
    if (!facts) {
        say_failure(p, level::critical, facts.error());
        return false;
    }
    if (now < facts->not_before) {
        say(p,
            level::critical,
            fmt::format(
                "clock: this machine says {}, our certificate begins {}",
                daemon::rfc3339(now),
                daemon::rfc3339(facts->not_before)
            ),
            "Set this machine's clock");
        return false;
    }
    if (now >= facts->not_after) {
        say(p,
            level::critical,
            fmt::format(
                "our certificate expired: {}, this machine says {}",
                daemon::rfc3339(facts->not_after),
                daemon::rfc3339(now)
            ),
            "Ask the partnership's administrator for a new one; check this clock too");
        return false;
    }
    return true;
}

} // namespace

void check_connect(program& p) {
    const auto mine = p.load_context();
    if (!mine) return say_failure(p, level::unknown, mine.error());
    if (!own_dates_good(p, *mine)) return;
    const auto c = p.connection();
    if (!c) return refuse(p, c.error());
    const auto desks =
        p.call<v1::ListDesksResponse>("/cairn.v1.Exchange/ListDesks", v1::ListDesksRequest{});
    // Whoever is told that it may not ask this was let in and answered.
    if (!desks && desks.error().code != errc::operation_not_allowed)
        return refuse(p, desks.error());
    say(p,
        level::good,
        fmt::format("{}:{} answers, both certificates are accepted", mine->host, mine->port));
}

} // namespace cairn::cli
