// cairn policy: the text that decides, read and checked on whoever's machine it is written on.
#include "apps/cairn/policy_commands.hpp"
#include "core/system.hpp"
#include "policy/dates.hpp"
#include "policy/proof/lint.hpp"
#include "policy/proof/load.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace cairn::cli {

std::string today_iso() {
    return day_text(to_us(system_clock().wall_now()));
}

namespace {

// Not refused for it: the text holds until it is read again.
void warn_of_reviews(const policy::parsed& text, const std::string& file) {
    for (const auto& f : policy::overdue(text, *policy::parse_day(today_iso()))) {
        const auto place = f.place.empty() ? file : file + ", " + f.place;
        fmt::print(stderr, "cairn: warning: {}: {}\n", place, f.text);
    }
}

void check(program& p, const std::string& file) {
    const auto text = read_input(file);
    if (!text) return p.stop_with(text.error());
    const auto made = policy::compile_proved(*text, today_iso());
    if (!made) return p.stop_with(in_file(made.error(), file));
    if (const auto read = policy::parse(*text)) warn_of_reviews(*read, file);
    const auto& source = (*made)->source();
    fmt::print(
        "{} of {}: {} rules, {} routes, good until {}\ndigest {}\n",
        source.version(),
        source.partnership(),
        source.rules_size(),
        source.routing_size(),
        source.valid_until(),
        (*made)->digest_hex()
    );
}

} // namespace

failure in_file(failure f, const std::string& file) {
    f.where = f.where.empty() ? file : file + ", " + f.where;
    return f;
}

void add_policy(CLI::App& app, program& p) {
    auto* policy =
        app.add_subcommand(
               "policy", "the policy text: checked, proved, tested, read, signed, put in force"
        )
            ->require_subcommand(1);
    auto file = std::make_shared<std::string>();
    auto* c = policy->add_subcommand("check", "can the broker read it and would it use it today");
    c->add_option("FILE", *file, "policy text; - for standard input")->required();
    c->callback([file, &p] { check(p, *file); });
    add_policy_page(*policy, p);
    add_policy_explain(*policy, p);
    add_policy_test(*policy, p);
    add_policy_proof(*policy, p);
    add_policy_sign(*policy, p);
    add_policy_version(*policy, p);
    add_policy_trial(*policy, p);
}

} // namespace cairn::cli
