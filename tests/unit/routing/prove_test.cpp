#include "unit/routing/world.hpp"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <set>
#include <vector>

using namespace cairn;
using namespace cairn::routing;
using namespace cairn::routing::testing;

namespace {

template <class Change>
status proved(Change&& change) {
    auto source = shipped().source();
    change(*source.mutable_routing());
    std::string text;
    google::protobuf::TextFormat::PrintToString(source, &text);
    const auto made = policy::table::compile(text, "2026-11-22");
    if (!made) FAIL(made.error().public_text());
    return prove_routing(**made);
}

auto without(const std::vector<std::uint32_t>& numbers) {
    return [numbers](auto& rules) {
        for (int i = rules.size() - 1; i >= 0; --i) {
            const auto& n = numbers;
            if (std::find(n.begin(), n.end(), rules[i].number()) != n.end())
                rules.DeleteSubrange(i, 1);
        }
    };
}

} // namespace

TEST_CASE("in the shipped policy every kind reaches a desk") {
    const auto ok = proved([](auto&) {});
    CHECK(ok.has_value());
}

TEST_CASE("without a route that no other stands in for the proof fails and names the gap") {
    struct row {
        std::uint32_t rule;
        const char* where;
    };
    std::set<std::uint32_t> tried;
    for (const auto& r :
         {row{20, "NOTIFICATION, PURPOSE_S47, INCIDENT_INJURY: reaches no desk"},
          row{21, "PURPOSE_ENCOMPASS, INCIDENT_INJURY: reaches no desk"},
          row{22, "CONCERN_KIND_INFORMATION_REQUEST"},
          row{40, "CONCERN_KIND_ANSWER"},
          row{41, "CONCERN_KIND_LINK"},
          row{1, "INCIDENT_STAFF_ALLEGATION: an allegation"},
          row{2, "PURPOSE_ALLEGATION"},
          row{3, "PURPOSE_ALLEGATION: an allegation"}}) {
        tried.insert(r.rule);
        const auto got = proved(without({r.rule}));
        INFO("without route " << r.rule);
        REQUIRE_FALSE(got.has_value());
        CHECK(got.error().code == errc::policy_contradiction);
        INFO(got.error().where);
        CHECK(got.error().where.find(r.where) != std::string::npos);
    }
    // Each of the rest has another beside it that reaches a desk; without both there is the gap.
    for (const auto& both :
         {std::vector<std::uint32_t>{10, 20}, std::vector<std::uint32_t>{30, 31}}) {
        tried.insert(both.begin(), both.end());
        INFO("without routes " << both[0] << " and " << both[1]);
        CHECK(proved(without({both[0]})).has_value());
        CHECK_FALSE(proved(without(both)).has_value());
    }
    for (const auto& r : shipped().source().routing()) {
        INFO("route " << r.number());
        CHECK(tried.contains(r.number()));
    }
}

TEST_CASE("an allegation must have an exclusive route") {
    const auto got = proved([](auto& rules) {
        for (auto& r : rules) r.set_exclusive(false);
    });
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error().where.find("exclusive") != std::string::npos);
}

TEST_CASE("the route of an allegation must say that it excludes the employer") {
    const auto got = proved([](auto& rules) {
        for (auto& r : rules) {
            if (r.number() == 1) r.set_exclude_employer(false);
        }
    });
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error().where.find("employer") != std::string::npos);
}

TEST_CASE("an allegation must reach the officer for allegations") {
    const auto to = [](v1::Role role) {
        return proved([role](auto& rules) {
            for (auto& r : rules) {
                if (r.role() == v1::ROLE_LADO) r.set_role(role);
            }
        });
    };
    CHECK(to(v1::ROLE_LADO).has_value());
    for (const auto role : {v1::ROLE_PPU, v1::ROLE_FRONT_DOOR}) {
        const auto got = to(role);
        REQUIRE_FALSE(got.has_value());
        CHECK(got.error().where.find("officer for allegations") != std::string::npos);
    }
}

TEST_CASE("two exclusive routes that disagree are a contradiction") {
    const auto got = proved([](auto& rules) {
        for (auto& r : rules) {
            if (r.number() != 40) continue; // replies, beside those on an allegation
            r.set_exclusive(true);
            r.set_target(v1::RoutingRule::TARGET_ROLE);
            r.set_role(v1::ROLE_LADO);
        }
    });
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error().where.find("disagree") != std::string::npos);
}
