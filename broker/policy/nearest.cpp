#include "policy/nearest.hpp"

#include "cairn/v1/policy.pb.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <vector>

namespace cairn::policy {

namespace {

// Letters to change, add or take away.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t(0));
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const auto changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

void add_names(const google::protobuf::Descriptor* message, std::set<std::string>& out) {
    for (int f = 0; f < message->field_count(); ++f) {
        const auto* field = message->field(f);
        out.insert(field->name());
        if (field->message_type()) add_names(field->message_type(), out);
        if (!field->enum_type()) continue;
        for (int v = 0; v < field->enum_type()->value_count(); ++v) {
            out.insert(field->enum_type()->value(v)->name());
        }
    }
}

} // namespace

std::string nearest_name(std::string_view wrong) {
    static const auto names = [] {
        std::set<std::string> out;
        add_names(cairn::v1::Policy::descriptor(), out);
        return out;
    }();
    // Longer than any name: not worth the comparing.
    if (wrong.empty() || wrong.size() > 64) return {};
    std::string best;
    auto closest = std::max<std::size_t>(2, wrong.size() / 4) + 1;
    for (const auto& name : names) {
        const auto d = distance(wrong, name);
        if (d >= closest) continue;
        closest = d;
        best = name;
    }
    return best;
}

} // namespace cairn::policy
