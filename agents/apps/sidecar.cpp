#include "agents/apps/sidecar.hpp"

#include "agents/apps/defaults.hpp"
#include "agents/formats/json.hpp"

#include <array>
#include <optional>

namespace cairn::agents::apps {
namespace {

namespace v1 = ::cairn::v1;

constexpr std::array<std::string_view, 2> endings{".toml", ".json"};
constexpr std::array<std::string_view, 3> formats_with_sidecars{".json", ".xml", ".csv"};

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() > end.size() && text.substr(text.size() - end.size()) == end;
}

failure in_sidecar(const failure& f) {
    return fail(f.code, "sidecar, " + f.where);
}

// The same values as TOML's, so that one set of readers does for both.
result<toml::table> table_of_json(bytes_view content) {
    toml::table out;
    const auto put = [&](formats::leaf&& l) -> status {
        const auto& name = l.path.front().name;
        const auto where = "line " + std::to_string(l.at.line) + ": " + name;
        if (l.path.size() != 1)
            return fail(errc::config_bad_value, where + ", wanted a text or a list");
        const bool list = name == "bases" || name == "desks";
        if (!list) {
            out.insert(name, l.value);
            return {};
        }
        if (!out.contains(name)) out.insert(name, toml::array{});
        out.get_as<toml::array>(name)->push_back(l.value);
        return {};
    };
    CAIRN_TRY(formats::read_json(formats::pieces_of(content), put));
    return out;
}

result<toml::table> table_of(std::string_view name, bytes_view content) {
    if (ends_with(name, ".json")) return table_of_json(content);
    auto parsed = toml::parse(content);
    if (parsed) return std::move(parsed).table();
    return fail(
        errc::config_bad_value,
        "line " + std::to_string(parsed.error().source().begin.line) + ": " +
            std::string(parsed.error().description())
    );
}

} // namespace

bool is_sidecar(std::string_view name) {
    for (const auto end : endings) {
        if (!ends_with(name, end)) continue;
        const auto of = name.substr(0, name.size() - end.size());
        for (const auto format : formats_with_sidecars)
            if (ends_with(of, format)) return true;
    }
    return false;
}

std::vector<std::string> sidecars_of(std::string_view name) {
    std::vector<std::string> out;
    for (const auto end : endings) out.push_back(std::string(name) + std::string(end));
    return out;
}

result<v1::Concern>
with_sidecar(const v1::Concern& defaults, std::string_view name, bytes_view content) {
    const auto table = table_of(name, content);
    if (!table) return in_sidecar(table.error());
    auto out = defaults;
    for (const auto& [key, node] : *table) {
        const auto read = read_default(key.str(), node, key.str(), out);
        if (!read) return in_sidecar(read.error());
    }
    return out;
}

} // namespace cairn::agents::apps
