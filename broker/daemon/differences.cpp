#include "daemon/differences.hpp"

#include "certs/parse.hpp"
#include "core/crypto.hpp"
#include "core/log_line.hpp"

#include <algorithm>
#include <map>

namespace cairn::daemon {
namespace {

using change = v1::ReloadResponse::Change;

class list {
public:
    void add(std::string what, std::string before, std::string after, bool restart = false) {
        if (before == after) return;
        change& c = out_.emplace_back();
        c.set_what(std::move(what));
        c.set_before(std::move(before));
        c.set_after(std::move(after));
        c.set_needs_restart(restart);
    }
    std::vector<change> take() { return std::move(out_); }

private:
    std::vector<change> out_;
};

std::string day_of(wall_time t) {
    return rfc3339(t).substr(0, 10);
}

// Certificates of our own authority: their names are chosen by administrators.
std::string certificate_text(const std::string& pem) {
    const auto facts = certs::parse_certificate(pem);
    if (!facts) return "not readable";
    return facts->subject + ", until " + day_of(facts->not_after) + ", SHA-256 " +
           to_hex(view(facts->fingerprint)).substr(0, 16);
}

std::string list_text(const transport::tls_files& files) {
    if (files.crl_pem.empty()) return {};
    const auto facts = certs::parse_crl(files.crl_pem, files.authority_pem);
    if (!facts) return "SHA-256 " + to_hex(view(sha256(files.crl_pem))).substr(0, 16);
    return "number " + std::to_string(facts->number) + ", " +
           std::to_string(facts->serials.size()) + " revoked, next " + day_of(facts->next_update);
}

void compare_settings(list& out, const loaded_config& before, const loaded_config& after) {
    for (const effective& now : after.settings) {
        const auto old = std::find_if(
            before.settings.begin(),
            before.settings.end(),
            [&now](const effective& e) { return e.key == now.key; }
        );
        const std::string was = old == before.settings.end() ? std::string() : old->value;
        out.add(now.key, was, now.value, !now.live);
    }
}

template <class Rules>
std::map<std::uint32_t, std::string> by_number(const Rules& rules) {
    std::map<std::uint32_t, std::string> out;
    for (const auto& r : rules) out[r.number()] = r.SerializeAsString();
    return out;
}

template <class Rules>
void compare_rules(
    list& out, const std::string& what, const Rules& before_rules, const Rules& after_rules
) {
    const auto before = by_number(before_rules);
    const auto after = by_number(after_rules);
    const auto name = [&what](std::uint32_t n) {
        return "policy: " + what + " " + std::to_string(n);
    };
    for (const auto& [number, text] : before) {
        const auto now = after.find(number);
        if (now == after.end())
            out.add(name(number), "there", "");
        else if (now->second != text)
            out.add(name(number), "there", "changed");
    }
    for (const auto& [number, text] : after) {
        if (!before.contains(number)) out.add(name(number), "", "new");
    }
}

// A signature made again by the same people is a change, too: the digest tells them apart.
std::string signatures_of(const policy_version& p) {
    return names_of(p.signers) + ", SHA-256 " + to_hex(view(sha256(p.note))).substr(0, 16);
}

std::string title(const policy::table& t) {
    const auto& p = t.source();
    return "version " + p.version() + ", until " + p.valid_until() + ", digest " +
           t.digest_hex().substr(0, 16);
}

std::string title(const shadow_file& shadow) {
    if (shadow.path.empty()) return {};
    if (shadow.table != nullptr) return title(*shadow.table);
    return "not used: " + shadow.why.error().public_text();
}

void compare_policies(list& out, const loaded_files& before, const loaded_files& after) {
    out.add("policy_shadow: text", title(before.shadow), title(after.shadow));
    if (before.policy.note != after.policy.note)
        out.add("policy: signatures", signatures_of(before.policy), signatures_of(after.policy));
    if (before.policy.text == after.policy.text) return;
    out.add("policy", title(*before.policy.rules), title(*after.policy.rules));
    const v1::Policy& from = before.policy.rules->source();
    const v1::Policy& to = after.policy.rules->source();
    compare_rules(out, "rule", from.rules(), to.rules());
    compare_rules(out, "route", from.routing(), to.routing());
}

std::string table_text(const std::string& csv) {
    if (csv.empty()) return {};
    const auto rows = std::count_if(csv.begin(), csv.end(), [](char c) { return c == '\n'; });
    return std::to_string(rows) + " lines, SHA-256 " + to_hex(view(sha256(csv))).substr(0, 16);
}

// The end of an ISO day.
std::optional<std::int64_t> end_of_day(const std::string& iso) {
    int y = 0;
    unsigned m = 0;
    unsigned d = 0;
    if (std::sscanf(iso.c_str(), "%4d-%2u-%2u", &y, &m, &d) != 3) return std::nullopt;
    using namespace std::chrono;
    const year_month_day date{year{y}, month{m}, day{d}};
    if (!date.ok()) return std::nullopt;
    return duration_cast<microseconds>((sys_days{date} + days{1}).time_since_epoch()).count();
}

} // namespace

std::vector<change> differences(const loaded_files& before, const loaded_files& after) {
    list out;
    compare_settings(out, before.config, after.config);
    compare_policies(out, before, after);
    out.add("calendar", table_text(before.calendar_text), table_text(after.calendar_text));
    const auto& was = before.tls;
    const auto& now = after.tls;
    if (was.certificate_pem != now.certificate_pem) {
        const auto from = certificate_text(was.certificate_pem);
        out.add("tls.certificate", from, certificate_text(now.certificate_pem));
    }
    if (was.key_pem != now.key_pem) out.add("tls.key", "a key", "another key");
    if (was.authority_pem != now.authority_pem) {
        const auto from = certificate_text(was.authority_pem);
        out.add("tls.authority", from, certificate_text(now.authority_pem));
    }
    if (was.crl_pem != now.crl_pem) out.add("tls.crl", list_text(was), list_text(now));
    return out.take();
}

std::vector<std::pair<std::string, std::int64_t>> ends_of(const loaded_files& files) {
    std::vector<std::pair<std::string, std::int64_t>> out;
    const auto certificate = [&out](const char* what, const std::string& pem) {
        if (const auto facts = certs::parse_certificate(pem))
            out.emplace_back(what, to_us(facts->not_after));
    };
    certificate("server certificate", files.tls.certificate_pem);
    certificate("authority", files.tls.authority_pem);
    if (!files.tls.crl_pem.empty()) {
        if (const auto facts = certs::parse_crl(files.tls.crl_pem, files.tls.authority_pem))
            out.emplace_back("revocation list", to_us(facts->next_update));
    }
    if (files.policy.rules != nullptr) {
        if (const auto end = end_of_day(files.policy.rules->source().valid_until()))
            out.emplace_back("policy", *end);
    }
    return out;
}

} // namespace cairn::daemon
