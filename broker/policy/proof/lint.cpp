#include "policy/proof/lint.hpp"

#include "policy/check.hpp"
#include "policy/dates.hpp"
#include "policy/order.hpp"
#include "policy/proof/deciders.hpp"
#include "policy/proof/overlaps.hpp"
#include "policy/proof/wording.hpp"

#include <algorithm>
#include <map>

namespace cairn::policy {

namespace {

using numbers = std::vector<std::uint32_t>;

// "1, 2, 3 and 177 more".
std::string listed(const numbers& all) {
    constexpr std::size_t most = 12;
    std::string out;
    for (std::size_t n = 0; n < std::min(all.size(), most); ++n) {
        out += (n == 0 ? "" : ", ") + std::to_string(all[n]);
    }
    if (all.size() > most) out += " and " + std::to_string(all.size() - most) + " more";
    return out;
}

class linter {
public:
    linter(const parsed& text, std::chrono::sys_days today)
        : text_(text), policy_(text.policy), today_(today), words_(policy_),
          decided_(policy_, today) {}

    std::vector<finding> all();

private:
    void add(grade how, const char* kind, numbers rules, std::string what, std::string place = {}) {
        out_.push_back({how, kind, std::move(place), std::move(rules), std::move(what)});
    }
    [[nodiscard]] std::string place_of(std::uint32_t number) const {
        int row = 0;
        while (policy_.rules(row).number() != number) ++row;
        return text_.place_of({"rules", row});
    }
    template <class Fits>
    numbers rules_that(Fits&& fits) const {
        numbers out;
        for (const auto& r : policy_.rules()) {
            if (fits(r)) out.push_back(r.number());
        }
        return out;
    }
    void look_at_signatures();
    void look_at_routes();
    void look_at_reach();
    void look_at_rule(const v1::Rule& r, const std::string& place);
    void look_at_overlaps();
    void add_over(std::uint32_t first, const numbers& others);
    void look_at_flags();

    const parsed& text_;
    const v1::Policy& policy_;
    std::chrono::sys_days today_;
    wording words_;
    space decided_;
    std::vector<finding> out_;
};

void linter::look_at_signatures() {
    const auto open = rules_that([](const auto& r) {
        return r.verified_by().empty() || r.verified_by().rfind("PROPOSED", 0) == 0;
    });
    if (!open.empty()) {
        add(grade::warning,
            "unverified",
            open,
            std::to_string(open.size()) + " rules are verified by nobody: " + listed(open) +
                "; whoever has read the authority puts a name under verified_by");
    }
    if (policy_.invariants().empty()) {
        add(grade::warning,
            "promises",
            {},
            "the text promises nothing: take the invariants of the template, or write its own");
    }
}

void linter::look_at_routes() {
    const auto opens = [](const auto& r) { return is_open(r.form()); };
    const auto bare = rules_that([&](const auto& r) { return opens(r) && r.routes().empty(); });
    if (!bare.empty()) {
        add(grade::warning,
            "route",
            bare,
            "rules that show and name no lawful route: " + listed(bare) + "; name its provisions");
    }
    const auto idle = rules_that([&](const auto& r) { return !opens(r) && !r.routes().empty(); });
    if (!idle.empty()) {
        add(grade::warning,
            "route",
            idle,
            "rules that hide and name a lawful route: " + listed(idle) + "; hiding needs none");
    }
    const auto mute = rules_that([&](const auto& r) {
        return !opens(r) && r.form() != v1::FORM_SILENT && r.what_would_change_it().empty();
    });
    if (!mute.empty()) {
        add(grade::note,
            "unanswered",
            mute,
            "rules that hide and do not say what would change it: " + listed(mute));
    }
}

void linter::look_at_rule(const v1::Rule& r, const std::string& place) {
    const auto row = words_.rule(r.number());
    if (*parse_day(r.in_force()) > today_) {
        add(grade::note, "not_in_force", {r.number()}, row + " begins on " + r.in_force(), place);
        return;
    }
    const auto deciding = deciders(r, decided_);
    if (deciding.count(r.number())) return;
    numbers instead;
    // Behind stronger tiers it would not have decided anyway: what counts is who stands in its
    // place.
    bool replaced = false;
    bool same = true;
    for (const auto& [number, d] : deciding) {
        instead.push_back(number);
        if (d.tier < r.tier()) continue;
        replaced = true;
        same = same && d.form == r.form() && d.reason == r.reason();
    }
    same = same && replaced;
    auto what = row + " decides nowhere: where it speaks, " + listed(instead) + " decide";
    what += same ? ", and the same; take it out" : "; narrow those, or take it out";
    numbers rules = {r.number()};
    rules.insert(rules.end(), instead.begin(), instead.end());
    add(grade::warning, same ? "shadowed" : "dead", std::move(rules), std::move(what), place);
}

void linter::look_at_reach() {
    for (int n = 0; n < policy_.rules_size(); ++n) {
        look_at_rule(policy_.rules(n), text_.place_of({"rules", n}));
    }
}

// A bar over a must is a promise that does not hold there: who reads of the one has to find the
// other.
void linter::add_over(std::uint32_t first, const numbers& others) {
    numbers rules = {first};
    rules.insert(rules.end(), others.begin(), others.end());
    const auto& stronger =
        *std::find_if(policy_.rules().begin(), policy_.rules().end(), [&](const auto& r) {
            return r.number() == first;
        });
    if (stronger.tier() != v1::TIER_BAR) {
        add(grade::note,
            "stands_over",
            std::move(rules),
            words_.rule(first) + " stands over " + listed(others) + " where they meet",
            place_of(first));
        return;
    }
    // All of them: the one that was meant otherwise may be any.
    std::string owed;
    for (const auto n : others)
        owed += (owed.empty() ? "" : ", ") + words_.rule(n) + " (" + place_of(n) + ")";
    add(grade::note,
        "barred",
        std::move(rules),
        words_.rule(first) + " bars what is owed by " + owed +
            ", where they meet; narrow the bar, or say in the must rule by unless where it is not "
            "owed; leave both where the law bars it",
        place_of(first));
}

void linter::look_at_overlaps() {
    const auto found = find_overlaps(policy_, today_);
    const auto gathered = [](const auto& pairs) {
        std::map<std::uint32_t, numbers> out;
        for (const auto& [first, other] : pairs) out[first].push_back(other);
        return out;
    };
    for (const auto& [first, others] : gathered(found.over)) add_over(first, others);
    for (const auto& [first, others] : gathered(found.of_one_tier)) {
        numbers rules = {first};
        rules.insert(rules.end(), others.begin(), others.end());
        add(grade::note,
            "overlap",
            std::move(rules),
            words_.rule(first) + " decides before " + listed(others) +
                " of its own tier, which would give another form or reason",
            place_of(first));
    }
}

void linter::look_at_flags() {
    std::uint32_t named = 0;
    for (const auto& r : policy_.rules()) named |= mask_of(r.when()) | mask_of(r.unless());
    for (int f = 1; f <= v1::Flag_MAX; ++f) {
        const auto flag = static_cast<v1::Flag>(f);
        if (decided_.matters(flag)) continue;
        const bool mentioned = (named & bit(flag)) != 0;
        add(grade::note,
            "flag",
            {},
            v1::Flag_Name(flag) + " (" + words_.of(v1::Flag_Name(flag)) + ") " +
                (mentioned ? "is mentioned and changes no decision at any point"
                           : "is mentioned by no rule and changes no decision"));
    }
}

std::vector<finding> linter::all() {
    out_ = overdue(text_, today_);
    look_at_signatures();
    look_at_routes();
    look_at_reach();
    look_at_flags();
    look_at_overlaps();
    std::stable_sort(out_.begin(), out_.end(), [](const auto& a, const auto& b) {
        return a.how > b.how;
    });
    return std::move(out_);
}

} // namespace

std::vector<finding> overdue(const parsed& text, std::chrono::sys_days today) {
    std::vector<finding> out;
    const auto past = [today](const std::string& day) {
        const auto at = parse_day(day);
        return at && *at < today;
    };
    if (past(text.policy.review_by())) {
        out.push_back(
            {grade::warning,
             "review",
             text.place_of({nullptr, 0, "review_by"}),
             {},
             "the whole text was to be read again by " + text.policy.review_by() +
                 "; it holds until it is, or until " + text.policy.valid_until() +
                 ": read it and set the next day"}
        );
    }
    for (int n = 0; n < text.policy.rules_size(); ++n) {
        const auto& r = text.policy.rules(n);
        if (!past(r.review_by())) continue;
        out.push_back(
            {grade::warning,
             "review",
             text.place_of({"rules", n, "review_by"}),
             {r.number()},
             "rule " + std::to_string(r.number()) + " was to be read again by " + r.review_by() +
                 ": " + r.owner() + " reads it and sets the next day"}
        );
    }
    return out;
}

std::vector<finding> lint(const parsed& text, std::chrono::sys_days today) {
    return linter(text, today).all();
}

} // namespace cairn::policy
