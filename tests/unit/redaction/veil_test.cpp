// What a desk reads of something hidden whose very category is not told: always the same.
#include "redaction/notice.hpp"
#include "support/people.hpp"
#include "support/shipped_policy.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace cairn;
using namespace cairn::redaction;

namespace {

// The shipped text's sentences over decisions of the test's own.
class hiding final : public policy::table {
public:
    hiding(v1::Category what, v1::ReasonCode why) : what_(what), why_(why) {}
    [[nodiscard]] policy::decision decide(const policy::point& p) const override {
        if (p.category == what_) return {v1::FORM_MASKED, v1::TIER_DENY, 210, why_};
        return {v1::FORM_FULL, v1::TIER_ALLOW, 300, v1::REASON_NEEDED_FOR_ROLE};
    }
    [[nodiscard]] const digest& text_digest() const override { return shipped_->text_digest(); }
    [[nodiscard]] const std::string& digest_hex() const override { return shipped_->digest_hex(); }
    [[nodiscard]] const v1::Policy& source() const override { return shipped_->source(); }
    [[nodiscard]] const std::string& signed_by() const override { return shipped_->signed_by(); }
    [[nodiscard]] const v1::Rule* rule(std::uint32_t n) const override { return shipped_->rule(n); }
    [[nodiscard]] const v1::RoutingRule* routing_rule(std::uint32_t n) const override {
        return shipped_->routing_rule(n);
    }
    [[nodiscard]] bool veiled(v1::Category c) const override { return c == what_; }
    [[nodiscard]] bool in_force(std::int64_t) const override { return true; }
    [[nodiscard]] std::string word(std::string_view name) const override {
        return shipped_->word(name);
    }
    [[nodiscard]] std::string
    sentence(v1::ReasonCode r, v1::Category c, v1::Subject s, std::string_view ask) const override {
        return shipped_->sentence(r, c, s, ask);
    }
    [[nodiscard]] std::string sentence_of_part(
        v1::ReasonCode r, v1::Category c, v1::Subject s, std::string_view ask
    ) const override {
        return shipped_->sentence_of_part(r, c, s, ask);
    }

private:
    v1::Category what_;
    v1::ReasonCode why_;
    std::shared_ptr<const policy::table> shipped_ = test::shipped_policy();
};

// A concern with something in every category that a sender can fill.
v1::Concern rich() {
    v1::Concern c = test::school_concern();
    v1::Person& girl = *c.mutable_persons(0);
    test::add_protected_address(girl);
    girl.add_sensitive_services()->set_kind(v1::SensitiveService::KIND_SUBSTANCE_TREATMENT);
    girl.mutable_health()->add_mental()->set_condition("low mood");
    girl.mutable_immigration()->set_status("pending");
    girl.mutable_characteristics()->set_ethnicity("WBRI");
    girl.mutable_characteristics()->set_language("English");
    c.add_attachments()->set_title("photograph");
    return c;
}

bool is_reason(int r) {
    return v1::ReasonCode_IsValid(r) && r >= v1::REASON_ADDRESS_CAN_HARM;
}

} // namespace

TEST_CASE("no sentence about what is veiled and hidden tells what it is or why") {
    const v1::Concern c = rich();
    const analysis a = analyse(c);
    concern_context shared;
    shared.concern_id = std::string(32, 'a');
    shared.ask = "Oakfield's safeguarding lead";
    desk_context d;
    d.desk = "northshire-council/front_door";
    d.role = v1::ROLE_FRONT_DOOR;
    std::string said;
    std::size_t compared = 0;
    for (int category = v1::Category_MIN + 1; category <= v1::Category_MAX; ++category) {
        const auto what = static_cast<v1::Category>(category);
        // What is not content is neither veiled nor spoken of.
        if (what == v1::CATEGORY_HEADER || what == v1::CATEGORY_SEALED) continue;
        const bool there = std::any_of(a.cells.begin(), a.cells.end(), [&](const cell_input& in) {
            return category_of(in.id) == what;
        });
        CAPTURE(v1::Category_Name(what));
        if (!there) continue;
        for (int reason = v1::ReasonCode_MIN; reason <= v1::ReasonCode_MAX; ++reason) {
            if (!is_reason(reason)) continue;
            const hiding rules(what, static_cast<v1::ReasonCode>(reason));
            const auto made = make_notice(c, a, rules, shared, d);
            std::size_t neutral = 0;
            for (const v1::Withheld& w : made.notice.withheld()) {
                // Free text closed by the hidden cell says that it is held, and of itself alone.
                CHECK(w.category() != what);
                if (w.category() != v1::CATEGORY_UNSPECIFIED) continue;
                ++neutral;
                if (said.empty()) said = w.SerializeAsString();
                CHECK(w.SerializeAsString() == said);
            }
            CHECK(neutral == 1);
            for (const auto& group : made.notice.decisions()) {
                for (const auto id : group.cells()) CHECK(category_of(id) != what);
            }
            ++compared;
        }
    }
    INFO(said);
    CHECK(compared >= 200);
}
