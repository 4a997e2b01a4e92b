#include "ledger/stored.hpp"

#include <algorithm>

namespace cairn::ledger {
namespace {

constexpr const char* ask_record =
    "SELECT r.recorded_us, r.kind, r.slot, r.flags, r.sender, r.concern_kind, r.parties, r.layout,"
    " r.id, r.thread, r.reply, r.withdraws, r.submission, r.body_mac, l.leaf, l.nodes,"
    " p.entries, p.parts, r.mac"
    " FROM leaf l LEFT JOIN record r ON r.pos = l.pos LEFT JOIN payload p ON p.pos = l.pos"
    " WHERE l.pos = ?";

constexpr const char* ask_text_id = "SELECT pos FROM concern WHERE id = ?";

bool is_lower_hex(std::string_view s) {
    return std::all_of(s.begin(), s.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    });
}

failure damaged(position at, std::string why) {
    return fail(errc::log_damaged, name_of(at), std::move(why));
}

} // namespace

stored_id::stored_id(std::string_view id) : text_(id.size() != 32 || !is_lower_hex(id)) {
    raw_ = text_ ? bytes(id) : from_hex(id).value_or(bytes{});
}

void stored_id::bind(sql::query& q) const {
    if (!text_)
        q.bind_blob(raw_);
    else if (raw_.empty())
        q.bind_null();
    else
        q.bind_text(raw_);
}

std::optional<lagging_index::key> stored_id::key() const {
    lagging_index::key out{};
    if (text_ || raw_.size() != out.size()) return std::nullopt;
    std::copy(raw_.begin(), raw_.end(), out.begin());
    return out;
}

result<std::uint64_t>
find_concern(sql::database& db, const lookups& in, std::string_view id, bool staged) {
    if (id.empty()) return std::uint64_t{0};
    const stored_id stored(id);
    if (const auto key = stored.key()) {
        return staged ? in.concerns.find_staged(db, *key) : in.concerns.find(db, *key);
    }
    sql::query q(db, ask_text_id);
    stored.bind(q);
    if (q.row()) return q.u64(0);
    CAIRN_TRY(q.end());
    return std::uint64_t{0};
}

std::string read_id(const sql::query& q, int column) {
    if (q.null(column)) return {};
    return q.is_text(column) ? std::string(q.blob(column)) : to_hex(q.blob(column));
}

bytes encode(const layout& l) {
    bytes out;
    out.reserve(4 + l.notices.size() * 17);
    put_u32(out, l.body);
    for (const notice_place& n : l.notices) {
        put_u32(out, n.desk);
        put_u32(out, n.size);
        out.push_back(n.hidden ? 1 : 0);
        put_u64(out, static_cast<std::uint64_t>(n.within_us));
    }
    return out;
}

result<layout> decode_layout(bytes_view in) {
    cairn::reader r(in);
    layout out;
    out.body = r.u32();
    while (r.ok() && !r.done()) {
        notice_place n;
        n.desk = r.u32();
        n.size = r.u32();
        const std::uint8_t hidden = r.u8();
        // One encoding for one meaning.
        if (hidden > 1) return fail(errc::log_damaged, "layout");
        n.hidden = hidden == 1;
        n.within_us = static_cast<std::int64_t>(r.u64());
        out.notices.push_back(n);
    }
    if (!r.done()) return fail(errc::log_damaged, "layout");
    return out;
}

bytes encode_numbers(std::span<const std::uint32_t> numbers) {
    bytes out;
    out.reserve(numbers.size() * 4);
    for (const std::uint32_t n : numbers) put_u32(out, n);
    return out;
}

result<std::vector<std::uint32_t>> decode_numbers(bytes_view in) {
    if (in.size() % 4 != 0) return fail(errc::log_damaged, "parties");
    cairn::reader r(in);
    std::vector<std::uint32_t> out;
    while (!r.done()) out.push_back(r.u32());
    return out;
}

bytes guard_of(const key256& key, const record_columns& c) {
    bytes in = "cairn record v1 ";
    put_u64(in, c.at.value);
    put_u64(in, static_cast<std::uint64_t>(c.recorded_us));
    put_u32(in, static_cast<std::uint32_t>(c.kind));
    put_u64(in, c.slot);
    put_u64(in, static_cast<std::uint64_t>(c.flags));
    put_u32(in, c.sender);
    put_u32(in, c.concern_kind);
    for (const bytes_view v :
         {c.parties,
          c.layout,
          bytes_view(c.id),
          bytes_view(c.thread),
          bytes_view(c.reply),
          bytes_view(c.withdraws),
          c.submission,
          c.body_mac}) {
        put_u32(in, static_cast<std::uint32_t>(v.size()));
        in += v;
    }
    return bytes(view(hmac_sha256(key, {in})).substr(0, 16));
}

void append_sized(bytes& out, bytes_view one) {
    put_u16(out, static_cast<std::uint16_t>(one.size()));
    out += one;
}

result<std::vector<bytes_view>> split_sized(bytes_view in) {
    cairn::reader r(in);
    std::vector<bytes_view> out;
    while (r.ok() && !r.done()) out.push_back(r.take(r.u16()));
    if (!r.done()) return fail(errc::log_damaged, "entries");
    return out;
}

bytes_view stored_record::sealed_body() const {
    return bytes_view(parts).substr(0, places.body);
}

bytes_view stored_record::sealed_notice(std::size_t i) const {
    std::size_t from = places.body;
    for (std::size_t k = 0; k < i; ++k) from += places.notices[k].size;
    if (from > parts.size()) return {};
    return bytes_view(parts).substr(from, places.notices[i].size);
}

result<stored_record> read_record(sql::database& db, position at) {
    sql::query q(db, ask_record);
    q.bind(at.value);
    if (!q.row()) {
        CAIRN_TRY(q.end());
        return fail(errc::not_found);
    }
    if (q.null(0)) return damaged(at, "a leaf without its record");
    stored_record r;
    r.at = at;
    r.recorded_us = q.i64(0);
    r.kind = static_cast<record_kind>(q.i64(1));
    r.slot = q.u64(2);
    r.flags = q.i64(3);
    r.sender = static_cast<std::uint32_t>(q.i64(4));
    r.concern_kind = static_cast<std::uint32_t>(q.i64(5));
    auto parties = decode_numbers(q.blob(6));
    auto places = decode_layout(q.blob(7));
    if (!parties || !places) return damaged(at, "parties or layout");
    r.parties = std::move(*parties);
    r.places = std::move(*places);
    r.id = read_id(q, 8);
    // Most concerns begin their thread: the same id is not stored twice.
    r.thread = q.null(9) ? r.id : read_id(q, 9);
    r.reply = read_id(q, 10);
    r.withdraws = read_id(q, 11);
    r.submission = q.blob(12);
    r.body_mac = q.blob(13);
    r.leaf = q.blob(14);
    r.nodes = q.blob(15);
    r.mac = q.blob(18);
    if (!q.null(16)) {
        r.entries = bytes(q.blob(16));
        r.parts = q.blob(17);
    }
    return r;
}

result<opened_body> open_body(key_store& keys, const stored_record& r) {
    if (!r.entries) return fail(errc::erased);
    auto key = keys.key_of(r.slot);
    if (!key) return key.error();
    auto plain = open_part(*key, 0, r.sealed_body());
    wipe(key->key);
    if (!plain) return plain.error();
    opened_body out;
    if (plain->size() < out.seed.size()) return damaged(r.at, "a body without its seed");
    std::copy_n(plain->begin(), out.seed.size(), out.seed.begin());
    out.body = plain->substr(out.seed.size());
    wipe(plain->data(), plain->size());
    return out;
}

std::string name_of(position at) {
    return "record " + std::to_string(at.year()) + "/" + std::to_string(at.index());
}

} // namespace cairn::ledger
