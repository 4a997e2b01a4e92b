// cairn policy test: an officer's cases held against a text, and a golden notice against what a
// desk would get of a concern.
#include "apps/cairn/policy_commands.hpp"
#include "apps/cairn/policy_notice.hpp"
#include "core/system.hpp"
#include "policy/dates.hpp"
#include "policy/testing/report.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace cairn::cli {

namespace {

struct test_asked {
    std::string text;
    std::vector<std::string> cases;
    std::string grounds;
    bool print_grounds = false;
    bool mutate = false;
    notice_asked notice;
};

// What there is to say, as lines for people or as one object.
class sayer {
public:
    explicit sayer(program& p) : p_(p) {}
    ~sayer() {
        if (p_.json) p_.print_json(object_);
    }
    sayer(const sayer&) = delete;
    sayer& operator=(const sayer&) = delete;

    void line(const std::string& text) {
        if (!p_.json) fmt::print("{}\n", text);
    }
    void list(const char* key, const std::string& head, const std::vector<std::string>& lines) {
        object_[key] = lines;
        if (lines.empty() || p_.json) return;
        fmt::print("\n{}\n", head);
        for (const auto& l : lines) fmt::print("  {}\n", l);
    }
    void number(const char* key, std::size_t n) { object_[key] = n; }
    void value(const char* key, nlohmann::ordered_json v) { object_[key] = std::move(v); }

private:
    program& p_;
    nlohmann::ordered_json object_ = nlohmann::ordered_json::object();
};

void say_cases(
    program& p,
    sayer& say,
    const policy::wording& words,
    const policy::case_file& cases,
    const policy::cases_outcome& out
) {
    const auto total = static_cast<std::size_t>(cases.cases.cases_size());
    say.line(fmt::format(
        "{} cases, {} not as expected; {} of {} rules that decide do so in a case",
        total,
        out.missed.size(),
        out.covered,
        out.deciding
    ));
    say.number("cases", total);
    say.number("deciding_rules", out.deciding);
    say.number("covered_rules", out.covered);
    std::vector<std::string> lines;
    for (const auto& m : out.missed) {
        const auto at = static_cast<std::size_t>(m.at);
        lines.push_back(
            cases.places[at] + ": " + policy::say_missed(words, cases.cases.cases(m.at), m.got)
        );
    }
    say.list("missed", "Not as expected:", lines);
    lines.clear();
    for (const auto& u : out.uncovered) lines.push_back(policy::say_uncovered(words, u));
    say.list("uncovered", "Rules that decide in no case:", lines);
    if (!out.missed.empty()) p.code = exit_code::bad_data;
}

nlohmann::ordered_json json_of(const policy::tally& t) {
    return {
        {"mutants", t.mutants},
        {"refused", t.by_check},
        {"fail_a_case", t.by_case},
        {"lose_a_ground", t.by_grounds},
        {"break_an_invariant", t.by_invariant},
        {"equivalent", t.equivalent},
        {"unnoticed", t.unnoticed()},
        {"noticed_per_thousand", t.kill_rate()},
    };
}

void say_kinds(sayer& say, const policy::mutation_outcome& out) {
    auto kinds = nlohmann::ordered_json::object();
    for (std::size_t k = 0; k < policy::wrongs; ++k) {
        const auto& t = out.kinds[k];
        const char* name = policy::to_string(static_cast<policy::wrong>(k));
        kinds[name] = json_of(t);
        say.line(fmt::format(
            "  {:<22}{:>6} wrongs, {:>5} noticed, {:>4} change nothing, {:>4} unnoticed: {:>3}.{} "
            "%",
            name,
            t.mutants,
            t.killed(),
            t.equivalent,
            t.unnoticed(),
            t.kill_rate() / 10,
            t.kill_rate() % 10
        ));
    }
    say.value("kinds", std::move(kinds));
}

void say_mutants(sayer& say, const policy::wording& words, const policy::mutation_outcome& out) {
    const auto& t = out.all;
    say.line(fmt::format(
        "{} small wrongs done to the text: {} refused, {} fail a case, {} lose a ground, {} break "
        "an invariant, {} change nothing anywhere, {} unnoticed; noticed: {}.{} %",
        t.mutants,
        t.by_check,
        t.by_case,
        t.by_grounds,
        t.by_invariant,
        t.equivalent,
        t.unnoticed(),
        t.kill_rate() / 10,
        t.kill_rate() % 10
    ));
    // `unnoticed` is the list below.
    const auto numbers = json_of(t);
    for (const auto& [key, n] : numbers.items()) {
        if (key != "unnoticed") say.value(key.c_str(), n);
    }
    say_kinds(say, out);
    std::vector<std::string> lines;
    for (const auto& s : out.survivors) lines.push_back(policy::say_survivor(words, s));
    say.list("unnoticed", "Unnoticed; a case at the point named would notice:", lines);
}

// Do the cases stand on the provisions that are on file for them?
result<bool> grounds_hold(program& p, sayer& say, const test_asked& asked, const std::string& now) {
    if (asked.grounds.empty()) return true;
    const auto kept = read_input(asked.grounds);
    if (!kept) return kept.error();
    const bool same = *kept == now;
    say.value("grounds_as_expected", same);
    if (same) {
        say.line(asked.grounds + ": as expected");
        return true;
    }
    say.line(asked.grounds + ": not as expected, " + first_difference(*kept, now));
    p.code = exit_code::bad_data;
    return false;
}

result<policy::case_file> read_cases(const std::vector<std::string>& files) {
    policy::case_file out;
    for (const auto& file : files) {
        const auto text = read_input(file);
        if (!text) return text.error();
        auto cases = policy::parse_cases(*text);
        if (!cases) return in_file(cases.error(), file);
        for (auto& place : cases->places) place = file + ", " + place;
        CAIRN_TRY(policy::add_cases(out, *cases));
    }
    return out;
}

status test_cases(program& p, const test_asked& asked, const policy::table& made) {
    const auto cases = read_cases(asked.cases);
    if (!cases) return cases.error();
    const auto today = *policy::parse_day(today_iso());
    const policy::wording words(made.source());
    const auto grounds = policy::grounds_of(words, cases->cases, policy::by_number(made.source()));
    if (asked.print_grounds) {
        fmt::print("{}", grounds);
        return {};
    }
    const auto out = policy::run_cases(made, cases->cases, today);
    sayer say(p);
    say_cases(p, say, words, *cases, out);
    const auto held = grounds_hold(p, say, asked, grounds);
    if (!held) return held.error();
    if (!asked.mutate) return {};
    if (!out.missed.empty() || !*held) {
        say.line("no wrongs done to the text: all has to be as expected first");
        return {};
    }
    const bool on_file = !asked.grounds.empty();
    say_mutants(say, words, policy::run_mutants(made, cases->cases, on_file, today));
    return {};
}

void test(program& p, const test_asked& asked) {
    const auto text = read_input(asked.text);
    if (!text) return p.stop_with(text.error());
    const auto made = policy::table::compile(*text, today_iso());
    if (!made) return p.stop_with(in_file(made.error(), asked.text));
    if (asked.cases.empty() && asked.notice.concern.empty()) {
        return p.stop_with(fail(errc::usage, "nothing to test: give --cases or --concern"));
    }
    if (!asked.cases.empty()) {
        if (const auto done = test_cases(p, asked, **made); !done) return p.stop_with(done.error());
    }
    if (asked.notice.concern.empty()) return;
    if (const auto done = test_notice(p, asked.notice, **made); !done) p.stop_with(done.error());
}

} // namespace

void add_policy_test(CLI::App& policy, program& p) {
    auto asked = std::make_shared<test_asked>();
    auto* t = policy.add_subcommand("test", "does it decide what its officers expect");
    t->add_option("FILE", asked->text, "policy text; - for standard input")->required();
    auto* cases = t->add_option("--cases", asked->cases, "files of cases");
    t->add_flag("--mutate", asked->mutate, "do small wrongs to the text: do the cases notice?")
        ->needs(cases);
    t->add_option("--grounds", asked->grounds, "file of what each case stands on, to be the same")
        ->needs(cases);
    t->add_flag("--print-grounds", asked->print_grounds, "print what each stands on, to keep")
        ->needs(cases);
    auto* concern =
        t->add_option("--concern", asked->notice.concern, "a concern (JSON, or text format)");
    t->add_option("--notice", asked->notice.notices, "a notice expected of it (text format)")
        ->needs(concern);
    t->add_option("--desk", asked->notice.desk, "print the notice this desk would get, to keep")
        ->needs(concern);
    t->add_option("--school", asked->notice.school, "organisation code of the desk's agency")
        ->needs(concern);
    t->callback([asked, &p] { test(p, *asked); });
}

} // namespace cairn::cli
