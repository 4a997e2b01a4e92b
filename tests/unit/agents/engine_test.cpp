#include "agents/core/engine.hpp"

#include "core/errors.hpp"
#include "support.hpp"

#include <catch2/catch.hpp>

using namespace cairn;
using namespace cairn::agents;
using namespace agents_test;

namespace {

constexpr const char* desk = "oakfield/dsl";

std::string name(const action_t& a) {
    struct visitor {
        std::string operator()(const action::dial&) const { return "dial"; }
        std::string operator()(const action::open_publish&) const { return "open_publish"; }
        std::string operator()(const action::submit& x) const { return "submit " + x.key; }
        std::string operator()(const action::settle& x) const {
            return (x.ok ? "settle " : "reject ") + x.key;
        }
        std::string operator()(const action::open_receive& x) const {
            return "receive after " + std::to_string(x.after);
        }
        std::string operator()(const action::close_receive&) const { return "close_receive"; }
        std::string operator()(const action::store& x) const {
            return (x.withdrawn ? "withdraw " : "store ") + std::to_string(x.position);
        }
        std::string operator()(const action::confirm& x) const {
            std::string out = "confirm";
            for (const auto p : x.positions) out += " " + std::to_string(p);
            return out;
        }
        std::string operator()(const action::drop_confirm& x) const {
            return "drop " + std::to_string(x.position);
        }
    };
    return std::visit(visitor{}, a);
}

using names = std::vector<std::string>;

// An engine with its own time.
struct bench {
    explicit bench(
        std::vector<std::string> queued = {}, std::vector<desk_start> desks = {}, std::uint64_t = 0
    )
        : core(std::move(queued), std::move(desks), random) {}

    names step(event_t e) {
        names out;
        for (const auto& a : core.step(std::move(e), time.mono_now())) out.push_back(name(a));
        return out;
    }
    // Moves to when the engine asked to be woken.
    names wake() {
        const auto at = core.wake_at();
        REQUIRE(at);
        if (*at > time.mono_now()) time.advance(*at - time.mono_now());
        return step(event::tick{});
    }
    void connect() {
        REQUIRE(step(event::tick{}) == names{"dial"});
        step(event::connected{});
    }

    counting_random random;
    manual_clock time;
    engine core;
};

event::refused refusal(const std::string& key, bool retryable, std::uint32_t after_ms = 0) {
    return {key, "r", {static_cast<std::uint32_t>(errc::overloaded), retryable, after_ms}};
}

trouble fault(errc code, bool retryable = false) {
    return {static_cast<std::uint32_t>(code), retryable, 0};
}

} // namespace

TEST_CASE("an engine sends what is queued once it is connected and settles what is answered") {
    bench b({"k1"}, {{desk, 0, {}}});
    CHECK(b.step(event::tick{}) == names{"dial"});
    CHECK(b.step(event::tick{}).empty());
    CHECK(b.step(event::connected{}) == names{"open_publish", "submit k1", "receive after 0"});
    CHECK(b.step(event::queued{"k2"}) == names{"submit k2"});
    CHECK(b.step(event::accepted{"k1", "a"}) == names{"settle k1"});
    CHECK(b.core.load().unanswered == 2);
    b.step(event::settled{"k1"});
    CHECK(b.core.load().unanswered == 1);
}

TEST_CASE("a notice is confirmed only after its store was reported, and stored one at a time") {
    bench b({}, {{desk, 4, {}}});
    b.connect();
    CHECK(b.step(event::delivered{desk, 5, false, "n5"}) == names{"store 5"});
    CHECK(b.step(event::delivered{desk, 6, false, "n6"}).empty());
    CHECK(b.step(event::stored{desk}) == names{"store 6", "confirm 5"});
    // While a confirmation is under way others gather.
    CHECK(b.step(event::stored{desk}).empty());
    CHECK(b.step(event::confirmed{desk}) == names{"confirm 6"});
    b.step(event::confirmed{desk});
    CHECK(b.core.load().unconfirmed == 0);
}

TEST_CASE("what was stored before a restart and not confirmed is confirmed first") {
    bench b({}, {{desk, 9, {7, 9}}});
    b.step(event::tick{});
    CHECK(b.step(event::connected{}) == names{"receive after 9", "confirm 7 9"});
}

// One connection lost after each step of a conversation; afterwards everything is done exactly
// once.
TEST_CASE("a connection lost at any step costs no submission and no notice") {
    for (int lost_after = 0; lost_after < 8; ++lost_after) {
        INFO("connection lost after step " << lost_after);
        bench b({"k1"}, {{desk, 0, {}}});
        std::vector<std::string> settled;
        std::vector<std::uint64_t> stored;
        bool confirmed = false;
        bool dropped = false;
        int steps = 0;
        std::vector<event_t> inbox{event::tick{}};
        // A broker that answers every action at once, until all is done.
        for (int guard = 0; guard < 200 && !(confirmed && !settled.empty()); ++guard) {
            event_t e = event::tick{};
            if (steps == lost_after && !dropped) {
                dropped = true;
                inbox.clear();
                e = event::disconnected{};
            } else if (!inbox.empty()) {
                e = inbox.front();
                inbox.erase(inbox.begin());
            } else if (const auto at = b.core.wake_at(); at && *at > b.time.mono_now()) {
                b.time.advance(*at - b.time.mono_now());
            }
            ++steps;
            for (const auto& a : b.core.step(e, b.time.mono_now())) {
                if (std::holds_alternative<action::dial>(a)) inbox.emplace_back(event::connected{});
                if (const auto* s = std::get_if<action::submit>(&a))
                    inbox.emplace_back(event::accepted{s->key, "a"});
                if (const auto* s = std::get_if<action::settle>(&a)) {
                    settled.push_back(s->key);
                    inbox.emplace_back(event::settled{s->key});
                }
                if (const auto* r = std::get_if<action::open_receive>(&a))
                    if (r->after < 5) inbox.emplace_back(event::delivered{desk, 5, false, "n"});
                if (const auto* s = std::get_if<action::store>(&a)) {
                    stored.push_back(s->position);
                    // The disk does not care for the connection.
                    for (auto& more : b.core.step(event::stored{desk}, b.time.mono_now()))
                        if (std::holds_alternative<action::confirm>(more))
                            inbox.emplace_back(event::confirmed{desk});
                }
                if (std::holds_alternative<action::confirm>(a))
                    inbox.emplace_back(event::confirmed{desk});
            }
            const auto load = b.core.load();
            confirmed = !stored.empty() && load.unconfirmed == 0 && load.unstored == 0;
        }
        CHECK(settled == std::vector<std::string>{"k1"});
        CHECK(stored == std::vector<std::uint64_t>{5});
        CHECK(b.core.load().unconfirmed == 0);
    }
}

TEST_CASE("a disconnect puts what is in flight back in its order and dials again after a wait") {
    bench b({"k1", "k2"});
    b.connect();
    CHECK(b.step(event::disconnected{}).empty());
    CHECK(b.core.load().unanswered == 2);
    CHECK(b.wake() == names{"dial"});
    CHECK(b.step(event::connected{}) == names{"open_publish", "submit k1", "submit k2"});
}

TEST_CASE("waits double up to the limit and are never all the same") {
    bench b;
    duration before{};
    std::set<std::int64_t> seen;
    for (int i = 0; i < 12; ++i) {
        REQUIRE(b.step(event::tick{}) == names{"dial"});
        b.step(event::disconnected{});
        const auto wait = *b.core.wake_at() - b.time.mono_now();
        CHECK(wait <= backoff::most);
        if (i < 7) CHECK(wait > before / 4);
        before = wait;
        seen.insert(wait.count());
        b.time.advance(wait);
    }
    CHECK(before >= backoff::most / 2);
    CHECK(seen.size() > 6);
}

TEST_CASE("a refusal that cannot change rejects, and one that can waits as long as it was told") {
    bench b({"k1", "k2"});
    b.connect();
    CHECK(b.step(refusal("k1", false)) == names{"reject k1"});
    CHECK(b.step(refusal("k2", true, 5000)).empty());
    CHECK(b.core.load().unanswered == 2);
    const auto wait = *b.core.wake_at() - b.time.mono_now();
    CHECK(wait >= std::chrono::seconds(5));
    CHECK(b.wake() == names{"submit k2"});
}

TEST_CASE("an answer that could not be made durable is asked for again") {
    bench b({"k1"});
    b.connect();
    CHECK(b.step(event::accepted{"k1", "a"}) == names{"settle k1"});
    CHECK(b.step(event::settle_failed{"k1"}).empty());
    CHECK(b.core.load().unanswered == 1);
    CHECK(b.wake() == names{"submit k1"});
}

TEST_CASE("an answer to nothing asked is ignored") {
    bench b({"k1"});
    b.connect();
    CHECK(b.step(event::accepted{"k9", "a"}).empty());
    b.step(event::accepted{"k1", "a"});
    CHECK(b.step(event::accepted{"k1", "a"}).empty());
}

TEST_CASE("a request that ends the stream is found by sending singly, and only it is rejected") {
    bench b({"k1", "bad", "k3"});
    b.connect();
    CHECK(b.step(event::publish_ended{fault(errc::malformed)}).empty());
    CHECK(b.wake() == names{"open_publish", "submit k1"});
    b.step(event::accepted{"k1", "a"});
    b.step(event::publish_ended{fault(errc::malformed)});
    names again = b.wake();
    // k1 succeeded, so the window was opened again; the fault narrows it once more.
    if (again == names{"open_publish", "submit bad", "submit k3"}) {
        b.step(event::publish_ended{fault(errc::malformed)});
        again = b.wake();
    }
    CHECK(again == names{"open_publish", "submit bad"});
    CHECK(b.step(event::publish_ended{fault(errc::malformed)}) == names{"reject bad"});
    CHECK(b.wake() == names{"open_publish", "submit k3"});
}

TEST_CASE("a certificate that is refused is tried again rarely, and nothing is rejected") {
    bench b({"k1"});
    b.connect();
    CHECK(b.step(event::publish_ended{fault(errc::certificate_revoked)}).empty());
    CHECK(*b.core.wake_at() - b.time.mono_now() >= backoff::most / 2);
    CHECK(b.core.load().unanswered == 1);
}

TEST_CASE("a notice delivered again is stored once and confirmed again") {
    bench b({}, {{desk, 0, {}}});
    b.connect();
    CHECK(b.step(event::delivered{desk, 5, false, "n"}) == names{"store 5"});
    CHECK(b.step(event::delivered{desk, 5, false, "n"}).empty());
    CHECK(b.step(event::stored{desk}) == names{"confirm 5"});
    b.step(event::confirmed{desk});
    CHECK(b.step(event::delivered{desk, 5, false, "n"}) == names{"confirm 5"});
}

TEST_CASE("a store that fails closes the stream, and nothing after it is stored before it") {
    bench b({}, {{desk, 0, {}}});
    b.connect();
    b.step(event::delivered{desk, 5, false, "n5"});
    b.step(event::delivered{desk, 6, false, "n6"});
    CHECK(b.step(event::store_failed{desk}) == names{"close_receive"});
    CHECK(b.step(event::delivered{desk, 7, false, "n7"}).empty());
    CHECK(b.wake() == names{"receive after 0"});
    CHECK(b.step(event::delivered{desk, 5, false, "n5"}) == names{"store 5"});
}

TEST_CASE("a store under way when the connection goes counts, and is not done twice") {
    bench b({}, {{desk, 0, {}}});
    b.connect();
    b.step(event::delivered{desk, 5, false, "n5"});
    b.step(event::disconnected{});
    CHECK(b.wake() == names{"dial"});
    CHECK(b.step(event::connected{}) == names{"receive after 0"});
    CHECK(b.step(event::delivered{desk, 5, false, "n5"}).empty());
    CHECK(b.step(event::stored{desk}) == names{"confirm 5"});
}

TEST_CASE("a withdrawal takes a stored notice away and leaves nothing to confirm") {
    bench b({}, {{desk, 5, {5}}});
    b.step(event::tick{});
    CHECK(b.step(event::connected{}) == names{"receive after 5", "confirm 5"});
    CHECK(b.step(event::delivered{desk, 5, true, ""}) == names{"withdraw 5"});
    CHECK(b.step(event::stored{desk}).empty());
    b.step(event::confirm_failed{desk, fault(errc::already_settled)});
    CHECK(b.core.load().unconfirmed == 0);
}

TEST_CASE("a confirmation that can never succeed is found singly and dropped, and the others pass"
) {
    bench b({}, {{desk, 7, {5, 6, 7}}});
    b.step(event::tick{});
    CHECK(b.step(event::connected{}) == names{"receive after 7", "confirm 5 6 7"});
    CHECK(b.step(event::confirm_failed{desk, fault(errc::unknown_position)}) == names{"confirm 5"});
    CHECK(b.step(event::confirmed{desk}) == names{"confirm 6"});
    CHECK(
        b.step(event::confirm_failed{desk, fault(errc::unknown_position)}) ==
        names{"drop 6", "confirm 7"}
    );
    CHECK(b.step(event::confirmed{desk}).empty());
}

TEST_CASE("a confirmation that failed for the moment is made again after a wait") {
    bench b({}, {{desk, 5, {5}}});
    b.connect();
    CHECK(b.step(event::confirm_failed{desk, fault(errc::storage_failed, true)}).empty());
    CHECK(b.wake() == names{"confirm 5"});
}

TEST_CASE("a desk taken over by another process is asked for again only after the longest wait") {
    bench b({}, {{desk, 3, {}}});
    b.connect();
    CHECK(b.step(event::receive_ended{desk, fault(errc::superseded, true)}).empty());
    CHECK(*b.core.wake_at() - b.time.mono_now() >= backoff::most / 2);
    CHECK(b.wake() == names{"receive after 3"});
}

TEST_CASE("no more than the window is in flight") {
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < engine::window + 5; ++i) keys.push_back("k" + std::to_string(i));
    bench b(keys);
    b.step(event::tick{});
    CHECK(b.step(event::connected{}).size() == 1 + engine::window);
    CHECK(b.step(event::accepted{"k0", "a"}).size() == 2);
}
