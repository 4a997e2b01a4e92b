#include "agents/formats/cin.hpp"

namespace cairn::agents::formats {
namespace {

bool in_child(const xml_leaf& leaf) {
    return leaf.path.size() > 3 && leaf.path[1].name == "Children" && leaf.path[2].name == "Child";
}

// A namespace or a later year changes nothing; another collection does.
status check_kind(const std::vector<xml_leaf>& leaves) {
    if (leaves.empty() || leaves.front().path.front().name != "Message")
        return fail(errc::format_malformed, "line 1: the root is not a census Message");
    for (const auto& leaf : leaves) {
        if (plain_path(leaf, 1) != "Header/CollectionDetails/Collection") continue;
        if (leaf.value == "CIN") return {};
        return fail(
            errc::format_malformed,
            "line " + std::to_string(leaf.line) + ": the collection is not CIN"
        );
    }
    return fail(errc::format_malformed, "Message/Header/CollectionDetails/Collection is missing");
}

} // namespace

std::string plain_path(const xml_leaf& leaf, std::size_t from) {
    std::string out;
    for (std::size_t i = from; i < leaf.path.size(); ++i) {
        if (!out.empty()) out += '/';
        out += leaf.path[i].name;
    }
    return out;
}

result<cin_return> parse_cin(bytes_view file) {
    auto leaves = parse_xml(file);
    if (!leaves) return leaves.error();
    CAIRN_TRY(check_kind(*leaves));
    cin_return out;
    std::pair<std::uint32_t, std::uint32_t> current{};
    for (auto& leaf : *leaves) {
        if (!in_child(leaf)) {
            out.outside.push_back(std::move(leaf));
            continue;
        }
        // Both numbers: a file with two Children elements numbers each one's Child from 1.
        const std::pair key{leaf.path[1].nth, leaf.path[2].nth};
        if (out.children.empty() || key != current) {
            if (out.children.size() == cin_children)
                return fail(
                    errc::too_many, "Children/Child, limit " + std::to_string(cin_children)
                );
            out.children.emplace_back();
            current = key;
        }
        out.children.back().push_back(std::move(leaf));
    }
    return out;
}

} // namespace cairn::agents::formats
