#include "agents/apps/defaults.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace cairn::agents::apps {
namespace {

namespace v1 = ::cairn::v1;
using reader = status (*)(const toml::node&, std::string_view key, v1::Concern&);

// "s47" for PURPOSE_S47.
std::optional<int>
enum_value(const google::protobuf::EnumDescriptor& set, std::string prefix, std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    const auto* value = set.FindValueByName(prefix + text);
    if (value == nullptr || value->number() == 0) return {};
    return value->number();
}

status read_purpose(const toml::node& n, std::string_view key, v1::Concern& c) {
    std::string name;
    CAIRN_TRY(read_text(n, key, name));
    const auto value = enum_value(*v1::Purpose_descriptor(), "PURPOSE_", name);
    if (!value) return bad(n, key, "a purpose");
    c.set_purpose(static_cast<v1::Purpose>(*value));
    return {};
}

status read_bases(const toml::node& n, std::string_view key, v1::Concern& c) {
    c.clear_bases();
    return read_list(n, key, [&](const std::string& name) {
        const auto value = enum_value(*v1::LawfulBasis_descriptor(), "LAWFUL_BASIS_", name);
        if (value) c.add_bases(static_cast<v1::LawfulBasis>(*value));
        return value.has_value();
    });
}

status read_desks(const toml::node& n, std::string_view key, v1::Concern& c) {
    c.clear_desks();
    return read_list(n, key, [&](const std::string& desk) {
        c.add_desks(desk);
        return desk.find('/') != std::string::npos;
    });
}

status read_risk(const toml::node& n, std::string_view key, v1::Concern& c) {
    std::string name;
    CAIRN_TRY(read_text(n, key, name));
    const auto value = enum_value(*v1::RiskLevel_descriptor(), "RISK_LEVEL_", name);
    if (!value)
        return bad(n, key, "a risk level: universal, need, significant_harm, imminent_danger");
    c.mutable_risk()->set_level(static_cast<v1::RiskLevel>(*value));
    return {};
}

status read_urgency(const toml::node& n, std::string_view key, v1::Concern& c) {
    std::string name;
    CAIRN_TRY(read_text(n, key, name));
    const auto value = enum_value(*v1::Urgency_descriptor(), "URGENCY_", name);
    if (!value) return bad(n, key, "an urgency");
    c.set_urgency(static_cast<v1::Urgency>(*value));
    return {};
}

template <std::string* (v1::ActingPerson::*field)()>
status read_acting(const toml::node& n, std::string_view key, v1::Concern& c) {
    return read_text(n, key, *(c.mutable_acting()->*field)());
}

const std::map<std::string_view, reader>& keys() {
    static const std::map<std::string_view, reader> all = {
        {"purpose", read_purpose},
        {"bases", read_bases},
        {"desks", read_desks},
        {"risk", read_risk},
        {"urgency", read_urgency},
        {"role", read_acting<&v1::ActingPerson::mutable_role>},
        {"staff_id", read_acting<&v1::ActingPerson::mutable_staff_id>},
        {"authenticated_by", read_acting<&v1::ActingPerson::mutable_authenticated_by>},
    };
    return all;
}

} // namespace

std::string place(const toml::node& node, std::string_view key) {
    const auto line = node.source().begin.line;
    if (line == 0) return std::string(key);
    return "line " + std::to_string(line) + ": " + std::string(key);
}

failure bad(const toml::node& node, std::string_view key, std::string_view wanted) {
    return fail(errc::config_bad_value, place(node, key) + ", wanted " + std::string(wanted));
}

status read_text(const toml::node& node, std::string_view key, std::string& out) {
    const auto value = node.value_exact<std::string>();
    if (!value || value->empty()) return bad(node, key, "a text");
    out = *value;
    return {};
}

bool is_default_key(std::string_view key) {
    return keys().count(key) != 0;
}

std::string known_default_keys() {
    std::string out;
    for (const auto& [name, read] : keys())
        out += std::string(out.empty() ? "" : ", ") + std::string(name);
    return out;
}

status read_default(
    std::string_view name, const toml::node& node, std::string_view key, v1::Concern& defaults
) {
    const auto it = keys().find(name);
    if (it == keys().end())
        return fail(
            errc::config_unknown_key, place(node, key) + "; known: " + known_default_keys()
        );
    return it->second(node, key, defaults);
}

namespace {

void merge_acting(const v1::ActingPerson& defaults, v1::Concern& c) {
    auto& acting = *c.mutable_acting();
    if (acting.role().empty()) acting.set_role(defaults.role());
    if (acting.staff_id().empty()) acting.set_staff_id(defaults.staff_id());
    if (acting.authenticated_by().empty()) acting.set_authenticated_by(defaults.authenticated_by());
}

} // namespace

void merge_defaults(const v1::Concern& defaults, v1::Concern& c) {
    if (c.purpose() == v1::PURPOSE_UNSPECIFIED) c.set_purpose(defaults.purpose());
    if (c.bases().empty()) *c.mutable_bases() = defaults.bases();
    if (c.desks().empty()) *c.mutable_desks() = defaults.desks();
    if (c.urgency() == v1::URGENCY_UNSPECIFIED) c.set_urgency(defaults.urgency());
    if (c.has_notification() && c.risk().level() == v1::RISK_LEVEL_UNSPECIFIED &&
        defaults.has_risk())
        c.mutable_risk()->set_level(defaults.risk().level());
    if (defaults.has_acting()) merge_acting(defaults.acting(), c);
}

void merge_answer_defaults(const v1::ActingPerson& acting, v1::Concern& c) {
    c.set_purpose(v1::PURPOSE_FEEDBACK);
    c.clear_bases();
    c.add_bases(v1::LAWFUL_BASIS_6E);
    merge_acting(acting, c);
}

} // namespace cairn::agents::apps
