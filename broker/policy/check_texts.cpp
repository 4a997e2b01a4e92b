#include "policy/check_texts.hpp"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <set>
#include <string>

namespace cairn::policy {

namespace {

failure invalid(std::string what) {
    return fail(errc::policy_invalid, std::move(what));
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

status check_reasons(const v1::Policy& policy) {
    std::set<int> seen;
    for (const auto& r : policy.reasons()) {
        if (!v1::ReasonCode_IsValid(r.reason())) return invalid("a reason is not known");
        const auto& name = v1::ReasonCode_Name(r.reason());
        if (!seen.insert(r.reason()).second) return invalid(name + " has two texts");
        const std::string_view text = r.to_desk();
        if (text.empty() || !placeholders_known(text)) {
            return invalid(name + ": its text is empty or fills in what there is not");
        }
        const bool veil = r.reason() == v1::REASON_UNSPECIFIED;
        const bool hidden = veil || r.reason() >= v1::REASON_ADDRESS_CAN_HARM;
        if (hidden && text.find("{ask}") == std::string_view::npos) {
            return invalid(name + ": its text does not say whom to ask");
        }
        const std::string_view part = r.to_desk_partly();
        const bool asks = part.empty() || part.find("{ask}") != std::string_view::npos;
        if (!placeholders_known(part) || !asks) {
            return invalid(
                name + ": its text of a part fills in what there is not, or asks nobody"
            );
        }
        if (part.empty() && can_be_part(policy, r.reason())) {
            return invalid(name + " has no text of a cell shown in part");
        }
        // The text under REASON_UNSPECIFIED is what is said where nothing may be.
        if (veil && text.find("{category}") != std::string_view::npos) {
            return invalid(name + ": the veil's text names the category");
        }
    }
    const auto* codes = v1::ReasonCode_descriptor();
    for (int i = 0; i < codes->value_count(); ++i) {
        if (!seen.count(codes->value(i)->number())) {
            return invalid(codes->value(i)->name() + " has no text");
        }
    }
    return {};
}

status check_all_named(
    const google::protobuf::EnumDescriptor* values, const std::set<std::string>& names
) {
    for (int i = 0; i < values->value_count(); ++i) {
        const auto* v = values->value(i);
        const bool annotation = v->type() == v1::Subject_descriptor() && v->number() >= 20;
        if (v->number() == 0 || annotation) continue;
        if (!names.count(v->name())) return invalid(v->name() + " has no word");
    }
    return {};
}

} // namespace

status check_texts(const v1::Policy& policy) {
    CAIRN_TRY(check_reasons(policy));
    std::set<std::string> names;
    for (const auto& w : policy.words()) {
        if (w.text().empty()) return invalid(w.name() + " has an empty word");
        if (!names.insert(w.name()).second) return invalid(w.name() + " has two words");
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
        CAIRN_TRY(check_all_named(values, names));
    }
    std::set<int> veiled;
    for (const int c : policy.veiled()) {
        if (c == 0 || !v1::Category_IsValid(c)) return invalid("veiled names no category");
        if (!veiled.insert(c).second) return invalid("veiled names one category twice");
    }
    return {};
}

} // namespace cairn::policy
