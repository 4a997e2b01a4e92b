// Enum values by the words people type: "social_care", "notification", "s47".
#pragma once

#include "core/result.hpp"

#include <google/protobuf/descriptor.h>

#include <string>

namespace cairn::cli {

// "PURPOSE_" + upper case of `text` in the enum. errc::bad_value lists the words there are.
inline result<int> enum_value(
    const google::protobuf::EnumDescriptor& type, const std::string& prefix, const std::string& text
) {
    std::string wanted = prefix;
    for (const char c : text) {
        wanted.push_back(
            c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c)
        );
    }
    const auto* found = type.FindValueByName(wanted);
    if (found != nullptr && found->number() != 0) return found->number();
    std::string words;
    for (int i = 1; i < type.value_count(); ++i) {
        if (i > 1) words += ", ";
        for (const char c : type.value(i)->name().substr(prefix.size())) {
            words.push_back(static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
        }
    }
    return fail(errc::bad_value, "one of " + words);
}

// The word for a value: lower case, without the prefix.
inline std::string
enum_word(const google::protobuf::EnumDescriptor& type, const std::string& prefix, int value) {
    const auto* found = type.FindValueByNumber(value);
    if (found == nullptr || value == 0) return "-";
    std::string out;
    for (const char c : found->name().substr(prefix.size())) {
        out.push_back(static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
    }
    return out;
}

} // namespace cairn::cli
