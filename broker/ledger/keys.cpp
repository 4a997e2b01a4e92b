#include "ledger/keys.hpp"

#include "core/assert.hpp"
#include "ledger/schema.hpp"

namespace cairn::ledger {
namespace {

constexpr std::size_t recent_slots = 8192;
constexpr std::uint32_t retry_ms = 20;
// A copy's step: 1 MiB, for which readers of keys wait.
constexpr int copied_pages = 256;
constexpr std::string_view proof_text = "cairn keys v1";

constexpr const char* put_meta = "INSERT INTO meta(id, ledger, proof) VALUES (1, ?, ?)";
constexpr const char* ask_meta = "SELECT ledger, proof FROM meta";
constexpr const char* drop_unused = "DELETE FROM slot WHERE no > ?";
constexpr const char* put_salt = "INSERT INTO made(salt) VALUES (?)";
constexpr const char* ask_last_made = "SELECT max(no) FROM made";
constexpr const char* ask_salt = "SELECT salt FROM made WHERE no = ?";
constexpr const char* put_slot = "INSERT INTO slot(no, made, wrapped) VALUES (?, ?, ?)";
constexpr const char* ask_slot = "SELECT made, wrapped FROM slot WHERE no = ?";
constexpr const char* ask_head = "SELECT pos, root FROM released";
constexpr const char* put_head_text =
    "INSERT INTO released(id, pos, root) VALUES (1, ?, ?)"
    " ON CONFLICT (id) DO UPDATE SET pos = excluded.pos, root = excluded.root";
constexpr const char* ask_destroyed = "SELECT no FROM slot WHERE made = 0 ORDER BY no";
constexpr const char* clear_slot = "UPDATE slot SET made = 0, wrapped = zeroblob(48) WHERE no = ?";

bytes_view view_of(const key256& k) {
    return {reinterpret_cast<const char*>(k.data()), k.size()};
}

failure missing(std::string why) {
    return fail(errc::keys_missing, "keys.db", std::move(why));
}

} // namespace

key_store::key_store(
    std::unique_ptr<sql::database> db,
    const key256& partnership_key,
    ledger_id id,
    random_source& random
)
    : partnership_key_(partnership_key), id_(id), random_(random), db_(std::move(db)),
      recent_(recent_slots) {}

key_store::~key_store() {
    for (data_key& k : ready_) wipe(k.key);
    for (data_key& k : recent_) wipe(k.key);
    for (auto& [no, key] : wrapping_) wipe(key);
    key256 gone = partnership_key_;
    wipe(gone);
    wipe(const_cast<key256&>(partnership_key_));
}

// Of one batch of slots: a slot made anew under its old number has another wrapping key, so that
// the number can serve as the nonce.
key256 key_store::wrapping_key(bytes_view salt) const {
    bytes use = "cairn slots v1 ";
    use.append(id_view(id_)).append(salt);
    return derive_key(partnership_key_, use);
}

key256 key_store::keyed_hash_key(std::string_view use) const {
    return derive_key(partnership_key_, "cairn hash v1 " + std::string(use));
}

bytes key_store::place(std::uint64_t slot) const {
    bytes out(id_view(id_));
    put_u64(out, slot);
    return out;
}

result<std::unique_ptr<key_store>> key_store::create(
    const sql::file& f, const key256& partnership_key, const ledger_id& id, random_source& random
) {
    auto db = create_keys_file(f);
    if (!db) return db.error();
    std::unique_ptr<key_store> out(new key_store(std::move(*db), partnership_key, id, random));
    // Tells a wrong partnership key at the start instead of at the first record somebody needs.
    const bytes proof =
        seal(out->wrapping_key(proof_text), counter_nonce(0), proof_text, id_view(id));
    sql::query q(*out->db_, put_meta);
    CAIRN_TRY(q.bind_blob(id_view(id)).bind_blob(proof).run());
    return out;
}

result<std::unique_ptr<key_store>> key_store::open(
    const sql::file& f, const key256& partnership_key, const ledger_id& id, random_source& random
) {
    if (!sql::exists(f)) return missing("no such file");
    auto db = open_keys(f);
    if (!db) return db.error();
    std::unique_ptr<key_store> out(new key_store(std::move(*db), partnership_key, id, random));
    CAIRN_TRY(out->check_owner());
    return out;
}

status key_store::check_owner() {
    sql::query q(*db_, ask_meta);
    if (!q.row()) {
        CAIRN_TRY(q.end());
        return missing("no owner in it");
    }
    if (q.blob(0) != id_view(id_)) return missing("of another ledger");
    const auto proof =
        cairn::open(wrapping_key(proof_text), counter_nonce(0), q.blob(1), id_view(id_));
    if (!proof || *proof != proof_text) return missing("wrapped by another partnership key");
    return {};
}

status key_store::start(std::uint64_t used, std::size_t ahead) {
    CAIRN_ASSERT(ready_.empty() && ahead > 0, "slots are made anew once, at the start");
    if (used != 0) {
        const auto last = key_of(used);
        if (!last && last.error().code != errc::erased) return last.error();
    }
    next_ = used + 1;
    ahead_ = ahead;
    return make(ahead);
}

status key_store::refill(bool quiet) {
    std::size_t have = 0;
    {
        const std::lock_guard lock(memory_);
        have = ready_.size();
    }
    const std::size_t enough = quiet ? ahead_ - ahead_ / 8 : ahead_ / 2;
    return have >= enough ? status{} : make(ahead_ - have);
}

status key_store::make(std::size_t count) {
    std::vector<data_key> made;
    made.reserve(count);
    const status ok = transact([&]() -> status {
        CAIRN_TRY(make_rows(count, made));
        return put_head();
    });
    if (!ok) {
        for (data_key& k : made) wipe(k.key);
        return ok;
    }
    next_ += count;
    const std::lock_guard lock(memory_);
    for (data_key& k : made) {
        ready_.push_back(k);
        wipe(k.key);
    }
    return {};
}

template <class Work>
status key_store::transact(Work&& work) {
    const std::lock_guard lock(file_);
    CAIRN_TRY(db_->exec("BEGIN IMMEDIATE"));
    status ok = work();
    if (ok) ok = db_->exec("COMMIT");
    if (ok) {
        behind_ = 0;
        return ok;
    }
    if (!db_->idle()) (void) db_->exec("ROLLBACK");
    // Full, and what was there before could not be put back: no longer a refusal that is over.
    if (!db_->idle()) return fail(errc::storage_failed, "keys.db", ok.error().detail);
    return ok;
}

status key_store::put_head() {
    sql::query q(*db_, put_head_text);
    return q.bind(head_.last.value).bind_blob(view(head_.root)).run();
}

status key_store::write_head() {
    return transact([this] { return put_head(); });
}

void key_store::note_head(const released_head& h) {
    head_ = h;
    ++behind_;
}

status key_store::put_back_head(const released_head& h) {
    head_ = h;
    return write_head();
}

status key_store::copy_to(const std::string& path) {
    std::unique_ptr<sql::page_copy> copy;
    for (bool done = false; !done;) {
        const std::lock_guard lock(file_);
        if (copy == nullptr) {
            auto begun = sql::page_copy::begin(*db_, path);
            if (!begun) return begun.error();
            copy = std::move(*begun);
        }
        const auto went = copy->step(copied_pages);
        if (!went) return went.error();
        done = *went;
        if (done) copy.reset();
    }
    return {};
}

result<std::vector<std::uint64_t>> key_store::destroyed() {
    const std::lock_guard lock(file_);
    std::vector<std::uint64_t> out;
    sql::query q(*db_, ask_destroyed);
    while (q.row()) out.push_back(q.u64(0));
    CAIRN_TRY(q.end());
    return out;
}

result<released_head> key_store::stored_head() {
    const std::lock_guard lock(file_);
    sql::query q(*db_, ask_head);
    released_head out;
    if (q.row()) {
        const auto root = to_digest(q.blob(1));
        if (!root) return fail(errc::sealed_data_damaged, "keys.db", "the released head");
        out = {{q.u64(0)}, *root};
    }
    CAIRN_TRY(q.end());
    return out;
}

status key_store::make_rows(std::size_t count, std::vector<data_key>& out) {
    {
        sql::query q(*db_, drop_unused);
        CAIRN_TRY(q.bind(next_ - 1).run());
    }
    std::array<std::uint8_t, 16> salt{};
    random_.fill(salt);
    const bytes_view salt_bytes{reinterpret_cast<const char*>(salt.data()), salt.size()};
    sql::query batch(*db_, put_salt);
    CAIRN_TRY(batch.bind_blob(salt_bytes).run());
    const auto made = db_->number(ask_last_made);
    if (!made) return made.error();
    key256 wrap = wrapping_key(salt_bytes);
    sql::query q(*db_, put_slot);
    for (std::size_t i = 0; i < count; ++i) {
        data_key k;
        k.slot = next_ + i;
        random_.fill(k.key);
        const bytes wrapped = seal(wrap, counter_nonce(k.slot), view_of(k.key), place(k.slot));
        out.push_back(k);
        wipe(k.key);
        CAIRN_TRY(q.bind(k.slot).bind(*made).bind_blob(wrapped).run());
    }
    wipe(wrap);
    return {};
}

result<data_key> key_store::take() {
    const std::lock_guard lock(memory_);
    if (ready_.empty()) {
        failure full = fail(errc::overloaded, {}, "no data key is ready");
        full.retry_after_ms = retry_ms;
        return full;
    }
    data_key out = ready_.front();
    wipe(ready_.front().key);
    ready_.pop_front();
    remember(out);
    return out;
}

void key_store::remember(const data_key& k) {
    recent_[k.slot % recent_slots] = k;
}

result<data_key> key_store::key_of(std::uint64_t slot) {
    {
        const std::lock_guard lock(memory_);
        const data_key& k = recent_[slot % recent_slots];
        if (slot != 0 && k.slot == slot) return k;
    }
    const std::lock_guard lock(file_);
    return read(slot);
}

result<data_key> key_store::read(std::uint64_t slot) {
    sql::query q(*db_, ask_slot);
    q.bind(slot);
    if (!q.row()) {
        CAIRN_TRY(q.end());
        return missing("no slot " + std::to_string(slot));
    }
    const std::int64_t made = q.i64(0);
    if (made == 0) return fail(errc::erased);
    if (!wrapping_.contains(made)) {
        sql::query s(*db_, ask_salt);
        s.bind(made);
        if (!s.row()) {
            CAIRN_TRY(s.end());
            return missing("no salt " + std::to_string(made));
        }
        wrapping_.emplace(made, wrapping_key(s.blob(0)));
    }
    auto key = cairn::open(wrapping_.at(made), counter_nonce(slot), q.blob(1), place(slot));
    if (!key) return key.error();
    data_key out;
    out.slot = slot;
    CAIRN_ASSERT(key->size() == out.key.size(), "a wrapped key has 32 bytes");
    std::copy(key->begin(), key->end(), out.key.begin());
    wipe(key->data(), key->size());
    return out;
}

status key_store::destroy(std::uint64_t slot) {
    {
        const std::lock_guard lock(memory_);
        data_key& k = recent_[slot % recent_slots];
        if (k.slot == slot) {
            wipe(k.key);
            k.slot = 0;
        }
    }
    const std::lock_guard lock(file_);
    sql::query q(*db_, clear_slot);
    CAIRN_TRY(q.bind(slot).run());
    return {};
}

} // namespace cairn::ledger
