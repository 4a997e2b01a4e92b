#include "policy/phrases.hpp"

#include <utility>

namespace cairn::policy {

namespace {

template <class Enum>
struct phrase {
    Enum value;
    std::string_view words;
};

template <class Enum, std::size_t N>
std::string_view of(const phrase<Enum> (&phrases)[N], Enum value) {
    for (const auto& p : phrases) {
        if (p.value == value) return p.words;
    }
    return "not said";
}

constexpr phrase<v1::Flag> flags[] = {
    {v1::FLAG_CONFLICT, "the desk is in conflict of interest"},
    {v1::FLAG_STATUTORY_BAR, "an Act or a court forbids to disclose it"},
    {v1::FLAG_RELEASED, "its originator released it"},
    {v1::FLAG_DETRIMENT, "the sender declared that showing it would harm the child"},
    {v1::FLAG_OWN_PUPIL, "the person is a pupil of the desk's own school"},
    {v1::FLAG_RELEVANT_CONVICTION,
     "the conviction matters to the child, or nobody said that it does not"},
    {v1::FLAG_ANONYMOUS_REFERRER,
     "the referrer wishes to stay unnamed, or is not known to be a professional"},
    {v1::FLAG_LEAD_PRACTITIONER, "the desk leads the early help"},
    {v1::FLAG_SENDER_DESK, "the desk belongs to the agency that sent it"},
    {v1::FLAG_SEES_ALL, "the desk sees all else of the concern in full"},
    {v1::FLAG_PROFESSIONAL_REFERRER, "the referrer is a professional"},
    {v1::FLAG_IN_REPLY, "the concern answers one that the desk's agency sent"},
};

constexpr phrase<v1::ReasonCode> reasons[] = {
    {v1::REASON_NEEDED_FOR_ROLE, "the desk needs it to protect the child"},
    {v1::REASON_MUST_SHARE, "it must be shared to protect the child"},
    {v1::REASON_IMMINENT_DANGER, "a life may be at risk"},
    {v1::REASON_STATUTORY_NOTICE, "an Act says that the desk is told"},
    {v1::REASON_OWN_RECORD, "it is the agency's own record"},
    {v1::REASON_SUMMARY_IS_ENOUGH, "more is not needed for the purpose"},
    {v1::REASON_ADDRESS_CAN_HARM, "showing the address could put somebody in danger"},
    {v1::REASON_CONFLICT_OF_INTEREST, "the desk is not impartial here"},
    {v1::REASON_STATUTORY_BAR, "an Act or a court forbids it"},
    {v1::REASON_ORIGINATOR_CONTROL, "only its originator may release it"},
    {v1::REASON_NOT_NEEDED_FOR_PURPOSE, "it is not needed for the purpose"},
    {v1::REASON_SENSITIVE_SERVICE, "it is confidential to the service"},
    {v1::REASON_REFERRER_PROTECTED, "who speaks up is protected"},
    {v1::REASON_DETRIMENT_DECLARED, "the sender declared a harm to the child"},
    {v1::REASON_NARRATIVE_HELD, "the text may tell more than the desk may see"},
    {v1::REASON_NO_RULE, "no rule opens it"},
    {v1::REASON_THIRD_PARTY, "the person is not the one the concern is about"},
    {v1::REASON_COUNTS_ONLY, "the desk gets counts only"},
};

constexpr phrase<v1::LawfulBasis> bases[] = {
    {v1::LAWFUL_BASIS_6C, "UK GDPR Art 6(1)(c), legal obligation"},
    {v1::LAWFUL_BASIS_6D, "UK GDPR Art 6(1)(d), vital interests"},
    {v1::LAWFUL_BASIS_6E, "UK GDPR Art 6(1)(e), public task"},
    {v1::LAWFUL_BASIS_6EA, "UK GDPR Art 6(1)(ea), recognised legitimate interest"},
    {v1::LAWFUL_BASIS_6F, "UK GDPR Art 6(1)(f), legitimate interests"},
    {v1::LAWFUL_BASIS_9B, "UK GDPR Art 9(2)(b), social protection"},
    {v1::LAWFUL_BASIS_9C, "UK GDPR Art 9(2)(c), vital interests"},
    {v1::LAWFUL_BASIS_9G, "UK GDPR Art 9(2)(g), substantial public interest"},
    {v1::LAWFUL_BASIS_9H, "UK GDPR Art 9(2)(h), health or social care"},
    {v1::LAWFUL_BASIS_10, "UK GDPR Art 10 with DPA 2018 s.10(5), criminal offences"},
    {v1::LAWFUL_BASIS_S1P18, "DPA 2018 Sch 1 para 18, safeguarding of children"},
    {v1::LAWFUL_BASIS_S1P2, "DPA 2018 Sch 1 para 2, health or social care purposes"},
    {v1::LAWFUL_BASIS_S1P6, "DPA 2018 Sch 1 para 6, statutory purposes"},
    {v1::LAWFUL_BASIS_S1P10, "DPA 2018 Sch 1 para 10, preventing unlawful acts"},
    {v1::LAWFUL_BASIS_P3, "DPA 2018 Part 3, law enforcement"},
    {v1::LAWFUL_BASIS_CDA115, "Crime and Disorder Act 1998 s.115"},
    {v1::LAWFUL_BASIS_CONSENT, "consent"},
};

constexpr phrase<v1::Tier> tiers[] = {
    {v1::TIER_BAR, "bar"},
    {v1::TIER_MUST, "must"},
    {v1::TIER_DENY, "deny"},
    {v1::TIER_ALLOW, "allow"},
    {v1::TIER_DEFAULT, "default"},
};

constexpr phrase<v1::Tier> meanings[] = {
    {v1::TIER_BAR, "Never shown, whatever else is said"},
    {v1::TIER_MUST, "Must be shown, though a deny rule speaks against it"},
    {v1::TIER_DENY, "Not shown, unless a must rule opens it"},
    {v1::TIER_ALLOW, "May be shown, where no bar or deny rule speaks against it"},
    {v1::TIER_DEFAULT, "Not shown: what no rule opens stays closed"},
};

} // namespace

std::string_view flag_words(v1::Flag f) {
    return of(flags, f);
}
std::string_view reason_words(v1::ReasonCode r) {
    return of(reasons, r);
}
std::string_view basis_words(v1::LawfulBasis b) {
    return of(bases, b);
}
std::string_view tier_word(v1::Tier t) {
    return of(tiers, t);
}
std::string_view tier_meaning(v1::Tier t) {
    return of(meanings, t);
}

} // namespace cairn::policy
