#include "registry/snapshot.hpp"

#include "registry/check.hpp"

#include <algorithm>

namespace cairn::registry {

namespace {

constexpr std::string_view role_prefix = "ROLE_";

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// "front_door" by role number, made once from the schema so that no second list can drift.
const std::vector<std::string>& role_texts() {
    static const std::vector<std::string> texts = [] {
        std::vector<std::string> out(v1::Role_ARRAYSIZE);
        for (int r = v1::Role_MIN + 1; r <= v1::Role_MAX; ++r) {
            const std::string& name = v1::Role_Name(static_cast<v1::Role>(r));
            auto& text = out[static_cast<std::size_t>(r)];
            if (name.size() <= role_prefix.size()) continue;
            for (char c : name.substr(role_prefix.size())) text.push_back(lower(c));
        }
        return out;
    }();
    return texts;
}

} // namespace

bool is_slug(std::string_view text) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    };
    return text.size() >= 2 && text.size() <= 40 && std::all_of(text.begin(), text.end(), fits);
}

std::string_view role_text(v1::Role role) {
    const auto& texts = role_texts();
    const auto index = static_cast<std::size_t>(role);
    return index < texts.size() ? std::string_view(texts[index]) : std::string_view();
}

std::optional<v1::Role> role_from_text(std::string_view text) {
    const auto& texts = role_texts();
    for (std::size_t r = 1; r < texts.size(); ++r) {
        if (!texts[r].empty() && texts[r] == text) return static_cast<v1::Role>(r);
    }
    return std::nullopt;
}

std::optional<desk_name> parse_desk(std::string_view id) {
    const auto slash = id.find('/');
    if (slash == std::string_view::npos || !is_slug(id.substr(0, slash))) return std::nullopt;
    const auto role = role_from_text(id.substr(slash + 1));
    if (!role) return std::nullopt;
    return desk_name{id.substr(0, slash), *role};
}

std::string plain_code(std::string_view code) {
    std::string out;
    for (char c : code) {
        const char u = upper(c);
        if ((u >= 'A' && u <= 'Z') || (u >= '0' && u <= '9')) out.push_back(u);
    }
    return out;
}

result<std::shared_ptr<const snapshot>> snapshot::build(v1::RegistryState state) {
    CAIRN_TRY(check_state(state));
    auto made = std::make_shared<snapshot>();
    made->state_ = std::move(state);
    for (const auto& a : made->state_.agencies()) {
        made->agencies_.emplace(a.id(), &a);
        for (const auto& code : a.organisation_codes()) made->codes_.emplace(plain_code(code), &a);
    }
    for (const auto& d : made->state_.desks()) made->desks_.emplace(d.id(), &d);
    for (const auto& c : made->state_.certificates()) made->certificates_.emplace(c.sha256(), &c);
    return std::shared_ptr<const snapshot>(std::move(made));
}

namespace {

template <class Map>
auto find_in(const Map& map, std::string_view key) -> typename Map::mapped_type {
    const auto at = map.find(key);
    return at == map.end() ? nullptr : at->second;
}

} // namespace

const v1::Agency* snapshot::agency(std::string_view id) const {
    return find_in(agencies_, id);
}

const v1::Desk* snapshot::desk(std::string_view id) const {
    return find_in(desks_, id);
}

const v1::Certificate* snapshot::certificate(std::string_view sha256) const {
    return find_in(certificates_, sha256);
}

const v1::Agency* snapshot::by_organisation_code(std::string_view code) const {
    return find_in(codes_, plain_code(code));
}

bool snapshot::is_open(const v1::Desk& desk) const {
    if (desk.closed()) return false;
    const auto name = parse_desk(desk.id());
    const v1::Agency* owner = name ? agency(name->agency) : nullptr;
    return owner && !owner->suspended() && is_live(*owner);
}

std::vector<const v1::Desk*> snapshot::desks_of_role(v1::Role role) const {
    std::vector<const v1::Desk*> out;
    for (const auto& [id, desk] : desks_) {
        const auto name = parse_desk(id);
        if (name && name->role == role && is_open(*desk)) out.push_back(desk);
    }
    return out;
}

const v1::Mandate*
snapshot::mandate(std::string_view holder, std::string_view for_agency, std::int64_t now_us) const {
    for (const auto& m : state_.mandates()) {
        if (m.holder() == holder && m.for_agency() == for_agency && in_force(m, now_us)) return &m;
    }
    return nullptr;
}

bool is_live(const v1::Agency& agency) {
    return agency.stage() == v1::AGENCY_STAGE_UNSPECIFIED ||
           agency.stage() == v1::AGENCY_STAGE_LIVE;
}

bool in_force(const v1::Mandate& mandate, std::int64_t now_us) {
    return !mandate.revoked() && mandate.from_us() <= now_us && now_us < mandate.until_us();
}

} // namespace cairn::registry
