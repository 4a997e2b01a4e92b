// cairn check connect: what stands between here and the broker, by name, with what to do.
#include "apps/cairn/probe.hpp"

#include "certs/parse.hpp"
#include "core/log_line.hpp"
#include "core/system.hpp"

#include "cairn/v1/admin.pb.h"
#include "cairn/v1/exchange.pb.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

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
};

// A proxy on the way is asked before the broker is, so its words are looked for first
// (transport/proxy.cpp, dial.cpp).
constexpr std::string_view a_proxy = "proxy";
constexpr known_cause by_words_of_a_proxy[] = {
    {"wants a name and password",
     {a_proxy,
      "Write one line, name:password, into a file that is yours alone (mode 0600) and name it in "
      "the context: proxy_auth_file"}},
    {"does not take the name and password",
     {a_proxy, "Ask whoever runs the proxy for the name and password that proxy_auth_file lacks"}},
    {"of a kind other than Basic",
     {a_proxy,
      "Only Basic is spoken here: ask whoever runs the proxy to let the broker's name and port "
      "through without a login"}},
    {"cannot reach the broker",
     {a_proxy,
      "Check `broker` in the context; then ask whoever runs the proxy why he cannot reach it"}},
    {"nothing listens there",
     {a_proxy, "Check `proxy` in the context, and whether the proxy runs"}},
    {"the name is not known",
     {a_proxy, "Check `proxy` in the context for a slip, or ask whoever runs your name server"}},
    {"no answer in time",
     {a_proxy,
      "Check `proxy` in the context, and whether this machine may reach it; then ask whoever runs "
      "it"}},
    {"not HTTP", {a_proxy, "Check `proxy` in the context: what answers there is no HTTP proxy"}},
};
constexpr known_cause proxy_forbids{
    "", {a_proxy, "Ask whoever runs the proxy to allow CONNECT to the broker's name and port"}};
constexpr known_cause proxy_cuts{
    "through the proxy",
    {a_proxy,
     "It let us through and then cut the connection: ask whoever runs the proxy to let the "
     "broker's name and port through uninspected and without a limit of bytes or time"}};

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
    const auto says = [&said](const known_cause& k) {
        return said.find(k.words) != std::string::npos;
    };
    if (f.code == errc::proxy_failed) {
        const auto* k =
            std::find_if(std::begin(by_words_of_a_proxy), std::end(by_words_of_a_proxy), says);
        return k == std::end(by_words_of_a_proxy) ? proxy_forbids.what : k->what;
    }
    for (const auto& k : by_words) {
        if (says(k)) return k.what;
    }
    if (says(proxy_cuts)) return proxy_cuts.what;
    return {f.code == errc::tls_failed ? "TLS" : "connection", describe(f.code).next_step};
}

// A call whose connection broke off does not know which way that went.
failure with_way(failure f, const transport::proxy_options& proxy) {
    const bool broke_off = f.code == errc::unavailable && !f.detail.empty();
    if (proxy.used() && broke_off)
        f.where = "after it was open, through the proxy " + proxy.place();
    return f;
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
                rfc3339(now),
                rfc3339(facts->not_before)
            ),
            "Set this machine's clock");
        return false;
    }
    if (now >= facts->not_after) {
        say(p,
            level::critical,
            fmt::format(
                "our certificate expired: {}, this machine says {}",
                rfc3339(facts->not_after),
                rfc3339(now)
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
        return refuse(p, with_way(desks.error(), mine->proxy));
    say(p,
        level::good,
        fmt::format("{}:{} answers, both certificates are accepted", mine->host, mine->port));
}

} // namespace cairn::cli
