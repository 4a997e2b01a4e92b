// cairn policy prove, lint, diff: what a text promises, what its reader ought to know, and what
// changes for whom when it takes the place of another. Files only; no broker is asked.
#include "apps/cairn/policy_commands.hpp"
#include "core/bytes.hpp"
#include "core/system.hpp"
#include "policy/dates.hpp"
#include "policy/proof/diff.hpp"
#include "policy/proof/lint.hpp"
#include "policy/proof/load.hpp"
#include "policy/proof/wording.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <bit>

namespace cairn::cli {

namespace {

using nlohmann::ordered_json;

std::chrono::sys_days today() {
    return *policy::parse_day(today_iso());
}

// Read and checked as the broker would, but for its promises.
result<policy::parsed> read_policy_text(const std::string& file) {
    const auto text = read_input(file);
    if (!text) return text.error();
    const auto made = policy::table::compile(*text, today_iso());
    if (!made) return in_file(made.error(), file);
    auto read = policy::parse(*text);
    if (!read) return in_file(read.error(), file);
    const auto provable = policy::check_provable(read->policy, today());
    if (!provable) return in_file(provable.error(), file);
    return read;
}

ordered_json json_of(const policy::point& p) {
    auto flags = ordered_json::array();
    for (int f = 1; f <= policy::v1::Flag_MAX; ++f) {
        if (p.flags >> f & 1) {
            flags.push_back(policy::v1::Flag_Name(static_cast<policy::v1::Flag>(f)));
        }
    }
    return {
        {"category", policy::v1::Category_Name(p.category)},
        {"subject", policy::v1::Subject_Name(p.subject)},
        {"role", policy::v1::Role_Name(p.role)},
        {"purpose", policy::v1::Purpose_Name(p.purpose)},
        {"risk", policy::v1::RiskLevel_Name(p.risk)},
        {"flags", std::move(flags)},
    };
}

ordered_json json_of(const policy::decision& d) {
    return {
        {"form", policy::v1::Form_Name(d.form)},
        {"rule", d.rule},
        {"reason", policy::v1::ReasonCode_Name(d.reason)},
    };
}

// Nothing else can change a decision: the sender's basis is no input of it.
std::vector<std::string> idle_flags(const policy::v1::Policy& policy) {
    const policy::space decided(policy, today());
    std::vector<std::string> out;
    for (int f = 1; f <= policy::v1::Flag_MAX; ++f) {
        const auto flag = static_cast<policy::v1::Flag>(f);
        if (!decided.matters(flag)) out.push_back(policy::v1::Flag_Name(flag));
    }
    return out;
}

struct proved {
    policy::proof proof;
    double seconds = 0;
    std::vector<std::string> idle;
};

void print_proof_json(program& p, const policy::v1::Policy& policy, const proved& done) {
    const auto& space = policy::whole_space();
    auto broken = ordered_json::array();
    for (const auto& b : done.proof.broken) {
        broken.push_back(
            {{"invariant", b.invariant},
             {"at", json_of(b.at)},
             {"got", json_of(b.got)},
             {"sentence", b.sentence}}
        );
    }
    p.print_json(ordered_json{
        {"version", policy.version()},
        {"partnership", policy.partnership()},
        {"prover", policy::prover_version},
        {"rules", policy.rules_size()},
        {"invariants", policy.invariants_size()},
        {"points", done.proof.points},
        {"categories", space.categories.size()},
        {"subjects", space.subjects.size()},
        {"roles", space.roles.size()},
        {"purposes", space.purposes.size()},
        {"risks", space.risks.size()},
        {"flag_sets", 1ULL << std::popcount(space.flags)},
        {"bases", space.bases},
        {"walks", done.proof.walks},
        {"seconds", done.seconds},
        {"idle_flags", done.idle},
        {"semantic_digest", to_hex(view(done.proof.semantic))},
        {"holds", done.proof.broken.empty()},
        {"broken", std::move(broken)},
    });
}

void print_proof(const policy::v1::Policy& policy, const proved& done) {
    const auto& space = policy::whole_space();
    const policy::wording words(policy);
    fmt::print(
        "{} of {}: {} rules, {} promises\n"
        "{} points: {} categories x {} subjects x {} roles x {} purposes x {} risks x {} sets of "
        "flags\n"
        "each tried by {} walks of rules, in {:.3f} s of one core\n"
        "named apart: {} lawful bases of a sender, which no rule can mention; so a refused consent "
        "(U3)\nor a further basis (U5) hides nothing\n",
        policy.version(),
        policy.partnership(),
        policy.rules_size(),
        policy.invariants_size(),
        done.proof.points,
        space.categories.size(),
        space.subjects.size(),
        space.roles.size(),
        space.purposes.size(),
        space.risks.size(),
        1ULL << std::popcount(space.flags),
        done.proof.walks,
        done.seconds,
        space.bases
    );
    for (const auto& f : done.idle) {
        fmt::print("changes no decision at any point: {} ({})\n", f, words.of(f));
    }
    fmt::print("semantic digest {}\n", to_hex(view(done.proof.semantic)));
    if (done.proof.broken.empty()) fmt::print("every promise is kept\n");
    for (const auto& b : done.proof.broken) fmt::print("\nBROKEN {}\n", b.sentence);
}

void prove(program& p, const std::string& file) {
    const auto text = read_policy_text(file);
    if (!text) return p.stop_with(text.error());
    const auto before = system_clock().thread_cpu();
    auto proof = policy::prove_within_limits(text->policy, today());
    if (!proof) return p.stop_with(in_file(proof.error(), file));
    const std::chrono::duration<double> took = system_clock().thread_cpu() - before;
    const proved done{std::move(*proof), took.count(), idle_flags(text->policy)};
    if (p.json) {
        print_proof_json(p, text->policy, done);
    } else {
        print_proof(text->policy, done);
    }
    if (!done.proof.broken.empty()) p.code = exit_code::bad_config;
}

const char* word_of(policy::grade g) {
    return g == policy::grade::warning ? "warning" : "note";
}

void lint(program& p, const std::string& file, bool strict) {
    const auto text = read_policy_text(file);
    if (!text) return p.stop_with(text.error());
    const auto found = policy::lint(*text, today());
    auto rows = ordered_json::array();
    bool warned = false;
    for (const auto& f : found) {
        warned = warned || f.how == policy::grade::warning;
        const auto place = f.place.empty() ? file : file + ", " + f.place;
        if (p.json) {
            rows.push_back(
                {{"grade", word_of(f.how)},
                 {"kind", f.kind},
                 {"where", place},
                 {"rules", f.rules},
                 {"text", f.text}}
            );
        } else {
            fmt::print("{}: {}: {}: {}\n", place, word_of(f.how), f.kind, f.text);
        }
    }
    if (p.json) p.print_json(ordered_json{{"findings", std::move(rows)}});
    if (!p.json && found.empty()) fmt::print("{}: nothing to say\n", file);
    if (strict && warned) p.code = exit_code::bad_data;
}

void print_difference_json(
    program& p,
    const policy::v1::Policy& a,
    const policy::v1::Policy& b,
    const policy::difference& d
) {
    auto rows = ordered_json::array();
    for (const auto& [key, c] : d.changes) {
        const auto& [direction, category, role] = key;
        rows.push_back(
            {{"direction", policy::to_string(direction)},
             {"category", policy::v1::Category_Name(category)},
             {"role", policy::v1::Role_Name(role)},
             {"points", c.points},
             {"first", json_of(c.first)},
             {"before", json_of(c.before)},
             {"after", json_of(c.after)},
             {"sentence", policy::say_change(a, b, c)}}
        );
    }
    p.print_json(ordered_json{
        {"points", d.points},
        {"changed", d.changed},
        {"same", d.changed == 0},
        {"before", to_hex(view(policy::semantic_digest(a, today())))},
        {"after", to_hex(view(policy::semantic_digest(b, today())))},
        {"changes", std::move(rows)},
    });
}

void print_difference(
    const policy::v1::Policy& a, const policy::v1::Policy& b, const policy::difference& d
) {
    if (d.changed == 0) {
        fmt::print(
            "decides the same everywhere: {} points, semantic digest {}\n",
            d.points,
            to_hex(view(policy::semantic_digest(b, today())))
        );
        return;
    }
    const policy::wording words(b);
    fmt::print(
        "{} of {} points are decided otherwise; what is lost stands first\n", d.changed, d.points
    );
    for (const auto& [key, c] : d.changes) {
        const auto& [direction, category, role] = key;
        fmt::print(
            "\n{}: {}, to {}: {} points\n  first: {}\n",
            policy::to_string(direction),
            words.of(policy::v1::Category_Name(category)),
            words.of(policy::v1::Role_Name(role)),
            c.points,
            policy::say_change(a, b, c)
        );
    }
}

void diff(program& p, const std::string& before, const std::string& after) {
    const auto a = read_policy_text(before);
    if (!a) return p.stop_with(a.error());
    const auto b = read_policy_text(after);
    if (!b) return p.stop_with(b.error());
    const auto d = policy::compare(a->policy, b->policy, today());
    if (p.json) return print_difference_json(p, a->policy, b->policy, d);
    print_difference(a->policy, b->policy, d);
}

} // namespace

void print_policy_difference(const std::string& before, const std::string& after) {
    const auto a = policy::parse(before);
    const auto b = policy::parse(after);
    if (!a || !b) return;
    print_difference(a->policy, b->policy, policy::compare(a->policy, b->policy, today()));
}

void add_policy_proof(CLI::App& policy, program& p) {
    auto file = std::make_shared<std::string>();
    auto other = std::make_shared<std::string>();
    auto strict = std::make_shared<bool>(false);
    auto* c = policy.add_subcommand("prove", "does it keep its promises at every point there is");
    c->add_option("FILE", *file, "policy text; - for standard input")->required();
    c->callback([file, &p] { prove(p, *file); });
    c = policy.add_subcommand(
        "lint", "what its reader ought to know: rules without effect, days of review past"
    );
    c->add_option("FILE", *file, "policy text; - for standard input")->required();
    c->add_flag("--strict", *strict, "exit with 65 where there is a warning");
    c->callback([file, strict, &p] { lint(p, *file, *strict); });
    c = policy.add_subcommand("diff", "who would see less, who more, under another text");
    c->add_option("BEFORE", *file, "policy text")->required();
    c->add_option("AFTER", *other, "policy text; - for standard input")->required();
    c->callback([file, other, &p] { diff(p, *file, *other); });
}

} // namespace cairn::cli
