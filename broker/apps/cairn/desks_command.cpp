// cairn desks: what an agency may write behind "to".
#include "apps/cairn/names.hpp"
#include "apps/cairn/program.hpp"

#include "cairn/v1/exchange.pb.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;

void desks(program& p) {
    const auto done =
        p.call<v1::ListDesksResponse>("/cairn.v1.Exchange/ListDesks", v1::ListDesksRequest{});
    if (!done) return p.stop_with(done.error());
    if (p.json) return p.print_json(*done);
    std::vector<std::vector<std::string>> rows;
    for (const auto& d : done->desks()) {
        rows.push_back(
            {d.desk(),
             enum_word(*v1::Role_descriptor(), "ROLE_", d.role()),
             enum_word(*v1::AgencyKind_descriptor(), "AGENCY_KIND_", d.agency_kind()),
             d.agency_name()}
        );
    }
    if (rows.empty()) return fmt::print("No desk is open yet.\n");
    print_table({"DESK", "ROLE", "KIND", "AGENCY"}, rows);
}

} // namespace

void add_directory(CLI::App& app, program& p) {
    app.add_subcommand("desks", "desks a concern can be addressed to")->callback([&p] {
        desks(p);
    });
}

} // namespace cairn::cli
