#include "unit/ledger/fixture.hpp"

#include "core/assert.hpp"
#include "merkle/field_tree.hpp"

#include <cstdlib>

namespace cairn::ledger::test {

temporary_folder::temporary_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "cairn-ledger-XXXXXX").string();
    CAIRN_ASSERT(::mkdtemp(name.data()) != nullptr, "no temporary folder");
    path_ = name;
}

options options_for(const std::string& folder) {
    options o;
    o.folder = folder;
    o.partnership = "northshire.example";
    o.partnership_key.fill(7);
    o.log_key.seed.fill(9);
    o.slots_ahead = 64;
    return o;
}

status bench_ledger::create() {
    auto made = ledger::create(o_, time, random);
    if (!made) return made.error();
    store_ = std::move(*made);
    return {};
}

status bench_ledger::open() {
    store_.reset();
    auto opened = ledger::open(o_, time, random);
    if (!opened) return opened.error();
    store_ = std::move(*opened);
    return {};
}

std::string bench_ledger::notice_text(const std::string& desk, const std::string& text) {
    return "notice for " + desk + ": " + text;
}

std::string bench_ledger::submitted_text(const concern_spec& c) {
    return "submitted: " + c.text;
}

std::string bench_ledger::id_of(const std::string& name) const {
    return to_hex(view(sha256(name)).substr(0, 16));
}

draft bench_ledger::draft_of(
    record_kind kind, const v1::RecordBody& body, const std::string& actor
) {
    auto key = store_->take_key();
    CAIRN_ASSERT(key.has_value(), "no key");
    draft d;
    d.kind = kind;
    random.fill(d.seed);
    const bytes plain = body.SerializeAsString();
    d.parties.push_back(
        {party::part_kind::actor,
         actor,
         merkle::commit(merkle::commitment_randomness(d.seed, 0), plain)}
    );
    const merkle::field whole{{}, plain};
    d.body_root = merkle::field_root(d.seed, {&whole, 1});
    d.key_slot = key->slot;
    d.sealed_body = seal_part(*key, 0, bytes(view(d.seed)) + plain);
    return d;
}

result<draft> bench_ledger::draft_of(const concern_spec& c) {
    const std::uint64_t n = next_++;
    concern_effect e;
    e.concern_id = c.id.empty() ? id_of("concern " + std::to_string(n)) : c.id;
    e.thread = c.thread.empty() ? e.concern_id : c.thread;
    e.sender = c.sender;
    e.key = c.key.empty() ? "key-" + std::to_string(n) : c.key;
    e.body_mac = sha256(c.text);
    e.kind = c.acknowledges         ? v1::CONCERN_KIND_ACKNOWLEDGEMENT
             : c.corrects           ? v1::CONCERN_KIND_CORRECTION
             : !c.withdraws.empty() ? v1::CONCERN_KIND_RECALL
                                    : v1::CONCERN_KIND_NOTIFICATION;
    e.in_reply_to = c.withdraws.empty() ? c.in_reply_to : c.withdraws;
    e.acknowledges = c.acknowledges;
    e.acknowledged = c.acknowledged;
    e.withdraws = c.withdraws;

    v1::RecordBody body;
    auto& r = *body.mutable_concern();
    r.set_submitted(submitted_text(c));
    r.set_concern_id(e.concern_id);
    r.set_thread(e.thread);
    r.set_sender(e.sender);
    r.set_key(e.key);
    r.set_kind(static_cast<v1::ConcernKind>(e.kind));
    r.set_in_reply_to(e.in_reply_to);
    r.mutable_acknowledged()->Assign(e.acknowledged.begin(), e.acknowledged.end());
    for (const auto& desk : c.desks) r.add_desks()->set_desk(desk);

    auto key = store_->take_key();
    if (!key) return key.error();
    draft d;
    d.kind = record_kind::concern;
    d.decided_at_us = time.us;
    random.fill(d.seed);
    const auto commit = [&d](party::part_kind part, const std::string& name, bytes_view exact) {
        const auto i = static_cast<std::uint32_t>(d.parties.size());
        d.parties.push_back(
            {part, name, merkle::commit(merkle::commitment_randomness(d.seed, i), exact)}
        );
    };
    commit(party::part_kind::sender, c.sender, r.submitted());
    for (const auto& desk : c.desks) {
        const std::string notice = notice_text(desk, c.text);
        commit(party::part_kind::desk, desk, notice);
        notice_draft out;
        out.desk = desk;
        out.sealed = seal_part(*key, static_cast<std::uint32_t>(e.notices.size() + 1), notice);
        out.acknowledge_within_us = c.within_us;
        e.notices.push_back(std::move(out));
    }
    d.key_slot = key->slot;
    d.sealed_body = seal_part(*key, 0, bytes(view(d.seed)) + body.SerializeAsString());
    d.changes = std::move(e);
    return d;
}

bool bench_ledger::put(draft d) {
    const std::size_t place = outcomes.size();
    outcomes.emplace_back();
    d.done = [this, place](const result<committed>& r) { outcomes[place] = r; };
    return static_cast<bool>(store_->append(std::move(d)));
}

bool bench_ledger::submit(const concern_spec& c) {
    auto d = draft_of(c);
    return d && put(std::move(*d));
}

bool bench_ledger::confirm(const std::string& desk, std::vector<std::uint64_t> positions) {
    v1::RecordBody body;
    body.mutable_confirm()->set_desk(desk);
    for (const auto p : positions) body.mutable_confirm()->add_positions(p);
    draft d = draft_of(record_kind::confirm, body, desk);
    d.changes = confirm_effect{desk, std::move(positions)};
    return put(std::move(d));
}

bool bench_ledger::give_back(
    const std::string& desk, std::uint64_t position, std::uint32_t reason
) {
    v1::RecordBody body;
    auto& r = *body.mutable_returned()->mutable_request();
    r.set_desk(desk);
    r.set_position(position);
    r.set_reason(static_cast<v1::ReturnRequest::Reason>(reason));
    draft d = draft_of(record_kind::returned, body, desk);
    d.changes = return_effect{desk, position, reason};
    return put(std::move(d));
}

bool bench_ledger::note(const std::string& what) {
    v1::RecordBody body;
    body.mutable_note()->set_what(what);
    return put(draft_of(record_kind::note, body, "northshire"));
}

result<committed> bench_ledger::send(const concern_spec& c) {
    auto d = draft_of(c);
    if (!d) return d.error();
    if (!put(std::move(*d))) return fail(errc::overloaded);
    run();
    return *outcomes.back();
}

} // namespace cairn::ledger::test
