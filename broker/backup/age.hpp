// The age format, C2SP age.md, version 1, for X25519 recipients: written and read in chunks of
// 64 KiB, each authenticated in its place, so that nothing is passed on that was changed, moved or
// cut off.
#pragma once

#include "backup/age_keys.hpp"
#include "backup/stream.hpp"

#include <array>
#include <span>

namespace cairn::backup {

inline constexpr std::size_t chunk_bytes = 65536;
// A header of our writing has some hundred; one of others is read up to this.
inline constexpr std::size_t header_bytes_max = 64 * 1024;
inline constexpr std::size_t recipients_max = 16;

using file_key = std::array<std::uint8_t, 16>;

class age_writer {
public:
    // The sink outlives it. At least one recipient, at most recipients_max.
    age_writer(sink out, std::span<const recipient> to, random_source& random);
    ~age_writer();
    age_writer(const age_writer&) = delete;

    status write(bytes_view plain);
    // The last chunk; without it no reader takes what was written for whole.
    status finish();
    // Opens what was written without an identity: for whoever wrote it to read it back.
    [[nodiscard]] const file_key& key() const { return key_; }

private:
    status begin();
    status put_chunk(bool last);

    sink out_;
    std::vector<recipient> to_;
    random_source& random_;
    file_key key_{};
    key256 payload_{};
    bytes held_;
    std::uint64_t chunk_ = 0;
    bool begun_ = false;
};

class age_reader {
public:
    // errc::bad_value where no identity fits, sealed_data_damaged where the header does not.
    static result<age_reader> open(source in, std::span<const identity> keys);
    // By the key of whoever wrote it.
    static result<age_reader> open(source in, const file_key& key);
    age_reader(age_reader&&) = default;
    ~age_reader();

    // The next chunk's plain text; empty after the last. Valid until the next call.
    // errc::sealed_data_damaged where "chunk N, from byte M of the file".
    result<bytes_view> next();

private:
    explicit age_reader(source in) : in_(std::move(in)) {}
    result<bytes> read_header();
    status begin(const file_key& key);
    result<bytes> take(std::size_t n);
    [[nodiscard]] failure damaged() const;

    source in_;
    key256 payload_{};
    // Read ahead: whether a chunk is the last one shows when nothing follows.
    bytes ahead_;
    bytes plain_;
    std::uint64_t header_size_ = 0;
    std::uint64_t chunk_ = 0;
    bool done_ = false;
};

} // namespace cairn::backup
