// cairn policy key, sign: what author and data protection officer do on machines of their own. No
// broker is asked.
#include "apps/cairn/policy_commands.hpp"
#include "apps/cairn/policy_key.hpp"
#include "certs/files.hpp"
#include "core/crypto.hpp"
#include "core/system.hpp"
#include "daemon/policy_version.hpp"
#include "policy/dates.hpp"
#include "policy/proof/load.hpp"
#include "signing/statement.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>

namespace cairn::cli {
namespace {

using signing::part;

result<part> part_of(const std::string& word) {
    for (const part p : {part::author, part::officer})
        if (word == signing::name_of(p)) return p;
    return fail(errc::usage, "PART is author or officer, not " + word);
}

void make_key(program& p, const std::string& word, const std::string& name, std::string file) {
    const auto of = part_of(word);
    if (!of) return p.stop_with(of.error());
    if (!signing::is_signer_name(name))
        return p.stop_with(fail(
            errc::usage,
            "NAME is <partnership>/<who>, for example "
            "northshire.example/officer-2026"
        ));
    if (file.empty()) file = name.substr(name.rfind('/') + 1) + ".key";
    const auto key = make_policy_key(file, name);
    if (!key) return p.stop_with(key.error());
    fmt::print(
        stderr,
        "{}: keep it, with nobody but you; whoever has it signs as you.\n"
        "The line below is for the broker's file of signers, by a way the administrator trusts:\n",
        file
    );
    fmt::print("{}", signing::print_signer(*of, key->verifier()));
}

// What a signature says yes to, in a few lines; the whole is the page of `cairn policy render`.
void print_text(const v1::Policy& text, const policy::proved_text& proved) {
    fmt::print(
        "{}, good {}{} to {}: {} rules, {} routes\n"
        "digest           {}\n"
        "semantic digest  {}\n"
        "{} promises kept at each of {} points\n",
        text.version(),
        text.valid_from().empty() ? "" : "from ",
        text.valid_from(),
        text.valid_until(),
        text.rules_size(),
        text.routing_size(),
        proved.rules->digest_hex(),
        to_hex(view(proved.semantic)),
        text.invariants_size(),
        proved.points
    );
    for (const auto& q : text.questions()) fmt::print("not settled: {}\n", q.title());
}

struct sign_options {
    std::string file;
    std::string key;
    bool yes = false;
};

result<std::string>
signed_note(const sign_options& o, const signing::statement& s, const merkle::note_signer& key) {
    std::string before;
    const std::string path = daemon::note_path(o.file);
    if (std::filesystem::exists(path)) {
        auto there = read_input(path);
        if (!there) return there.error();
        before = std::move(*there);
    }
    auto note = signing::add_signature(before, s, key);
    if (note) return note;
    failure why = in_file(note.error(), path);
    if (why.code == errc::policy_unsigned)
        why.where += "; move this file away, and let both sign this text";
    return why;
}

void sign(program& p, const sign_options& o) {
    const auto key = read_policy_key(o.key);
    if (!key) return p.stop_with(key.error());
    const auto text = read_input(o.file);
    if (!text) return p.stop_with(text.error());
    const auto proved = policy::prove_text(*text, today_iso());
    if (!proved) return p.stop_with(in_file(proved.error(), o.file));
    const v1::Policy& read = proved->rules->source();
    if (!merkle::is_note_line(read.version()))
        return p.stop_with(in_file(
            fail(errc::policy_invalid, "line 1, column 1: version must be one line of text"), o.file
        ));
    print_text(read, *proved);
    if (!o.yes && !says_yes("sign this as " + key->verifier().name))
        return p.stop_with(fail(errc::usage, "nothing was signed; --yes signs without asking"));
    const signing::statement s{
        signing::partnership_of(key->verifier().name), read.version(), sha256(*text)};
    const auto note = signed_note(o, s, *key);
    if (!note) return p.stop_with(note.error());
    const std::string path = daemon::note_path(o.file);
    const status written =
        certs::write_file(path, *note, certs::reach::open, certs::existing::replace);
    if (!written) return p.stop_with(written.error());
    fmt::print("signed: {}\n", path);
}

} // namespace

void add_policy_sign(CLI::App& policy, program& p) {
    auto word = std::make_shared<std::string>();
    auto name = std::make_shared<std::string>();
    auto file = std::make_shared<std::string>();
    auto* c =
        policy.add_subcommand("key", "a key to sign policies with, and the line that names it");
    c->add_option("PART", *word, "author or officer")->required();
    c->add_option("NAME", *name, "<partnership>/<who>, for example northshire.example/officer-2026")
        ->required();
    c->add_option("--out", *file, "file of the key; by default <who>.key here");
    c->callback([word, name, file, &p] { make_key(p, *word, *name, *file); });

    auto o = std::make_shared<sign_options>();
    c = policy.add_subcommand("sign", "as author or officer: your signature beside the text");
    c->add_option("FILE", o->file, "policy text, which FILE.sig will stand beside")->required();
    c->add_option("--key", o->key, "your key, as cairn policy key made it")->required();
    c->add_flag("--yes", o->yes, "without asking");
    c->callback([o, &p] { sign(p, *o); });
}

} // namespace cairn::cli
