#include "policy/proof/say.hpp"

#include "policy/exclusions.hpp"

namespace cairn::policy {

namespace {

std::string at_most(const wording& words, v1::Form form) {
    if (form == v1::FORM_SILENT) return "not even told that there is something";
    if (form == v1::FORM_MASKED) return "not shown";
    return "no more than " + words.of(v1::Form_Name(form));
}

std::string at_least(const wording& words, v1::Form form) {
    if (form == v1::FORM_FULL) return words.of(v1::Form_Name(form));
    if (form == v1::FORM_MASKED || form == v1::FORM_SILENT) return "told that it is held";
    return "at least " + words.of(v1::Form_Name(form));
}

std::string one_of(const wording& words, const v1::Invariant& i) {
    std::string out;
    for (const int r : i.routes()) {
        if (!out.empty()) out += " or ";
        out += words.of(v1::LawfulBasis_Name(static_cast<v1::LawfulBasis>(r)));
    }
    return out;
}

// What the same desk gets at the other of two points which are held against each other.
std::string beside(const wording& words, const broken_at& b) {
    return words.of(v1::Form_Name(b.got_beside.form)) + ", by " + words.rule(b.got_beside.rule);
}

std::string owed(const wording& words, const v1::Invariant& i, const broken_at& b) {
    switch (i.guarantee()) {
    case v1::Invariant::GUARANTEE_AT_MOST:
        return at_most(words, i.form());
    case v1::Invariant::GUARANTEE_AT_LEAST:
        return at_least(words, i.form());
    case v1::Invariant::GUARANTEE_DECIDED:
        return "a rule that decides";
    case v1::Invariant::GUARANTEE_ON_ROUTE:
        return "a rule that stands on " + one_of(words, i);
    case v1::Invariant::GUARANTEE_RISK_OPENS: {
        const bool stated = b.beside.risk != v1::RISK_LEVEL_UNSPECIFIED;
        const auto risk = stated ? "at " + words.of(v1::RiskLevel_Name(b.beside.risk))
                                 : std::string("where no risk is stated");
        return "no less than " + risk + ", which is " + beside(words, b);
    }
    case v1::Invariant::GUARANTEE_FLAG_OPENS:
        return "no less than without \"" + words.where(b.at.flags & ~b.beside.flags) +
               "\", which is " + beside(words, b);
    case v1::Invariant::GUARANTEE_FLAG_CLOSES:
        return "no more than without \"" + words.where(b.at.flags & ~b.beside.flags) +
               "\", which is " + beside(words, b);
    case v1::Invariant::GUARANTEE_ACCOMPANIED: {
        auto what = words.of(v1::Category_Name(b.beside.category));
        if (b.beside.subject != v1::SUBJECT_CONCERN) {
            what += " of " + words.of(v1::Subject_Name(b.beside.subject));
        }
        return "with it " + what + " " + at_least(words, i.form()) + ", which is " +
               beside(words, b);
    }
    default:
        return "words on what would change it";
    }
}

} // namespace

std::string say_broken(const wording& words, const v1::Invariant& i, const broken_at& b) {
    return i.name() + " \"" + i.title() + "\": " + words.who(b.at) + " " +
           words.would(b.got.form, b.at.category, b.at.subject) + ", by " + words.rule(b.got.rule) +
           ". Owed: " + owed(words, i, b) + ". Harm: " + i.harm() +
           (can_hold_together(b.at.flags)
                ? ""
                : " No concern has these flags together as the broker computes them; a text keeps "
                  "its promises there, too.");
}

} // namespace cairn::policy
