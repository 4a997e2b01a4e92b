// A comparison that never fails shows nothing until it is seen to fail: mistakes are planted in the
// one evaluator and in the other, and each has to be found within the number of points of a run.
#include "policy/dates.hpp"
#include "policy/index.hpp"
#include "support/paths.hpp"
#include "unit/policy/random_policy.hpp"
#include "unit/policy/reference.hpp"

#include <fstream>
#include <functional>
#include <regex>

using namespace cairn;
using namespace cairn::policy;
using namespace cairn::policy::testing;

namespace {

using judge = std::function<decision(const point&)>;

constexpr int texts = 12;
constexpr int points_of_a_text = 100'000;

plain::question question(const point& p) {
    return {p.category, p.subject, p.role, p.purpose, p.risk, p.flags};
}

decision answered(const plain::answer& a) {
    return {
        static_cast<v1::Form>(a.form),
        static_cast<v1::Tier>(a.tier),
        a.rule,
        static_cast<v1::ReasonCode>(a.reason)};
}

judge table_of(const v1::Policy& p) {
    return [made = std::make_shared<const policy::index>(p, *parse_day(today))](const point& at) {
        return made->decide(at);
    };
}

// How many points were compared until the two differed; 0: they never did.
int found_after(
    std::uint64_t seed,
    const std::function<judge(const v1::Policy&)>& one,
    const std::function<judge(const v1::Policy&)>& other
) {
    dice d(seed);
    int compared = 0;
    for (int text = 0; text < texts; ++text) {
        const auto source = any_policy(d, 60);
        const auto a = one(source);
        const auto b = other(source);
        for (int i = 0; i < points_of_a_text; ++i) {
            const auto p = any_point(d);
            ++compared;
            if (!(a(p) == b(p))) return compared;
        }
    }
    return 0;
}

std::function<judge(const v1::Policy&)> reading(plain::mistake m) {
    return [m](const v1::Policy& p) -> judge {
        return [&p, m, day = std::string(today)](const point& at) {
            return answered(plain::decide(p, question(at), day, m));
        };
    };
}

// The compiled side with a mistake in it: the table of a text that was changed to mean what the
// mistake would, with its answers changed back.
using edit = std::function<void(v1::Policy&)>;
std::function<judge(const v1::Policy&)>
broken(const edit& change, const std::function<void(decision&)>& back = {}) {
    return [change, back](const v1::Policy& p) -> judge {
        auto changed = p;
        change(changed);
        return [made = table_of(changed), back](const point& at) {
            auto d = made(at);
            if (back) back(d);
            return d;
        };
    };
}

edit each_rule(const std::function<void(v1::Rule&)>& change) {
    return [change](v1::Policy& p) {
        for (auto& r : *p.mutable_rules()) change(r);
    };
}

struct planted {
    const char* name;
    std::function<judge(const v1::Policy&)> broken;
};

v1::Form hiding_swapped(v1::Form f) {
    if (f == v1::FORM_MASKED) return v1::FORM_SILENT;
    return f == v1::FORM_SILENT ? v1::FORM_MASKED : f;
}

v1::Form showing_swapped(v1::Form f) {
    if (f == v1::FORM_FULL) return v1::FORM_PSEUDONYM;
    return f == v1::FORM_PSEUDONYM ? v1::FORM_FULL : f;
}

bool hides(v1::Tier t) {
    return t == v1::TIER_BAR || t == v1::TIER_DENY;
}

bool names(const v1::Rule& r, v1::Flag f) {
    return std::count(r.when().begin(), r.when().end(), f) > 0;
}

std::vector<planted> in_the_table() {
    constexpr std::uint32_t turn = 1'000'000;
    return {
        {"tie to the highest number",
         broken(
             each_rule([](v1::Rule& r) { r.set_number(turn - r.number()); }),
             [](decision& d) {
                 if (d.rule > 1) d.rule = turn - d.rule;
             }
         )},
        {"most open wins in bar and deny",
         broken(
             each_rule([](v1::Rule& r) {
                 if (hides(r.tier())) r.set_form(hiding_swapped(r.form()));
             }),
             [](decision& d) {
                 if (hides(d.tier) && d.rule > 1) d.form = hiding_swapped(d.form);
             }
         )},
        {"strictest wins in must and allow",
         broken(
             each_rule([](v1::Rule& r) {
                 if (!hides(r.tier())) r.set_form(showing_swapped(r.form()));
             }),
             [](decision& d) {
                 if (!hides(d.tier)) d.form = showing_swapped(d.form);
             }
         )},
        {"risk above instead of at least", broken(each_rule([](v1::Rule& r) {
             if (r.min_risk() != 0) r.set_min_risk(static_cast<v1::RiskLevel>(r.min_risk() + 1));
         }))},
        {"risk ignored", broken(each_rule([](v1::Rule& r) { r.clear_min_risk(); }))},
        {"when ignored", broken(each_rule([](v1::Rule& r) { r.clear_when(); }))},
        {"only the first flag of when", broken(each_rule([](v1::Rule& r) {
             while (r.when_size() > 1) r.mutable_when()->RemoveLast();
         }))},
        {"unless ignored", broken(each_rule([](v1::Rule& r) { r.clear_unless(); }))},
        {"subjects ignored", broken(each_rule([](v1::Rule& r) { r.clear_subjects(); }))},
        {"roles ignored", broken(each_rule([](v1::Rule& r) { r.clear_roles(); }))},
        {"purposes ignored", broken(each_rule([](v1::Rule& r) { r.clear_purposes(); }))},
        {"statutory bar skipped", broken([](v1::Policy& p) {
             auto& rules = *p.mutable_rules();
             for (int i = rules.size() - 1; i >= 0; --i) {
                 if (names(rules[i], v1::FLAG_STATUTORY_BAR)) rules.DeleteSubrange(i, 1);
             }
         })},
        {"rule applied before its day",
         broken(each_rule([](v1::Rule& r) { r.set_in_force("2025-01-01"); }))},
        {"rule not applied on its first day", broken(each_rule([](v1::Rule& r) {
             if (r.in_force() == today) r.set_in_force("2026-11-23");
         }))},
        {"last rule of the text lost",
         broken([](v1::Policy& p) { p.mutable_rules()->RemoveLast(); })},
    };
}

struct named_mistake {
    const char* name;
    plain::mistake mistake;
};

constexpr named_mistake in_the_reading[] = {
    {"tie to the highest number", plain::mistake::tie_to_highest_number},
    {"most open wins in bar and deny", plain::mistake::most_open_wins_in_hiding_tiers},
    {"strictest wins in must and allow", plain::mistake::strictest_wins_in_showing_tiers},
    {"deny before must", plain::mistake::deny_before_must},
    {"must before bar", plain::mistake::must_before_bar},
    {"allow before deny", plain::mistake::allow_before_deny},
    {"risk above instead of at least", plain::mistake::risk_above_instead_of_at_least},
    {"risk ignored", plain::mistake::risk_ignored},
    {"any flag of when is enough", plain::mistake::any_of_when_is_enough},
    {"when ignored", plain::mistake::when_ignored},
    {"unless ignored", plain::mistake::unless_ignored},
    {"all flags of unless needed", plain::mistake::all_of_unless_needed},
    {"an empty list fits nothing", plain::mistake::empty_list_fits_nothing},
    {"subjects ignored", plain::mistake::subjects_ignored},
    {"rule applied before its day", plain::mistake::rule_applied_before_its_day},
    {"rule not applied on its first day", plain::mistake::rule_not_applied_on_its_first_day},
    {"protected address left to the rules", plain::mistake::protected_address_left_to_rules},
    {"sealed left to the rules", plain::mistake::sealed_left_to_rules},
    {"statutory bar skipped", plain::mistake::statutory_bar_skipped},
    {"the default is silent", plain::mistake::default_is_silent},
    {"unknown values decided by rules", plain::mistake::unknown_values_decided},
    {"unsaid values decided by rules", plain::mistake::unsaid_values_decided},
};

} // namespace

TEST_CASE("a mistake planted in the plain reading is found") {
    const auto seed = chosen_seed();
    INFO("CAIRN_SEED=" << seed);
    for (const auto& m : in_the_reading) {
        const int after = found_after(seed, table_of, reading(m.mistake));
        std::printf("%s: found after %d\n", m.name, after);
        INFO(m.name);
        CHECK(after > 0);
    }
    CHECK(std::size(in_the_reading) == static_cast<std::size_t>(plain::mistake::count) - 1);
}

TEST_CASE("a mistake planted in the table is found") {
    const auto seed = chosen_seed();
    INFO("CAIRN_SEED=" << seed);
    for (const auto& m : in_the_table()) {
        const int after = found_after(seed, m.broken, reading(plain::mistake::none));
        std::printf("%s: found after %d\n", m.name, after);
        INFO(m.name);
        CHECK(after > 0);
    }
}

TEST_CASE("without a planted mistake nothing is found, in the same run") {
    const auto seed = chosen_seed();
    INFO("CAIRN_SEED=" << seed);
    CHECK(found_after(seed, broken([](v1::Policy&) {}), reading(plain::mistake::none)) == 0);
}

TEST_CASE("the second evaluator includes the schema and the standard library alone") {
    const std::string folder = std::string(CAIRN_SOURCE_DIR) + "/tests/unit/policy/";
    const std::regex include(R"re(#include [<"]([^>"]+)[>"])re");
    const std::regex allowed(R"re([a-z_]+|cairn/v1/policy\.pb\.h|unit/policy/reference\.hpp)re");
    int seen = 0;
    for (const char* name : {"reference.hpp", "reference.cpp"}) {
        std::ifstream file(folder + name);
        REQUIRE(file);
        for (std::string line; std::getline(file, line);) {
            std::smatch at;
            if (!std::regex_search(line, at, include)) continue;
            ++seen;
            INFO(name << ": " << line);
            CHECK(std::regex_match(at[1].str(), allowed));
        }
    }
    CHECK(seen >= 4);
}
