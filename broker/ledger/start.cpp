#include "core/limits.hpp"
#include "ledger/files.hpp"
#include "ledger/proofs.hpp"
#include "ledger/schema.hpp"
#include "ledger/store.hpp"

namespace cairn::ledger {
namespace {

constexpr const char* put_meta =
    "INSERT INTO meta(id, ledger, partnership, log_key, created_us) VALUES (1, ?, ?, ?, ?)";

status write_meta(sql::database& db, const options& o, const ledger_id& id, std::int64_t now_us) {
    const ed25519_public key = public_of(o.log_key);
    sql::query q(db, put_meta);
    q.bind_blob(id_view(id)).bind_text(o.partnership);
    q.bind_blob({reinterpret_cast<const char*>(key.raw.data()), key.raw.size()});
    return q.bind(now_us).run();
}

// The rest of create() and open(): everything that needs both files.
result<std::unique_ptr<ledger>> start(options o, const clock& time, parts p) {
    auto state = load_state(*p.db, o.partnership, public_of(o.log_key));
    if (!state) return state.error();
    p.state = std::move(*state);
    CAIRN_TRY(check_released(*p.db, p.state, *p.keys));
    CAIRN_TRY(check_newest_key(*p.db, p.state, *p.keys));
    p.keys->note_head({p.state.last(), p.state.tree.root()});
    const std::size_t ahead = o.slots_ahead == 0 ? limits::key_slots_ahead : o.slots_ahead;
    CAIRN_TRY(p.keys->start(p.state.top_slot, ahead));
    p.index =
        std::make_unique<lookups>(o.index_keys == 0 ? limits::index_keys_in_memory : o.index_keys);
    CAIRN_TRY(p.index->load(*p.db));
    auto readers = read_pool::open(
        {ledger_file(o.folder, o.vfs), o.partnership, public_of(o.log_key)}, time, *p.keys, *p.index
    );
    if (!readers) return readers.error();
    p.readers = std::move(*readers);
    return std::unique_ptr<ledger>(std::make_unique<store>(std::move(o), time, std::move(p)));
}

} // namespace

result<std::unique_ptr<ledger>>
ledger::create(options o, const clock& time, random_source& random) {
    parts p;
    if (!o.no_lock) {
        CAIRN_TRY(make_folder(o.folder));
        auto lock = folder_lock::take(o.folder);
        if (!lock) return lock.error();
        p.lock = std::move(*lock);
    }
    const sql::file ledger_db = ledger_file(o.folder, o.vfs);
    const sql::file keys_db = keys_file(o.folder, o.vfs);
    if (sql::exists(ledger_db) || sql::exists(keys_db)) {
        return fail(errc::storage_foreign, "folder", "there is a ledger already");
    }
    ledger_id id{};
    random.fill(id);
    auto keys = key_store::create(keys_db, o.partnership_key, id, random);
    if (!keys) return keys.error();
    p.keys = std::move(*keys);
    auto db = create_ledger_file(ledger_db);
    if (!db) return db.error();
    p.db = std::move(*db);
    CAIRN_TRY(write_meta(*p.db, o, id, to_us(time.wall_now())));
    return start(std::move(o), time, std::move(p));
}

result<std::unique_ptr<ledger>> ledger::open(options o, const clock& time, random_source& random) {
    auto files = open_files(o, random, true);
    if (!files) return files.error();
    parts p;
    static_cast<open_pair&>(p) = std::move(*files);
    return start(std::move(o), time, std::move(p));
}

} // namespace cairn::ledger
