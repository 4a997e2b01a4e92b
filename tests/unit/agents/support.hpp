// What the agents' tests share: a clock that is moved by hand and numbers that repeat.
#pragma once

#include "core/bytes.hpp"
#include "core/clock.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <unistd.h>

// Catch would print both halves of a result; a failure has no stream operator, by intent.
#define REQUIRE_OK(expr) REQUIRE((expr).has_value())
#define CHECK_OK(expr) CHECK((expr).has_value())
#define REQUIRE_FAILS(expr) REQUIRE((expr).has_error())
#define CHECK_FAILS(expr) CHECK((expr).has_error())

namespace agents_test {

class manual_clock final : public cairn::clock {
public:
    [[nodiscard]] cairn::wall_time wall_now() const override {
        return cairn::from_us(1'795'305'600'000'000) +
               std::chrono::duration_cast<std::chrono::microseconds>(since_);
    }
    [[nodiscard]] cairn::mono_time mono_now() const override { return cairn::mono_time{since_}; }
    void advance(cairn::duration by) { since_ += by; }

private:
    cairn::duration since_ = std::chrono::seconds(1000);
};

class counting_random final : public cairn::random_source {
public:
    void fill(std::span<std::uint8_t> out) override {
        for (auto& b : out) b = static_cast<std::uint8_t>(state_ = state_ * 73U + 41U);
    }

private:
    std::uint32_t state_ = 7;
};

// A folder of its own, gone with the object.
class scratch_folder {
public:
    explicit scratch_folder(
        const std::filesystem::path& in = std::filesystem::temp_directory_path()
    ) {
        std::string name = (in / "cairn-agents-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;
    ~scratch_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

inline std::string read_file(const std::filesystem::path& p) {
    std::ifstream in(p, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

inline void write_file(const std::filesystem::path& p, std::string_view content) {
    std::ofstream out(p, std::ios::binary);
    out << content;
}

} // namespace agents_test
