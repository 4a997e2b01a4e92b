// A policy that changes while concerns are under way.
#include "exchange.hpp"

#include "merkle/leaf.hpp"

namespace cairn::daemon {
namespace {

using testing::exchange;
using testing::mash;
using testing::referral;

std::shared_ptr<const policy::table> retitled(const exchange& x) {
    std::string text(policy::template_policy());
    text.insert(text.find("  title: \"") + 10, "Another ");
    auto out = policy::table::compile(text, policy_day(now_us(x.rt)));
    REQUIRE(out);
    return *out;
}

digest digest_of_last(exchange& x) {
    const auto rows = x.records(ledger::record_kind::concern);
    REQUIRE_FALSE(rows.empty());
    const auto leaf = merkle::decode_leaf(rows.back().leaf);
    REQUIRE(leaf);
    return leaf->policy_digest;
}

} // namespace

TEST_CASE("a concern under way ends on the policy it began with, the next begins with the new one"
) {
    exchange x;
    const auto first = x.rt.policy.now();
    const auto second = retitled(x);
    REQUIRE(first->text_digest() != second->text_digest());
    x.between = [&] { x.rt.policy.swap_in(second); };
    REQUIRE(x.submit("oakfield", referral({mash})));
    CHECK(digest_of_last(x) == first->text_digest());
    x.between = {};
    REQUIRE(x.submit("oakfield", referral({mash})));
    CHECK(digest_of_last(x) == second->text_digest());
}

} // namespace cairn::daemon
