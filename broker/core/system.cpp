#include "core/system.hpp"

#include "core/assert.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>

namespace cairn {
namespace {

class machine_clock final : public clock {
public:
    wall_time wall_now() const override {
        return std::chrono::time_point_cast<std::chrono::microseconds>(
            std::chrono::system_clock::now()
        );
    }
    mono_time mono_now() const override { return std::chrono::steady_clock::now(); }
    duration thread_cpu() const override {
        timespec t{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
    }
};

// Pooled: one RAND_bytes call costs as much as sealing half a notice.
struct pool {
    std::array<std::uint8_t, 4096> data{};
    std::size_t used = data.size();
};

class machine_random final : public random_source {
public:
    void fill(std::span<std::uint8_t> out) override {
        thread_local pool p;
        while (!out.empty()) {
            if (p.used == p.data.size()) {
                const int ok = RAND_bytes(p.data.data(), static_cast<int>(p.data.size()));
                CAIRN_ASSERT(ok == 1, "the machine has no random numbers");
                p.used = 0;
            }
            const std::size_t n = std::min(out.size(), p.data.size() - p.used);
            std::memcpy(out.data(), p.data.data() + p.used, n);
            // Given out once, kept nowhere.
            std::memset(p.data.data() + p.used, 0, n);
            p.used += n;
            out = out.subspan(n);
        }
    }
};

} // namespace

const clock& system_clock() {
    static const machine_clock c;
    return c;
}

random_source& system_random() {
    static machine_random r;
    return r;
}

} // namespace cairn
