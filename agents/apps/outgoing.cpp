#include "agents/apps/outgoing.hpp"

#include "agents/apps/inbox.hpp"
#include "agents/apps/rejecting.hpp"
#include "agents/apps/sidecar.hpp"
#include "agents/core/engine.hpp"
#include "agents/core/uuid7.hpp"

#include <algorithm>

namespace cairn::agents::apps {
namespace {

// Files and time of one round, and answers outstanding above which none are taken: memory and the
// journal stay bounded however much is dropped, and notices come in between.
constexpr std::size_t files_a_round = 64;
constexpr duration round_time = std::chrono::milliseconds(200);
constexpr std::size_t unanswered_most = 10'000;
// How long a file that was renamed in flight may take to be seen under its new name.
constexpr duration vanished_for = std::chrono::minutes(1);
// Above this a file is read on a thread of its own, while others go on.
constexpr std::uint64_t read_at_once = std::uint64_t{1024} * 1024;
// Before a big file is read again that could not be read, or whose rows found no room.
constexpr duration rest_after_failure = std::chrono::seconds(30);

std::string symbol(const failure& f) {
    return std::string(describe(f.code).symbol);
}

bool says_nothing_of_the_file(errc code) {
    return code == errc::cancelled || code == errc::file_unreadable || code == errc::storage_full ||
           code == errc::file_unwritable;
}

} // namespace

std::filesystem::path outgoing::path_of(const dropped_file& dropped) const {
    return s_.where.outbox / dropped.name;
}

void outgoing::note(std::string_view id, const status& outcome) {
    s_.troubles.note(id, outcome, s_.now());
}

outgoing::round outgoing::take_files(std::size_t unanswered) {
    round out;
    forget_vanished();
    auto all = list_dropped(s_.where.outbox);
    s_.figures.files = all ? all->size() : 0;
    if (!all) {
        note("outbox", all.error());
        return out;
    }
    note("outbox", {});
    // A sidecar waits for the file it belongs to, or stays; it is never sent.
    std::erase_if(*all, [](const auto& file) { return is_sidecar(file.name); });
    s_.figures.files = all->size();
    const auto begun = s_.parts.time.mono_now();
    unreadable_ = false;
    finish_under_way(out);
    out.empty = all->empty() && !reading_.busy();
    std::size_t taken = 0;
    const auto complete =
        settled_.look(std::move(*all), arrivals_.renamed_in(), begun, s_.config.quiet);
    for (const auto& dropped : complete) {
        if (unanswered + out.fresh.size() >= unanswered_most) break;
        out.more = taken == files_a_round || s_.parts.time.mono_now() - begun >= round_time;
        if (out.more) break;
        if (waits(dropped, begun)) continue;
        take(dropped, out);
        ++taken;
    }
    if (!unreadable_) note("outbox_file", {});
    return out;
}

void outgoing::take(const dropped_file& dropped, round& out) {
    const auto path = path_of(dropped);
    const auto most = size_limit(dropped.name);
    if (!most) return reject(dropped, profiles::recognise(dropped.name, {}).error());
    auto file = dropped_reader::open(path, *most);
    // Written or renamed since it was seen: it is looked at again.
    if (!is_still(dropped)) return;
    if (!file) {
        if (file.error().code == errc::too_large) return reject(dropped, file.error());
        unreadable_ = true;
        return note("outbox_file", file.error());
    }
    auto said = sidecar_for(dropped);
    if (!said) return reject(dropped, said.error());
    reading_job job{
        std::move(*file),
        dropped.name,
        std::move(*said),
        s_.config.defaults,
        s_.config.on_behalf_of,
        s_.config.profile,
        s_.now(),
        s_.parts.random,
        s_.where.root};
    if (dropped.size <= read_at_once) {
        const std::atomic<bool> never{false};
        auto read = read_dropped(job, never);
        return finish(dropped, read, out);
    }
    s_.parts.log(log_level::info, "reading", "bytes " + std::to_string(dropped.size));
    under_way_ = dropped;
    reading_.begin(std::move(job));
}

void outgoing::finish_under_way(round& out) {
    if (auto read = reading_.finished()) finish(under_way_, *read, out);
}

// One big file at a time.
bool outgoing::waits(const dropped_file& dropped, mono_time now) const {
    return dropped.size > read_at_once && (reading_.busy() || now < rest_until_);
}

bool outgoing::is_still(const dropped_file& dropped) const {
    const auto now = look_at(path_of(dropped));
    return now && *now == dropped;
}

void outgoing::finish(const dropped_file& dropped, file_reading& read, round& out) {
    // Written or renamed while it was read: it is looked at again.
    if (!is_still(dropped)) return;
    if (!read.outcome && says_nothing_of_the_file(read.outcome.error().code))
        return not_read(read.outcome.error());
    note("spool", {});
    const auto journaled = s_.parts.outbox.source_journaled(read.source);
    if (!journaled) return note("journal", journaled.error());
    // The rows were durable when we were killed or the file was renamed; it was not yet gone.
    if (*journaled) return taken_before(dropped, read.source);
    const auto known = s_.parts.outbox.taken_as(read.source);
    if (!known) return note("journal", known.error());
    if (*known) return answer_duplicate(dropped, **known);
    if (!read.outcome) return reject(dropped, read.outcome.error());
    keep(dropped, read, out);
}

void outgoing::not_read(const failure& why) {
    if (why.code == errc::cancelled) return;
    // Read again at once, it would end as it did.
    rest_until_ = s_.parts.time.mono_now() + rest_after_failure;
    if (why.code != errc::file_unreadable) return note("spool", why);
    unreadable_ = true;
    note("outbox_file", why);
}

result<sidecar_file> outgoing::sidecar_for(const dropped_file& dropped) const {
    for (const auto& name : sidecars_of(dropped.name)) {
        if (!look_at(s_.where.outbox / name)) continue;
        auto content = read_whole(s_.where.outbox / name, sidecar_bytes);
        if (!content) return fail(content.error().code, "the sidecar");
        return sidecar_file{name, std::move(*content)};
    }
    return sidecar_file{};
}

void outgoing::taken_before(const dropped_file& dropped, const std::string& source) {
    vanished_.erase(source);
    s_.parts.log(log_level::info, "taken_before", "in the journal, removed now");
    remove(dropped, source);
}

void outgoing::keep(const dropped_file& dropped, file_reading& read, round& out) {
    std::vector<std::string> fresh;
    const auto kept = s_.parts.outbox.append_each([&](const row_sink& to) {
        return read.rows.each([&](const submission& row) {
            if (!s_.parts.outbox.find(row.key)) fresh.push_back(row.key);
            return to(row);
        });
    });
    if (!kept && kept.error().code == errc::key_reused) return reject(dropped, kept.error());
    note("journal", kept);
    if (!kept) return;
    if (!read.report.empty()) write_report(read.report);
    // Every key is known and their content is not taken for another: the same concern again, in a
    // file that differs by blanks.
    if (fresh.empty() && read.rows.count() != 0)
        return answer_duplicate(dropped, read.rows.first_key());
    remove(dropped, read.source);
    s_.parts.log(log_level::info, "taken", "concerns " + std::to_string(read.rows.count()));
    for (auto& key : fresh) out.fresh.push_back(std::move(key));
}

void outgoing::write_report(const std::string& report) {
    const auto name = make_uuid7(s_.now(), s_.parts.random) + ".report.txt";
    note("sent", write_durably(s_.where.sent / name, report));
}

// Neither a second concern nor silence: who drops a file twice gets the answer of the first time.
void outgoing::answer_duplicate(const dropped_file& dropped, const std::string& key) {
    const auto row = s_.parts.outbox.find(key);
    if (!row) return note("journal", row.error());
    std::string text = "What: a file with this content was taken before; nothing was sent again.\n"
                       "Where: " +
                       key + "; ";
    switch (row->state) {
    case submission_state::queued:
        text += "it is not answered yet.\n";
        break;
    case submission_state::accepted:
        text += "it was accepted, see sent/" + key + ".json.\n";
        break;
    case submission_state::refused:
        text += "it was refused, see rejected/" + key + ".\n";
        break;
    }
    text += "What next: nothing, if it was dropped twice by mistake. If a second concern is meant, "
            "give it a \"key\" of its own or change what it says.\n";
    const auto name = make_uuid7(s_.now(), s_.parts.random) + ".duplicate.txt";
    auto done = write_durably(s_.where.sent / name, text);
    if (done) done = remove_durably(path_of(dropped));
    if (done) done = remove_sidecars(dropped);
    note("sent", done);
    if (!done) return;
    ++s_.figures.duplicates;
    s_.parts.log(log_level::info, "duplicate", "nothing sent again");
}

void outgoing::remove(const dropped_file& dropped, const std::string& source) {
    const auto path = path_of(dropped);
    const auto there = look_at(path);
    if (!there || there->number != dropped.number || there->device != dropped.device) {
        // Renamed in flight. Its new name is known by its content.
        vanished_[source] = s_.parts.time.mono_now();
        return;
    }
    // The file first: a sidecar alone is left alone, a file alone would go without it.
    auto done = remove_durably(path);
    if (done) done = remove_sidecars(dropped);
    if (done) done = s_.parts.outbox.mark_source_removed(source);
    note("outbox_remove", done);
}

status outgoing::remove_sidecars(const dropped_file& dropped) const {
    for (const auto& name : sidecars_of(dropped.name))
        CAIRN_TRY(remove_durably(s_.where.outbox / name));
    return {};
}

void outgoing::forget_vanished() {
    const auto now = s_.parts.time.mono_now();
    for (auto it = vanished_.begin(); it != vanished_.end();) {
        if (now - it->second < vanished_for) {
            ++it;
            continue;
        }
        const auto done = s_.parts.outbox.mark_source_removed(it->first);
        if (!done) return;
        it = vanished_.erase(it);
    }
}

void outgoing::reject(const dropped_file& dropped, const failure& why) {
    const auto id = make_uuid7(s_.now(), s_.parts.random);
    const auto done = move_to_rejected(s_.where, dropped.name, id, reason_text(why));
    note("rejected", done);
    if (!done) return;
    ++s_.figures.rejected;
    s_.parts.log(log_level::warning, "rejected", id + " " + symbol(why));
}

void outgoing::file(const std::vector<std::string>& keys) {
    std::vector<std::string> written;
    std::uint64_t accepted = 0;
    status worst;
    for (const auto& key : keys) {
        const auto row = s_.parts.outbox.find(key);
        const auto done = row ? file_answer(s_.where, *row) : status(row.error());
        if (done) {
            written.push_back(key);
            accepted += row->state == submission_state::accepted ? 1U : 0U;
        } else {
            worst = done;
        }
    }
    auto kept = written.empty() ? status() : sync_folder(s_.where.sent);
    if (kept) kept = s_.parts.outbox.mark_filed(written);
    if (!kept) worst = kept;
    note("sent", worst);
    unfiled_ = unfiled_ || !worst;
    if (!kept) return;
    s_.figures.accepted += accepted;
    s_.figures.refused += written.size() - accepted;
    // Without the keys: an agency may have put a name into one.
    s_.parts.log(
        log_level::info,
        "filed",
        "accepted " + std::to_string(accepted) + ", refused " +
            std::to_string(written.size() - accepted)
    );
}

void outgoing::file_leftovers() {
    if (!std::exchange(unfiled_, false)) return;
    const auto keys = s_.parts.outbox.unfiled();
    if (!keys) {
        unfiled_ = true;
        return note("journal", keys.error());
    }
    // As many at a time as answers come.
    constexpr std::ptrdiff_t together = engine::window;
    for (auto at = keys->begin(); at != keys->end() && !unfiled_;) {
        const auto end = at + std::min(together, keys->end() - at);
        file({at, end});
        at = end;
    }
}

} // namespace cairn::agents::apps
