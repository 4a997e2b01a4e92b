#include "backup/restore.hpp"

#include "backup/erased.hpp"
#include "backup/heads.hpp"
#include "backup/settings.hpp"
#include "certs/files.hpp"
#include "core/log_line.hpp"
#include "daemon/files.hpp"
#include "daemon/lone_note.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace cairn::backup {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t second_us = 1'000'000;

std::string seconds_text(std::int64_t us) {
    return rfc3339(from_us(us)).substr(0, 19) + "Z";
}

std::string place_text(ledger::position at) {
    return std::to_string(at.year()) + "/" + std::to_string(at.index());
}

result<std::string> small_file(const fs::path& path) {
    return daemon::read_file(path.string());
}

// Copies what a stopped broker has, under the names of the archives.
status copy_folder(const fs::path& config_path, const fs::path& into) {
    const auto loaded = daemon::load_config(config_path.string());
    if (!loaded) return loaded.error();
    const daemon::config& c = loaded->values;
    // Held until the copies are made: the broker does not run meanwhile.
    const auto lock = ledger::folder_lock::take(c.data_folder);
    if (!lock) return lock.error();
    auto all = open_files_of(c, config_path.string());
    const auto secret = secret_files_of(c);
    all.insert(all.end(), secret.begin(), secret.end());
    for (const char* name : {"ledger.db", "ledger.db-wal", "keys.db", "keys.db-journal"}) {
        std::error_code ec;
        const fs::path path = fs::path(c.data_folder) / name;
        if (fs::exists(path, ec)) all.push_back({std::string("data/") + name, path, {}});
    }
    for (const ingredient& i : all) {
        const fs::path to = into / i.name;
        CAIRN_TRY(certs::make_private_folder(to.parent_path()));
        std::error_code ec;
        fs::copy_file(i.path, to, ec);
        if (ec) return fail(errc::file_unreadable, i.path.string(), ec.message());
        fs::permissions(to, fs::perms::owner_read | fs::perms::owner_write, ec);
    }
    return {};
}

class restoring {
public:
    restoring(const restore_order& o, const clock& time, random_source& random)
        : o_(o), time_(time), random_(random), part_(without_slash(o.to).string() + ".part") {}
    ~restoring() {
        wipe(options_.partnership_key);
        wipe(options_.log_key.seed.data(), options_.log_key.seed.size());
        if (!made_) return;
        for (const char* secret :
             {members::keys, members::partnership_key, members::log_key, members::tls_key}) {
            (void) overwrite_and_remove(part_ / secret);
        }
        std::error_code ec;
        fs::remove_all(part_, ec);
    }

    result<restore_report> run() {
        CAIRN_TRY(make_part());
        CAIRN_TRY(o_.from_config.empty() ? unpack() : copy_folder(o_.from_config, part_));
        CAIRN_TRY(settle_config());
        CAIRN_TRY(prove());
        CAIRN_TRY(record());
        CAIRN_TRY(publish());
        return std::move(report_);
    }

private:
    static fs::path without_slash(const fs::path& p) {
        return p.has_filename() ? p : p.parent_path();
    }

    status make_part() {
        std::error_code ec;
        if (fs::exists(o_.to, ec) && !fs::is_empty(o_.to, ec)) {
            return fail(errc::file_exists, o_.to.string(), "name a new or an empty folder");
        }
        if (fs::exists(part_, ec)) {
            return fail(
                errc::file_exists,
                part_.string(),
                "left of a restore that was cut off; remove it: rm -r '" + part_.string() + "'"
            );
        }
        CAIRN_TRY(certs::make_private_folder(part_));
        made_ = true;
        return certs::make_private_folder(part_ / "data");
    }

    status unpack() {
        auto ledger =
            unpack_archive(o_.ledger_archive, archive_kind::ledger, o_.ledger_identities, part_);
        if (!ledger) return ledger.error();
        auto keys = unpack_archive(o_.keys_archive, archive_kind::keys, o_.keys_identities, part_);
        if (!keys) return keys.error();
        if (ledger->ledger_id != keys->ledger_id)
            return fail(errc::bad_value, "the two archives are of different ledgers");
        if (keys->taken_us < ledger->taken_us) {
            return fail(
                errc::bad_value,
                "the keys archive is older than the ledger archive: use one of the same run, or a "
                "younger one"
            );
        }
        report_.taken_us = ledger->taken_us;
        return {};
    }

    // The configuration of the restored folder names the files of the restored folder.
    status settle_config() {
        const fs::path path = part_ / members::config;
        const auto text = small_file(path);
        if (!text) return text.error();
        const auto own = with_own_paths(*text);
        if (!own) return own.error();
        CAIRN_TRY(certs::write_file(path, *own, certs::reach::open, certs::existing::replace));
        auto loaded = daemon::load_config(path.string());
        if (!loaded) return loaded.error();
        config_ = loaded->values;
        auto options = daemon::ledger_options(config_);
        if (!options) return options.error();
        options_ = std::move(*options);
        return {};
    }

    status prove() {
        auto copied = ledger::copied_ledger::open(options_, random_);
        if (!copied) return copied.error();
        auto facts = copied->verify();
        if (!facts) return facts.error();
        report_.facts = std::move(*facts);
        CAIRN_TRY(check_heads(*copied));
        CAIRN_TRY(check_loss());
        CAIRN_TRY(erase(*copied));
        return copied->accept_end();
    }

    // Those within the copy must be of its log; those beyond say how much is missing.
    status check_heads(ledger::copied_ledger& copied) {
        const auto& f = report_.facts;
        if (f.last < f.released.last) note_beyond(f.released.last);
        for (const fs::path& path : o_.heads) {
            const auto text = small_file(path);
            if (!text) return text.error();
            auto head = read_head(*text, options_.partnership, public_of(options_.log_key));
            if (!head) return fail(head.error().code, path.string(), head.error().where);
            ++report_.heads_shown;
            if (head->size == 0) continue;
            const auto end = ledger::position::at(head->year, head->size - 1);
            if (f.last < end) {
                note_beyond(end);
                continue;
            }
            const auto root = copied.root_at(head->year, head->size);
            if (!root) return fail(errc::log_damaged, path.string(), "no record of that year");
            if (*root != head->root)
                return fail(
                    errc::log_damaged, path.string(), "a head of another log than this copy"
                );
        }
        return {};
    }

    void note_beyond(ledger::position end) {
        beyond_ = std::max(beyond_, end);
        const auto& last = report_.facts.last;
        const bool same_year = end.year() == last.year();
        const std::uint64_t n = same_year ? end.index() - last.index() : end.index() + 1;
        report_.lost = std::max(report_.lost, n);
    }

    status check_loss() const {
        const auto& f = report_.facts;
        const std::string when = seconds_text(f.last_us);
        if (o_.lost_since_us) {
            if (*o_.lost_since_us == f.last_us / second_us * second_us) return {};
            return fail(errc::usage, "--lost-since: the copy's last record is of " + when);
        }
        const std::string ends = "it ends with record " + place_text(f.last) + " of " + when;
        const std::string accept = "to go on without what came later: --lost-since " + when;
        if (beyond_.value != 0) {
            return fail(
                errc::log_damaged,
                ends,
                "the log went on to record " + place_text(beyond_) + " at least, so " +
                    std::to_string(report_.lost) + " or more are missing; " + accept
            );
        }
        if (report_.heads_shown != 0) return {};
        return fail(
            errc::log_damaged,
            ends,
            "whether the log went on nobody here knows: show the newest heads or receipts that "
            "agencies hold by --head; " +
                accept
        );
    }

    status erase(ledger::copied_ledger& copied) {
        const std::string id = to_hex(ledger::id_view(report_.facts.id));
        for (const fs::path& path : o_.erased) {
            const auto text = small_file(path);
            if (!text) return text.error();
            const auto list = parse_erased(*text);
            if (!list) return fail(list.error().code, path.string() + ", " + list.error().where);
            if (list->ledger_id != id)
                return fail(errc::bad_value, path.string(), "the list is of another ledger");
            const auto n = copied.erase(list->records);
            if (!n) return n.error();
            report_.erased_again += *n;
        }
        return {};
    }

    // The log itself says what was done to it, as its next record.
    status record() {
        auto store = ledger::ledger::open(options_, time_, random_);
        if (!store) return store.error();
        const auto& f = report_.facts;
        std::string detail =
            "goes on after record " + place_text(f.last) + " of " + seconds_text(f.last_us);
        if (report_.taken_us != 0) detail += ", from a backup of " + seconds_text(report_.taken_us);
        detail +=
            o_.lost_since_us ? "; later records are given up" : "; no later record is known of";
        if (beyond_.value != 0) {
            detail += ", " + std::to_string(report_.lost) + " at least, up to record " +
                      place_text(beyond_);
        }
        detail += "; erased again: " + std::to_string(report_.erased_again);
        auto draft = daemon::make_lone_note(**store, random_, "restored", detail);
        if (!draft) return draft.error();
        status outcome = fail(errc::internal);
        draft->done = [&outcome](const result<ledger::committed>& r) {
            outcome = r ? status{} : status{r.error()};
        };
        CAIRN_TRY((*store)->append(std::move(*draft)));
        while ((*store)->run_once()) {
        }
        report_.checkpoint = (*store)->current_head().checkpoint;
        return outcome;
    }

    status publish() {
        std::error_code ec;
        fs::remove(o_.to, ec);
        fs::rename(part_, without_slash(o_.to), ec);
        if (ec) return fail(errc::file_unwritable, o_.to.string(), ec.message());
        made_ = false;
        return sync_folder(without_slash(fs::absolute(o_.to)).parent_path());
    }

    const restore_order& o_;
    const clock& time_;
    random_source& random_;
    fs::path part_;
    bool made_ = false;
    daemon::config config_;
    ledger::options options_;
    ledger::position beyond_;
    restore_report report_;
};

} // namespace

result<restore_report>
restore(const restore_order& order, const clock& time, random_source& random) {
    return restoring(order, time, random).run();
}

} // namespace cairn::backup
