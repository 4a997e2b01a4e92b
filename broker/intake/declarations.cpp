#include "intake/declarations.hpp"

#include <algorithm>
#include <string>

namespace cairn::intake {
namespace {

constexpr const char* glass = "concern.break_glass";

std::string detriment(int i) {
    return "concern.detriments[" + std::to_string(i) + "]";
}

bool says_something(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) > ' ';
    });
}

status need(bool there, const std::string& where) {
    if (!there) return fail(errc::required, where);
    return {};
}

// What both kinds of declaration say alike.
template <class Declaration>
status check_decided(const Declaration& d, const std::string& at, const review_days& days) {
    CAIRN_TRY(need(d.category() != v1::CATEGORY_UNSPECIFIED, at + ".category"));
    if (!v1::Category_IsValid(d.category())) return fail(errc::bad_value, at + ".category");
    CAIRN_TRY(need(says_something(d.reason()), at + ".reason"));
    CAIRN_TRY(need(says_something(d.decided_by_role()), at + ".decided_by_role"));
    CAIRN_TRY(need(d.review_on().year() != 0, at + ".review_on"));
    if (!is_before(d.review_on(), days.today)) return {};
    return fail(errc::bad_value, at + ".review_on, " + days.today + " at the earliest");
}

status check_break_glass(const v1::BreakGlass& b, const review_days& days) {
    CAIRN_TRY(need(says_something(b.told()), std::string(glass) + ".told"));
    CAIRN_TRY(check_decided(b, glass, days));
    // A month has no latest day to be held to.
    const bool in_time = b.review_on().day() != 0 && !reaches_past(b.review_on(), days.in_one);
    if (in_time) return {};
    return fail(
        errc::bad_value, std::string(glass) + ".review_on, a day, " + days.in_one + " at the latest"
    );
}

} // namespace

status check_declarations(const v1::Concern& c, const review_days& days) {
    if (c.detriments().empty() && !c.has_break_glass()) return {};
    CAIRN_TRY(need(!c.acting().role().empty(), "concern.acting.role"));
    CAIRN_TRY(need(!c.acting().staff_id().empty(), "concern.acting.staff_id"));
    for (int i = 0; i < c.detriments_size(); ++i) {
        CAIRN_TRY(check_decided(c.detriments(i), detriment(i), days));
    }
    return c.has_break_glass() ? check_break_glass(c.break_glass(), days) : status{};
}

std::vector<v1::Warning> declaration_warnings(const v1::Concern& c, const review_days& days) {
    std::vector<v1::Warning> out;
    const auto warn = [&out](const char* code, std::string where, std::string text) {
        v1::Warning& w = out.emplace_back();
        w.set_code(code);
        w.set_where(std::move(where));
        w.set_text(std::move(text));
    };
    for (int i = 0; i < c.detriments_size(); ++i) {
        if (!reaches_past(c.detriments(i).review_on(), days.in_five)) continue;
        warn(
            "detriment_review_late",
            detriment(i) + ".review_on",
            "A declared detriment is reviewed within five working days, by " + days.in_five
        );
    }
    if (c.has_break_glass()) {
        warn(
            "break_glass_recorded",
            glass,
            "Recorded for the auditor and to be reviewed by " + days.in_one +
                "; it shows no desk more than policy does"
        );
    }
    return out;
}

} // namespace cairn::intake
