#include "agents/core/labels.hpp"

#include "agents/core/field_labels.hpp"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <unordered_map>

namespace cairn::agents {
namespace {

using index = std::unordered_map<std::string_view, std::string_view>;

index make_index(std::span<const label_row> rows) {
    index out;
    for (const auto& row : rows) out.emplace(row.name, row.words);
    return out;
}

std::string_view look_up(const index& in, std::string_view full_name) {
    constexpr std::string_view package = "cairn.v1.";
    if (full_name.substr(0, package.size()) == package) full_name.remove_prefix(package.size());
    const auto it = in.find(full_name);
    return it == in.end() ? std::string_view{} : it->second;
}

} // namespace

std::string_view field_label(const google::protobuf::FieldDescriptor& field) {
    static const index all = make_index(field_labels());
    return look_up(all, field.full_name());
}

std::string_view value_label(const google::protobuf::EnumValueDescriptor& value) {
    static const index all = make_index(value_labels());
    return look_up(all, value.full_name());
}

std::string_view category_label(::cairn::v1::Category category) {
    const auto* value = ::cairn::v1::Category_descriptor()->FindValueByNumber(category);
    if (value == nullptr || category == ::cairn::v1::CATEGORY_UNSPECIFIED)
        return "other information";
    return value_label(*value);
}

std::string agency_label(std::string_view agency) {
    std::string out(agency);
    bool first = true;
    for (char& c : out) {
        if (c == '-') c = ' ';
        if (first && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        first = c == ' ';
    }
    return out;
}

std::string desk_label(std::string_view desk) {
    const auto slash = desk.find('/');
    if (slash == std::string_view::npos) return std::string(desk);
    std::string role(desk.substr(slash + 1));
    static constexpr std::pair<std::string_view, std::string_view> words[] = {
        {"mash", "police in the safeguarding hub"},
        {"ppu", "public protection"},
        {"encompass", "domestic abuse notices"},
        {"ed", "urgent care"},
        {"named", "named nurse or doctor"},
        {"hv", "health visiting"},
        {"gp", "general practice"},
        {"camhs", "child mental health"},
        {"dsl", "designated safeguarding lead"},
        {"allocated", "allocated social worker"},
        {"cp_chair", "child protection chair"},
        {"lado", "allegations officer"},
        {"mappa", "public protection arrangements"},
        {"idva", "domestic abuse advocate"},
    };
    const auto* known = std::find_if(std::begin(words), std::end(words), [&](const auto& row) {
        return row.first == role;
    });
    if (known != std::end(words)) role = known->second;
    std::replace(role.begin(), role.end(), '_', ' ');
    return role + ", " + agency_label(desk.substr(0, slash));
}

std::string ethnicity_label(std::string_view code) {
    static constexpr std::pair<std::string_view, std::string_view> words[] = {
        {"WBRI", "White British"},
        {"WIRI", "White Irish"},
        {"WIRT", "Traveller of Irish heritage"},
        {"WROM", "Gypsy or Roma"},
        {"WOTH", "other White background"},
        {"MWBC", "White and Black Caribbean"},
        {"MWBA", "White and Black African"},
        {"MWAS", "White and Asian"},
        {"MOTH", "other mixed background"},
        {"AIND", "Indian"},
        {"APKN", "Pakistani"},
        {"ABAN", "Bangladeshi"},
        {"AOTH", "other Asian background"},
        {"BCRB", "Black Caribbean"},
        {"BAFR", "Black African"},
        {"BOTH", "other Black background"},
        {"CHNE", "Chinese"},
        {"OOTH", "other ethnic background"},
        {"REFU", "not wished to say"},
        {"NOBT", "not yet obtained"},
    };
    for (const auto& [known, said] : words)
        if (known == code) return std::string(said) + " (" + std::string(code) + ")";
    return std::string(code);
}

} // namespace cairn::agents
