#include "simulation/loop.hpp"

#include "core/crypto.hpp"

#include <algorithm>

namespace cairn::sim {
namespace {

// 2026-12-31T23:57:30Z
constexpr std::int64_t first_wall_us = 1'798'761'450'000'000;

std::uint64_t mixed(std::uint64_t seed, std::string_view use) {
    const digest d = sha256({use, std::to_string(seed)});
    return cairn::reader(view(d)).u64();
}

} // namespace

dice::dice(std::uint64_t seed, std::string_view use) : engine_(mixed(seed, use)) {}

void dice::fill(std::span<std::uint8_t> out) {
    for (auto& b : out) b = static_cast<std::uint8_t>(engine_());
}

duration dice::between(duration least, duration most) {
    const auto span = static_cast<std::uint64_t>((most - least).count()) + 1;
    return least + duration(static_cast<std::int64_t>(below(span)));
}

loop::loop() {
    const auto origin =
        std::chrono::duration_cast<std::chrono::microseconds>(now_.time_since_epoch());
    wall_offset_ = std::chrono::microseconds(first_wall_us) - origin;
}

wall_time loop::wall_now() const {
    return wall_time{std::chrono::duration_cast<std::chrono::microseconds>(
        now_.time_since_epoch() + wall_offset_
    )};
}

void loop::jump(duration by) {
    wall_offset_ += by;
    note(
        "clock jumps", std::to_string(std::chrono::duration_cast<std::chrono::seconds>(by).count())
    );
}

void loop::at(mono_time when, const life& whose, std::function<void()> work) {
    events_.emplace(std::max(when, now_), event{whose, std::move(work)});
}

bool loop::step() {
    if (events_.empty()) return false;
    auto first = events_.extract(events_.begin());
    now_ = first.key();
    if (const auto alive = first.mapped().whose.lock()) first.mapped().work();
    return true;
}

void loop::note(std::string_view what, std::string_view detail) {
    trace_ += std::to_string(now_.time_since_epoch().count() / 1000);
    trace_.append(" ").append(what);
    if (!detail.empty()) trace_.append(" ").append(detail);
    trace_ += '\n';
}

std::string loop::tail(std::size_t lines) const {
    auto from = trace_.size();
    while (from > 0 && lines > 0) {
        from = trace_.rfind('\n', from == 0 ? 0 : from - 1);
        if (from == std::string::npos) return trace_;
        --lines;
    }
    return trace_.substr(from);
}

} // namespace cairn::sim
