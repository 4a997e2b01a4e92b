// cairn audit: search, show.
#include "apps/cairn/program.hpp"

#include "ledger/draft.hpp"

#include "cairn/v1/audit.pb.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;

struct search_options {
    v1::SearchRequest asked;
    std::vector<std::string> kinds;
    std::string from;
    std::string until;
    std::string after;
};

// "2026/17" or "17" for the current year.
result<v1::ShowRequest> record_name(const std::string& text) {
    v1::ShowRequest out;
    const auto slash = text.find('/');
    const std::string index = slash == std::string::npos ? text : text.substr(slash + 1);
    if (index.empty() || index.find_first_not_of("0123456789") != std::string::npos) {
        return fail(errc::usage, "name a record as YEAR/INDEX");
    }
    if (slash != std::string::npos)
        out.set_year(static_cast<std::uint32_t>(std::atoi(text.c_str())));
    out.set_index(std::strtoull(index.c_str(), nullptr, 10));
    return out;
}

status complete(search_options& o) {
    for (const auto& k : o.kinds) o.asked.add_kinds(k);
    if (!o.from.empty()) {
        const auto at = time_from(o.from, "--from");
        if (!at) return at.error();
        o.asked.set_from_us(*at);
    }
    if (!o.until.empty()) {
        const auto at = time_from(o.until, "--until");
        if (!at) return at.error();
        o.asked.set_until_us(*at);
    }
    if (o.after.empty()) return {};
    const auto name = record_name(o.after);
    if (!name || name->year() == 0) return fail(errc::usage, "--after: YEAR/INDEX of a record");
    o.asked.set_after(ledger::position::at(name->year(), name->index()).value);
    return {};
}

void search(program& p, search_options o) {
    if (const status ok = complete(o); !ok) return p.stop_with(ok.error());
    const auto found = p.call<v1::SearchResponse>("/cairn.v1.Audit/Search", o.asked);
    if (!found) return p.stop_with(found.error());
    if (p.json) return p.print_json(*found);
    std::vector<std::vector<std::string>> rows;
    for (const auto& r : found->records()) {
        std::string parties;
        for (const auto& x : r.parties()) parties += (parties.empty() ? "" : " ") + x;
        rows.push_back(
            {fmt::format("{}/{}", r.year(), r.index()),
             r.kind(),
             time_text(r.recorded_at_us()),
             r.concern_id().empty() ? "-" : r.concern_id(),
             parties}
        );
    }
    print_table({"RECORD", "KIND", "RECORDED", "CONCERN", "PARTIES"}, rows);
    if (found->more() && !rows.empty()) {
        fmt::print("There may be more: the same with --after {}\n", rows.back().front());
    }
}

void show(program& p, const std::string& record, const std::string& reason) {
    auto asked = record_name(record);
    if (!asked) return p.stop_with(asked.error());
    asked->set_reason(reason);
    const auto found = p.call<v1::ShowResponse>("/cairn.v1.Audit/Show", *asked);
    if (!found) return p.stop_with(found.error());
    if (p.json) return p.print_json(*found);
    const auto& s = found->summary();
    fmt::print(
        "record {}/{}  {}  {}\n", s.year(), s.index(), s.kind(), time_text(s.recorded_at_us())
    );
    fmt::print("concern {}  thread {}\n", s.concern_id(), s.thread());
    fmt::print(
        "policy {}  registry epoch {}\nleaf {}\n",
        s.policy_digest(),
        s.registry_epoch(),
        found->leaf()
    );
    for (const auto& d : found->desks()) {
        fmt::print("{}\n", d.desk());
        for (const auto& c : d.cells()) {
            fmt::print(
                "  {:<10} {:<24} {:<12} rule {:<5} {}\n",
                c.person_ref(),
                c.category(),
                c.form(),
                c.rule(),
                c.authority()
            );
            fmt::print("  {:<10} {}\n", "", c.sentence());
        }
    }
}

} // namespace

void add_audit(CLI::App& app, program& p) {
    auto* audit = app.add_subcommand("audit", "question the log; every question is itself a record")
                      ->require_subcommand(1);
    auto o = std::make_shared<search_options>();
    auto* s = audit->add_subcommand("search", "records by concern, agency, kind, time");
    s->add_option_function<std::string>(
        "--concern", [o](const std::string& v) { o->asked.set_concern_id(v); }, "id of a concern"
    );
    s->add_option_function<std::string>(
        "--thread", [o](const std::string& v) { o->asked.set_thread(v); }, "id of a thread"
    );
    s->add_option_function<std::string>(
        "--agency", [o](const std::string& v) { o->asked.set_agency(v); }, "that took part"
    );
    s->add_option("--kind", o->kinds, "concern, confirm, return, query, refusal, registry, …");
    s->add_option_function<std::string>(
        "--reason", [o](const std::string& v) { o->asked.set_reason(v); }, "why you ask"
    );
    s->add_option("--from", o->from, "recorded at or after: 2026-11-22 or 2026-11-22T09:30:00Z");
    s->add_option("--until", o->until, "recorded before this time");
    s->add_option("--after", o->after, "go on after this record, YEAR/INDEX");
    s->add_option_function<std::uint32_t>(
         "--max", [o](std::uint32_t n) { o->asked.set_max_records(n); }, "at most so many (100)"
    )
        ->check(CLI::Range(1, 1000));
    s->callback([o, &p] { search(p, *o); });
    auto record = std::make_shared<std::string>();
    auto reason = std::make_shared<std::string>();
    auto* w = audit->add_subcommand("show", "one record: leaf, proof, decisions; never content");
    w->add_option("RECORD", *record, "YEAR/INDEX")->required();
    w->add_option("--reason", *reason, "why you ask");
    w->callback([=, &p] { show(p, *record, *reason); });
    add_log(*audit, p);
}

} // namespace cairn::cli
