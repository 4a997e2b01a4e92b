// cairn audit verify, export, key: the log as a whole.
#include "apps/cairn/log_copy.hpp"
#include "apps/cairn/program.hpp"

#include "certs/files.hpp"
#include "daemon/config.hpp"
#include "merkle/checkpoint.hpp"
#include "merkle/note.hpp"

#include "cairn/v1/audit.pb.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <sstream>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;
namespace fs = std::filesystem;

// The keys to check against: those written down when the partnership was made. Trusting the key the
// broker itself sends would let it sign anything.
result<std::vector<merkle::verifier_key>> trusted_keys(const context& mine) {
    const auto text = daemon::read_file(mine.vkey_file);
    if (!text) {
        return fail(
            errc::file_unreadable,
            mine.vkey_file,
            "vkeys: the log's verifier keys, from the partnership's founder"
        );
    }
    std::vector<merkle::verifier_key> keys;
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line.front() == '#') continue;
        auto key = merkle::parse_vkey(line);
        if (!key) return key.error();
        keys.push_back(std::move(*key));
    }
    return keys;
}

struct signed_head {
    context mine;
    std::vector<merkle::verifier_key> keys;
    std::string note;
    // The year's key as the broker names it; not yet believed.
    std::string vkey;
    merkle::checkpoint head;
    std::uint32_t year = 0;
};

// The year in an origin of this partnership; 0: it is of another log.
std::uint32_t year_in(const std::string& origin, const std::string& partnership) {
    if (origin.rfind(partnership + "/", 0) != 0) return 0;
    const std::string year = origin.substr(partnership.size() + 1);
    if (year.size() != 4 || year.find_first_not_of("0123456789") != std::string::npos) return 0;
    return static_cast<std::uint32_t>(std::atoi(year.c_str()));
}

result<signed_head> fetch_head(program& p, std::uint32_t year) {
    signed_head out;
    auto mine = p.load_context();
    if (!mine) return mine.error();
    out.mine = std::move(*mine);
    auto keys = trusted_keys(out.mine);
    if (!keys) return keys.error();
    out.keys = std::move(*keys);
    v1::CheckpointRequest asked;
    asked.set_year(year);
    auto answer = p.call<v1::CheckpointResponse>("/cairn.v1.Audit/Checkpoint", asked);
    if (!answer) return answer.error();
    out.note = answer->checkpoint();
    out.vkey = answer->vkey();
    auto checked = merkle::verify_checkpoint(out.note, out.keys);
    if (!checked) return checked.error();
    out.head = std::move(checked->head);
    out.year = year_in(out.head.origin, out.mine.partnership);
    if (out.year == 0 || (year != 0 && out.year != year)) {
        return fail(errc::log_damaged, "the broker sent the head of " + out.head.origin);
    }
    return out;
}

// One call a page: each has a deadline of its own and a bounded answer.
page_source pages_of(program& p, std::uint32_t year) {
    return [&p, year](std::uint64_t from, std::uint64_t until) -> result<std::vector<bytes>> {
        v1::EntriesRequest asked;
        asked.set_year(year);
        asked.set_from(from);
        asked.set_until(until);
        const auto batches = p.call_raw("/cairn.v1.Audit/Entries", asked);
        if (!batches) return batches.error();
        std::vector<bytes> out;
        for (const bytes& b : *batches) {
            v1::EntryBatch batch;
            if (!batch.ParseFromString(b)) return fail(errc::malformed, "entries");
            for (const auto& leaf : batch.leaves()) out.push_back(leaf);
        }
        return out;
    };
}

// -- the head verified before, kept beside the context

fs::path memory_of(const signed_head& now) {
    return fs::path(now.mine.folder) / ("verified-" + std::to_string(now.year) + ".checkpoint");
}

result<std::optional<merkle::checkpoint>> remembered(const signed_head& now) {
    const fs::path path = memory_of(now);
    std::error_code ec;
    if (!fs::exists(path, ec) && !ec) return std::optional<merkle::checkpoint>();
    const auto text = certs::read_file(path);
    if (!text) return text.error();
    auto checked = merkle::verify_checkpoint(*text, now.keys);
    if (checked && checked->head.origin == now.head.origin) {
        return std::optional(std::move(checked->head));
    }
    return fail(
        checked ? errc::log_damaged : checked.error().code,
        path.string(),
        "the head remembered here is not of this log and its keys"
    );
}

status prove_consistency(program& p, const merkle::checkpoint& older, const signed_head& now) {
    v1::ConsistencyRequest asked;
    asked.set_year(now.year);
    asked.set_old_size(older.size);
    asked.set_new_size(now.head.size);
    const auto answer = p.call<v1::ConsistencyResponse>("/cairn.v1.Audit/Consistency", asked);
    if (!answer) return answer.error();
    std::vector<digest> path;
    for (const auto& text : answer->hashes()) {
        const auto hash = merkle::hash_from_base64(text);
        if (!hash || path.size() == merkle::path_hashes_max) {
            return fail(errc::proof_invalid, "consistency");
        }
        path.push_back(*hash);
    }
    const status good = merkle::verify_consistency(older.head(), now.head.head(), path);
    if (good) return {};
    return fail(
        errc::log_damaged,
        "THE LOG FORKED: it does not hold the " + std::to_string(older.size) +
            " records verified before",
        good.error().where
    );
}

// Since the last time this context verified the log. A head that cannot follow is kept beside the
// older one: two signed heads that contradict each other are the evidence.
status follows(program& p, const signed_head& now, std::optional<std::uint64_t>& older_size) {
    const auto older = remembered(now);
    if (!older) return older.error();
    if (!*older) return {};
    older_size = (*older)->size;
    const auto needs_proof = may_follow((*older)->head(), now.head.head());
    status good = needs_proof ? status{} : status{needs_proof.error()};
    if (needs_proof && *needs_proof) good = prove_consistency(p, **older, now);
    if (good || good.error().code != errc::log_damaged) return good;
    failure f = good.error();
    const std::string evidence = memory_of(now).string() + ".contradicts";
    const status kept =
        certs::write_file(evidence, now.note, certs::reach::open, certs::existing::replace);
    f.detail += (f.detail.empty() ? "" : "; ") + std::string("the two signed heads are in ") +
                memory_of(now).string() + " and " + (kept ? evidence : "no file: it failed");
    return f;
}

// A folder any C2SP tlog-tiles verifier reads.
void export_log(program& p, const std::string& folder, std::uint32_t year) {
    const auto now = fetch_head(p, year);
    if (!now) return p.stop_with(now.error());
    tile_writer tiles([&folder](const std::string& path, bytes_view content) -> status {
        const fs::path full = fs::path(folder) / path;
        CAIRN_TRY(certs::make_private_folder(full.parent_path()));
        return certs::write_file(full, content, certs::reach::open, certs::existing::replace);
    });
    status done =
        read_log(now->head.head(), page_leaves, pages_of(p, now->year), [&tiles](bytes_view leaf) {
            return tiles.add(leaf);
        });
    if (done) done = tiles.finish(now->note);
    if (!done) return p.stop_with(done.error());
    if (p.json) {
        return p.print_json(nlohmann::ordered_json{
            {"origin", now->head.origin}, {"size", now->head.size}, {"folder", folder}});
    }
    fmt::print(
        "{} records in {} (check them: cairn-verify log {})\n", now->head.size, folder, folder
    );
}

// The year's verifier key under the year's name, as other C2SP verifiers want it. Only where its
// key is one that was pinned.
void print_key(program& p, std::uint32_t year) {
    const auto now = fetch_head(p, year);
    if (!now) return p.stop_with(now.error());
    const auto key = merkle::parse_vkey(now->vkey);
    if (!key) return p.stop_with(key.error());
    const auto same = [&key](const merkle::verifier_key& pinned) {
        return pinned.type == key->type && pinned.key == key->key;
    };
    if (key->name != now->head.origin || std::none_of(now->keys.begin(), now->keys.end(), same)) {
        return p.stop_with(fail(errc::signature_invalid, now->mine.vkey_file, "another key"));
    }
    if (!p.json) return fmt::print("{}\n", merkle::print_vkey(*key));
    p.print_json(nlohmann::ordered_json{
        {"origin", now->head.origin}, {"vkey", merkle::print_vkey(*key)}});
}

void verify(program& p, std::uint32_t year) {
    const auto good = verify_log(p, year);
    if (!good) return p.stop_with(good.error());
    if (p.json) {
        nlohmann::ordered_json out{
            {"origin", good->origin}, {"size", good->size}, {"root", good->root}};
        out["olderSize"] = good->older ? nlohmann::ordered_json(*good->older) : nullptr;
        return p.print_json(out);
    }
    fmt::print("{}: {} records re-hashed, root and signature agree.\n", good->origin, good->size);
    if (good->older) {
        fmt::print("  It holds the {} records verified before, unchanged.\n", *good->older);
    }
}

} // namespace

result<log_verdict> verify_log(program& p, std::uint32_t year) {
    const auto now = fetch_head(p, year);
    if (!now) return now.error();
    log_verdict out;
    out.origin = now->head.origin;
    out.size = now->head.size;
    out.root = to_base64(view(now->head.root));
    // Before the records: a log that cannot follow is no longer worth hashing.
    CAIRN_TRY(follows(p, *now, out.older));
    CAIRN_TRY(read_log(now->head.head(), page_leaves, pages_of(p, now->year)));
    CAIRN_TRY(
        certs::write_file(memory_of(*now), now->note, certs::reach::open, certs::existing::replace)
    );
    return out;
}

void add_log(CLI::App& audit, program& p) {
    auto year = std::make_shared<std::uint32_t>(0);
    auto folder = std::make_shared<std::string>();
    auto* v = audit.add_subcommand(
        "verify", "re-hash the whole log against its signed head and the head verified before"
    );
    v->add_option("--year", *year, "log of this year (default: the current one)");
    v->callback([year, &p] { verify(p, *year); });
    auto* x = audit.add_subcommand("export", "write the log as C2SP tiles");
    x->add_option("FOLDER", *folder)->required();
    x->add_option("--year", *year, "log of this year (default: the current one)");
    x->callback([=, &p] { export_log(p, *folder, *year); });
    auto* k = audit.add_subcommand("key", "the year's verifier key, for any C2SP verifier");
    k->add_option("--year", *year, "log of this year (default: the current one)");
    k->callback([year, &p] { print_key(p, *year); });
}

} // namespace cairn::cli
