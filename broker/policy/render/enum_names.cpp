#include "policy/render/enum_names.hpp"

#include "core/edit_distance.hpp"

#include "cairn/v1/annotations.pb.h"

namespace cairn::policy {

namespace v1 = ::cairn::v1;

namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// "CATEGORY_" of CATEGORY_UNSPECIFIED: what stands before it in every name of the set.
std::string_view prefix(const EnumDescriptor& set) {
    const std::string_view zero = set.FindValueByNumber(0)->name();
    return zero.substr(0, zero.rfind('_') + 1);
}

std::string plain(std::string_view typed) {
    const auto from = typed.find_first_not_of(" \t");
    if (from == std::string_view::npos) return {};
    typed = typed.substr(from, typed.find_last_not_of(" \t") - from + 1);
    std::string out;
    for (const char c : typed) out += c == ' ' || c == '-' ? '_' : lower(c);
    return out;
}

// SUBJECT_OF_PERSON and SUBJECT_OF_ABOUT stand in annotations only.
bool nameable(const EnumValueDescriptor& v) {
    return v.number() != 0 && !(v.type() == v1::Subject_descriptor() && v.number() >= 20);
}

} // namespace

std::string short_name(const EnumValueDescriptor& value) {
    const std::string_view name = value.name();
    const auto all = prefix(*value.type());
    return plain(name.substr(0, all.size()) == all ? name.substr(all.size()) : name);
}

result<const EnumValueDescriptor*> value_named(const EnumDescriptor& set, std::string_view name) {
    // Long enough for any name there is; a longer one is near to none.
    const auto typed = plain(name.substr(0, 80));
    std::string nearest;
    std::size_t best = std::string::npos;
    for (int i = 0; i < set.value_count(); ++i) {
        const auto* v = set.value(i);
        if (!nameable(*v)) continue;
        const auto known = short_name(*v);
        if (typed == known || typed == plain(v->name())) return v;
        const auto apart = edit_distance(typed, known);
        if (apart >= best) continue;
        best = apart;
        nearest = known;
    }
    return fail(errc::bad_value, "not known; the nearest is " + nearest);
}

} // namespace cairn::policy
