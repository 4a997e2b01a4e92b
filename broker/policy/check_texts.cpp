#include "policy/check_texts.hpp"

#include "policy/check_lists.hpp"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <set>
#include <string>

namespace cairn::policy {

namespace {

failure invalid(const parsed& text, const text_spot& spot, const std::string& what) {
    return fail(errc::policy_invalid, text.place_of(spot) + ": " + what);
}

// Nothing in braces but the three that are filled in.
bool placeholders_known(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '}') return false;
        if (text[at] != '{') continue;
        const auto end = text.find('}', at);
        if (end == std::string_view::npos) return false;
        const auto name = text.substr(at + 1, end - at - 1);
        if (name != "category" && name != "subject" && name != "ask") return false;
        at = end;
    }
    return true;
}

// A desk may be told so of a cell it sees part of.
bool can_be_part(const v1::Policy& policy, v1::ReasonCode reason) {
    if (reason == v1::REASON_NARRATIVE_HELD || reason == v1::REASON_ADDRESS_CAN_HARM) return true;
    return std::any_of(policy.rules().begin(), policy.rules().end(), [reason](const auto& r) {
        const bool less = r.form() == v1::FORM_GENERALISED || r.form() == v1::FORM_PSEUDONYM;
        return less && r.reason() == reason;
    });
}

// What is wrong with the words of one reason.
fault check_reason(const v1::Policy& policy, const v1::ReasonText& r) {
    const auto& name = v1::ReasonCode_Name(r.reason());
    const std::string_view text = r.to_desk();
    if (text.empty() || !placeholders_known(text)) {
        return {
            name + ": its text is empty or fills in what there is not; there are {category}, "
                   "{subject} and {ask}",
            "to_desk"};
    }
    const bool veil = r.reason() == v1::REASON_UNSPECIFIED;
    const bool hidden = veil || r.reason() >= v1::REASON_ADDRESS_CAN_HARM;
    if (hidden && text.find("{ask}") == std::string_view::npos) {
        return {name + ": its text does not say whom to ask: put {ask} into it", "to_desk"};
    }
    const std::string_view part = r.to_desk_partly();
    const bool asks = part.empty() || part.find("{ask}") != std::string_view::npos;
    if (!placeholders_known(part) || !asks) {
        return {
            name + ": its text of a part fills in what there is not, or asks nobody",
            "to_desk_partly"};
    }
    if (part.empty() && can_be_part(policy, r.reason())) {
        return {name + " has no text of a cell shown in part: add to_desk_partly"};
    }
    // The text under REASON_UNSPECIFIED is what is said where nothing may be.
    if (veil && text.find("{category}") != std::string_view::npos) {
        return {name + ": the veil's text names the category: take it out", "to_desk"};
    }
    return {};
}

status check_reasons(const parsed& text) {
    const auto& policy = text.policy;
    std::set<int> seen;
    for (int i = 0; i < policy.reasons_size(); ++i) {
        const auto& r = policy.reasons(i);
        const auto bad = [&](const fault& f) {
            return invalid(text, {"reasons", i, f.field}, f.what);
        };
        if (!v1::ReasonCode_IsValid(r.reason())) return bad({"a reason is not known", "reason"});
        if (!seen.insert(r.reason()).second) {
            return bad({v1::ReasonCode_Name(r.reason()) + " has two texts: keep one", "reason"});
        }
        if (const auto f = check_reason(policy, r); !f.empty()) return bad(f);
    }
    const auto* codes = v1::ReasonCode_descriptor();
    for (int i = 0; i < codes->value_count(); ++i) {
        if (seen.count(codes->value(i)->number()) != 0) continue;
        return invalid(text, {}, codes->value(i)->name() + " has no text: add a row to reasons");
    }
    return {};
}

status check_all_named(
    const parsed& text,
    const google::protobuf::EnumDescriptor* values,
    const std::set<std::string>& names
) {
    for (int i = 0; i < values->value_count(); ++i) {
        const auto* v = values->value(i);
        const bool annotation = v->type() == v1::Subject_descriptor() && v->number() >= 20;
        if (v->number() == 0 || annotation) continue;
        if (names.count(v->name()) != 0) continue;
        return invalid(text, {}, v->name() + " has no word: add a row to words");
    }
    return {};
}

} // namespace

status check_texts(const parsed& text) {
    const auto& policy = text.policy;
    CAIRN_TRY(check_reasons(text));
    std::set<std::string> names;
    for (int i = 0; i < policy.words_size(); ++i) {
        const auto& w = policy.words(i);
        if (w.text().empty()) {
            return invalid(text, {"words", i, "text"}, w.name() + " has an empty word: say it");
        }
        if (names.insert(w.name()).second) continue;
        return invalid(text, {"words", i, "name"}, w.name() + " has two words: keep one");
    }
    for (const auto* values :
         {v1::Category_descriptor(),
          v1::Subject_descriptor(),
          v1::Role_descriptor(),
          v1::Purpose_descriptor(),
          v1::ConcernKind_descriptor(),
          v1::RiskLevel_descriptor(),
          v1::Urgency_descriptor(),
          v1::Form_descriptor(),
          v1::Notification::Incident_descriptor(),
          v1::AgencyKind_descriptor()}) {
        CAIRN_TRY(check_all_named(text, values, names));
    }
    std::set<int> veiled;
    for (int i = 0; i < policy.veiled_size(); ++i) {
        const int c = policy.veiled(i);
        const text_spot here{nullptr, 0, "veiled", i};
        if (c == 0 || !v1::Category_IsValid(c)) {
            return invalid(text, here, "veiled names no category: take it out");
        }
        if (veiled.insert(c).second) continue;
        return invalid(text, here, "veiled names one category twice: take one out");
    }
    return {};
}

} // namespace cairn::policy
