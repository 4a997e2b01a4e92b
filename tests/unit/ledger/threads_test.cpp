// As the broker uses it: a ledger thread, several that append, several that read.
#include "core/system.hpp"
#include "ledger/verify.hpp"
#include "merkle/field_tree.hpp"
#include "support/result_text.hpp"
#include "unit/ledger/fixture.hpp"

#include <catch2/catch.hpp>
#include <thread>

using namespace cairn;
using namespace cairn::ledger;
using namespace cairn::ledger::test;

namespace {

constexpr int writers = 3;
constexpr int each = 150;
const std::string desk = "northshire-police/mash";

draft make(cairn::ledger::ledger& l, const std::string& key) {
    auto k = l.take_key();
    while (!k) {
        std::this_thread::yield();
        k = l.take_key();
    }
    draft d;
    d.kind = record_kind::concern;
    system_random().fill(d.seed);
    concern_effect e;
    e.concern_id = random_id(system_random());
    e.thread = e.concern_id;
    e.sender = "oakfield";
    e.key = key;
    v1::RecordBody body;
    auto& c = *body.mutable_concern();
    c.set_submitted("submitted " + key);
    c.set_concern_id(e.concern_id);
    c.set_thread(e.thread);
    c.set_sender(e.sender);
    c.set_key(key);
    c.add_desks()->set_desk(desk);
    const std::string notice = "notice " + key;
    const auto commit = [&d](std::uint32_t i, bytes_view exact) {
        return merkle::commit(merkle::commitment_randomness(d.seed, i), exact);
    };
    d.parties.push_back({party::part_kind::sender, "oakfield", commit(0, c.submitted())});
    d.parties.push_back({party::part_kind::desk, desk, commit(1, notice)});
    e.notices.push_back({desk, seal_part(*k, 1, notice), false, 0});
    d.key_slot = k->slot;
    d.sealed_body = seal_part(*k, 0, bytes(view(d.seed)) + body.SerializeAsString());
    d.changes = std::move(e);
    return d;
}

} // namespace

TEST_CASE("many threads append and read while one writes, and every answer holds") {
    temporary_folder folder;
    auto o = options_for(folder.path());
    o.index_keys = 64;
    auto made = cairn::ledger::ledger::create(o, system_clock(), system_random());
    REQUIRE(made);
    cairn::ledger::ledger& l = **made;
    std::atomic<int> answered{0};
    std::atomic<int> wrong{0};
    std::thread writer([&l] {
        while (l.wait()) l.run_once();
    });
    std::vector<std::thread> others;
    for (int w = 0; w < writers; ++w) {
        others.emplace_back([&, w] {
            for (int i = 0; i < each; ++i) {
                draft d = make(l, "key-" + std::to_string(w) + "-" + std::to_string(i));
                const std::string id = std::get<concern_effect>(d.changes).concern_id;
                d.done = [&, id](const result<committed>& r) {
                    // On the ledger thread, after the commit: every reader must see it now.
                    if (!r || r->concern_id != id)
                        ++wrong;
                    else if (!l.read().concern(id))
                        ++wrong;
                    ++answered;
                };
                if (!l.append(std::move(d))) ++wrong;
            }
        });
    }
    for (int n = 0; n < 2; ++n) {
        others.emplace_back([&] {
            std::uint64_t after = 0;
            for (int seen = 0; seen < writers * each;) {
                const auto got = l.read().pending(desk, after, 50);
                if (!got) {
                    ++wrong;
                    return;
                }
                for (const auto& one : *got) {
                    if (one.position <= after || one.notice.find("notice key-") != 0) ++wrong;
                    after = one.position;
                    ++seen;
                }
                if (got->empty()) std::this_thread::yield();
            }
        });
    }
    for (auto& t : others) t.join();
    l.stop();
    writer.join();
    CHECK(answered == writers * each);
    CHECK(wrong == 0);
    CHECK(l.current_head().size == writers * each);
    CHECK(l.read().verify_all());
}
