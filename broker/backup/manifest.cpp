#include "backup/manifest.hpp"

#include <nlohmann/json.hpp>

namespace cairn::backup {
namespace {

constexpr const char* format_name = "cairn-backup-1";

using nlohmann::ordered_json;

} // namespace

std::string_view name_of(archive_kind k) {
    return k == archive_kind::ledger ? "ledger" : "keys";
}

std::string print_manifest(const manifest& m) {
    ordered_json members = ordered_json::array();
    for (const member_facts& f : m.members) {
        members.push_back({{"name", f.name}, {"bytes", f.size}, {"sha256", f.sha256}});
    }
    const ordered_json out{
        {"format", format_name},
        {"kind", name_of(m.kind)},
        {"partnership", m.partnership},
        {"ledgerId", m.ledger_id},
        {"run", m.run},
        {"takenUs", m.taken_us},
        {"records", m.records},
        {"checkpoint", m.checkpoint},
        {"members", members},
    };
    return out.dump(1) + "\n";
}

result<manifest> parse_manifest(std::string_view text) {
    const auto bad = [](const char* why) {
        return fail(errc::sealed_data_damaged, manifest_name, why);
    };
    const auto in = ordered_json::parse(text, nullptr, false);
    if (!in.is_object()) return bad("no JSON object");
    manifest out;
    try {
        if (in.at("format").get<std::string>() != format_name) return bad("of another format");
        const auto kind = in.at("kind").get<std::string>();
        if (kind != "ledger" && kind != "keys") return bad("kind");
        out.kind = kind == "ledger" ? archive_kind::ledger : archive_kind::keys;
        out.partnership = in.at("partnership").get<std::string>();
        out.ledger_id = in.at("ledgerId").get<std::string>();
        out.run = in.at("run").get<std::string>();
        out.taken_us = in.at("takenUs").get<std::int64_t>();
        out.records = in.at("records").get<std::uint64_t>();
        out.checkpoint = in.at("checkpoint").get<std::string>();
        for (const auto& f : in.at("members")) {
            out.members.push_back(
                {f.at("name").get<std::string>(),
                 f.at("bytes").get<std::uint64_t>(),
                 f.at("sha256").get<std::string>()}
            );
        }
    } catch (const nlohmann::json::exception&) {
        return bad("a field is missing or of another type");
    }
    return out;
}

} // namespace cairn::backup
