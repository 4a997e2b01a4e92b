#include "policy/nearest.hpp"

#include "core/edit_distance.hpp"

#include "cairn/v1/policy.pb.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <set>

namespace cairn::policy {

namespace {

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
        const auto d = edit_distance(wrong, name);
        if (d >= closest) continue;
        closest = d;
        best = name;
    }
    return best;
}

} // namespace cairn::policy
