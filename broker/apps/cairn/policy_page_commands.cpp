// cairn policy render, import, ropa, apd: the policy text for people, and back from their table.
#include "apps/cairn/policy_commands.hpp"
#include "certs/files.hpp"
#include "policy/dates.hpp"
#include "policy/parse.hpp"
#include "policy/proof/prove.hpp"
#include "policy/render/csv.hpp"
#include "policy/render/page.hpp"
#include "policy/render/records.hpp"
#include "policy/table.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>

#include <cstdio>
#include <map>

namespace cairn::cli {
namespace {

struct page_options {
    std::string file;
    std::string html;
    std::string csv;
    std::string base;
    std::string out;
};

result<std::shared_ptr<const policy::table>> compiled(const std::string& file) {
    const auto text = read_input(file);
    if (!text) return text.error();
    auto made = policy::table::compile(*text, today_iso());
    if (!made) return in_file(made.error(), file);
    return made;
}

// "-" and nothing: standard output.
status write_out(const std::string& path, const std::string& text) {
    if (path.empty() || path == "-") {
        std::fwrite(text.data(), 1, text.size(), stdout);
        return {};
    }
    return certs::write_file(path, text, certs::reach::open, certs::existing::replace);
}

policy::proof_result proved(const policy::table& text) {
    const auto found = policy::prove(text.source(), *policy::parse_day(today_iso()));
    policy::proof_result out;
    out.prover = policy::prover_version;
    out.points = found.points;
    out.walks = found.walks;
    out.semantic_hex = to_hex(view(found.semantic));
    for (const auto& c : found.broken) out.broken.push_back({c.invariant, c.sentence});
    return out;
}

void render(program& p, const page_options& o) {
    if (o.html.empty() && o.csv.empty()) {
        return p.stop_with(fail(errc::usage, "name what to write: --html or --csv"));
    }
    const auto made = compiled(o.file);
    if (!made) return p.stop_with(made.error());
    const auto& text = **made;
    if (!o.html.empty()) {
        const auto page = policy::policy_page(text, proved(text), today_iso());
        if (const auto ok = write_out(o.html, page); !ok) return p.stop_with(ok.error());
    }
    if (o.csv.empty()) return;
    const auto ok = write_out(o.csv, policy::rules_csv(text.source()));
    if (!ok) p.stop_with(ok.error());
}

// Numbers of the rules that one text has and the other has not, or has otherwise.
void print_differences(const v1::Policy& before, const v1::Policy& after) {
    using google::protobuf::util::MessageDifferencer;
    std::map<std::uint32_t, const v1::Rule*> old;
    for (const auto& r : before.rules()) old[r.number()] = &r;
    for (const auto& r : after.rules()) {
        const auto at = old.find(r.number());
        if (at == old.end()) {
            fmt::print(stderr, "added    rule {} {}\n", r.number(), r.title());
            continue;
        }
        if (!MessageDifferencer::Equals(*at->second, r)) {
            fmt::print(stderr, "changed  rule {} {}\n", r.number(), r.title());
        }
        old.erase(at);
    }
    for (const auto& [number, r] : old)
        fmt::print(stderr, "GONE     rule {} {}\n", number, r->title());
}

void import(program& p, const page_options& o) {
    const auto table = read_input(o.file);
    if (!table) return p.stop_with(table.error());
    const auto text = read_input(o.base);
    if (!text) return p.stop_with(text.error());
    const auto base = policy::parse(*text);
    if (!base) return p.stop_with(in_file(base.error(), o.base));
    const auto read = policy::import_rules(*table, base->policy);
    if (!read) return p.stop_with(in_file(read.error(), o.file));
    const auto written = write_out(o.out, policy::canonical_text(*read));
    if (!written) return p.stop_with(written.error());
    print_differences(base->policy, *read);
}

void record(
    program& p,
    const page_options& o,
    std::string (*make)(const policy::table&, std::chrono::sys_days)
) {
    const auto made = compiled(o.file);
    if (!made) return p.stop_with(made.error());
    if (const auto ok = write_out(o.out, make(**made, *policy::parse_day(today_iso()))); !ok)
        p.stop_with(ok.error());
}

} // namespace

void add_policy_page(CLI::App& policy, program& p) {
    const auto o = std::make_shared<page_options>();
    auto* r = policy.add_subcommand("render", "write it as a page to read and sign, or as a table");
    r->add_option("FILE", o->file, "policy text; - for standard input")->required();
    r->add_option("--html", o->html, "the page; - for standard output");
    r->add_option("--csv", o->csv, "one row a rule, for a spreadsheet; - for standard output");
    r->callback([o, &p] { render(p, *o); });

    auto* i = policy.add_subcommand("import", "take the rules of a table into a policy text");
    i->add_option("CSV", o->file, "the table; - for standard input")->required();
    i->add_option("--base", o->base, "policy text that has all but the rules")->required();
    i->add_option("--out", o->out, "the new text; else standard output");
    i->callback([o, &p] { import(p, *o); });

    auto* a = policy.add_subcommand("ropa", "write the record of processing (UK GDPR Art 30)");
    a->add_option("FILE", o->file, "policy text; - for standard input")->required();
    a->add_option("--out", o->out, "Markdown file; else standard output");
    a->callback([o, &p] { record(p, *o, policy::record_of_processing); });

    auto* d = policy.add_subcommand(
        "apd", "write the appropriate policy document (DPA 2018 Sch 1 Part 4)"
    );
    d->add_option("FILE", o->file, "policy text; - for standard input")->required();
    d->add_option("--out", o->out, "Markdown file; else standard output");
    d->callback([o, &p] { record(p, *o, policy::appropriate_policy_document); });
}

} // namespace cairn::cli
