#include "daemon/enrolment_metrics.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::daemon {
namespace {

constexpr std::int64_t second_us = 1'000'000;

void gauge(std::string& out, std::string_view name, std::string_view help, std::int64_t value) {
    out += fmt::format("# HELP {0} {1}\n# TYPE {0} gauge\n{0} {2}\n", name, help, value);
}

bool waits(const v1::Renewal& r) {
    return r.successor_sha256().empty() && r.refused_because().empty();
}

} // namespace

void enrolment_metrics(std::string& out, const registry::snapshot& registry, std::int64_t now_us) {
    std::int64_t enrolments = 0;
    for (const auto& e : registry.state().enrolments()) {
        enrolments +=
            e.step() == v1::ENROLMENT_STEP_REQUESTED || e.step() == v1::ENROLMENT_STEP_APPROVED;
    }
    std::int64_t renewals = 0;
    std::int64_t oldest_us = 0;
    for (const auto& r : registry.state().renewals()) {
        if (!waits(r)) continue;
        ++renewals;
        oldest_us = std::max(oldest_us, now_us - r.asked_us());
    }
    gauge(out, "cairn_enrolments_waiting", "Enrolments that wait for administrators.", enrolments);
    gauge(out, "cairn_renewals_waiting", "Certificates whose successor is not signed.", renewals);
    gauge(
        out,
        "cairn_renewals_oldest_seconds",
        "How long the oldest of them waits for the authority.",
        oldest_us / second_us
    );
}

} // namespace cairn::daemon
