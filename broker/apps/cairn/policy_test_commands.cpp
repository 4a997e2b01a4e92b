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
    std::string cases;
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

void say_mutants(sayer& say, const policy::wording& words, const policy::mutation_outcome& out) {
    say.line(fmt::format(
        "{} small wrongs done to the text: {} refused, {} fail a case, {} break an invariant, {} "
        "change nothing anywhere, {} unnoticed; noticed: {}.{} %",
        out.mutants,
        out.by_check,
        out.by_case,
        out.by_invariant,
        out.equivalent,
        out.survivors.size(),
        out.kill_rate() / 10,
        out.kill_rate() % 10
    ));
    for (const auto& [key, n] : std::initializer_list<std::pair<const char*, std::size_t>>{
             {"mutants", out.mutants},
             {"refused", out.by_check},
             {"fail_a_case", out.by_case},
             {"break_an_invariant", out.by_invariant},
             {"equivalent", out.equivalent},
             {"noticed_per_thousand", out.kill_rate()},
         }) {
        say.number(key, n);
    }
    std::vector<std::string> lines;
    for (const auto& s : out.survivors) lines.push_back(policy::say_survivor(words, s));
    say.list("unnoticed", "Unnoticed; a case at the point named would notice:", lines);
}

status test_cases(program& p, const test_asked& asked, const policy::table& made) {
    const auto text = read_input(asked.cases);
    if (!text) return text.error();
    const auto cases = policy::parse_cases(*text);
    if (!cases) return in_file(cases.error(), asked.cases);
    const auto today = *policy::parse_day(today_iso());
    const policy::wording words(made.source());
    const auto out = policy::run_cases(made, cases->cases, today);
    sayer say(p);
    say_cases(p, say, words, *cases, out);
    if (!asked.mutate) return {};
    if (!out.missed.empty()) {
        say.line("no wrongs done to the text: every case has to be as expected first");
        return {};
    }
    say_mutants(say, words, policy::run_mutants(made, cases->cases, today));
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
    auto* cases = t->add_option("--cases", asked->cases, "file of cases");
    t->add_flag("--mutate", asked->mutate, "do small wrongs to the text: do the cases notice?")
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
