// Who protects an address late is told where else it stands unprotected.
#include "exchange.hpp"

#include "support/people.hpp"

namespace cairn::daemon {
namespace {

using namespace testing;

v1::Concern with_safe_address(v1::Concern c) {
    test::add_safe_address(*c.mutable_persons(0));
    return c;
}

v1::Concern in_thread_of(const v1::SubmitResponse& first, v1::Concern c) {
    c.set_thread(first.thread());
    return c;
}

v1::Concern correction_of(const v1::SubmitResponse& first) {
    v1::Concern c = in_thread_of(first, referral({}));
    c.set_in_reply_to(first.concern_id());
    c.mutable_correction();
    return c;
}

v1::Concern late_flag_of(const v1::SubmitResponse& first) {
    v1::Concern c = correction_of(first);
    test::add_protected_address(*c.mutable_persons(0));
    return c;
}

v1::SubmitResponse sent(exchange& x, const std::string& who, const v1::Concern& c) {
    const auto r = x.submit(who, c);
    REQUIRE(r);
    return *r;
}

// The concerns that the warnings name, of `known`, in the order of the warnings.
template <class Warnings>
std::vector<std::string>
named_in(const Warnings& warnings, const std::vector<v1::SubmitResponse>& known) {
    std::vector<std::string> out;
    for (const v1::Warning& w : warnings) {
        if (w.code() != "still_given_as_safe") continue;
        CHECK(w.where() == "concern.thread");
        for (const auto& one : known) {
            if (w.text().find(one.concern_id()) != std::string::npos)
                out.push_back(one.concern_id());
        }
    }
    return out;
}

} // namespace

TEST_CASE("who protects an address late is told what else of the thread gives one as safe") {
    exchange x;
    const auto first = sent(x, "oakfield", with_safe_address(referral({front_door, mash})));
    const auto also = sent(x, "oakfield", in_thread_of(first, with_safe_address(referral({mash}))));
    const auto without = sent(x, "oakfield", in_thread_of(first, referral({mash})));
    auto hidden = in_thread_of(first, referral({mash}));
    test::add_protected_address(*hidden.mutable_persons(0));
    const auto never = sent(x, "oakfield", hidden);
    const auto elsewhere = sent(x, "oakfield", with_safe_address(referral({mash})));
    const std::vector known = {first, also, without, never, elsewhere};
    using ids = std::vector<std::string>;

    const auto asked = x.preview("oakfield", late_flag_of(first));
    REQUIRE(asked);
    CHECK(named_in(asked->warnings(), known) == ids{also.concern_id()});
    const auto plain = sent(x, "oakfield", with_safe_address(correction_of(first)));
    CHECK(named_in(plain.warnings(), known).empty());
    const auto late = sent(x, "oakfield", late_flag_of(first));
    CHECK(named_in(late.warnings(), known) == ids{also.concern_id()});
    // Mended in its turn: nothing is left.
    const auto mended = sent(x, "oakfield", late_flag_of(also));
    CHECK(named_in(mended.warnings(), known).empty());
}

TEST_CASE("what was corrected stands by its newest correction, what was recalled does not stand") {
    exchange x;
    const auto first = sent(x, "oakfield", referral({front_door, mash}));
    const auto corrected =
        sent(x, "oakfield", in_thread_of(first, with_safe_address(referral({mash}))));
    const auto taken_out = sent(x, "oakfield", correction_of(corrected));
    const auto given_again = sent(x, "oakfield", in_thread_of(first, referral({mash})));
    const auto newest = sent(x, "oakfield", with_safe_address(correction_of(given_again)));
    const auto recalled =
        sent(x, "oakfield", in_thread_of(first, with_safe_address(referral({mash}))));
    sent(x, "oakfield", recall(recalled));
    const auto late = sent(x, "oakfield", late_flag_of(first));
    const std::vector known = {first, corrected, taken_out, given_again, newest, recalled};
    CHECK(named_in(late.warnings(), known) == std::vector{newest.concern_id()});
}

TEST_CASE("what another agency or another desk of one's own sent in the thread is not named") {
    exchange x;
    const auto first = sent(x, "police", referral({front_door, ppu}));
    const auto others =
        sent(x, "front-door", in_thread_of(first, with_safe_address(referral({named}))));
    const auto beside = sent(x, "ppu", in_thread_of(first, with_safe_address(referral({named}))));
    const auto late = sent(x, "police", late_flag_of(first));
    CHECK(named_in(late.warnings(), {first, others, beside}).empty());
}

} // namespace cairn::daemon
