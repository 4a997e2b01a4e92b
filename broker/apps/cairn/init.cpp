// cairn init: a partnership from nothing, and what to type next.
#include "apps/cairn/example.hpp"
#include "apps/cairn/founding.hpp"
#include "apps/cairn/program.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cairn::cli {
namespace {

void print_next(const founding& o, const places& at) {
    const std::string start = o.system ? "systemctl enable --now cairnd"
                                       : "cairnd --config " + (at.broker / "cairnd.toml").string();
    if (!o.example) {
        fmt::print(
            "Next:\n  {}\n  cairn --context {} agency invite …     it enrols itself: {}\n",
            start,
            (at.admin / "context.toml").string(),
            o.system ? "/usr/share/doc/cairn-tools/ENROLMENT.md" : "docs/ENROLMENT.md"
        );
        return;
    }
    const auto context = [&at](const char* agency) {
        return (at.example / agency / "context.toml").string();
    };
    fmt::print(
        "  example    {}     a school and a council who do not exist\n"
        "Next, the broker, a concern of the school, and what the council's desk got of it:\n"
        "  {}\n"
        "  cairn --context {} send {}\n"
        "  cairn --context {} inbox {}\n",
        at.example.string(),
        start,
        context(example_sender),
        (at.example / "concern.json").string(),
        context(example_receiver),
        example_desk
    );
}

void init(program& p, const founding& o) {
    if (o.system == !o.folder.empty())
        return p.stop_with(fail(errc::usage, "name a folder DIR, or give --system"));
    if (const status made = found(o); !made) return p.stop_with(made.error());
    const places at = places_of(o);
    if (p.json) {
        nlohmann::ordered_json out{
            {"partnership", o.partnership},
            {"config", (at.broker / "cairnd.toml").string()},
            {"authority", at.authority.string()},
            {"context", (at.admin / "context.toml").string()}};
        if (o.example) out["example"] = at.example.string();
        return p.print_json(out);
    }
    fmt::print(
        "Partnership {} is made in {}.\n"
        "  broker     {}\n"
        "  keys       {}     back them up apart from the ledger; it is lost without them\n"
        "  authority  {}     keep it off the broker's machine; whoever has it can be anybody\n"
        "  you        {}\n",
        o.partnership,
        at.root.string(),
        (at.broker / "cairnd.toml").string(),
        at.keys.string(),
        at.authority.string(),
        (at.admin / "context.toml").string()
    );
    print_next(o, at);
}

} // namespace

void add_init(CLI::App& app, program& p) {
    auto o = std::make_shared<founding>();
    auto* c =
        app.add_subcommand("init", "make a partnership: authority, broker folder, first admin");
    c->add_option("DIR", o->folder, "new or empty folder; not with --system");
    c->add_option(
         "--partnership", o->partnership, "name of the trust domain, for example northshire.example"
    )
        ->required();
    c->add_flag(
        "--system", o->system, "for the installed service: /etc/cairn and /var/lib/cairn, as root"
    );
    c->add_flag("--example", o->example, "with a school, a council and a concern to try it with");
    c->add_option("--admin", o->admin, "id of the first admin")->capture_default_str();
    c->add_option("--address", o->address, "address the broker listens on")->capture_default_str();
    c->add_option("--port", o->port, "port for calls")->capture_default_str();
    c->add_option("--health-port", o->health_port, "loopback port for health and metrics")
        ->capture_default_str();
    c->add_option("--dns-name", o->names, "names clients know the broker by")
        ->capture_default_str();
    c->callback([o, &p] { init(p, *o); });
}

} // namespace cairn::cli
