#include "apps/cairn/example.hpp"

#include "apps/cairn/issue.hpp"
#include "certs/files.hpp"

#include <fmt/format.h>

namespace cairn::cli {
namespace {

namespace fs = std::filesystem;
using certs::existing;
using certs::reach;

struct example_agency {
    const char* id;
    const char* name;
    v1::AgencyKind kind;
    const char* code;
    const char* desk;
    const char* ask;
};

constexpr example_agency agencies[] = {
    {example_sender,
     "Oakfield Primary School",
     v1::AGENCY_KIND_SCHOOL,
     "900101",
     "oakfield/dsl",
     "Oakfield's safeguarding lead, 01632 960101"},
    {example_receiver,
     "Northshire Council",
     v1::AGENCY_KIND_SOCIAL_CARE,
     "",
     example_desk,
     "Northshire front door, 01632 960200"},
};

constexpr v1::ConcernKind kinds[] = {
    v1::CONCERN_KIND_NOTIFICATION,
    v1::CONCERN_KIND_INFORMATION_REQUEST,
    v1::CONCERN_KIND_ANSWER,
    v1::CONCERN_KIND_OUTCOME,
    v1::CONCERN_KIND_FEEDBACK,
    v1::CONCERN_KIND_CHALLENGE,
    v1::CONCERN_KIND_CORRECTION,
    v1::CONCERN_KIND_RECALL,
    v1::CONCERN_KIND_ACKNOWLEDGEMENT,
    v1::CONCERN_KIND_STATUS,
};
constexpr v1::Purpose purposes[] = {
    v1::PURPOSE_S47,
    v1::PURPOSE_CIN17,
    v1::PURPOSE_EARLY_HELP,
    v1::PURPOSE_MISSING,
    v1::PURPOSE_FEEDBACK,
};

// For cairn-agent, beside the certificate it names.
std::string agent_config(const founding& o, const example_agency& a) {
    return fmt::format(
        "# For cairn-agent --config; its folders are made beside this file.\n"
        "[broker]\nhost = \"{}\"\nport = {}\nexpect_name = \"{}\"\n\n"
        "[tls]\ncertificate = \"client.pem\"\nkey = \"client.key\"\nauthority = "
        "\"authority.pem\"\n\n"
        "[agent]\nfolder = \"agent\"\ndesks = [\"{}\"]\n",
        own_address(o),
        o.port,
        o.names.front(),
        a.desk
    );
}

status write_new(const fs::path& path, std::string_view text) {
    return certs::write_file(path, text, reach::open, existing::keep);
}

void register_agency(
    const example_agency& a,
    const certs::certificate_facts& facts,
    std::vector<v1::RegistryChange>& changes
) {
    v1::Agency& agency = *changes.emplace_back().mutable_agency();
    agency.set_id(a.id);
    agency.set_name(a.name);
    agency.set_kind(a.kind);
    if (*a.code != '\0') agency.add_organisation_codes(a.code);
    v1::Desk& desk = *changes.emplace_back().mutable_desk();
    desk.set_id(a.desk);
    desk.set_ask(a.ask);
    v1::Certificate& c = *changes.emplace_back().mutable_certificate();
    c.set_sha256(to_hex(view(facts.fingerprint)));
    c.set_uri(facts.uris.front());
    c.set_agency(a.id);
    c.set_not_after_us(to_us(facts.not_after));
    c.add_desks(a.desk);
    for (const auto k : kinds) c.add_kinds(k);
    for (const auto p : purposes) c.add_purposes(p);
}

} // namespace

status make_example(
    const founding& o, const certs::authority& authority, std::vector<v1::RegistryChange>& changes
) {
    const places at = places_of(o);
    context mine;
    mine.host = own_address(o);
    mine.port = o.port;
    mine.name = o.names.front();
    mine.partnership = o.partnership;
    mine.tls.authority_pem = authority.certificate_pem();
    mine.vkey_file = (at.admin / "vkeys").string();
    for (const example_agency& a : agencies) {
        const fs::path folder = at.example / a.id;
        CAIRN_TRY(certs::make_private_folder(folder));
        const certs::identity who{certs::identity_kind::agency, a.id};
        const auto facts = make_identity(o, authority, who, folder, "client");
        if (!facts) return facts.error();
        CAIRN_TRY(write_context(mine, folder));
        CAIRN_TRY(write_new(folder / "agent.toml", agent_config(o, a)));
        register_agency(a, *facts, changes);
    }
    return write_new(at.example / "concern.json", example_concern());
}

} // namespace cairn::cli
