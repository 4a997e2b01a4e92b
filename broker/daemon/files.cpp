#include "daemon/files.hpp"

#include "core/bytes.hpp"
#include "daemon/policy_version.hpp"
#include "transport/server.hpp"

#include <filesystem>
#include <fstream>

namespace cairn::daemon {
namespace {

status check_tls(const config& c) {
    auto tls = read_tls(c);
    if (!tls) return tls.error();
    const session::router none;
    return transport::make_server(none, none, {}, [](auto, auto) {})->reload(*tls);
}

status check_keys(const config& c) {
    auto o = ledger_options(c);
    if (!o) return o.error();
    wipe(o->partnership_key);
    wipe(o->log_key.seed.data(), o->log_key.seed.size());
    for (const char* name : {"/ledger.db", "/keys.db"}) {
        const std::string path = c.data_folder + name;
        std::error_code ec;
        if (!std::filesystem::is_regular_file(path, ec)) return fail(errc::file_unreadable, path);
        if (const auto open = std::ifstream(path); !open) return fail(errc::file_unreadable, path);
    }
    return {};
}

status check_policy(const config& c, const clock& time) {
    auto trusted = read_signers(c);
    if (!trusted) return trusted.error();
    const auto files = read_policy_files(c);
    if (!files) return files.error();
    const auto version =
        admit_policy(*files, {c.partnership, std::move(*trusted), to_us(time.wall_now()), {}});
    return version ? status{} : status{version.error()};
}

status check_calendar(const config& c) {
    const auto days = read_calendar(c);
    return days ? status{} : status{days.error()};
}

} // namespace

result<key256> read_key(const std::string& path) {
    auto text = read_file(path, true);
    if (!text) return text.error();
    while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
    const auto raw = from_hex(*text);
    const auto key = raw ? to_digest(*raw) : std::nullopt;
    wipe(text->data(), text->size());
    if (!key) return fail(errc::config_bad_value, path + ": 64 hex digits expected");
    return *key;
}

result<transport::tls_files> read_tls(const config& c) {
    transport::tls_files out;
    out.allow_tls12 = c.allow_tls12;
    auto certificate = read_file(c.certificate_file);
    if (!certificate) return certificate.error();
    auto key = read_file(c.key_file, true);
    if (!key) return key.error();
    auto authority = read_file(c.authority_file);
    if (!authority) return authority.error();
    out.certificate_pem = std::move(*certificate);
    out.key_pem = std::move(*key);
    out.authority_pem = std::move(*authority);
    if (!c.crl_file.empty()) {
        auto crl = read_file(c.crl_file);
        if (!crl) return crl.error();
        out.crl_pem = std::move(*crl);
    }
    return out;
}

result<ledger::options> ledger_options(const config& c) {
    ledger::options o;
    o.folder = c.data_folder;
    o.partnership = c.partnership;
    auto partnership = read_key(c.partnership_key_file);
    if (!partnership) return partnership.error();
    auto log = read_key(c.log_key_file);
    if (!log) return log.error();
    o.partnership_key = *partnership;
    o.log_key.seed = *log;
    return o;
}

result<obligations::calendar> read_calendar(const config& c) {
    if (c.calendar_file.empty()) return obligations::calendar{};
    const auto text = read_file(c.calendar_file);
    if (!text) return text.error();
    auto days = obligations::calendar::parse(*text);
    if (!days) return fail(days.error().code, c.calendar_file + ", " + days.error().where);
    return days;
}

std::vector<failure> check_files(const config& c, const clock& time) {
    std::vector<failure> out;
    for (const status& s :
         {check_tls(c), check_keys(c), check_policy(c, time), check_calendar(c)}) {
        if (!s) out.push_back(s.error());
    }
    return out;
}

} // namespace cairn::daemon
