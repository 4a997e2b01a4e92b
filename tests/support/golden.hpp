// Compares a text with a file of tests/golden; CAIRN_UPDATE_GOLDEN=1 writes it instead.
#pragma once

#include "support/paths.hpp"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

namespace cairn::test {

// Whether golden files are to be written anew: on "1" alone.
inline bool updating_golden() {
    const char* update = std::getenv("CAIRN_UPDATE_GOLDEN");
    return update != nullptr && std::strcmp(update, "1") == 0;
}

struct golden_result {
    bool same = false;
    // First line that differs, as in the file and as it is now.
    std::string difference;
};

inline golden_result golden(const std::string& name, const std::string& now) {
    const std::string path = std::string{CAIRN_SOURCE_DIR} + "/tests/golden/" + name;
    if (updating_golden()) {
        std::ofstream{path, std::ios::binary} << now;
        return {true, {}};
    }
    std::ifstream file{path, std::ios::binary};
    const std::string kept{std::istreambuf_iterator<char>{file}, {}};
    if (kept == now) return {true, {}};
    std::size_t at = 0;
    int line = 1;
    while (at < kept.size() && at < now.size() && kept[at] == now[at]) {
        if (kept[at++] == '\n') ++line;
    }
    const auto whole = [at](const std::string& text) {
        const std::size_t from = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
        return text.substr(from, text.find('\n', at) - from);
    };
    return {
        false,
        name + " line " + std::to_string(line) + "\n  kept: " + whole(kept) +
            "\n  now:  " + whole(now) + "\n"};
}

} // namespace cairn::test
