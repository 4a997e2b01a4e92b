// cairn policy explain: why a cell is decided as it is, and what would change it.
#include "apps/cairn/policy_commands.hpp"
#include "policy/explain.hpp"
#include "policy/render/enum_names.hpp"
#include "policy/render/outcomes.hpp"
#include "policy/table.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cairn::cli {
namespace {

using policy::short_name;

struct explain_options {
    std::string file;
    std::string category;
    std::string subject;
    std::string role;
    std::string purpose;
    std::string risk;
    std::vector<std::string> flags;
    std::string ask = "the desk named in the notice";
};

template <class Enum>
result<Enum>
named(const google::protobuf::EnumDescriptor& set, const std::string& text, const char* option) {
    auto value = policy::enum_named<Enum>(set, text);
    if (!value) return fail(errc::usage, std::string(option) + ": " + value.error().where);
    return value;
}

result<policy::point> point_of(const explain_options& o) {
    policy::point out;
    const auto c = named<v1::Category>(*v1::Category_descriptor(), o.category, "--category");
    if (!c) return c.error();
    const auto s = named<v1::Subject>(*v1::Subject_descriptor(), o.subject, "--subject");
    if (!s) return s.error();
    const auto r = named<v1::Role>(*v1::Role_descriptor(), o.role, "--role");
    if (!r) return r.error();
    const auto u = named<v1::Purpose>(*v1::Purpose_descriptor(), o.purpose, "--purpose");
    if (!u) return u.error();
    out = {*c, *s, *r, *u, v1::RISK_LEVEL_UNSPECIFIED, 0};
    if (!o.risk.empty()) {
        const auto k = named<v1::RiskLevel>(*v1::RiskLevel_descriptor(), o.risk, "--risk");
        if (!k) return k.error();
        out.risk = *k;
    }
    for (const auto& f : o.flags) {
        const auto flag = named<v1::Flag>(*v1::Flag_descriptor(), f, "--flag");
        if (!flag) return flag.error();
        out.flags |= policy::bit(*flag);
    }
    return out;
}

nlohmann::ordered_json flag_names(std::uint32_t set) {
    auto out = nlohmann::ordered_json::array();
    const auto& flags = *v1::Flag_descriptor();
    for (int i = 0; i < flags.value_count(); ++i) {
        const auto* f = flags.value(i);
        if (f->number() != 0 && (set >> f->number() & 1) != 0) out.push_back(short_name(*f));
    }
    return out;
}

std::string name_of(v1::Form form) {
    return short_name(*v1::Form_descriptor()->FindValueByNumber(form));
}

nlohmann::ordered_json changes(const std::vector<policy::flag_change>& sets) {
    auto out = nlohmann::ordered_json::array();
    for (const auto& c : sets) {
        out.push_back(
            {{"flip", flag_names(c.flip)}, {"form", name_of(c.then.form)}, {"rule", c.then.rule}}
        );
    }
    return out;
}

nlohmann::ordered_json
json_of(const policy::table& text, const policy::explanation& why, const std::string& ask) {
    const policy::vocabulary words(text.source());
    const auto* rule = text.rule(why.got.rule);
    nlohmann::ordered_json out{
        {"form", name_of(why.got.form)},
        {"tier", short_name(*v1::Tier_descriptor()->FindValueByNumber(why.got.tier))},
        {"rule", why.got.rule},
        {"reason", short_name(*v1::ReasonCode_descriptor()->FindValueByNumber(why.got.reason))},
        {"routes", nlohmann::ordered_json::array()},
        {"flags", flag_names(why.at.flags)},
        {"opens", changes(why.opens)},
        {"closes", changes(why.closes)},
    };
    if (rule != nullptr) {
        for (const int b : rule->routes()) {
            out["routes"].push_back(short_name(*v1::LawfulBasis_descriptor()->FindValueByNumber(b))
            );
        }
    }
    if (why.at_risk) {
        const auto* k = v1::RiskLevel_descriptor()->FindValueByNumber(why.at_risk->from);
        out["at_risk"] = {{"risk", short_name(*k)}, {"form", name_of(why.at_risk->then.form)}};
    }
    out["recipient"] = policy::recipient_sentence(text, why, ask);
    out["sender"] = policy::sender_sentence(text, words, why);
    out["auditor"] = policy::auditor_sentence(text, words, why);
    out["policy_digest"] = text.digest_hex();
    return out;
}

void explain(program& p, const explain_options& o) {
    const auto at = point_of(o);
    if (!at) return p.stop_with(at.error());
    const auto text = read_input(o.file);
    if (!text) return p.stop_with(text.error());
    const auto made = policy::table::compile(*text, today_iso());
    if (!made) return p.stop_with(in_file(made.error(), o.file));
    const auto& source = (*made)->source();
    const auto why = policy::explain(**made, *at, policy::mentioned_flags(source));
    if (p.json) return p.print_json(json_of(**made, why, o.ask));
    const policy::vocabulary words(source);
    const auto said = policy::recipient_sentence(**made, why, o.ask);
    fmt::print("desk      {}\n", said.empty() ? "(nothing is said)" : said);
    fmt::print("sender    {}\n", policy::sender_sentence(**made, words, why));
    fmt::print("auditor   {}\n", policy::auditor_sentence(**made, words, why));
}

} // namespace

void add_policy_explain(CLI::App& policy, program& p) {
    const auto o = std::make_shared<explain_options>();
    auto* c =
        policy.add_subcommand("explain", "why a cell is decided so, and what would change it");
    c->add_option("FILE", o->file, "policy text; - for standard input")->required();
    c->add_option("--category", o->category, "what it is: health, conviction ...")->required();
    c->add_option("--subject", o->subject, "whom it is about: child, carer ...")->required();
    c->add_option("--role", o->role, "the desk's role: dsl, front_door ...")->required();
    c->add_option("--purpose", o->purpose, "what for: s47, cin17 ...")->required();
    c->add_option("--risk", o->risk, "need, significant_harm ...; else none is stated");
    c->add_option("--flag", o->flags, "one that is set: detriment, own_pupil ...; repeatable");
    c->add_option("--ask", o->ask, "whom the desk is told to ask");
    c->callback([o, &p] { explain(p, *o); });
}

} // namespace cairn::cli
