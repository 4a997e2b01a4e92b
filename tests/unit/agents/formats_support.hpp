// What the tests of formats and profiles share.
#pragma once

#include "agents/formats/xml.hpp"
#include "agents/profiles/report.hpp"

#include "support.hpp"
#include "support/paths.hpp"

#include <cstdlib>

namespace agents_test {

inline cairn::result<std::vector<cairn::agents::formats::leaf>>
all_xml(cairn::bytes_view xml, const cairn::agents::formats::xml_limits& limits = {}) {
    namespace formats = cairn::agents::formats;
    std::vector<formats::leaf> out;
    const auto keep = [&](formats::leaf&& l) -> cairn::status {
        out.push_back(std::move(l));
        return {};
    };
    const auto read = formats::read_xml(formats::pieces_of(xml), keep, limits);
    if (!read) return read.error();
    return out;
}

struct mapped_file {
    std::vector<cairn::v1::Concern> concerns;
    cairn::agents::profiles::file_report report;
};

// `map`: one of the profiles' functions, map_cin and its like.
template <class Map>
cairn::result<mapped_file> map_all(Map map, cairn::bytes_view file) {
    mapped_file out;
    const auto keep = [&](cairn::v1::Concern&& c) -> cairn::status {
        out.concerns.push_back(std::move(c));
        return {};
    };
    namespace formats = cairn::agents::formats;
    auto report = [&] {
        if constexpr (std::is_invocable_v<Map, formats::next_piece, decltype(keep)>)
            return map(formats::pieces_of(file), keep);
        else
            return map(
                [&]() -> cairn::result<formats::next_piece> { return formats::pieces_of(file); },
                keep
            );
    }();
    if (!report) return report.error();
    out.report = std::move(*report);
    return out;
}

inline std::filesystem::path sample(const std::string& name) {
    const char* shared = std::getenv("CAIRN_SHARED");
    const std::filesystem::path root = shared != nullptr
                                           ? std::filesystem::path(shared)
                                           : std::filesystem::path(CAIRN_SOURCE_DIR) / "../shared";
    return root / "samples" / name;
}

} // namespace agents_test
