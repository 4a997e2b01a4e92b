// Small things the backup's tests share.
#pragma once

#include "backup/age.hpp"
#include "support/result_text.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace cairn::test {

// 0, 1, 2, … so that a page can show what comes of it.
class counting_random final : public random_source {
public:
    explicit counting_random(std::uint8_t from = 0) : next_(from) {}
    void fill(std::span<std::uint8_t> out) override {
        for (auto& b : out) b = next_++;
    }

private:
    std::uint8_t next_;
};

class folder {
public:
    folder() {
        std::string name = std::filesystem::temp_directory_path() / "cairn-backup-XXXXXX";
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~folder() { std::filesystem::remove_all(path_); }
    folder(const folder&) = delete;
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

inline backup::source reading(bytes_view text) {
    return [text, at = std::size_t{0}](char* out, std::size_t most) mutable -> result<std::size_t> {
        const std::size_t n = std::min(most, text.size() - at);
        text.copy(out, n, at);
        at += n;
        return n;
    };
}

inline bytes
sealed(bytes_view plain, std::span<const backup::recipient> to, random_source& random) {
    bytes out;
    backup::age_writer w(
        [&out](bytes_view part) {
            out.append(part);
            return status{};
        },
        to,
        random
    );
    REQUIRE(w.write(plain));
    REQUIRE(w.finish());
    return out;
}

inline result<bytes> opened(bytes_view file, std::span<const backup::identity> keys) {
    auto r = backup::age_reader::open(reading(file), keys);
    if (!r) return r.error();
    bytes out;
    while (true) {
        const auto part = r->next();
        if (!part) return part.error();
        if (part->empty()) return out;
        out.append(*part);
    }
}

inline void write_text(const std::filesystem::path& path, bytes_view text) {
    std::ofstream(path, std::ios::binary) << text;
}
inline bytes read_text(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

} // namespace cairn::test
