#include "daemon/record.hpp"

#include "daemon/lone_note.hpp"

#include "merkle/field_tree.hpp"
#include "merkle/seed.hpp"
#include "obligations/uk_time.hpp"

namespace cairn::daemon {

merkle::record_seed fresh_seed(random_source& random) {
    merkle::record_seed seed{};
    random.fill(seed);
    return seed;
}

namespace {

result<ledger::draft> sealed_draft(
    ledger::ledger& store,
    random_source& random,
    ledger::record_kind kind,
    const v1::RecordBody& body,
    const std::vector<party_bytes>& parties
) {
    auto key = store.take_key();
    if (!key) return key.error();
    ledger::draft d;
    d.kind = kind;
    d.seed = fresh_seed(random);
    for (std::uint32_t i = 0; i < parties.size(); ++i) {
        const digest r = merkle::commitment_randomness(d.seed, i);
        d.parties.push_back({parties[i].part, parties[i].name, merkle::commit(r, parties[i].exact)}
        );
    }
    const bytes plain = body.SerializeAsString();
    const merkle::field whole{{}, plain};
    d.body_root = merkle::field_root(d.seed, std::span(&whole, 1));
    bytes sealed;
    sealed.reserve(d.seed.size() + plain.size());
    sealed.append(view(d.seed)).append(plain);
    d.key_slot = key->slot;
    d.sealed_body = ledger::seal_part(*key, 0, sealed);
    wipe(key->key);
    return d;
}

} // namespace

result<ledger::draft> make_draft(
    runtime& rt,
    ledger::record_kind kind,
    const v1::RecordBody& body,
    const std::vector<party_bytes>& parties
) {
    auto d = sealed_draft(rt.store(), rt.random(), kind, body, parties);
    if (!d) return d.error();
    if (const auto table = rt.policy.now()) d->policy = table->text_digest();
    if (const auto registry = rt.registry.now()) d->registry_epoch = registry->epoch();
    return d;
}

result<ledger::draft> make_first_draft(
    ledger::ledger& store,
    random_source& random,
    const v1::RecordBody& body,
    const std::string& admin
) {
    const bytes exact = body.registry().SerializeAsString();
    return sealed_draft(
        store,
        random,
        ledger::record_kind::registry,
        body,
        {{ledger::party::part_kind::actor, admin, exact}}
    );
}

result<ledger::draft> make_lone_note(
    ledger::ledger& store, random_source& random, std::string_view what, std::string_view detail
) {
    v1::RecordBody body;
    body.mutable_note()->set_what(std::string(what));
    body.mutable_note()->set_detail(std::string(detail));
    const bytes exact = body.note().SerializeAsString();
    return sealed_draft(
        store,
        random,
        ledger::record_kind::note,
        body,
        {{ledger::party::part_kind::actor, "broker", exact}}
    );
}

std::string iso_day(std::int64_t us) {
    const auto day = std::chrono::floor<std::chrono::days>(from_us(us));
    const std::chrono::year_month_day d{day};
    std::string out = std::to_string(static_cast<int>(d.year()));
    const auto two = [&out](unsigned v) {
        out.push_back('-');
        out.push_back(static_cast<char>('0' + v / 10));
        out.push_back(static_cast<char>('0' + v % 10));
    };
    two(static_cast<unsigned>(d.month()));
    two(static_cast<unsigned>(d.day()));
    return out;
}

std::string policy_day(std::int64_t us) {
    const std::chrono::sys_time<std::chrono::microseconds> midnight{obligations::uk_day(us)};
    return iso_day(to_us(midnight));
}

} // namespace cairn::daemon
