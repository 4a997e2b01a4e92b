#include "apps/cairn/standing.hpp"

#include "apps/cairn/health_page.hpp"
#include "core/system.hpp"

#include "cairn/v1/admin.pb.h"

#include <algorithm>
#include <sstream>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;

standing from_status(const v1::StatusResponse& s) {
    standing out;
    out.now_us = s.now_us();
    out.disk_free = s.disk().free_bytes();
    out.disk_total = s.disk().total_bytes();
    for (const auto& e : s.expiries()) out.ends.emplace_back(e.what(), e.at_us());
    for (const auto& d : s.desks()) {
        out.desks.push_back(
            {d.desk(), d.pending(), d.overdue(), d.oldest_pending_us(), d.unreachable()}
        );
    }
    return out;
}

// The one label of a sample, `name{label="value"}`; empty where it is of another name.
std::string label_of(const std::string& sample, const std::string& name) {
    if (sample.rfind(name + "{", 0) != 0) return {};
    const auto from = sample.find('"');
    const auto to = sample.rfind('"');
    return from == to ? std::string() : sample.substr(from + 1, to - from - 1);
}

std::int64_t us_of(double seconds) {
    return static_cast<std::int64_t>(seconds * 1e6);
}

standing from_metrics(const std::map<std::string, double>& m) {
    standing out;
    const auto number = [&m](const std::string& sample) {
        const auto it = m.find(sample);
        return it == m.end() ? 0.0 : it->second;
    };
    out.now_us = us_of(number("cairn_time_seconds"));
    out.disk_free = static_cast<std::uint64_t>(number("cairn_disk_free_bytes"));
    out.disk_total = static_cast<std::uint64_t>(number("cairn_disk_total_bytes"));
    for (const auto& [sample, value] : m) {
        if (auto what = label_of(sample, "cairn_expiry_timestamp_seconds"); !what.empty())
            out.ends.emplace_back(std::move(what), us_of(value));
        auto agency = label_of(sample, "cairn_agency_certificate_expiry_timestamp_seconds");
        if (!agency.empty()) out.ends.emplace_back("agency/" + agency, us_of(value));
        const auto desk = label_of(sample, "cairn_desk_pending");
        if (desk.empty()) continue;
        const auto of = [&](const char* name) {
            return number(std::string(name) + "{desk=\"" + desk + "\"}");
        };
        out.desks.push_back(
            {desk,
             static_cast<std::uint64_t>(value),
             static_cast<std::uint64_t>(of("cairn_desk_overdue")),
             us_of(of("cairn_desk_oldest_pending_timestamp_seconds")),
             of("cairn_desk_unreachable") != 0}
        );
    }
    std::sort(out.ends.begin(), out.ends.end(), [](const auto& a, const auto& b) {
        return a.second < b.second;
    });
    return out;
}

result<std::map<std::string, double>> metrics_told(program& p, const std::string& health) {
    if (!health.empty()) return metrics_by_page(health);
    const auto d = p.call<v1::DiagnoseResponse>("/cairn.v1.Admin/Diagnose", v1::DiagnoseRequest{});
    if (!d) return d.error();
    std::istringstream text(d->metrics());
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return samples_of(lines);
}

} // namespace

result<backup_standing> backup_standing_of(program& p, const std::string& health) {
    const auto told = metrics_told(p, health);
    if (!told) return told.error();
    const auto taken = told->find("cairn_backup_timestamp_seconds");
    const auto now = told->find("cairn_time_seconds");
    if (taken == told->end() || now == told->end()) return fail(errc::unimplemented);
    return backup_standing{us_of(now->second), us_of(taken->second)};
}

result<standing> standing_of(program& p, const std::string& health) {
    // Connected first: the answer's way is measured, not the handshake's.
    if (health.empty()) {
        const auto c = p.connection();
        if (!c) return c.error();
    }
    const auto began = system_clock().mono_now();
    standing out;
    if (health.empty()) {
        const auto s = p.call<v1::StatusResponse>("/cairn.v1.Admin/Status", v1::StatusRequest{});
        if (!s) return s.error();
        out = from_status(*s);
    } else {
        const auto m = metrics_by_page(health);
        if (!m) return m.error();
        out = from_metrics(*m);
    }
    using namespace std::chrono;
    out.took_us = duration_cast<microseconds>(system_clock().mono_now() - began).count();
    out.here_us = to_us(system_clock().wall_now());
    return out;
}

} // namespace cairn::cli
