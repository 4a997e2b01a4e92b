// cairn conform: the run, its report, and the agency's first day.
#include "apps/cairn/conformance.hpp"
#include "registry/enrol.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;

void show(program& p, const v1::Enrolment& row) {
    const bool live = row.step() == v1::ENROLMENT_STEP_LIVE;
    if (!live) p.code = apps::exit_code::bad_data;
    if (p.json) return p.print_json(row);
    std::vector<std::vector<std::string>> rows;
    for (const auto& s : row.run()) {
        rows.push_back({s.passed() ? "pass" : "FAIL", s.name(), s.detail()});
    }
    print_table({"", "STEP", "SEEN"}, rows);
    if (live) {
        fmt::print("Passed. {} is live: from now on its desks receive.\n", row.agency());
    } else {
        fmt::print("Not passed. {} stays testing; mend it and run it again.\n", row.agency());
    }
}

void conform(program& p, const std::string& probe_context) {
    const auto mine = p.load_context();
    if (!mine) return p.stop_with(mine.error());
    const auto state = p.call<v1::EnrolState>("/cairn.v1.Enrol/State", v1::EnrolStateRequest{});
    if (!state) return p.stop_with(state.error());
    const v1::Enrolment& row = state->enrolment();
    if (row.step() != v1::ENROLMENT_STEP_TESTING) {
        return p.stop_with(fail(
            errc::enrolment_step, "enrolment: it is " + std::string(registry::step_text(row.step()))
        ));
    }
    program probe;
    probe.context_path =
        probe_context.empty() ? mine->folder + "/probe/context.toml" : probe_context;
    const auto steps = run_conformance(p, probe, row);
    if (!steps) return p.stop_with(steps.error());
    v1::ReportRequest report;
    for (const auto& s : *steps) *report.add_steps() = s;
    const auto done = p.call<v1::EnrolState>("/cairn.v1.Enrol/Report", report);
    if (!done) return p.stop_with(done.error());
    show(p, done->enrolment());
    std::error_code ec;
    if (done->enrolment().step() == v1::ENROLMENT_STEP_LIVE) {
        // Revoked both.
        std::filesystem::remove_all(mine->folder + "/invite", ec);
        std::filesystem::remove_all(mine->folder + "/probe", ec);
    }
}

} // namespace

void add_conform(CLI::App& app, program& p) {
    auto probe = std::make_shared<std::string>();
    auto* c = app.add_subcommand(
        "conform", "the conformance run of an agency that enrols: passed, it is live"
    );
    c->add_option("--probe", *probe, "context of the trial certificate; else probe/ beside yours");
    c->callback([probe, &p] { conform(p, *probe); });
}

} // namespace cairn::cli
