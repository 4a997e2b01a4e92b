#include "daemon/shadow.hpp"

#include "daemon/config.hpp"
#include "daemon/past_inputs.hpp"
#include "daemon/policy_version.hpp"
#include "routing/route.hpp"
#include "routing/testing.hpp"

namespace cairn::daemon {
namespace {

using direction = v1::PolicyFlip::Direction;

shadow_file proved_shadow(std::string path, std::string text, std::int64_t now_us) {
    shadow_file out{std::move(path), std::move(text), nullptr, {}};
    auto version = prove_policy(out.text, now_us);
    if (version)
        out.table = std::move(version->rules);
    else
        out.why = version.error();
    return out;
}

} // namespace

shadow_file read_shadow(const std::string& path, std::int64_t now_us) {
    if (path.empty()) return {};
    auto text = read_file(path);
    if (!text) return {path, {}, nullptr, text.error()};
    return proved_shadow(path, std::move(*text), now_us);
}

std::uint64_t shadow_counts::all(direction d) const {
    std::uint64_t out = 0;
    for (const auto& [key, count] : flips) {
        if (std::get<direction>(key) == d) out += count;
    }
    return out;
}

void policy_shadow::use(const shadow_file& file) {
    const std::lock_guard lock(change_);
    if (!file.path.empty() && file.table == nullptr) {
        rt_.alarm(
            "shadow_not_used",
            "nothing is counted and everything else is as it was: " + file.path + ": " +
                file.why.error().public_text()
        );
    }
    if (file.table == nullptr) return now_.swap_in(nullptr);
    const auto before = now_.now();
    auto next = std::make_shared<candidate>();
    next->file = file;
    if (before != nullptr && before->file.text == file.text) {
        next->kept = before->kept;
    } else {
        next->kept = std::make_shared<kept_counts>();
        next->kept->since_us = now_us(rt_);
        rt_.log(
            "shadow", "version " + file.table->source().version() + ", " + file.table->digest_hex()
        );
    }
    now_.swap_in(std::move(next));
}

void policy_shadow::new_day() {
    const auto before = now_.now();
    if (before == nullptr) return;
    use(proved_shadow(before->file.path, before->file.text, now_us(rt_)));
}

void policy_shadow::count(const submission& s, const prepared& p) {
    const auto at = now_.now();
    if (at == nullptr || routing::is_test(*s.registry, s.sender)) return;
    shadow_counts found;
    const auto decided =
        policy::replay(past_inputs(p), *s.policy, *at->file.table, [&found](const policy::flip& f) {
            const auto d =
                f.closes() ? v1::PolicyFlip::DIRECTION_CLOSES : v1::PolicyFlip::DIRECTION_OPENS;
            ++found.flips[{d, policy::category_of(f.cell.id), f.desk.role}];
            if (f.owed()) ++found.owed;
        });
    if (!decided) return;
    const std::lock_guard lock(at->kept->mutex);
    shadow_counts& all = at->kept->counts;
    ++all.concerns;
    all.decisions += *decided;
    all.owed += found.owed;
    for (const auto& [key, count] : found.flips) all.flips[key] += count;
}

std::optional<policy_shadow::standing> policy_shadow::now() const {
    const auto at = now_.now();
    if (at == nullptr) return std::nullopt;
    const auto& table = *at->file.table;
    const std::lock_guard lock(at->kept->mutex);
    return standing{
        table.digest_hex(), table.source().version(), at->kept->since_us, at->kept->counts};
}

void say_shadow(const policy_shadow& shadow, v1::StatusResponse& out) {
    const auto at = shadow.now();
    if (!at) return;
    auto& row = *out.mutable_shadow();
    row.set_digest(at->digest);
    row.set_version(at->version);
    row.set_since_us(at->since_us);
    row.set_concerns(at->counts.concerns);
    row.set_decisions(at->counts.decisions);
    row.set_closes(at->counts.all(v1::PolicyFlip::DIRECTION_CLOSES));
    row.set_opens(at->counts.all(v1::PolicyFlip::DIRECTION_OPENS));
    row.set_owed(at->counts.owed);
}

} // namespace cairn::daemon
