#include "intake/warnings.hpp"

#include "core/identifiers.hpp"
#include "core/limits.hpp"
#include "intake/dates.hpp"

#include <algorithm>
#include <string>

namespace cairn::intake {
namespace {

bool check_digit_wrong(const v1::Identifier& id, int year_now) {
    switch (id.scheme()) {
    case v1::Identifier::SCHEME_NHS_NUMBER:
        return !nhs_number_ok(id.value());
    case v1::Identifier::SCHEME_UPN:
    case v1::Identifier::SCHEME_FORMER_UPN:
        return !upn_ok(id.value());
    case v1::Identifier::SCHEME_PNC:
        return !pnc_ok(id.value(), year_now);
    case v1::Identifier::SCHEME_CRO:
        return !cro_ok(id.value());
    default:
        return false;
    }
}

class collector {
public:
    collector(const v1::Concern& c, std::string_view today_iso) : c_(c), today_(today_iso) {
        for (std::size_t i = 0; i < 4 && i < today_.size(); ++i) {
            year_ = year_ * 10 + (today_[i] - '0');
        }
    }

    std::vector<v1::Warning> run() {
        header();
        for (int i = 0; i < c_.persons_size(); ++i) {
            const std::string at = "concern.persons[" + std::to_string(i) + "]";
            identifiers(c_.persons(i), at);
            addresses(c_.persons(i), at);
            voice(c_.persons(i), at);
        }
        return std::move(out_);
    }

private:
    void warn(const char* code, std::string where, const char* text) {
        if (out_.size() >= limits::warnings) return;
        v1::Warning& w = out_.emplace_back();
        w.set_code(code);
        w.set_where(std::move(where));
        w.set_text(text);
    }

    void header() {
        for (int i = 0; i < c_.bases_size(); ++i) {
            if (c_.bases(i) != v1::LAWFUL_BASIS_CONSENT) continue;
            warn(
                "consent_basis",
                "concern.bases[" + std::to_string(i) + "]",
                "Consent is usually not the right basis here, and a refused one hides nothing. UK "
                "GDPR Art 6(1)(e), public task, with DPA 2018 Sch 1 para 18, safeguarding of "
                "children, holds without it. What would harm the child is declared as a detriment, "
                "with that harm as its reason"
            );
        }
        if (!c_.traceparent().empty() && !is_traceparent(c_.traceparent())) {
            warn("traceparent_shape", "concern.traceparent", "This is no W3C trace context");
        }
        if (!c_.has_status() && c_.acting().authenticated_by().empty()) {
            warn(
                "acting_not_authenticated",
                "concern.acting.authenticated_by",
                "It does not say how the acting person was authenticated"
            );
        }
        if (c_.has_notification() &&
            c_.family_informed().answer() == v1::FamilyInformed::ANSWER_UNSPECIFIED) {
            warn(
                "family_informed_missing",
                "concern.family_informed",
                "It does not say whether the family was told, or why not"
            );
        }
    }

    void identifiers(const v1::Person& p, const std::string& at) {
        bool upn = false;
        int unknown = -1;
        for (int k = 0; k < p.identifiers_size(); ++k) {
            const v1::Identifier& id = p.identifiers(k);
            if (!id.value().empty() && check_digit_wrong(id, year_)) {
                warn(
                    "check_digit",
                    at + ".identifiers[" + std::to_string(k) + "].value",
                    "The check digit or letter is wrong; accepted as it stands"
                );
            }
            upn = upn || (id.scheme() == v1::Identifier::SCHEME_UPN && !id.value().empty());
            if (id.upn_unknown() != v1::UPN_UNKNOWN_UNSPECIFIED) unknown = k;
        }
        if (upn && unknown >= 0) {
            warn(
                "upn_and_unknown",
                at + ".identifiers[" + std::to_string(unknown) + "].upn_unknown",
                "A pupil number is given together with a reason why it is not known"
            );
        }
    }

    void addresses(const v1::Person& p, const std::string& at) {
        const auto unsaid = [&](const auto& list, const char* name) {
            for (int k = 0; k < list.size(); ++k) {
                if (list[k].harm() != v1::Address::HARM_UNSPECIFIED) continue;
                warn(
                    "harm_not_said",
                    at + "." + name + "[" + std::to_string(k) + "].harm",
                    "It does not say that this is safe to show; treated as protected"
                );
            }
        };
        unsaid(p.addresses(), "addresses");
        unsaid(p.contacts(), "contacts");
    }

    void voice(const v1::Person& p, const std::string& at) {
        if (!c_.has_notification() || p.role() != v1::SUBJECT_CHILD) return;
        if (p.voice().seen() != v1::Relation::ANSWER_UNSPECIFIED) return;
        const bool unborn = p.sex() == v1::SEX_UNBORN || p.birth().has_expected();
        if (unborn) return;
        warn(
            "child_voice_missing", at + ".voice.seen", "It does not say whether the child was seen"
        );
    }

    const v1::Concern& c_;
    std::string_view today_;
    int year_ = 0;
    std::vector<v1::Warning> out_;
};

} // namespace

bool is_traceparent(std::string_view text) {
    if (text.size() != 55) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool dash = i == 2 || i == 35 || i == 52;
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (dash ? c != '-' : !hex) return false;
    }
    const auto any = [text](std::size_t from, std::size_t n) {
        return text.substr(from, n).find_first_not_of('0') != std::string_view::npos;
    };
    return text.substr(0, 2) != "ff" && any(3, 32) && any(36, 16);
}

std::vector<v1::Warning> warnings_of(const v1::Concern& c, std::string_view today_iso) {
    return collector{c, today_iso}.run();
}

} // namespace cairn::intake
