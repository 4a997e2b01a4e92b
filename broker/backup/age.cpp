#include "backup/age.hpp"

#include "backup/age_header.hpp"
#include "backup/primitives.hpp"
#include "core/assert.hpp"

#include <algorithm>

namespace cairn::backup {
namespace {

constexpr std::size_t salt_bytes = 16;
constexpr std::size_t sealed_bytes = chunk_bytes + tag_bytes;

bytes_view view_of(const file_key& k) {
    return {reinterpret_cast<const char*>(k.data()), k.size()};
}

// Eleven bytes of counter, then whether it is the last: a chunk fits its own place only.
nonce96 nonce_of(std::uint64_t chunk, bool last) {
    nonce96 out{};
    for (std::size_t i = 0; i < 8; ++i) {
        out[10 - i] = static_cast<std::uint8_t>(chunk >> (8 * i) & 0xffU);
    }
    out[11] = last ? 1 : 0;
    return out;
}

} // namespace

age_writer::age_writer(sink out, std::span<const recipient> to, random_source& random)
    : out_(std::move(out)), to_(to.begin(), to.end()), random_(random) {
    CAIRN_ASSERT(!to_.empty() && to_.size() <= recipients_max, "somebody must be able to open it");
    random_.fill(key_);
}

age_writer::~age_writer() {
    wipe(key_.data(), key_.size());
    wipe(payload_);
}

status age_writer::begin() {
    begun_ = true;
    CAIRN_TRY(out_(print_header(key_, to_, random_)));
    std::array<std::uint8_t, salt_bytes> salt{};
    random_.fill(salt);
    const bytes_view text{reinterpret_cast<const char*>(salt.data()), salt.size()};
    payload_ = hkdf(view_of(key_), text, "payload");
    return out_(text);
}

status age_writer::put_chunk(bool last) {
    const bytes sealed = chacha_seal(payload_, nonce_of(chunk_, last), held_);
    ++chunk_;
    held_.clear();
    return out_(sealed);
}

status age_writer::write(bytes_view plain) {
    if (!begun_) CAIRN_TRY(begin());
    while (!plain.empty()) {
        // A full chunk is kept until more comes: it may be the last.
        if (held_.size() == chunk_bytes) CAIRN_TRY(put_chunk(false));
        const std::size_t n = std::min(plain.size(), chunk_bytes - held_.size());
        held_.append(plain.substr(0, n));
        plain.remove_prefix(n);
    }
    return {};
}

status age_writer::finish() {
    if (!begun_) CAIRN_TRY(begin());
    return put_chunk(true);
}

age_reader::~age_reader() {
    wipe(payload_);
}

result<bytes> age_reader::take(std::size_t n) {
    bytes out(n, '\0');
    const auto got = in_(out.data(), n);
    if (!got) return got.error();
    out.resize(*got);
    return out;
}

// Byte by byte up to the end of the line that begins with "---": what follows is binary.
result<bytes> age_reader::read_header() {
    bytes out;
    std::size_t line = 0;
    while (out.size() < header_bytes_max) {
        const auto one = take(1);
        if (!one) return one.error();
        if (one->empty()) return fail(errc::sealed_data_damaged, "header", "cut off");
        out.append(*one);
        if (out.back() != '\n') continue;
        if (out.compare(line, 3, "---") == 0) return out;
        line = out.size();
    }
    return fail(errc::sealed_data_damaged, "header", "no end");
}

result<age_reader> age_reader::open(source in, std::span<const identity> keys) {
    age_reader out(std::move(in));
    const auto text = out.read_header();
    if (!text) return text.error();
    const auto h = parse_header(*text);
    if (!h) return h.error();
    out.header_size_ = text->size();
    auto key = unwrap(*h, keys);
    if (!key) return key.error();
    const status ok = out.begin(*key);
    wipe(key->data(), key->size());
    if (!ok) return ok.error();
    return out;
}

result<age_reader> age_reader::open(source in, const file_key& key) {
    age_reader out(std::move(in));
    const auto text = out.read_header();
    if (!text) return text.error();
    const auto h = parse_header(*text);
    if (!h) return h.error();
    if (!mac_fits(*h, key))
        return fail(errc::sealed_data_damaged, "header", "its MAC does not fit");
    out.header_size_ = text->size();
    CAIRN_TRY(out.begin(key));
    return out;
}

status age_reader::begin(const file_key& key) {
    const auto salt = take(salt_bytes);
    if (!salt) return salt.error();
    if (salt->size() != salt_bytes)
        return fail(errc::sealed_data_damaged, "header", "cut off after it");
    payload_ = hkdf(view_of(key), *salt, "payload");
    auto first = take(sealed_bytes);
    if (!first) return first.error();
    ahead_ = std::move(*first);
    return {};
}

failure age_reader::damaged() const {
    const std::uint64_t from = header_size_ + salt_bytes + chunk_ * sealed_bytes;
    return fail(
        errc::sealed_data_damaged,
        "chunk " + std::to_string(chunk_) + ", from byte " + std::to_string(from) + " of the file"
    );
}

result<bytes_view> age_reader::next() {
    if (done_) return bytes_view{};
    bytes sealed = std::move(ahead_);
    ahead_.clear();
    if (sealed.size() == sealed_bytes) {
        auto more = take(sealed_bytes);
        if (!more) return more.error();
        ahead_ = std::move(*more);
    }
    const bool last = ahead_.empty();
    auto plain = chacha_open(payload_, nonce_of(chunk_, last), sealed);
    // The last may be empty where it is the only one.
    if (!plain || (plain->empty() && chunk_ != 0)) return damaged();
    ++chunk_;
    done_ = last;
    plain_ = std::move(*plain);
    return bytes_view(plain_);
}

} // namespace cairn::backup
