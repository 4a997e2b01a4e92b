// What a start decides by, and what the log then holds of a text that it refused.
#include "exchange.hpp"

#include "daemon/policy_records.hpp"
#include "daemon/record.hpp"
#include "signing/private_key.hpp"
#include "signing/statement.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <numeric>

namespace cairn::daemon {
namespace {

using testing::exchange;

merkle::note_signer key_of(const std::string& who, int first) {
    ed25519_private key;
    std::iota(key.seed.begin(), key.seed.end(), static_cast<std::uint8_t>(first));
    return {"northshire.example/" + who, key, merkle::key_type::ed25519};
}

// A broker's folder: a text, its note, the file of signers.
class folder {
public:
    folder() {
        std::string name = std::filesystem::temp_directory_path() / "cairn-policy-XXXXXX";
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
        settings.partnership = "northshire.example";
        settings.policy_file = path_ / "policy.textproto";
        settings.policy_signers_file = path_ / "policy-signers";
        using signing::part;
        using signing::print_signer;
        signers(
            print_signer(part::author, author_.verifier()) +
            print_signer(part::officer, officer_.verifier())
        );
    }
    ~folder() { std::filesystem::remove_all(path_); }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;

    void signers(const std::string& text) const { write(settings.policy_signers_file, text); }
    // In its place, signed by both under this version.
    void policy(const std::string& text, const std::string& version = "template 1") const {
        write(settings.policy_file, text);
        const signing::statement said{settings.partnership, version, sha256(text)};
        auto note = signing::add_signature({}, said, author_);
        REQUIRE(note);
        note = signing::add_signature(*note, said, officer_);
        REQUIRE(note);
        write(note_path(settings.policy_file), *note);
    }

    config settings;

private:
    static void write(const std::string& path, const std::string& text) {
        std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
    }

    std::filesystem::path path_;
    merkle::note_signer author_ = key_of("ada", 0);
    merkle::note_signer officer_ = key_of("omar", 32);
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

std::string shipped() {
    return std::string(policy::template_policy());
}

chosen_policy choose(exchange& x, const folder& f) {
    return choose_policy(x.rt.store(), f.settings, now_us(x.rt));
}

// As a broker that starts on this folder.
status start(exchange& x, const folder& f) {
    return prepare(x.rt, choose(x, f));
}

// Event and cause of each, oldest first, without those of the fixture.
std::vector<std::pair<std::string, std::string>> events(exchange& x) {
    const auto history = policy_history(x.rt, 0);
    REQUIRE(history);
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& v : history->versions()) out.emplace_back(v.event(), v.refused_because());
    std::reverse(out.begin(), out.end());
    out.erase(out.begin());
    return out;
}

void append_proof(exchange& x, const std::string& text, const std::string& prover) {
    v1::RecordBody body;
    auto& said = *body.mutable_policy();
    said.set_digest(to_hex(view(sha256(text))));
    said.set_event(v1::PolicyRecord::EVENT_PROVED);
    said.set_prover(prover);
    const bytes exact = said.SerializeAsString();
    using part = ledger::party::part_kind;
    auto draft =
        make_draft(x.rt, ledger::record_kind::policy, body, {{part::actor, "broker", exact}});
    REQUIRE(draft);
    draft->changes = ledger::policy_effect{sha256({}), {}};
    draft->done = [](const result<ledger::committed>& r) { REQUIRE(r); };
    REQUIRE(x.rt.store().append(std::move(*draft)));
    while (x.rt.store().run_once()) {
    }
}

} // namespace

TEST_CASE("a text that this prover proved is not proved again, what another proved is") {
    exchange x;
    const folder f;
    const std::string text = replaced(shipped(), "version: \"template 1\"", "version: \"ours\"");
    f.policy(text, "ours");
    const auto proved_again = [&] {
        const auto chosen = choose(x, f);
        REQUIRE(chosen.version);
        return chosen.version->proved.has_value();
    };
    CHECK(proved_again());
    append_proof(x, text, "0");
    CHECK(proved_again());
    append_proof(x, shipped(), prover_name());
    CHECK(proved_again());
    append_proof(x, text, prover_name());
    CHECK_FALSE(proved_again());
    // The record of another prover since then takes nothing away.
    append_proof(x, text, "0");
    CHECK_FALSE(proved_again());
}

TEST_CASE("a start by another prover proves the text in force anew and puts that on record, once") {
    exchange x;
    const folder f;
    const std::string text = replaced(shipped(), "version: \"template 1\"", "version: \"ours\"");
    f.policy(text, "ours");
    auto chosen = choose(x, f);
    REQUIRE(chosen.version);
    // As a program before this one left it: in force, and of its proof this prover knows nothing.
    chosen.version->proved.reset();
    REQUIRE(prepare(x.rt, chosen));
    CHECK(events(x) == std::vector<std::pair<std::string, std::string>>{{"activated", ""}});
    REQUIRE(start(x, f));
    REQUIRE(start(x, f));
    CHECK(
        events(x) ==
        std::vector<std::pair<std::string, std::string>>{{"activated", ""}, {"proved", ""}}
    );
}

TEST_CASE("a refused text is on record once, whatever number of starts, then the next cause is") {
    exchange x;
    const folder f;
    f.policy(shipped());
    REQUIRE(start(x, f));
    const auto before = events(x).size();
    const auto digest = x.rt.policy.now()->digest_hex();
    for (const int n : {1, 2, 3}) {
        f.policy(replaced(shipped(), "tier:", "teir:"));
        REQUIRE(start(x, f));
        INFO(n);
        CHECK(events(x).size() == before + 1);
        CHECK(x.rt.policy.now()->digest_hex() == digest);
        CHECK_FALSE(x.rt.standing.now()->refused_because.empty());
    }
    CHECK(events(x).back().first == "refused");
    CHECK(events(x).back().second.find("teir") != std::string::npos);
    f.policy(shipped() + "rules {}\n");
    REQUIRE(start(x, f));
    CHECK(events(x).size() == before + 2);
}

TEST_CASE("a text that has expired never decides, signed by both or not: the last good one does") {
    exchange x;
    const folder f;
    f.policy(shipped());
    REQUIRE(start(x, f));
    const auto digest = x.rt.policy.now()->digest_hex();
    f.policy(replaced(shipped(), "valid_until: \"2030-12-31\"", "valid_until: \"2026-11-21\""));
    const auto chosen = choose(x, f);
    REQUIRE(chosen.refused);
    CHECK(chosen.refused->why.code == errc::policy_expired);
    CHECK(chosen.refused->why.where.find(f.settings.policy_file) != std::string::npos);
    REQUIRE(prepare(x.rt, chosen));
    CHECK(x.rt.policy.now()->digest_hex() == digest);
    CHECK(events(x).back().first == "refused");
    const auto& told = x.rt.logged;
    const auto alarm = std::find_if(told.begin(), told.end(), [](const std::string& line) {
        return line.starts_with("policy_refused ") && line.find("expired") != std::string::npos;
    });
    CHECK(alarm != told.end());
    // The day before it did.
    f.policy(replaced(shipped(), "valid_until: \"2030-12-31\"", "valid_until: \"2026-11-22\""));
    CHECK_FALSE(choose(x, f).refused);
}

TEST_CASE("where nobody can tell whose signatures count, those decide that did, and it is said") {
    exchange x;
    const folder f;
    f.policy(shipped());
    REQUIRE(start(x, f));
    const auto signers = x.rt.standing.now()->signers;
    REQUIRE(signers.size() == 2);
    const auto before = events(x).size();
    f.signers("officer nobody\n");
    REQUIRE(start(x, f));
    REQUIRE(start(x, f));
    REQUIRE(events(x).size() == before + 1);
    CHECK(events(x).back().first == "refused");
    CHECK(events(x).back().second.find("policy-signers, line 1, column 9") != std::string::npos);
    CHECK(x.rt.standing.now()->signers == signers);
    CHECK_FALSE(x.rt.standing.now()->refused_because.empty());
    REQUIRE(x.rt.policy.now());
    CHECK(x.rt.policy.now()->signed_by() == names_of(signers));
    // The record names the text that lies there, though nothing is wrong with it.
    const auto history = policy_history(x.rt, 1);
    REQUIRE(history);
    CHECK(history->versions(0).digest() == to_hex(view(sha256(shipped()))));
}

TEST_CASE("a start with nothing to decide by is on record all the same, once") {
    exchange x;
    folder f;
    f.policy(shipped());
    REQUIRE(start(x, f));
    const auto before = events(x).size();
    // Whoever signed what was in force is trusted no more.
    f.signers(
        signing::print_signer(signing::part::author, key_of("alan", 64).verifier()) +
        signing::print_signer(signing::part::officer, key_of("olga", 96).verifier())
    );
    for (const int n : {1, 2}) {
        INFO(n);
        const auto chosen = choose(x, f);
        CHECK_FALSE(chosen.version);
        const status done = prepare(x.rt, chosen);
        REQUIRE_FALSE(done);
        CHECK(done.error().code == errc::policy_unsigned);
        CHECK(events(x).size() == before + 1);
    }
    CHECK(events(x).back().first == "refused");
}

} // namespace cairn::daemon
