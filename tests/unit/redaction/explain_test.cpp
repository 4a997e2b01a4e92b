// What an explanation says in fields of their own, under the policy that is shipped.
#include "redaction/explain.hpp"

#include "policy/check.hpp"
#include "policy/phrases.hpp"
#include "support/people.hpp"
#include "unit/redaction/fake_table.hpp"
#include "unit/redaction/shipped.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace cairn;
using namespace cairn::redaction;

namespace {

using groups = google::protobuf::RepeatedPtrField<v1::DecisionGroup>;

constexpr const char* s47 = "enquiry into significant harm (Children Act 1989 s.47)";

const desk_context front_door = test::desk_of(v1::ROLE_FRONT_DOOR, "northshire-council/front_door");
const desk_context school = test::desk_of(v1::ROLE_DSL, "elmwood/dsl");
const desk_context mash = test::desk_of(v1::ROLE_MASH, "northshire-police/mash");

struct told_to {
    redacted made;
    v1::DeskExplanation sender;
    v1::DeskExplanation auditor;
    v1::DeskExplanation itself;
};

told_to explained(const v1::Concern& c, const desk_context& to) {
    const analysis a = analyse(c);
    concern_context shared;
    shared.concern_id = std::string(32, 'a');
    told_to out;
    out.made = make_notice(c, a, test::shipped_rules(), shared, to);
    explained_desk d;
    d.desk = to.desk;
    d.role = to.role;
    d.flags = out.made.desk_flags;
    const groups all{out.made.decisions.begin(), out.made.decisions.end()};
    out.sender = explain(test::shipped_rules(), audience::sender, d, all, a, &c);
    out.auditor = explain(test::shipped_rules(), audience::auditor, d, all, a, nullptr);
    const v1::Notice& n = out.made.notice;
    out.itself = explain(test::shipped_rules(), to.desk, 0, n.decisions(), &n.content());
    return out;
}

const v1::ExplainedCell* of(const v1::DeskExplanation& e, const std::string& category) {
    for (const v1::ExplainedCell& cell : e.cells()) {
        if (cell.category() == category) return &cell;
    }
    return nullptr;
}

std::vector<std::string> routes(const v1::ExplainedCell& cell) {
    return {cell.lawful_routes().begin(), cell.lawful_routes().end()};
}

// What a desk can tell one cell from another by, of the three fields.
std::string parts(const v1::ExplainedCell& cell) {
    v1::ExplainedCell out;
    out.set_tier(cell.tier());
    out.set_purpose(cell.purpose());
    *out.mutable_lawful_routes() = cell.lawful_routes();
    return out.SerializeAsString();
}

v1::Concern with_service(v1::SensitiveService::Bar bar) {
    v1::Concern c = test::school_concern();
    v1::Person& girl = *c.mutable_persons(0);
    girl.clear_sensitive_services();
    v1::SensitiveService& s = *girl.add_sensitive_services();
    s.set_kind(v1::SensitiveService::KIND_SEXUAL_HEALTH);
    s.set_bar(bar);
    return c;
}

} // namespace

TEST_CASE("tier, purpose and provisions stand in fields of their own, as in the sentence") {
    const told_to told = explained(test::school_concern(), front_door);
    std::set<std::string> tiers;
    std::size_t with_routes = 0;
    std::size_t in_words = 0;
    for (const auto* e : {&told.sender, &told.auditor}) {
        REQUIRE(e->cells_size() > 10);
        for (const v1::ExplainedCell& cell : e->cells()) {
            CAPTURE(cell.category(), cell.sentence());
            CHECK(cell.purpose() == s47);
            tiers.insert(cell.tier());
            const bool decides = cell.sentence().find(" decides, because ") != std::string::npos;
            if (decides) {
                ++in_words;
                CHECK(cell.sentence().find(" (" + cell.tier() + ") decides") != std::string::npos);
            }
            with_routes += cell.lawful_routes().empty() ? 0U : 1U;
            for (const auto& route : cell.lawful_routes()) {
                if (decides) CHECK(cell.sentence().find(route) != std::string::npos);
            }
        }
    }
    CHECK(in_words > 10);
    CHECK(with_routes > 10);
    CHECK(tiers.count("must") == 1);
    CHECK(tiers.count("not said") == 0);
    CHECK(tiers.size() > 2);
    const std::vector<std::string> three{
        "UK GDPR Art 6(1)(e), public task",
        "UK GDPR Art 10 with DPA 2018 s.10(5), criminal offences",
        "DPA 2018 Sch 1 para 18, safeguarding of children"};
    for (const auto* e : {&told.sender, &told.auditor, &told.itself}) {
        const auto* conviction = of(*e, "convictions and cautions");
        REQUIRE(conviction != nullptr);
        CHECK(conviction->tier() == "must");
        CHECK(conviction->purpose() == s47);
        CHECK(routes(*conviction) == three);
    }
}

TEST_CASE("what became of a cell in the notice is said first, and then what its rule says") {
    v1::Concern c = test::school_concern();
    v1::Person& caller = *c.add_persons();
    caller.set_ref("caller-1");
    caller.set_role(v1::SUBJECT_REFERRER);
    caller.set_wishes_anonymity(true);
    caller.add_names()->set_family("Vellacott");
    // All there is of the aunt's family points at the one who called and must not be known of.
    v1::Person& aunt = *c.add_persons();
    aunt.set_ref("aunt-1");
    aunt.set_role(v1::SUBJECT_CARER);
    aunt.add_names()->set_family("Oakley");
    aunt.add_relations()->set_to_ref("caller-1");
    // Nothing of it has a shorter form.
    c.mutable_persons(0)->mutable_characteristics()->set_ethnicity("WBRI");
    const std::string alone = " By the rule alone: ";
    std::set<std::string> became;
    for (const auto& to : {front_door, school, mash}) {
        const told_to told = explained(c, to);
        for (const auto* e : {&told.sender, &told.auditor}) {
            for (const v1::ExplainedCell& cell : e->cells()) {
                CAPTURE(to.desk, cell.person_ref(), cell.category(), cell.sentence());
                const std::string& said = cell.sentence();
                // Whatever became of it, the rule and its tier are said, or that there is none.
                const auto rule = "Rule " + std::to_string(cell.rule()) + " ";
                CHECK(said.find(cell.rule() == 0 ? "No rule " : rule) != std::string::npos);
                CHECK(said.find("(" + cell.tier() + ")") != std::string::npos);
                const auto at = said.find(alone);
                if (at == std::string::npos) continue;
                const bool silent = cell.form() == "not mentioned";
                if (silent) CHECK(said.starts_with("Nothing is said of it, because "));
                if (silent) CHECK(said.substr(0, at).find("Held") == std::string::npos);
                became.insert(cell.form());
            }
        }
    }
    CHECK(became.count("not shown") == 1);
    CHECK(became.count("not mentioned") == 1);
}

TEST_CASE("what is not shown has a tier and a purpose, and no provision to show it by") {
    v1::Concern c = test::school_concern();
    v1::Detriment& d = *c.add_detriments();
    d.set_category(v1::CATEGORY_CONVICTION);
    d.set_reason("she would run away");
    const told_to told = explained(c, front_door);
    for (const auto* e : {&told.sender, &told.auditor, &told.itself}) {
        const auto* conviction = of(*e, "convictions and cautions");
        REQUIRE(conviction != nullptr);
        CHECK(conviction->form() == "not shown");
        CHECK(conviction->tier() == "deny");
        CHECK(conviction->purpose() == s47);
        CHECK(routes(*conviction).empty());
    }
    for (const v1::ExplainedCell& cell : told.sender.cells()) {
        const bool shown = cell.form() != "not shown" && cell.form() != "not mentioned";
        if (!shown) CHECK(routes(cell).empty());
    }
}

TEST_CASE("sender and auditor read that no desk is told of what is sealed, and the desk nothing") {
    v1::Concern c = test::school_concern();
    c.add_conflicts_of_interest("elmwood");
    const std::string sealed = "what is kept for the log only";
    const told_to told = explained(c, front_door);
    for (const auto* e : {&told.sender, &told.auditor}) {
        const auto* cell = of(*e, sealed);
        REQUIRE(cell != nullptr);
        CHECK(cell->form() == "not mentioned");
        CHECK(cell->sentence().find(" is told nothing of: " + sealed) != std::string::npos);
    }
    CHECK(of(told.itself, sealed) == nullptr);
    // Where not each is to be in words, too.
    const groups all{told.made.decisions.begin(), told.made.decisions.end()};
    const auto brief = explain(test::shipped_rules(), front_door.desk, 0, all, &c);
    REQUIRE(of(brief, sealed) != nullptr);
    CHECK(of(brief, sealed)->sentence() == "Kept for the log: no desk is told of it.");
}

TEST_CASE("a text that is held under an open rule has no provision either") {
    test::fake_table table{[](const policy::point& p) {
        return p.category == v1::CATEGORY_INJURY ? test::fake_table::masked()
                                                 : test::fake_table::full();
    }};
    table.rule_.add_routes(v1::LAWFUL_BASIS_6E);
    v1::Concern c = test::school_concern();
    c.mutable_persons(0)->mutable_voice()->clear_summary();
    c.mutable_persons(0)->mutable_voice()->clear_seen();
    const auto made = test::notice_for_dsl(c, table);
    const groups all{made.decisions.begin(), made.decisions.end()};
    const auto told = explain(table, "oakfield/dsl", 0, all, &c);
    const auto* voice = of(told, "word:CATEGORY_CHILD_VOICE");
    REQUIRE(voice != nullptr);
    CHECK(voice->rule() == 10);
    CHECK(voice->form() == "word:FORM_MASKED");
    CHECK(routes(*voice).empty());
    const auto* risk = of(told, "word:CATEGORY_RISK");
    REQUIRE(risk != nullptr);
    CHECK(routes(*risk) == std::vector<std::string>{"UK GDPR Art 6(1)(e), public task"});
}

TEST_CASE("a desk cannot tell two causes of a veiled cell apart by tier, purpose or provisions") {
    const v1::Concern c = test::school_concern();
    std::size_t veiled = 0;
    for (int category = v1::Category_MIN + 1; category <= v1::Category_MAX; ++category) {
        const auto what = static_cast<v1::Category>(category);
        std::set<std::string> seen;
        for (const v1::Rule& rule : test::shipped_rules().source().rules()) {
            v1::DecisionGroup g;
            g.set_form(rule.form());
            g.set_tier(rule.tier());
            g.set_rule(rule.number());
            g.set_reason(rule.reason());
            g.add_cells(cell(1, what));
            groups one;
            *one.Add() = g;
            const auto told = explain(test::shipped_rules(), "elmwood/dsl", 0, one, &c);
            REQUIRE(told.cells_size() == 1);
            seen.insert(parts(told.cells(0)));
        }
        CAPTURE(v1::Category_Name(what));
        if (test::shipped_rules().veiled(what)) {
            ++veiled;
            CHECK(seen == std::set<std::string>{""});
        } else {
            CHECK(seen.size() > 3);
        }
    }
    CHECK(veiled == 4);
}

TEST_CASE("a desk explains its own notice alike, whatever bars what is veiled") {
    const told_to barred =
        explained(with_service(v1::SensitiveService::BAR_HFEA_1990_S33A), school);
    const told_to denied = explained(with_service(v1::SensitiveService::BAR_NONE), school);
    const auto* sent = of(barred.sender, "a confidential service");
    const auto* other = of(denied.sender, "a confidential service");
    REQUIRE(sent != nullptr);
    REQUIRE(other != nullptr);
    // The sender knows which it is.
    CHECK(sent->tier() == "bar");
    CHECK(other->tier() != "bar");
    CHECK(barred.itself.SerializeAsString() == denied.itself.SerializeAsString());
    CHECK(barred.itself.cells_size() > 5);
}

TEST_CASE("a desk that was not told the purpose is not told it by the explanation") {
    const v1::Concern c = test::school_concern();
    const told_to told = explained(c, front_door);
    v1::Concern without = told.made.notice.content();
    without.clear_purpose();
    const auto e =
        explain(test::shipped_rules(), front_door.desk, 0, told.made.notice.decisions(), &without);
    std::size_t with_tier = 0;
    for (const v1::ExplainedCell& cell : e.cells()) {
        CHECK(cell.purpose().empty());
        with_tier += cell.tier().empty() ? 0U : 1U;
    }
    CHECK(with_tier > 5);
}
