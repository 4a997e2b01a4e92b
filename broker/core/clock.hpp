// Time and randomness are arguments. Only core/system.cpp touches the machine's.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>

namespace cairn {

// Microseconds since 1970-01-01T00:00Z.
using wall_time = std::chrono::sys_time<std::chrono::microseconds>;
// Of no known origin; never goes back.
using mono_time = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;
using duration = std::chrono::nanoseconds;

inline std::int64_t to_us(wall_time t) {
    return t.time_since_epoch().count();
}
inline wall_time from_us(std::int64_t us) {
    return wall_time{std::chrono::microseconds{us}};
}

// Thread: any; implementations lock or are stateless.
class clock {
public:
    virtual ~clock() = default;
    [[nodiscard]] virtual wall_time wall_now() const = 0;
    [[nodiscard]] virtual mono_time mono_now() const = 0;
    // CPU the calling thread has used, for measurements alone; zero where nothing is measured.
    [[nodiscard]] virtual duration thread_cpu() const { return {}; }
};

// Cryptographic in production, seeded in simulation. Thread: any.
class random_source {
public:
    virtual ~random_source() = default;
    virtual void fill(std::span<std::uint8_t> out) = 0;
};

} // namespace cairn
