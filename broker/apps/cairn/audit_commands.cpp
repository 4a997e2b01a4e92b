// cairn audit: search, show, verify, export.
#include "apps/cairn/program.hpp"

#include "certs/files.hpp"
#include "daemon/config.hpp"
#include "merkle/checkpoint.hpp"
#include "merkle/frontier.hpp"
#include "merkle/hashing.hpp"
#include "merkle/note.hpp"
#include "merkle/tiles.hpp"

#include "cairn/v1/audit.pb.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <span>
#include <sstream>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;
namespace fs = std::filesystem;

struct search_options {
    v1::SearchRequest asked;
    std::vector<std::string> kinds;
};

void search(program& p, search_options o) {
    for (const auto& k : o.kinds) o.asked.add_kinds(k);
    const auto found = p.call<v1::SearchResponse>("/cairn.v1.Audit/Search", o.asked);
    if (!found) return p.stop_with(found.error());
    if (p.json) return p.print_json(*found);
    std::vector<std::vector<std::string>> rows;
    for (const auto& r : found->records()) {
        std::string parties;
        for (const auto& x : r.parties()) parties += (parties.empty() ? "" : " ") + x;
        rows.push_back(
            {fmt::format("{}/{}", r.year(), r.index()),
             r.kind(),
             time_text(r.recorded_at_us()),
             r.concern_id().empty() ? "-" : r.concern_id(),
             parties}
        );
    }
    print_table({"RECORD", "KIND", "RECORDED", "CONCERN", "PARTIES"}, rows);
}

// "2026/17" or "17" for the current year.
result<v1::ShowRequest> record_name(const std::string& text) {
    v1::ShowRequest out;
    const auto slash = text.find('/');
    const std::string index = slash == std::string::npos ? text : text.substr(slash + 1);
    if (index.empty() || index.find_first_not_of("0123456789") != std::string::npos) {
        return fail(errc::usage, "name a record as YEAR/INDEX");
    }
    if (slash != std::string::npos)
        out.set_year(static_cast<std::uint32_t>(std::atoi(text.c_str())));
    out.set_index(std::strtoull(index.c_str(), nullptr, 10));
    return out;
}

void show(program& p, const std::string& record, const std::string& reason) {
    auto asked = record_name(record);
    if (!asked) return p.stop_with(asked.error());
    asked->set_reason(reason);
    const auto found = p.call<v1::ShowResponse>("/cairn.v1.Audit/Show", *asked);
    if (!found) return p.stop_with(found.error());
    if (p.json) return p.print_json(*found);
    const auto& s = found->summary();
    fmt::print(
        "record {}/{}  {}  {}\n", s.year(), s.index(), s.kind(), time_text(s.recorded_at_us())
    );
    fmt::print("concern {}  thread {}\n", s.concern_id(), s.thread());
    fmt::print(
        "policy {}  registry epoch {}\nleaf {}\n",
        s.policy_digest(),
        s.registry_epoch(),
        found->leaf()
    );
    for (const auto& d : found->desks()) {
        fmt::print("{}\n", d.desk());
        for (const auto& c : d.cells()) {
            fmt::print(
                "  {:<10} {:<24} {:<12} rule {:<5} {}\n",
                c.person_ref(),
                c.category(),
                c.form(),
                c.rule(),
                c.authority()
            );
        }
    }
}

struct downloaded {
    std::string note;
    std::vector<bytes> leaves;
    merkle::checkpoint head;
};

// The key to check against: the one written down when the partnership was made. Trusting the key
// the broker itself sends would let it sign anything.
result<std::vector<merkle::verifier_key>> trusted_keys(program& p) {
    const auto mine = p.load_context();
    if (!mine) return mine.error();
    auto text = daemon::read_file(mine->vkey_file);
    if (!text)
        return fail(
            errc::file_unreadable, "vkeys: the log's verifier keys, from the partnership's founder"
        );
    std::vector<merkle::verifier_key> keys;
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
        if (line.empty()) continue;
        auto key = merkle::parse_vkey(line);
        if (!key) return key.error();
        keys.push_back(std::move(*key));
    }
    return keys;
}

result<downloaded> download(program& p) {
    const auto keys = trusted_keys(p);
    if (!keys) return keys.error();
    auto head =
        p.call<v1::CheckpointResponse>("/cairn.v1.Audit/Checkpoint", v1::CheckpointRequest{});
    if (!head) return head.error();
    auto checked = merkle::verify_checkpoint(head->checkpoint(), *keys);
    if (!checked) return checked.error();
    downloaded out{head->checkpoint(), {}, checked->head};
    v1::EntriesRequest asked;
    asked.set_until(out.head.size);
    auto batches = p.call_raw("/cairn.v1.Audit/Entries", asked);
    if (!batches) return batches.error();
    for (const bytes& b : *batches) {
        v1::EntryBatch batch;
        if (!batch.ParseFromString(b)) return fail(errc::malformed, "entries");
        for (const auto& leaf : batch.leaves()) out.leaves.push_back(leaf);
    }
    return out;
}

status check_root(const downloaded& d) {
    merkle::frontier tree;
    for (const bytes& leaf : d.leaves) tree.append(merkle::leaf_hash(leaf));
    if (tree.size() != d.head.size)
        return fail(errc::log_damaged, "the broker sent fewer records than it signed");
    if (tree.root() != d.head.root)
        return fail(errc::log_damaged, "the records do not hash to the signed root");
    return {};
}

// Roots of the full tiles: the hashes of the next level.
std::vector<digest> tops(const std::vector<digest>& row) {
    std::vector<digest> out;
    for (std::size_t i = 0; i + merkle::tile_width <= row.size(); i += merkle::tile_width) {
        out.push_back(merkle::tile_root(std::span(row).subspan(i, merkle::tile_width)));
    }
    return out;
}

status write_part(const std::string& folder, const std::string& path, bytes_view content) {
    const fs::path full = fs::path(folder) / path;
    CAIRN_TRY(certs::make_private_folder(full.parent_path()));
    return certs::write_file(full, content, certs::reach::open, certs::existing::replace);
}

// Entry bundles and hash tiles of every level, then the head: a reader that finds the head finds
// everything under it.
status write_tiles(const std::string& folder, const downloaded& d) {
    std::vector<digest> row; // hashes of the level at hand
    for (const bytes& leaf : d.leaves) row.push_back(merkle::leaf_hash(leaf));
    unsigned level = 0;
    for (const merkle::tile& t : merkle::tiles_of(d.leaves.size())) {
        if (t.level != level) {
            level = t.level;
            row = tops(row);
        }
        const std::size_t from = t.index * merkle::tile_width;
        const auto hashes = std::span(row).subspan(from, t.width);
        CAIRN_TRY(write_part(folder, merkle::tile_path(t), merkle::tile_bytes(hashes)));
        if (level != 0) continue;
        bytes bundle;
        for (std::size_t i = from; i < from + t.width; ++i) {
            CAIRN_TRY(merkle::append_entry(bundle, d.leaves[i]));
        }
        CAIRN_TRY(write_part(folder, merkle::entries_path(t.index, t.width), bundle));
    }
    return write_part(folder, std::string(merkle::checkpoint_path), d.note);
}

// A folder any C2SP tlog-tiles verifier reads.
void export_log(program& p, const std::string& folder) {
    const auto d = download(p);
    if (!d) return p.stop_with(d.error());
    const status written = write_tiles(folder, *d);
    if (!written) return p.stop_with(written.error());
    fmt::print(
        "{} records in {} (check them: cairn-verify log {})\n", d->head.size, folder, folder
    );
}

} // namespace

void verify_log(program& p) {
    const auto d = download(p);
    if (!d) return p.stop_with(d.error());
    if (const status ok = check_root(*d); !ok) return p.stop_with(ok.error());
    fmt::print(
        "{}: {} records re-hashed, root and signature agree.\n", d->head.origin, d->head.size
    );
}

void add_audit(CLI::App& app, program& p) {
    auto* audit = app.add_subcommand("audit", "question the log; every question is itself a record")
                      ->require_subcommand(1);
    auto o = std::make_shared<search_options>();
    auto* s = audit->add_subcommand("search", "records by concern, agency, kind, time");
    s->add_option_function<std::string>("--concern", [o](const std::string& v) {
        o->asked.set_concern_id(v);
    });
    s->add_option_function<std::string>("--thread", [o](const std::string& v) {
        o->asked.set_thread(v);
    });
    s->add_option_function<std::string>("--agency", [o](const std::string& v) {
        o->asked.set_agency(v);
    });
    s->add_option("--kind", o->kinds, "concern, confirm, return, query, refusal, registry, …");
    s->add_option_function<std::string>(
        "--reason", [o](const std::string& v) { o->asked.set_reason(v); }, "why you ask"
    );
    s->callback([o, &p] { search(p, *o); });
    auto record = std::make_shared<std::string>();
    auto reason = std::make_shared<std::string>();
    auto* w = audit->add_subcommand("show", "one record: leaf, proof, decisions; never content");
    w->add_option("RECORD", *record, "YEAR/INDEX")->required();
    w->add_option("--reason", *reason, "why you ask");
    w->callback([=, &p] { show(p, *record, *reason); });
    audit->add_subcommand("verify", "re-hash the whole log against the signed head")
        ->callback([&p] { verify_log(p); });
    auto* x = audit->add_subcommand("export", "write the log as C2SP tiles");
    x->add_option("FOLDER", *record)->required();
    x->callback([=, &p] { export_log(p, *record); });
}

} // namespace cairn::cli
