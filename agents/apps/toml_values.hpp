// Values of a TOML text as agent.toml and sidecar files hold them; an error names line and key.
#pragma once

#include "core/result.hpp"
#include "core/toml.hpp"

#include <string>
#include <string_view>

namespace cairn::agents::apps {

// "line 7: agent.desks"; without a line where the value came from elsewhere.
std::string place(const toml::node& node, std::string_view key);
// errc::config_bad_value.
failure bad(const toml::node& node, std::string_view key, std::string_view wanted);
// A text that is not empty.
status read_text(const toml::node& node, std::string_view key, std::string& out);

// `take` answers whether it knows the text.
template <class Take>
status read_list(const toml::node& node, std::string_view key, Take take) {
    const auto* list = node.as_array();
    if (list == nullptr) return bad(node, key, "a list of texts");
    for (const auto& item : *list) {
        std::string text;
        CAIRN_TRY(read_text(item, key, text));
        if (!take(text)) return bad(item, key, "a value the schema knows");
    }
    return {};
}

} // namespace cairn::agents::apps
