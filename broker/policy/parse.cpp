#include "policy/parse.hpp"

#include <memory>

namespace cairn::policy {

result<parsed> parse(std::string_view text) {
    if (says_nothing(text)) {
        return fail(errc::policy_missing, "line 1, column 1: the file says nothing");
    }
    parsed out;
    // Shared: a tree cannot be copied, and what was parsed can.
    const auto tree = std::make_shared<text_places>();
    CAIRN_TRY(read_text(text, out.policy, *tree));
    out.place = [tree](const text_spot& spot) {
        return place_in(*tree, *v1::Policy::descriptor(), spot);
    };
    return out;
}

} // namespace cairn::policy
