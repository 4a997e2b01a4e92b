#include "ledger/files.hpp"

#include "ledger/schema.hpp"
#include "ledger/verify.hpp"

namespace cairn::ledger {

result<open_pair> open_files(const options& o, random_source& random, bool to_write) {
    open_pair out;
    if (!o.no_lock) {
        auto lock = folder_lock::take(o.folder);
        if (!lock) return lock.error();
        out.lock = std::move(*lock);
    }
    const sql::file file = ledger_file(o.folder, o.vfs);
    if (!sql::exists(file)) return fail(errc::storage_foreign, "ledger.db", "no such file");
    auto db = to_write ? open_writer(file) : open_reader(file);
    if (!db) return db.error();
    out.db = std::move(*db);
    const auto id = check_meta(*out.db, o);
    if (!id) return id.error();
    auto keys = key_store::open(keys_file(o.folder, o.vfs), o.partnership_key, *id, random);
    if (!keys) return keys.error();
    out.keys = std::move(*keys);
    return out;
}

} // namespace cairn::ledger
