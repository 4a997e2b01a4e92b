#pragma once

#include "certs/authority.hpp"
#include "certs/parse.hpp"
#include "support/bad_certs.hpp"
#include "support/result_text.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <filesystem>
#include <string>

namespace cairn::test {

using namespace std::chrono_literals;

// 2026-03-01T00:00:00Z.
inline constexpr wall_time moment{std::chrono::seconds{1772323200}};
inline constexpr auto one_day = 24h;

inline const std::string realm = "northshire.example";

inline certs::authority northshire(random_source& random) {
    auto made = certs::authority::make(realm, {moment, moment + 3650 * one_day}, random);
    REQUIRE(made);
    return std::move(*made);
}

// A folder that goes with the test.
class temporary_folder {
public:
    temporary_folder() {
        std::string name = (std::filesystem::temp_directory_path() / "cairn-certs.XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    ~temporary_folder() {
        std::error_code ec;
        std::filesystem::remove_all(path_, ec);
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

} // namespace cairn::test
