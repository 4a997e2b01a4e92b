#include "intake/required.hpp"

#include "core/limits.hpp"
#include "intake/dates.hpp"

#include <string>

namespace cairn::intake {
namespace {

status need(bool there, const char* where) {
    if (!there) return fail(errc::required, where);
    return {};
}

status must(bool good, std::string where) {
    if (!good) return fail(errc::bad_value, std::move(where));
    return {};
}

status at_most(int count, std::size_t limit, const char* where) {
    if (static_cast<std::size_t>(count) <= limit) return {};
    return fail(errc::too_many, std::string{where} + ", at most " + std::to_string(limit));
}

std::string item(const char* list, int index, const char* field = "") {
    return "concern." + std::string{list} + "[" + std::to_string(index) + "]" + field;
}

bool is_hex(std::string_view text, std::size_t size) {
    if (text.size() != size) return false;
    for (const char c : text) {
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) return false;
    }
    return true;
}

// `<agency>` or, where `role` is asked for, `<agency>/<role>`.
bool is_name(std::string_view text, bool role) {
    std::size_t slashes = 0;
    char before = '/';
    for (const char c : text) {
        if (c == '/') {
            if (before == '/') return false;
            ++slashes;
        } else if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_') {
            return false;
        }
        before = c;
    }
    return before != '/' && text.size() <= 128 && (slashes == 1 || (slashes == 0 && !role));
}

status check_reply(const v1::Concern& c) {
    CAIRN_TRY(need(!c.in_reply_to().empty(), "concern.in_reply_to"));
    return need(!c.thread().empty(), "concern.thread");
}

status check_notification(const v1::Concern& c) {
    const v1::Notification& n = c.notification();
    CAIRN_TRY(need(
        n.incident() != v1::Notification::INCIDENT_UNSPECIFIED, "concern.notification.incident"
    ));
    CAIRN_TRY(
        must(v1::Notification::Incident_IsValid(n.incident()), "concern.notification.incident")
    );
    CAIRN_TRY(need(c.risk().level() != v1::RISK_LEVEL_UNSPECIFIED, "concern.risk.level"));
    const bool nobody_yet = n.incident() == v1::Notification::INCIDENT_ADULT_RISK;
    CAIRN_TRY(need(c.persons_size() > 0 || nobody_yet, "concern.persons"));
    const bool when =
        n.happened_at().empty() || is_iso_date(n.happened_at()) || is_rfc3339(n.happened_at());
    return must(when, "concern.notification.happened_at");
}

// Of a hidden cell, or of a decision: then on which rung, and which decision.
status check_challenge(const v1::Challenge& c) {
    CAIRN_TRY(must(v1::Challenge::Level_IsValid(c.level()), "concern.challenge.level"));
    CAIRN_TRY(must(v1::Outcome::Decision_IsValid(c.disputed()), "concern.challenge.disputed"));
    if (!c.challenge_id().empty()) {
        return must(is_hex(c.challenge_id(), 16), "concern.challenge.challenge_id");
    }
    const bool disputes = c.level() != v1::Challenge::LEVEL_UNSPECIFIED ||
                          c.disputed() != v1::Outcome::DECISION_UNSPECIFIED;
    CAIRN_TRY(need(disputes, "concern.challenge.challenge_id"));
    CAIRN_TRY(need(c.level() != v1::Challenge::LEVEL_UNSPECIFIED, "concern.challenge.level"));
    return need(c.disputed() != v1::Outcome::DECISION_UNSPECIFIED, "concern.challenge.disputed");
}

status check_body(const v1::Concern& c) {
    switch (c.body_case()) {
    case v1::Concern::BODY_NOT_SET:
        return fail(errc::required, "concern.body");
    case v1::Concern::kNotification:
        return check_notification(c);
    case v1::Concern::kInformationRequest:
        return need(
            c.information_request().wanted_size() > 0 ||
                !c.information_request().question().empty(),
            "concern.information_request.wanted"
        );
    case v1::Concern::kAnswer:
        CAIRN_TRY(check_reply(c));
        return need(c.answer().result() != v1::Answer::RESULT_UNSPECIFIED, "concern.answer.result");
    case v1::Concern::kOutcome:
        CAIRN_TRY(check_reply(c));
        return need(
            c.outcome().decision() != v1::Outcome::DECISION_UNSPECIFIED, "concern.outcome.decision"
        );
    case v1::Concern::kFeedback:
        CAIRN_TRY(check_reply(c));
        return need(
            c.feedback().decision() != v1::Outcome::DECISION_UNSPECIFIED,
            "concern.feedback.decision"
        );
    case v1::Concern::kChallenge:
        CAIRN_TRY(check_reply(c));
        return check_challenge(c.challenge());
    case v1::Concern::kCorrection:
    case v1::Concern::kRecall:
    case v1::Concern::kAcknowledgement:
        return check_reply(c);
    case v1::Concern::kLink:
        CAIRN_TRY(need(!c.thread().empty(), "concern.thread"));
        CAIRN_TRY(need(!c.link().other_thread().empty(), "concern.link.other_thread"));
        return must(
            is_concern_id(c.link().other_thread()) && c.link().other_thread() != c.thread(),
            "concern.link.other_thread"
        );
    case v1::Concern::kStatus:
        return {}; // a system's report: nobody acted
    }
    return fail(errc::required, "concern.body");
}

status check_header(const v1::Concern& c) {
    CAIRN_TRY(need(c.purpose() != v1::PURPOSE_UNSPECIFIED, "concern.purpose"));
    CAIRN_TRY(must(v1::Purpose_IsValid(c.purpose()), "concern.purpose"));
    CAIRN_TRY(need(c.bases_size() > 0, "concern.bases"));
    for (int i = 0; i < c.bases_size(); ++i) {
        const bool known =
            c.bases(i) != v1::LAWFUL_BASIS_UNSPECIFIED && v1::LawfulBasis_IsValid(c.bases(i));
        CAIRN_TRY(must(known, item("bases", i)));
    }
    CAIRN_TRY(must(c.thread().empty() || is_concern_id(c.thread()), "concern.thread"));
    CAIRN_TRY(must(c.in_reply_to().empty() || is_concern_id(c.in_reply_to()), "concern.in_reply_to")
    );
    CAIRN_TRY(must(v1::RiskLevel_IsValid(c.risk().level()), "concern.risk.level"));
    const std::string& assessed = c.risk().assessed_at();
    CAIRN_TRY(must(assessed.empty() || is_rfc3339(assessed), "concern.risk.assessed_at"));
    for (int i = 0; i < c.desks_size(); ++i) {
        CAIRN_TRY(must(is_name(c.desks(i), true), item("desks", i)));
    }
    for (int i = 0; i < c.conflicts_of_interest_size(); ++i) {
        const bool name = is_name(c.conflicts_of_interest(i), false);
        CAIRN_TRY(must(name, item("conflicts_of_interest", i)));
    }
    if (c.has_status()) return {};
    CAIRN_TRY(need(!c.acting().role().empty(), "concern.acting.role"));
    return need(!c.acting().staff_id().empty(), "concern.acting.staff_id");
}

status check_persons(const v1::Concern& c, std::string_view today_iso) {
    for (int i = 0; i < c.persons_size(); ++i) {
        const v1::Person& p = c.persons(i);
        // An unborn child has an expected date instead.
        CAIRN_TRY(must(!is_after(p.birth().born(), today_iso), item("persons", i, ".birth.born")));
        for (int k = 0; k < p.health().conditions_size(); ++k) {
            const std::string& by = p.health().conditions(k).needs_treatment_by();
            const std::string where = ".health.conditions[" + std::to_string(k) + "]";
            CAIRN_TRY(must(
                by.empty() || is_rfc3339(by),
                item("persons", i, (where + ".needs_treatment_by").c_str())
            ));
        }
    }
    return {};
}

} // namespace

bool is_concern_id(std::string_view text) {
    return is_hex(text, 32);
}

status check_limits(const v1::Concern& c) {
    if (c.ByteSizeLong() > limits::concern_bytes) {
        return fail(
            errc::too_large, "concern, at most " + std::to_string(limits::concern_bytes) + " bytes"
        );
    }
    CAIRN_TRY(at_most(c.persons_size(), limits::persons, "concern.persons"));
    CAIRN_TRY(at_most(c.desks_size(), limits::desks, "concern.desks"));
    CAIRN_TRY(
        at_most(c.conflicts_of_interest_size(), limits::desks, "concern.conflicts_of_interest")
    );
    CAIRN_TRY(at_most(c.assertions_size(), limits::assertions, "concern.assertions"));
    return at_most(c.detriments_size(), limits::detriments, "concern.detriments");
}

status check_required(const v1::Concern& c, std::string_view today_iso) {
    CAIRN_TRY(check_header(c));
    CAIRN_TRY(check_body(c));
    return check_persons(c, today_iso);
}

} // namespace cairn::intake
