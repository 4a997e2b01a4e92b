#include "world.hpp"

#include "daemon/delivery.hpp"

namespace cairn::daemon {
namespace {

const std::string mash = "northshire-police/mash";
const std::string named = "northshire-health/named";

// Writes down what it is told.
class noting_stream final : public desk_stream {
public:
    std::vector<std::string> heard;
    void offered(const committed_notice& n) override {
        heard.push_back("offer " + std::to_string(n.position) + " " + *n.notice);
    }
    void offers_done() override { heard.emplace_back("done"); }
    void settled(const std::vector<std::uint64_t>& p) override {
        heard.push_back("settled " + std::to_string(p.size()));
    }
    void recalled(std::uint64_t p) override { heard.push_back("recalled " + std::to_string(p)); }
    void superseded() override { heard.emplace_back("superseded"); }
    void shutting_down() override { heard.emplace_back("shutting down"); }
};

committed_notice notice(const std::string& desk, std::uint64_t position) {
    committed_notice n;
    n.desk = desk;
    n.position = position;
    n.notice = std::make_shared<const bytes>("bytes of " + desk);
    return n;
}

struct bench {
    testing::fake_runtime rt;
    delivery_hub hub{rt};

    void run() {
        for (auto& [thread, box] : rt.posted) rt.run_thread(thread);
    }
};

using lines = std::vector<std::string>;

} // namespace

TEST_CASE("what a commit brought comes to the desk's stream in order, then one word to write") {
    bench b;
    const auto s = std::make_shared<noting_stream>();
    b.hub.attach(mash, 1, s);
    b.hub.committed(notice(mash, 7));
    b.hub.committed(notice(mash, 9));
    b.hub.committed(notice(named, 7)); // nobody listens
    b.run();
    CHECK(s->heard.empty()); // not before the flush
    b.hub.flush();
    CHECK(b.rt.posted[1].size() == 1);
    b.run();
    CHECK(s->heard == lines{"offer 7 bytes of " + mash, "offer 9 bytes of " + mash, "done"});
    b.hub.flush(); // nothing left over
    CHECK(b.rt.posted[1].empty());
}

TEST_CASE("each network thread is woken once a commit, and a desk gets its own notices only") {
    bench b;
    const auto police = std::make_shared<noting_stream>();
    const auto health = std::make_shared<noting_stream>();
    const auto council = std::make_shared<noting_stream>();
    b.hub.attach(mash, 0, police);
    b.hub.attach(named, 0, health);
    b.hub.attach("northshire-council/front_door", 2, council);
    b.hub.committed(notice(mash, 1));
    b.hub.committed(notice(named, 1));
    b.hub.committed(notice("northshire-council/front_door", 1));
    b.hub.flush();
    CHECK(b.rt.posted[0].size() == 1);
    CHECK(b.rt.posted[1].empty());
    CHECK(b.rt.posted[2].size() == 1);
    b.run();
    CHECK(police->heard == lines{"offer 1 bytes of " + mash, "done"});
    CHECK(health->heard == lines{"offer 1 bytes of " + named, "done"});
    CHECK(council->heard.size() == 2);
}

TEST_CASE("a newer stream ends the older on the older's thread, and alone gets what comes") {
    bench b;
    const auto older = std::make_shared<noting_stream>();
    const auto newer = std::make_shared<noting_stream>();
    const auto old_ticket = b.hub.attach(mash, 1, older);
    const auto new_ticket = b.hub.attach(mash, 2, newer);
    CHECK(old_ticket != new_ticket);
    CHECK(b.rt.posted[1].size() == 1);
    CHECK(b.rt.posted[2].empty());
    b.run();
    CHECK(older->heard == lines{"superseded"});
    CHECK(newer->heard.empty());
    b.hub.committed(notice(mash, 3));
    b.hub.settled(mash, {1, 2});
    b.hub.flush();
    b.run();
    CHECK(older->heard == lines{"superseded"});
    CHECK(newer->heard == lines{"offer 3 bytes of " + mash, "settled 2", "done"});
    // The older one leaves late, with its own ticket: the seat stays taken.
    b.hub.detach(mash, old_ticket);
    CHECK(b.hub.connected(mash));
    CHECK(b.hub.streams() == 1);
    b.hub.detach(mash, new_ticket);
    CHECK_FALSE(b.hub.connected(mash));
    CHECK(b.hub.streams() == 0);
}

TEST_CASE("a stream that is gone when its notices come is passed over") {
    bench b;
    auto gone = std::make_shared<noting_stream>();
    const auto there = std::make_shared<noting_stream>();
    b.hub.attach(mash, 0, gone);
    b.hub.attach(named, 0, there);
    b.hub.committed(notice(mash, 1));
    b.hub.committed(notice(named, 1));
    b.hub.flush();
    gone.reset();
    b.run();
    CHECK(there->heard == lines{"offer 1 bytes of " + named, "done"});
    // A newer stream for the same desk finds nobody to end.
    const auto next = std::make_shared<noting_stream>();
    b.hub.attach(mash, 0, next);
    b.run();
    CHECK(next->heard.empty());
}

TEST_CASE("a recall comes to the desk's stream between what was before and after it") {
    bench b;
    const auto s = std::make_shared<noting_stream>();
    b.hub.attach(mash, 0, s);
    b.hub.settled(mash, {1});
    b.hub.recalled(mash, 2);
    b.hub.committed(notice(mash, 3));
    b.hub.recalled(named, 2); // nobody listens
    b.hub.flush();
    b.run();
    CHECK(s->heard == lines{"settled 1", "recalled 2", "offer 3 bytes of " + mash, "done"});
}

TEST_CASE("every stream looks again when told to, one post a network thread") {
    bench b;
    const auto police = std::make_shared<noting_stream>();
    const auto health = std::make_shared<noting_stream>();
    b.hub.attach(mash, 1, police);
    b.hub.attach(named, 1, health);
    b.hub.look_again();
    CHECK(b.rt.posted[1].size() == 1);
    b.run();
    CHECK(police->heard == lines{"done"});
    CHECK(health->heard == lines{"done"});
}

TEST_CASE("a stopping broker ends every stream once, and each that still comes") {
    bench b;
    const auto police = std::make_shared<noting_stream>();
    const auto late = std::make_shared<noting_stream>();
    b.hub.attach(mash, 0, police);
    b.hub.close();
    b.hub.close();
    b.run();
    CHECK(police->heard == lines{"shutting down"});
    b.hub.attach(named, 1, late);
    b.run();
    CHECK(late->heard == lines{"shutting down"});
}

} // namespace cairn::daemon
