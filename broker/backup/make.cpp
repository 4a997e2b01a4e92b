#include "backup/make.hpp"

#include "backup/erased.hpp"
#include "backup/settings.hpp"
#include "certs/files.hpp"
#include "core/log_line.hpp"
#include "daemon/control.hpp"
#include "daemon/control_answers.hpp"
#include "daemon/files.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <sys/statvfs.h>

namespace cairn::backup {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// keys.db has some 80 bytes a record: minutes are for disks that hardly answer.
constexpr auto copy_patience = 600s;
constexpr auto note_patience = 10s;
// What the broker needs to go on while the copies lie beside it.
constexpr std::uintmax_t kept_free = 256ULL * 1024 * 1024;

// "20261122T220001123Z": two backups of one second have two names.
std::string stamp(std::int64_t us) {
    std::string out;
    for (const char c : rfc3339(from_us(us)).substr(0, 23)) {
        if (c != '-' && c != ':' && c != '.') out.push_back(c);
    }
    return out + "Z";
}

std::uintmax_t size_of(const fs::path& p) {
    std::error_code ec;
    const auto n = fs::file_size(p, ec);
    return ec ? 0 : n;
}

class making {
public:
    making(const backup_order& o, daemon::config c, ledger::options lo, random_source& random)
        : o_(o), c_(std::move(c)), options_(std::move(lo)), random_(random),
          work_(daemon::backup_folder(c_.data_folder)) {}
    ~making() {
        if (locked_) clear();
        wipe(options_.partnership_key);
        wipe(options_.log_key.seed.data(), options_.log_key.seed.size());
    }

    result<backup_report> make(const clock& time) {
        CAIRN_TRY(check_order());
        CAIRN_TRY(prepare());
        report_.taken_us = to_us(time.wall_now());
        CAIRN_TRY(copy());
        CAIRN_TRY(look_through());
        CAIRN_TRY(write());
        tell();
        return std::move(report_);
    }

private:
    status check_order() const {
        std::error_code ec;
        for (const fs::path& p : {o_.ledger_to, o_.keys_to}) {
            if (!fs::is_directory(p, ec))
                return fail(errc::file_unwritable, p.string(), "no folder");
        }
        if (fs::equivalent(o_.ledger_to, o_.keys_to, ec))
            return fail(errc::bad_value, "the keys archive belongs into another folder");
        for (const recipient& r : o_.ledger_recipients) {
            const auto& k = o_.keys_recipients;
            if (std::find(k.begin(), k.end(), r) != k.end())
                return fail(errc::bad_value, "the keys archive belongs to another recipient");
        }
        return {};
    }

    status prepare() {
        CAIRN_TRY(certs::make_private_folder(work_));
        auto lock = ledger::folder_lock::take(work_.string());
        if (!lock) return fail(lock.error().code, work_.string(), "another backup is running");
        lock_ = std::move(*lock);
        locked_ = true;
        clear();
        const std::uintmax_t needed = size_of(c_.data_folder + "/ledger.db") +
                                      size_of(c_.data_folder + "/keys.db") + kept_free;
        struct statvfs v {};
        const bool known = ::statvfs(work_.c_str(), &v) == 0;
        if (known && static_cast<std::uintmax_t>(v.f_bavail) * v.f_frsize < needed)
            return fail(
                errc::storage_full, work_.string(), std::to_string(needed) + " bytes are needed"
            );
        clear_drafts(o_.ledger_to);
        clear_drafts(o_.keys_to);
        return {};
    }

    // What this and earlier runs left that did not end.
    void clear() const {
        std::error_code ec;
        for (const char* name : {"ledger.db", "ledger.db-wal", "ledger.db-shm"})
            fs::remove(work_ / name, ec);
        for (const char* name : {"keys.db", "keys.db-journal"})
            (void) overwrite_and_remove(work_ / name);
    }
    void clear_drafts(const fs::path& folder) const {
        std::error_code ec;
        for (const auto& e : fs::directory_iterator(folder, ec)) {
            const std::string name = e.path().filename().string();
            const bool ours = name.rfind("cairn-" + c_.partnership + "-", 0) == 0;
            if (ours && e.path().extension() == ".part") fs::remove(e.path(), ec);
        }
    }

    // The ledger's snapshot is fixed first, then the keys are copied: each record of the one has
    // its key in the other.
    status copy() {
        auto snapshot = ledger::ledger_snapshot::begin(c_.data_folder);
        if (!snapshot) return snapshot.error();
        const auto said = daemon::ask_control(c_.data_folder, "copy keys", copy_patience);
        if (said) {
            report_.online = true;
            CAIRN_TRY(daemon::status_of_answer(*said));
        } else if (said.error().code != errc::unavailable) {
            return said.error();
        } else {
            CAIRN_TRY(copy_stopped_keys());
        }
        return snapshot->copy_to((work_ / "ledger.db").string());
    }

    status copy_stopped_keys() {
        auto pair = ledger::open_files(options_, random_, false);
        if (!pair) return pair.error();
        return pair->keys->copy_to((work_ / "keys.db").string());
    }

    status look_through() {
        ledger::options o = options_;
        o.folder = work_.string();
        o.no_lock = true;
        auto copied = ledger::copied_ledger::open(o, random_);
        wipe(o.partnership_key);
        wipe(o.log_key.seed.data(), o.log_key.seed.size());
        if (!copied) return copied.error();
        auto facts = copied->verify();
        if (!facts) return facts.error();
        report_.facts = std::move(*facts);
        return {};
    }

    manifest describe(archive_kind kind, const std::string& run) const {
        manifest out;
        out.kind = kind;
        out.partnership = c_.partnership;
        out.ledger_id = to_hex(ledger::id_view(report_.facts.id));
        out.run = run;
        out.taken_us = report_.taken_us;
        out.records = report_.facts.counts.records;
        out.checkpoint = report_.facts.checkpoint;
        return out;
    }

    status write() {
        const std::string name = "cairn-" + c_.partnership + "-" + stamp(report_.taken_us);
        const std::string run = random_id(random_);
        auto with_ledger = open_files_of(c_, o_.config_path);
        with_ledger.push_back({members::ledger, work_ / "ledger.db", {}});
        auto with_keys = secret_files_of(c_);
        with_keys.push_back({members::keys, work_ / "keys.db", {}});
        auto ledger = write_archive(
            o_.ledger_to / (name + ".ledger.age"),
            describe(archive_kind::ledger, run),
            with_ledger,
            o_.ledger_recipients,
            random_
        );
        if (!ledger) return ledger.error();
        auto keys = write_archive(
            o_.keys_to / (name + ".keys.age"),
            describe(archive_kind::keys, run),
            with_keys,
            o_.keys_recipients,
            random_
        );
        if (!keys) return keys.error();
        const erased_list list{describe(archive_kind::ledger, run).ledger_id, report_.facts.erased};
        report_.erased = o_.ledger_to / (name + ".erased");
        CAIRN_TRY(certs::write_file(
            report_.erased, print_erased(list), certs::reach::open, certs::existing::keep
        ));
        // Keys alone are of use to nobody; a ledger archive whose keys are missing would be a trap.
        CAIRN_TRY(keys->file.publish());
        CAIRN_TRY(ledger->file.publish());
        report_.ledger = ledger->facts;
        report_.keys = keys->facts;
        return {};
    }

    // That it is whole, to the log and to whoever watches. It is whole in any case.
    void tell() {
        const auto& f = report_.facts;
        const std::string head =
            std::to_string(f.last.year()) + "/" + std::to_string(f.last.index());
        if (report_.online) {
            const auto said = daemon::ask_control(
                c_.data_folder,
                "backed up to record " + head + ", ledger archive SHA-256 " +
                    report_.ledger.sha256 + ", keys archive SHA-256 " + report_.keys.sha256,
                note_patience
            );
            report_.on_record = said && daemon::status_of_answer(*said);
        }
        const nlohmann::ordered_json out{
            {"takenUs", report_.taken_us},
            {"lastRecord", head},
            {"lastRecordUs", f.last_us},
            {"ledgerArchive", {{"bytes", report_.ledger.size}, {"sha256", report_.ledger.sha256}}},
            {"keysArchive", {{"bytes", report_.keys.size}, {"sha256", report_.keys.sha256}}},
        };
        (void) certs::write_file(
            work_ / "last.json", out.dump(1) + "\n", certs::reach::secret, certs::existing::replace
        );
    }

    const backup_order& o_;
    daemon::config c_;
    ledger::options options_;
    random_source& random_;
    fs::path work_;
    ledger::folder_lock lock_;
    bool locked_ = false;
    backup_report report_;
};

} // namespace

result<backup_report>
make_backup(const backup_order& order, const clock& time, random_source& random) {
    auto loaded = daemon::load_config(order.config_path);
    if (!loaded) return loaded.error();
    auto options = daemon::ledger_options(loaded->values);
    if (!options) return options.error();
    return making(order, loaded->values, *options, random).make(time);
}

} // namespace cairn::backup
