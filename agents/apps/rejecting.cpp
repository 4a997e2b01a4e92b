#include "agents/apps/rejecting.hpp"

#include "agents/apps/pickup.hpp"
#include "agents/apps/sidecar.hpp"

namespace cairn::agents::apps {
namespace {

status move_all(const folders& where, const std::string& name, const std::filesystem::path& into) {
    const std::filesystem::path from = where.outbox / name;
    // An ending that is none of ours may say more than a kind.
    const auto ending = size_limit(name) ? from.extension().string() : ".file";
    CAIRN_TRY(move_durably(from, into / ("file" + ending)));
    for (const auto& sidecar : sidecars_of(name)) {
        const auto beside = where.outbox / sidecar;
        if (!look_at(beside)) continue;
        CAIRN_TRY(move_durably(beside, into / ("sidecar" + beside.extension().string())));
    }
    return {};
}

} // namespace

status move_to_rejected(
    const folders& where, const std::string& name, const std::string& id, std::string_view reason
) {
    const auto into = where.rejected / id;
    CAIRN_TRY(make_folder(into));
    auto done = write_durably(into / "reason.txt", reason);
    if (done) done = move_all(where, name, into);
    if (done || !look_at(where.outbox / name)) return done;
    // It is tried again, under another id.
    std::error_code ignored;
    std::filesystem::remove_all(into, ignored);
    return done;
}

} // namespace cairn::agents::apps
