#include "daemon/services.hpp"

#include "daemon/record.hpp"

namespace cairn::daemon {
namespace {

class function_handler final : public session::handler {
public:
    explicit function_handler(const unary_function& run) : run_(run) {}
    void on_message(session::call& c, bytes_view message) override { run_(c, message); }

private:
    const unary_function& run_;
};

} // namespace

result<registry::caller> caller_of(const runtime& rt, const session::call& c) {
    const auto snapshot = rt.registry.now();
    if (snapshot == nullptr) return fail(errc::unavailable);
    const session::peer& p = c.who();
    return registry::identify(*snapshot, rt.partnership, p.certificate_sha256, p.uris, now_us(rt));
}

std::optional<registry::caller>
admit(services& s, session::call& c, registry::operation what, std::string_view desk) {
    auto who = caller_of(s.rt, c);
    if (!who) {
        c.finish(who.error());
        return std::nullopt;
    }
    registry::request asked;
    asked.what = what;
    asked.desk = desk;
    asked.now_us = now_us(s.rt);
    const auto allowed = registry::authorise(*s.rt.registry.now(), *who, asked);
    if (!allowed) {
        c.finish(allowed.error());
        return std::nullopt;
    }
    if (!desk.empty()) s.seen.note(desk, asked.now_us);
    return std::move(*who);
}

bool decoded(session::call& c, bytes_view message, google::protobuf::Message& out) {
    const status ok = session::decode(message, c.how(), out);
    if (!ok) c.finish(ok.error());
    return static_cast<bool>(ok);
}

void reply(session::call& c, const google::protobuf::Message& m) {
    c.send(m.SerializeAsString());
    c.finish();
}

status append_query(
    services& s,
    const registry::caller& who,
    std::string operation,
    bytes_view arguments,
    std::function<void(const status&)> then
) {
    v1::RecordBody body;
    body.set_certificate(who.certificate_sha256);
    v1::QueryRecord& q = *body.mutable_query();
    q.set_who(who.id);
    q.set_operation(std::move(operation));
    q.set_arguments(bytes(arguments));
    using part = ledger::party::part_kind;
    auto draft =
        make_draft(s.rt, ledger::record_kind::query, body, {{part::actor, who.id, arguments}});
    if (!draft) return draft.error();
    draft->done = [then = std::move(then)](const result<ledger::committed>& r) {
        then(r ? status{} : status{r.error()});
    };
    return s.rt.store().append(std::move(*draft));
}

session::method unary(
    std::string path,
    const google::protobuf::Descriptor* input,
    const google::protobuf::Descriptor* output,
    unary_function run
) {
    session::method m;
    m.path = std::move(path);
    m.input = input;
    m.output = output;
    // Lives as long as the router: handlers refer to it.
    auto kept = std::make_shared<unary_function>(std::move(run));
    m.make = [kept](session::call&) { return std::make_unique<function_handler>(*kept); };
    return m;
}

} // namespace cairn::daemon
