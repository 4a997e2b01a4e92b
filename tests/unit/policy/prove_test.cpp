// The proof against the table it speaks of, and the digest of what a text decides.
#include "policy/dates.hpp"
#include "policy/proof/prove.hpp"
#include "policy/proof/space.hpp"
#include "unit/policy/support.hpp"

#include <cstdlib>
#include <random>

using namespace cairn;
using namespace cairn::policy;
using namespace cairn::policy::testing;

namespace {

const auto day = *parse_day(today);

} // namespace

TEST_CASE("the space is every category, subject, role, purpose, risk and set of flags") {
    const auto& all = whole_space();
    CHECK(all.categories.size() == 26);
    CHECK(all.subjects.size() == 8);
    CHECK(all.roles.size() == 23);
    CHECK(all.purposes.size() == 12);
    CHECK(all.risks.size() == 5);
    CHECK(all.points() == 26ULL * 8 * 23 * 12 * 5 * 4096);
    CHECK(all.points() == 1'175'715'840);
    // Named apart: no rule can mention the sender's basis, so that it multiplies nothing.
    CHECK(all.bases == 18);
    CHECK(prove(shipped().source(), day).points == all.points());
}

TEST_CASE("lists of rows say what the table decides, at points drawn from the whole space") {
    const space decided(shipped().source(), day);
    std::mt19937_64 engine(4);
    std::uint64_t drawn = 0;
    each_cell([&](point p) {
        for (int i = 0; i < 3; ++i, ++drawn) {
            p.flags = static_cast<std::uint32_t>(engine()) & whole_space().flags;
            if (!(decided.at(p) == shipped().decide(p))) FAIL(words(p));
        }
    });
    CHECK(drawn == 3 * whole_space().cells());
}

// One cell in a thousand with all its flags; with CAIRN_FULL set every point there is (label
// "slow").
TEST_CASE("lists of rows say what the table decides, at every set of flags", "[points]") {
    const std::size_t step = std::getenv("CAIRN_FULL") != nullptr ? 1 : 997;
    const space decided(shipped().source(), day);
    const class index plain(shipped().source(), day);
    std::size_t cell = 0;
    std::uint64_t looked_at = 0;
    std::uint64_t different = 0;
    each_cell([&](point p) {
        if (cell++ % step != 0) return;
        do {
            different += !(decided.at(p) == plain.decide(p));
            ++looked_at;
            p.flags = next_set(p.flags, whole_space().flags);
        } while (p.flags != 0);
    });
    CHECK(different == 0);
    CHECK(looked_at == (whole_space().cells() + step - 1) / step * 4096);
}

TEST_CASE("the digest of decisions changes with a decision and with nothing else") {
    const auto& source = shipped().source();
    const auto was = semantic_digest(source, day);
    CHECK(prove(source, day).semantic == was);

    auto p = source;
    p.set_version("another");
    p.mutable_words(0)->set_text("otherwise said");
    rule_of(p, 310)->set_title("Otherwise said");
    rule_of(p, 310)->set_number(9310);
    for (int i = p.rules_size() - 1; i > 0; i -= 2) p.mutable_rules()->SwapElements(i, i / 2);
    CHECK(semantic_digest(p, day) == was);

    // One rule in two: at each flag alone the same is decided.
    auto& other = *p.add_rules();
    other = *rule_of(p, 482);
    other.set_number(9482);
    other.add_when(v1::FLAG_SENDER_DESK);
    rule_of(p, 482)->add_unless(v1::FLAG_SENDER_DESK);
    CHECK(semantic_digest(p, day) == was);

    p.mutable_rules()->RemoveLast();
    CHECK(semantic_digest(p, day) != was);
    p = source;
    rule_of(p, 482)->set_reason(v1::REASON_NEEDED_FOR_ROLE);
    CHECK(semantic_digest(p, day) != was);
    p = source;
    rule_of(p, 482)->set_in_force("2026-11-23");
    CHECK(semantic_digest(p, day) != was);
    CHECK(semantic_digest(p, day + std::chrono::days(1)) == was);
}

namespace {

constexpr const char* unnamed = R"(
  name: "T1" title: "Who asked not to be named is not" guarantee: GUARANTEE_AT_MOST
  categories: [CATEGORY_REFERRER] roles: [ROLE_FRONT_DOOR] purposes: [PURPOSE_S47]
  when: [FLAG_ANONYMOUS_REFERRER] form: FORM_MASKED
  sentence: "s" authority: "a" owner: "o" harm: "She is found out."
)";

// One rule that shows the referrer to the front door, under the flags given.
proof proof_of(std::initializer_list<v1::Flag> when) {
    auto p = shipped().source();
    p.clear_rules();
    p.clear_invariants();
    auto& r = *p.add_rules();
    r = *shipped().rule(110);
    r.clear_categories();
    r.add_categories(v1::CATEGORY_REFERRER);
    r.clear_subjects();
    r.clear_when();
    for (const auto f : when) r.add_when(f);
    r.clear_unless();
    r.add_unless(v1::FLAG_STATUTORY_BAR);
    v1::Invariant i;
    REQUIRE(google::protobuf::TextFormat::ParseFromString(unnamed, &i));
    *p.add_invariants() = i;
    return prove(p, day);
}

} // namespace

TEST_CASE("a counterexample is a point that can be, where there is one") {
    const auto found = proof_of({v1::FLAG_ANONYMOUS_REFERRER});
    REQUIRE(found.broken.size() == 1);
    CHECK(found.broken.front().at.flags == bit(v1::FLAG_ANONYMOUS_REFERRER));
    CHECK_FALSE(has(found.broken.front().sentence, "No concern has these flags together"));
}

TEST_CASE("a promise broken only where no concern can be is broken, and says so") {
    const auto found = proof_of({v1::FLAG_ANONYMOUS_REFERRER, v1::FLAG_PROFESSIONAL_REFERRER});
    REQUIRE(found.broken.size() == 1);
    CHECK(
        found.broken.front().at.flags ==
        flags({v1::FLAG_ANONYMOUS_REFERRER, v1::FLAG_PROFESSIONAL_REFERRER})
    );
    CHECK(has(found.broken.front().sentence, "No concern has these flags together"));
}

TEST_CASE("a point that can be is named though one that cannot breaks it before") {
    auto p = shipped().source();
    p.clear_rules();
    p.clear_invariants();
    v1::Invariant i;
    REQUIRE(google::protobuf::TextFormat::ParseFromString(unnamed, &i));
    i.clear_categories();
    *p.add_invariants() = i;
    // The earlier category is shown where both flags hold, the later where one does.
    for (const auto c : {v1::CATEGORY_IDENTITY, v1::CATEGORY_REFERRER}) {
        auto& r = *p.add_rules();
        r = *shipped().rule(110);
        r.set_number(c == v1::CATEGORY_IDENTITY ? 1001 : 1002);
        r.clear_categories();
        r.add_categories(c);
        r.clear_when();
        r.add_when(v1::FLAG_ANONYMOUS_REFERRER);
        if (c == v1::CATEGORY_IDENTITY) r.add_when(v1::FLAG_PROFESSIONAL_REFERRER);
        r.clear_unless();
        r.add_unless(v1::FLAG_STATUTORY_BAR);
    }
    const auto found = prove(p, day);
    REQUIRE(found.broken.size() == 1);
    CHECK(found.broken.front().at.category == v1::CATEGORY_REFERRER);
    CHECK(found.broken.front().got.rule == 1002);
}
