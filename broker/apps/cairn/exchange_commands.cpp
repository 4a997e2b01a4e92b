// cairn send, preview, inbox, confirm, return, track, explain: what an agency does.
#include "apps/cairn/desk_explanation.hpp"
#include "apps/cairn/names.hpp"
#include "apps/cairn/program.hpp"

#include "certs/files.hpp"
#include "core/crypto.hpp"
#include "core/system.hpp"

#include "cairn/v1/exchange.pb.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

namespace cairn::cli {
namespace {

namespace v1 = ::cairn::v1;

// A file holds a concern, or {"key": …, "concern": …}.
result<v1::SubmitRequest> read_submission(const std::string& path) {
    auto text = read_input(path);
    if (!text) return text.error();
    v1::SubmitRequest request;
    const status whole = session::decode(*text, session::codec::json, request);
    if (whole) return request;
    request.Clear();
    const status bare = session::decode(*text, session::codec::json, *request.mutable_concern());
    if (bare) return request;
    const bool wrapped = text->find("\"concern\"") != std::string::npos;
    failure f = wrapped ? whole.error() : bare.error();
    f.where = path + (f.where.empty() ? "" : ": " + f.where);
    return f;
}

struct send_options {
    std::string file;
    std::string key;
    std::string receipt;
    std::string on_behalf_of;
    std::vector<std::string> desks;
};

void print_warnings(const google::protobuf::RepeatedPtrField<v1::Warning>& warnings) {
    for (const auto& w : warnings) fmt::print("  warning  {}: {}\n", w.where(), w.text());
}

void send(program& p, const send_options& o) {
    auto request = read_submission(o.file);
    if (!request) return p.stop_with(request.error());
    for (const auto& d : o.desks) request->mutable_concern()->add_desks(d);
    if (!o.key.empty()) request->set_key(o.key);
    if (!o.on_behalf_of.empty()) request->set_on_behalf_of(o.on_behalf_of);
    // Without a key of its own a file sent twice is two concerns: say so by making one up here.
    if (request->key().empty()) request->set_key(random_id(system_random()));
    const auto done = p.call<v1::SubmitResponse>("/cairn.v1.Exchange/Submit", *request);
    if (!done) return p.stop_with(done.error());
    if (!o.receipt.empty()) {
        const status written = certs::write_file(
            o.receipt, done->receipt(), certs::reach::open, certs::existing::replace
        );
        if (!written) return p.stop_with(written.error());
    }
    if (p.json) return p.print_json(*done);
    fmt::print("Accepted, on disk and in the log: concern {}\n", done->concern_id());
    for (const auto& d : done->told()) fmt::print("  told     {}\n", d);
    print_warnings(done->warnings());
    if (!o.receipt.empty())
        fmt::print("  receipt  {} (check it offline: cairn-verify receipt)\n", o.receipt);
}

void preview(program& p, const send_options& o) {
    auto request = read_submission(o.file);
    if (!request) return p.stop_with(request.error());
    v1::PreviewRequest asked;
    asked.set_on_behalf_of(o.on_behalf_of.empty() ? request->on_behalf_of() : o.on_behalf_of);
    *asked.mutable_concern() = std::move(*request->mutable_concern());
    for (const auto& d : o.desks) asked.mutable_concern()->add_desks(d);
    const auto done = p.call<v1::PreviewResponse>("/cairn.v1.Exchange/Preview", asked);
    if (!done) return p.stop_with(done.error());
    if (p.json) return p.print_json(*done);
    if (done->has_refused())
        fmt::print(
            "It would be refused: {}\n  next: {}\n",
            done->refused().text(),
            done->refused().next_step()
        );
    for (const auto& d : done->desks()) {
        // Of what policy hides there is no explanation, and nothing more to say.
        if (!d.has_explanation()) {
            fmt::print("{}\n", d.desk());
            continue;
        }
        fmt::print("{}", explanation_text(d.explanation()));
        if (!d.notice().withheld().empty()) fmt::print("  reads of what is held\n");
        for (const auto& w : d.notice().withheld()) fmt::print("    {}\n", w.sentence());
    }
    print_warnings(done->warnings());
}

std::string kind_word(int kind) {
    return enum_word(*v1::ConcernKind_descriptor(), "CONCERN_KIND_", kind);
}

void inbox(program& p, const std::string& desk, std::uint64_t after, std::uint64_t only) {
    v1::FetchRequest asked;
    asked.set_desk(desk);
    asked.set_after(only == 0 ? after : only - 1);
    asked.set_max_notices(only == 0 ? 0 : 1);
    const auto done = p.call<v1::FetchResponse>("/cairn.v1.Exchange/Fetch", asked);
    if (!done) return p.stop_with(done.error());
    if (only != 0) {
        if (done->deliveries().empty() || done->deliveries(0).position() != only) {
            return p.stop_with(fail(errc::unknown_position, std::to_string(only)));
        }
        return p.print_json(done->deliveries(0).notice());
    }
    if (p.json) return p.print_json(*done);
    std::vector<std::vector<std::string>> rows;
    for (const auto& d : done->deliveries()) {
        rows.push_back(
            {std::to_string(d.position()),
             d.notice().concern_id(),
             kind_word(d.notice().kind()),
             d.notice().sender(),
             time_text(d.recorded_at_us()),
             time_text(d.acknowledge_by_us()),
             std::to_string(d.notice().withheld_size())}
        );
    }
    if (rows.empty()) return fmt::print("Nothing is waiting at {}.\n", desk);
    print_table({"POSITION", "CONCERN", "KIND", "FROM", "RECORDED", "READ BY", "HIDDEN"}, rows);
    if (done->more())
        fmt::print("More are waiting: --after {}\n", done->deliveries().rbegin()->position());
}

void confirm(program& p, const std::string& desk, const std::vector<std::uint64_t>& positions) {
    v1::ConfirmRequest asked;
    asked.set_desk(desk);
    asked.mutable_positions()->Assign(positions.begin(), positions.end());
    const auto done = p.call<v1::ConfirmResponse>("/cairn.v1.Exchange/Confirm", asked);
    if (!done) return p.stop_with(done.error());
    if (p.json) return p.print_json(*done);
    fmt::print(
        "Confirmed {} at {}; a person still has to acknowledge: cairn ack\n",
        done->confirmed(),
        desk
    );
}

void send_back(
    program& p, const std::string& desk, std::uint64_t position, const std::string& reason
) {
    const auto code = enum_value(*v1::ReturnRequest::Reason_descriptor(), "REASON_", reason);
    if (!code) return p.stop_with(code.error());
    v1::ReturnRequest asked;
    asked.set_desk(desk);
    asked.set_position(position);
    asked.set_reason(static_cast<v1::ReturnRequest::Reason>(*code));
    const auto done = p.call<v1::ReturnResponse>("/cairn.v1.Exchange/Return", asked);
    if (!done) return p.stop_with(done.error());
    if (p.json) return p.print_json(*done);
    fmt::print("Returned; the sender can see it and the clocks run on.\n");
}

void track(program& p, const std::string& id) {
    v1::TrackRequest asked;
    asked.set_concern_id(id);
    const auto done = p.call<v1::TrackResponse>("/cairn.v1.Exchange/Track", asked);
    if (!done) return p.stop_with(done.error());
    if (p.json) return p.print_json(*done);
    fmt::print(
        "concern {}  {}  recorded {}\n",
        done->concern_id(),
        kind_word(done->kind()),
        time_text(done->recorded_at_us())
    );
    std::vector<std::vector<std::string>> rows;
    for (const auto& d : done->desks()) {
        rows.push_back(
            {d.desk(),
             enum_word(*v1::TrackResponse::State_descriptor(), "STATE_", d.state()),
             time_text(d.confirmed_at_us()),
             time_text(d.acknowledged_at_us()),
             time_text(d.acknowledge_by_us()),
             d.overdue() ? "OVERDUE" : "-"}
        );
    }
    print_table({"DESK", "STATE", "CONFIRMED", "ACKNOWLEDGED", "READ BY", "LATE"}, rows);
}

void explain(program& p, const std::string& id, const std::string& desk) {
    v1::ExplainRequest asked;
    asked.set_concern_id(id);
    asked.set_desk(desk);
    const auto done = p.call<v1::ExplainResponse>("/cairn.v1.Exchange/Explain", asked);
    if (!done) return p.stop_with(done.error());
    if (p.json) return p.print_json(*done);
    for (const auto& d : done->desks()) fmt::print("{}", explanation_text(d));
}

} // namespace

void add_exchange(CLI::App& app, program& p) {
    auto o = std::make_shared<send_options>();
    auto* s = app.add_subcommand("send", "submit a concern (JSON file, - for standard input)");
    s->add_option("FILE", o->file)->required();
    s->add_option("--key", o->key, "idempotency key: repeat it when you repeat the same concern");
    s->add_option("--desk", o->desks, "desk to address; repeat for more");
    s->add_option("--receipt", o->receipt, "write the receipt here");
    s->callback([o, &p] { send(p, *o); });
    auto* v = app.add_subcommand(
        "preview", "what each desk would see; nothing is sent, the look is recorded"
    );
    v->add_option("FILE", o->file)->required();
    v->add_option("--desk", o->desks, "desk to address; repeat for more");
    for (CLI::App* c : {s, v}) {
        c->add_option("--on-behalf-of", o->on_behalf_of, "agency you hold a mandate of");
    }
    v->callback([o, &p] { preview(p, *o); });

    auto desk = std::make_shared<std::string>();
    auto id = std::make_shared<std::string>();
    auto reason = std::make_shared<std::string>();
    auto number = std::make_shared<std::uint64_t>(0);
    auto only = std::make_shared<std::uint64_t>(0);
    auto positions = std::make_shared<std::vector<std::uint64_t>>();
    auto* i = app.add_subcommand("inbox", "notices waiting at a desk");
    i->add_option("DESK", *desk)->required();
    i->add_option("--after", *number, "only after this position");
    i->add_option("--show", *only, "the whole notice at this position, as JSON");
    i->callback([=, &p] { inbox(p, *desk, *number, *only); });
    auto* c = app.add_subcommand("confirm", "the desk's system has stored these notices");
    c->add_option("DESK", *desk)->required();
    c->add_option("POSITION", *positions)->required();
    c->callback([=, &p] { confirm(p, *desk, *positions); });
    auto* r = app.add_subcommand("return", "send a notice back");
    r->add_option("DESK", *desk)->required();
    r->add_option("POSITION", *number)->required();
    r->add_option("--reason", *reason, "wrong_desk, cannot_import, not_our_person, duplicate")
        ->required();
    r->callback([=, &p] { send_back(p, *desk, *number, *reason); });
    auto* t = app.add_subcommand("track", "where a concern is");
    t->add_option("CONCERN", *id)->required();
    t->callback([=, &p] { track(p, *id); });
    auto* e = app.add_subcommand("explain", "why each field was shown or hidden");
    e->add_option("CONCERN", *id)->required();
    e->add_option("--desk", *desk, "one desk only");
    e->callback([=, &p] { explain(p, *id, *desk); });
}

} // namespace cairn::cli
