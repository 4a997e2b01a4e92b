// cairn ack: a named person has read it.
#include "apps/cairn/program.hpp"

#include "core/crypto.hpp"
#include "core/system.hpp"

#include "cairn/v1/exchange.pb.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;

struct ack_options {
    std::string concern;
    std::string role;
    std::string staff;
    std::string authenticated = "asserted";
};

void acknowledge(program& p, const ack_options& o) {
    v1::TrackRequest which;
    which.set_concern_id(o.concern);
    const auto found = p.call<v1::TrackResponse>("/cairn.v1.Exchange/Track", which);
    if (!found) return p.stop_with(found.error());
    v1::SubmitRequest request;
    // The same person acknowledging the same concern again is the same act.
    request.set_key("ack-" + o.concern);
    v1::Concern& c = *request.mutable_concern();
    c.set_purpose(v1::PURPOSE_FEEDBACK);
    c.add_bases(v1::LAWFUL_BASIS_6E);
    c.set_thread(found->thread());
    c.set_in_reply_to(o.concern);
    c.mutable_acting()->set_role(o.role);
    c.mutable_acting()->set_staff_id(o.staff);
    c.mutable_acting()->set_authenticated_by(o.authenticated);
    c.mutable_acknowledgement();
    const auto done = p.call<v1::SubmitResponse>("/cairn.v1.Exchange/Submit", request);
    if (!done) return p.stop_with(done.error());
    if (p.json) return p.print_json(*done);
    fmt::print("Acknowledged {}; the sender is told.\n", o.concern);
}

} // namespace

void add_answers(CLI::App& app, program& p) {
    auto o = std::make_shared<ack_options>();
    auto* a = app.add_subcommand("ack", "a named person has read a concern");
    a->add_option("CONCERN", o->concern)->required();
    a->add_option("--role", o->role, "role of the person, for example 'duty social worker'")
        ->required();
    a->add_option("--staff-id", o->staff, "the agency's own pseudonymous staff id")->required();
    a->add_option("--authenticated-by", o->authenticated, "how the agency knows them")
        ->capture_default_str();
    a->callback([o, &p] { acknowledge(p, *o); });
}

} // namespace cairn::cli
