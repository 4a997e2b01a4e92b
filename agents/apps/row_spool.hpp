// Rows on their way from a dropped file into the journal: few in memory, many in a file without a
// name, so that a crash leaves nothing of them behind.
#pragma once

#include "agents/core/outbox.hpp"

#include <cstdio>
#include <filesystem>

namespace cairn::agents::apps {

class row_spool {
public:
    // Held in memory up to here.
    static constexpr std::size_t memory_bytes = std::size_t{256} * 1024;

    // `folder` is where the file is made when one is needed.
    explicit row_spool(std::filesystem::path folder) : folder_(std::move(folder)) {}

    // Key, source and request are kept. errc::storage_full, file_unwritable.
    status add(const submission& row);
    // All rows in their order, as often as asked. errc::file_unwritable where they cannot be read
    // back; what `to` answers.
    status each(const row_sink& to);

    [[nodiscard]] std::size_t count() const { return count_; }
    // Of the row that came first.
    [[nodiscard]] const std::string& first_key() const { return first_key_; }

private:
    struct closer {
        void operator()(std::FILE* f) const { std::fclose(f); }
    };
    status write(bytes_view text);
    status open_file();

    std::filesystem::path folder_;
    bytes memory_;
    std::unique_ptr<std::FILE, closer> file_;
    std::size_t count_ = 0;
    std::string first_key_;
};

} // namespace cairn::agents::apps
