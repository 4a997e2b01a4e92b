#include "policy/render/vocabulary.hpp"

#include <algorithm>
#include <set>

namespace cairn::policy {

namespace {

using google::protobuf::EnumValueDescriptor;

// "CATEGORY" of CATEGORY_HEALTH and "RISK_LEVEL" of RISK_LEVEL_NEED: one word serves one value of a
// set.
const google::protobuf::EnumDescriptor* set_of(std::string_view name) {
    for (const auto* set :
         {v1::Category_descriptor(),
          v1::Subject_descriptor(),
          v1::Role_descriptor(),
          v1::Purpose_descriptor(),
          v1::RiskLevel_descriptor(),
          v1::Form_descriptor()}) {
        if (set->FindValueByName(std::string(name)) != nullptr) return set;
    }
    return nullptr;
}

// A word that has what separates words, or looks like a value's own name, could be misread.
bool unmistakable(std::string_view word) {
    for (const std::string_view mark : {";", "\xe2\x80\x9c", "\xe2\x80\x9d", ": "}) {
        if (word.find(mark) != std::string_view::npos) return false;
    }
    return std::any_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

void put(std::string& text, std::string_view name, std::string_view value) {
    for (auto at = text.find(name); at != std::string::npos;
         at = text.find(name, at + value.size())) {
        text.replace(at, name.size(), value);
    }
}

} // namespace

std::string quoted(std::string_view text) {
    static constexpr std::string_view end = "\xe2\x80\x9d";
    std::string out = "\xe2\x80\x9c";
    out.reserve(out.size() + text.size() + end.size());
    // Hardly any text has what must be told apart from the end: it is taken whole.
    if (text.find('\\') == text.npos && text.find(end) == text.npos)
        return out.append(text).append(end);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' || text.substr(i, 3) == end) out += '\\';
        out += text[i];
    }
    return out.append(end);
}

std::string joined(const std::vector<std::string>& items, std::string_view last) {
    std::string out;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) out += "; ";
        if (i > 0 && i + 1 == items.size()) out += std::string(last) + " ";
        out += items[i];
    }
    return out;
}

vocabulary::vocabulary(const v1::Policy& policy) {
    std::map<std::pair<const void*, std::string>, int> used;
    for (const auto& w : policy.words()) ++used[{set_of(w.name()), w.text()}];
    for (const auto& w : policy.words()) {
        if (used[{set_of(w.name()), w.text()}] > 1 || !unmistakable(w.text())) continue;
        words_.emplace(w.name(), w.text());
    }
    categories_ = words_of(*v1::Category_descriptor());
    subjects_ = words_of(*v1::Subject_descriptor());
    roles_ = words_of(*v1::Role_descriptor());
    purposes_ = words_of(*v1::Purpose_descriptor());
    risks_ = words_of(*v1::RiskLevel_descriptor());
    forms_ = words_of(*v1::Form_descriptor());
    for (const auto& r : policy.reasons()) {
        labels_[r.reason()] = {r.to_desk(), r.to_desk_partly()};
    }
}

std::string vocabulary::word(const EnumValueDescriptor& value) const {
    const auto at = words_.find(value.name());
    return at == words_.end() ? value.name() : at->second;
}

vocabulary::by_number vocabulary::words_of(const google::protobuf::EnumDescriptor& set) const {
    by_number out;
    for (int i = 0; i < set.value_count(); ++i) {
        const auto number = static_cast<std::size_t>(set.value(i)->number());
        if (number >= out.size()) out.resize(number + 1);
        out[number] = word(*set.value(i));
    }
    return out;
}

std::string vocabulary::label(
    v1::ReasonCode reason, bool partly, std::string_view category, std::string_view subject
) const {
    const auto at = labels_.find(reason);
    if (at == labels_.end()) return {};
    auto text = partly && !at->second.partly.empty() ? at->second.partly : at->second.to_desk;
    put(text, "{category}", category);
    put(text, "{subject}", subject);
    put(text, "{ask}", "the desk named there");
    return text;
}

} // namespace cairn::policy
