#include "policy/table.hpp"

#include "core/assert.hpp"
#include "core/clock.hpp"
#include "core/crypto.hpp"
#include "policy/check.hpp"
#include "policy/dates.hpp"
#include "policy/final_list.hpp"
#include "policy/index.hpp"

#include <array>
#include <map>

namespace cairn::policy {

namespace {

// Stands in for rule 1 where a text does not state it: a decision always names a rule that is
// there.
v1::Rule built_in_bar() {
    v1::Rule r;
    r.set_number(protected_address_rule);
    r.set_title("Protected address");
    r.set_tier(v1::TIER_BAR);
    r.add_categories(v1::CATEGORY_PROTECTED_ADDRESS);
    r.set_form(v1::FORM_MASKED);
    r.set_reason(v1::REASON_ADDRESS_CAN_HARM);
    r.set_authority("Built into the broker");
    r.set_sentence("An address whose disclosure can harm is shown to nobody outside the final list."
    );
    return r;
}

class compiled final : public table {
public:
    compiled(
        v1::Policy policy,
        std::string_view text,
        std::chrono::sys_days today,
        std::chrono::sys_days last_day,
        std::string signed_by
    )
        : policy_(std::move(policy)), index_(policy_, today), signed_by_(std::move(signed_by)),
          digest_(sha256(text)), digest_hex_(to_hex(view(digest_))),
          ends_us_(to_us(last_day + std::chrono::days(1))) {
        rules_.emplace(protected_address_rule, &built_in_);
        for (const auto& r : policy_.rules()) rules_[r.number()] = &r;
        for (const auto& r : policy_.routing()) routes_.emplace(r.number(), &r);
        for (const auto& w : policy_.words()) words_.emplace(w.name(), w.text());
        for (const auto& r : policy_.reasons()) reasons_.emplace(r.reason(), &r);
        for (const int c : policy_.veiled()) veiled_[static_cast<std::size_t>(c)] = true;
    }

    [[nodiscard]] const index& rows() const { return index_; }

    decision decide(const point& p) const override { return index_.decide(p); }
    const digest& text_digest() const override { return digest_; }
    const std::string& digest_hex() const override { return digest_hex_; }
    const v1::Policy& source() const override { return policy_; }
    const std::string& signed_by() const override { return signed_by_; }
    const v1::Rule* rule(std::uint32_t number) const override { return find(rules_, number); }
    const v1::RoutingRule* routing_rule(std::uint32_t number) const override {
        return find(routes_, number);
    }
    bool veiled(v1::Category c) const override {
        const auto at = static_cast<std::size_t>(c);
        return at >= veiled_.size() || veiled_[at];
    }
    bool in_force(std::int64_t now_us) const override { return now_us < ends_us_; }
    std::string word(std::string_view enum_name) const override {
        const auto at = words_.find(enum_name);
        return at == words_.end() ? "something else" : at->second;
    }
    std::string sentence(
        v1::ReasonCode reason, v1::Category category, v1::Subject subject, std::string_view ask
    ) const override;
    std::string sentence_of_part(
        v1::ReasonCode reason, v1::Category category, v1::Subject subject, std::string_view ask
    ) const override;

private:
    [[nodiscard]] std::string filled(
        std::string_view from, v1::Category category, v1::Subject subject, std::string_view ask
    ) const;
    template <class Rows>
    static typename Rows::mapped_type find(const Rows& rows, std::uint32_t number) {
        const auto at = rows.find(number);
        return at == rows.end() ? nullptr : at->second;
    }

    v1::Policy policy_;
    v1::Rule built_in_ = built_in_bar();
    index index_;
    std::string signed_by_;
    digest digest_;
    std::string digest_hex_;
    std::int64_t ends_us_;
    std::map<std::uint32_t, const v1::Rule*> rules_;
    std::map<std::uint32_t, const v1::RoutingRule*> routes_;
    std::map<std::string, std::string, std::less<>> words_;
    std::map<int, const v1::ReasonText*> reasons_;
    std::array<bool, v1::Category_MAX + 1> veiled_{};
};

std::string compiled::sentence(
    v1::ReasonCode reason, v1::Category category, v1::Subject subject, std::string_view ask
) const {
    // A veiled category has one sentence for every reason: the reason alone would tell what it is.
    const bool named = category != v1::CATEGORY_UNSPECIFIED && !veiled(category);
    const auto text = reasons_.find(named ? reason : v1::REASON_UNSPECIFIED);
    CAIRN_ASSERT(text != reasons_.end(), "check_texts found a sentence for every reason");
    return filled(text->second->to_desk(), category, subject, ask);
}

std::string compiled::sentence_of_part(
    v1::ReasonCode reason, v1::Category category, v1::Subject subject, std::string_view ask
) const {
    const auto text = reasons_.find(reason);
    const bool said = text != reasons_.end() && !text->second->to_desk_partly().empty();
    if (!said) return sentence(reason, category, subject, ask);
    return filled(text->second->to_desk_partly(), category, subject, ask);
}

std::string compiled::filled(
    std::string_view from, v1::Category category, v1::Subject subject, std::string_view ask
) const {
    const auto whom = subject == v1::SUBJECT_UNSPECIFIED ? v1::SUBJECT_CONCERN : subject;
    std::string out;
    for (std::size_t at = 0; at < from.size();) {
        if (from[at] != '{') {
            out.push_back(from[at++]);
            continue;
        }
        const auto end = from.find('}', at);
        const auto name = from.substr(at + 1, end - at - 1);
        if (name == "ask") out.append(ask);
        if (name == "subject") out += word(v1::Subject_Name(whom));
        if (name == "category") out += word(v1::Category_Name(category));
        at = end + 1;
    }
    return out;
}

failure opens_what_is_barred(
    const v1::Policy& policy,
    std::uint32_t rule,
    const std::function<std::string(const text_spot&)>& place
) {
    int row = 0;
    while (policy.rules(row).number() != rule) ++row;
    return fail(
        errc::policy_contradiction,
        place({"rules", row, "unless"}) + ": rule " + std::to_string(rule) +
            ": would open what the law bars: put FLAG_STATUTORY_BAR under unless, or a bar over it"
    );
}

} // namespace

result<std::shared_ptr<const table>>
table::compile(std::string_view text, std::string_view today_iso, std::string signed_by) {
    const auto today = parse_day(today_iso);
    if (!today) return fail(errc::bad_value, "today");
    auto read = parse(text);
    if (!read) return read.error();
    CAIRN_TRY(check(*read));
    const auto last_day = *parse_day(read->policy.valid_until());
    if (*today > last_day) {
        return fail(
            errc::policy_expired,
            read->place_of({nullptr, 0, "valid_until"}) + ": valid until " +
                read->policy.valid_until()
        );
    }
    const auto place = std::move(read->place);
    auto made = std::make_shared<compiled>(
        std::move(read->policy), text, *today, last_day, std::move(signed_by)
    );
    CAIRN_TRY(made->rows().check_size());
    if (const auto rule = made->rows().opens_what_is_barred()) {
        return opens_what_is_barred(made->source(), *rule, place);
    }
    return std::shared_ptr<const table>(std::move(made));
}

} // namespace cairn::policy
