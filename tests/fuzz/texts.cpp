// Texts: policy, census return, notes and receipts, configuration.
#include "agents/apps/config.hpp"
#include "agents/formats/cin.hpp"
#include "agents/profiles/cin.hpp"
#include "daemon/config.hpp"
#include "fuzz/targets.hpp"
#include "merkle/receipt.hpp"
#include "merkle/tlog_proof.hpp"
#include "policy/parse.hpp"
#include "policy/render/csv.hpp"
#include "policy/table.hpp"

namespace cairn::fuzz {
namespace {

merkle::note_signer signer() {
    ed25519_private key{};
    return {"northshire.example/2026", key, merkle::key_type::ed25519};
}

std::string signed_head() {
    return merkle::sign_checkpoint(signer(), {"northshire.example/2026", 1, {}, {}});
}

} // namespace

void policy_text(bytes_view in) {
    const auto compiled = policy::table::compile(in, "2026-11-22");
    must(
        compiled || !compiled.error().where.empty() ||
            compiled.error().code == errc::policy_missing ||
            compiled.error().code == errc::policy_expired,
        "a policy that is refused says where"
    );
}

// The table of a spreadsheet: what is read of one is written as one that reads the same.
void policy_rows(bytes_view in) {
    static const auto base = policy::parse(policy::template_policy());
    must(base.has_value(), "the shipped policy parses");
    const auto read = policy::import_rules(in, base->policy);
    if (!read) {
        must(!read.error().where.empty(), "a table that is refused says where");
        return;
    }
    const auto again = policy::import_rules(policy::rules_csv(*read), base->policy);
    must(again.has_value(), "a table that was read is written as one that can be");
    const auto text = policy::canonical_text(*read);
    must(policy::canonical_text(*again) == text, "a table goes there and back");
    must(policy::parse(text).has_value(), "what was read is a policy's text");
}

// Every leaf is accounted for, whatever the file.
void census(bytes_view in) {
    namespace formats = agents::formats;
    std::size_t leaves = 0;
    const auto counted = formats::read_xml(formats::pieces_of(in), [&](formats::leaf&&) -> status {
        ++leaves;
        return {};
    });
    std::size_t concerns = 0;
    const auto out = agents::profiles::map_cin(formats::pieces_of(in), [&](auto&&) -> status {
        ++concerns;
        return {};
    });
    if (!out) return;
    must(counted.has_value(), "a census return is XML");
    must(out->mapped + out->unmapped + out->ignored == leaves, "every leaf is accounted for");
    must(out->concerns == concerns, "every concern is counted");
}

void note(bytes_view in) {
    const auto parsed = merkle::parse_note(in);
    if (const auto key = merkle::parse_vkey(in)) {
        // Its id may come in capitals.
        const auto again = merkle::parse_vkey(merkle::print_vkey(*key));
        must(again && *again == *key, "a key goes there and back");
    }
    if (!parsed) return;
    if (const auto head = merkle::parse_checkpoint(parsed->text)) {
        must(merkle::print_checkpoint(*head) == parsed->text, "a head is printed as it was read");
    }
    const std::vector<merkle::verifier_key> keys{signer().verifier()};
    (void) merkle::verify_checkpoint(in, keys);
}

void receipt(bytes_view in) {
    const std::vector<merkle::verifier_key> keys{signer().verifier()};
    (void) merkle::verify_receipt(in, keys);
    const auto proof = merkle::parse_tlog_proof(in);
    if (!proof) return;
    std::optional<bytes_view> extra;
    if (proof->extra) extra = *proof->extra;
    const auto text = merkle::print_tlog_proof(extra, proof->index, proof->path, proof->note);
    const auto again = merkle::parse_tlog_proof(text);
    must(again && again->note == proof->note, "a proof goes there and back");
    if (!proof->extra) return;
    if (const auto opened = merkle::decode_extra(*proof->extra)) {
        must(merkle::encode(*opened) == *proof->extra, "an opening has one encoding");
    }
}

void broker_toml(bytes_view in) {
    (void) daemon::parse_config(in, "cairnd.toml", "/nowhere");
}

void agent_toml(bytes_view in) {
    (void) agents::apps::parse_config(in, "/nowhere");
}

std::vector<bytes> policy_rows_seeds() {
    auto few = policy::parse(policy::template_policy())->policy;
    few.mutable_rules()->DeleteSubrange(3, few.rules_size() - 3);
    return {policy::rules_csv(few)};
}

std::vector<bytes> policy_seeds() {
    // The head with its first rules, to be small; the whole, to be complete.
    const std::string_view whole = policy::template_policy();
    const auto third = whole.find("rules {", whole.find("rules {", whole.find("rules {") + 1) + 1);
    return {bytes(whole.substr(0, third)), bytes(whole)};
}

std::vector<bytes> census_seeds() {
    return {
        "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2026</Year>"
        "</CollectionDetails></Header><Children><Child><ChildIdentifiers><LAchildID>x1</LAchildID>"
        "<UPN>A123456789123</UPN><PersonBirthDate>2015-03-27</PersonBirthDate></ChildIdentifiers>"
        "<ChildCharacteristics><Ethnicity>WBRI</Ethnicity><Disabilities><Disability>HAND"
        "</Disability></Disabilities></ChildCharacteristics><CINdetails><CINreferralDate>"
        "2024-01-01</CINreferralDate><ReferralSource>1A</ReferralSource></CINdetails></Child>"
        "</Children></Message>",
        "<?xml version='1.0'?><Message xmlns='urn:x' a='b'><!-- c --><![CDATA[&]]>&amp;</Message>"};
}

std::vector<bytes> note_seeds() {
    return {signed_head(), merkle::print_vkey(signer().verifier())};
}

std::vector<bytes> receipt_seeds() {
    merkle::receipt_extra extra;
    extra.leaf = merkle::encode(merkle::leaf{});
    const bytes opened = merkle::encode(extra);
    const std::vector<digest> path(1);
    return {
        merkle::print_tlog_proof(opened, 0, {}, signed_head()),
        merkle::print_tlog_proof(std::nullopt, 0, path, signed_head())};
}

std::vector<bytes> broker_toml_seeds() {
    return {
        "partnership = \"northshire.example\"\n[listen]\naddress = \"127.0.0.1\"\nport = 7443\n"};
}

std::vector<bytes> agent_toml_seeds() {
    return {"[broker]\nhost = \"127.0.0.1\"\nport = 7443\nexpect_name = \"localhost\"\n[tls]\n"
            "certificate = \"c\"\nkey = \"k\"\nauthority = \"a\"\n[agent]\nfolder = \"agent\"\n"
            "desks = [\"oakfield/dsl\"]\npoll_ms = 20\n[defaults]\npurpose = \"cin17\"\nbases = "
            "[\"6E\"]"
            "\n"};
}

} // namespace cairn::fuzz
