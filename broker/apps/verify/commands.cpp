#include "apps/verify/commands.hpp"

#include "apps/verify/files.hpp"
#include "merkle/receipt.hpp"

#include <map>

namespace cairn::verify_app {
namespace {

struct read_head {
    merkle::checkpoint head;
    std::vector<merkle::good_signature> signatures;
};

failure in_file(failure f, const std::string& file) {
    f.where = file + (f.where.empty() ? "" : ": " + f.where);
    return f;
}

// With no key only the form is checked.
result<read_head>
read_checkpoint(const std::string& file, const std::vector<merkle::verifier_key>& keys) {
    const auto text = read_file(file);
    if (!text) return text.error();
    if (!keys.empty()) {
        auto verified = merkle::verify_checkpoint(*text, keys);
        if (!verified) return in_file(verified.error(), file);
        return read_head{std::move(verified->head), std::move(verified->signatures)};
    }
    const auto parsed = merkle::parse_note(*text);
    if (!parsed) return in_file(parsed.error(), file);
    auto head = merkle::parse_checkpoint(parsed->text);
    if (!head) return in_file(head.error(), file);
    return read_head{std::move(*head), {}};
}

void add_head(report& out, const merkle::checkpoint& head) {
    out.add("log", "origin", head.origin);
    out.add("records", "size", head.size);
    out.add("root", "root", to_base64(view(head.root)));
}

void add_entry(report& out, const merkle::verified_receipt& r) {
    if (r.entry) {
        out.add("party", "party", r.entry->party);
        out.add("as", "part", merkle::name_of(r.entry->part));
        out.add("agency's entry", "agencySeq", r.entry->agency_seq);
        out.add("previous entry", "previousEntry", to_hex(view(r.entry->previous)));
    } else {
        out.add("party", "party", nullptr, "this receipt opens no entry");
    }
    out.add(
        "exact bytes",
        "exactBytesChecked",
        r.exact_checked,
        r.exact_checked ? "are those committed to" : "not checked: give them with --body"
    );
}

} // namespace

result<report> check_receipt(const receipt_options& options) {
    const auto keys = read_keys(options.keys);
    if (!keys) return keys.error();
    const auto text = read_file(options.file);
    if (!text) return text.error();
    std::optional<bytes> body;
    if (!options.body.empty()) {
        auto read = read_file(options.body);
        if (!read) return read.error();
        body = std::move(*read);
    }
    const auto r = merkle::verify_receipt(*text, *keys, body);
    if (!r) return r.error();
    report out("The receipt is good: the record is in the log.");
    out.add("log", "origin", r->origin);
    out.add("record", "index", r->index);
    out.add("proved in size", "size", r->size);
    out.add("kind", "kind", merkle::name_of(r->record.kind));
    out.add("recorded", "recordTime", utc_text(r->record.record_time_us));
    if (r->record.decided_at_us != 0) {
        out.add("decided", "decidedAt", utc_text(r->record.decided_at_us));
    }
    out.add("policy", "policyDigest", to_hex(view(r->record.policy_digest)));
    out.add("registry epoch", "registryEpoch", r->record.registry_epoch);
    add_entry(out, *r);
    out.add_signatures(r->signatures);
    return out;
}

result<report> check_checkpoint(const std::string& file, const std::vector<std::string>& keys) {
    const auto with = read_keys(keys);
    if (!with) return with.error();
    const auto head = read_checkpoint(file, *with);
    if (!head) return head.error();
    report out("The checkpoint is good.");
    add_head(out, head->head);
    out.add_signatures(head->signatures);
    return out;
}

result<report> check_consistency(const consistency_options& options) {
    const auto keys = read_keys(options.keys);
    if (!keys) return keys.error();
    const auto older = read_checkpoint(options.older, *keys);
    if (!older) return older.error();
    const auto newer = read_checkpoint(options.newer, *keys);
    if (!newer) return newer.error();
    if (older->head.origin != newer->head.origin) {
        return fail(errc::proof_invalid, "the checkpoints are of two logs");
    }
    const auto path = read_path(options.proof);
    if (!path) return path.error();
    const status good = merkle::verify_consistency(older->head.head(), newer->head.head(), *path);
    if (!good) return good.error();
    report out("The newer log contains the older one unchanged.");
    out.add("log", "origin", newer->head.origin);
    out.add("older size", "olderSize", older->head.size);
    out.add("newer size", "newerSize", newer->head.size);
    if (keys->empty()) {
        out.add("signatures", "signatures", nullptr, "not checked: give the log's key with --key");
    } else {
        out.add_signatures(newer->signatures);
    }
    return out;
}

result<report> check_log(const std::string& folder, const std::vector<std::string>& keys) {
    const auto with = read_keys(keys);
    if (!with) return with.error();
    std::map<std::string, std::uint64_t> kinds;
    const auto verified =
        merkle::verify_tiles(read_below(folder), *with, [&](std::uint64_t, bytes_view entry) {
            const auto leaf = merkle::decode_leaf(entry);
            ++kinds[leaf ? std::string(merkle::name_of(leaf->kind)) : "not a Cairn record"];
        });
    if (!verified) return verified.error();
    report out("The log is good: every record was hashed again and gives the signed root.");
    add_head(out, verified->head);
    for (const auto& [kind, count] : kinds) out.add("  " + kind, kind, count);
    out.add_signatures(verified->signatures);
    return out;
}

} // namespace cairn::verify_app
