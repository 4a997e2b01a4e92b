#include "simulation/scenario.hpp"

#include "core/assert.hpp"
#include "simulation/desks.hpp"
#include "simulation/node.hpp"

#include "cairn/v1/admin.pb.h"
#include "cairn/v1/audit.pb.h"

namespace cairn::sim {
namespace {

constexpr duration busy_time = 5min;
// Agents wait up to a minute before they try again.
constexpr duration quiet_time = 15min;
constexpr int notifications = 28;
constexpr int recalled_at_once = 5;
constexpr std::string_view police = "agency/northshire-police";

class scenario {
public:
    scenario(std::uint64_t seed, bug planted);
    outcome run();

private:
    surroundings around() { return {time_, net_, seen_, random_, planted_}; }
    void at_some_time(std::function<void()> work);
    void run_until(mono_time when);
    [[nodiscard]] bool settled();

    void plan_submissions();
    void plan_trouble();
    void plan_registry();
    void submit_one(int n);
    void recall_one();
    void recall_at_once(const std::string& key);
    void acknowledge(const v1::Notice& n);
    void apply(v1::ApplyRequest change, std::function<void()> done);
    void close_desk();
    void replace_certificate();
    void look_at_head();

    void retry_all();
    void retry(const std::string& key, const bytes& request);
    void questions();

    loop time_;
    dice random_;
    bug planted_;
    network net_;
    journal seen_;
    node broker_;
    agent school_;
    agent other_school_;
    agent council_;
    polling_desk health_;
    // The first is the certificate in other hands once there is a second.
    std::vector<std::unique_ptr<stream_desk>> police_;
    caller admin_;
    caller auditor_;
    caller clerk_;
    int acknowledged_ = 0;
    std::size_t retries_open_ = 0;
    std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);
};

scenario::scenario(std::uint64_t seed, bug planted)
    : random_(seed, "scenario"), planted_(planted), net_(time_, seed), seen_(time_),
      broker_(time_, net_, seen_, seed, planted),
      school_(around(), "oakfield", identity("agency/oakfield", 1), {std::string(dsl)}),
      other_school_(
          around(), "riverside", identity("agency/riverside", 1), {std::string(other_dsl)}
      ),
      council_(
          around(),
          "northshire-council",
          identity("agency/northshire-council", 1),
          {std::string(front_door), std::string(allocated), std::string(lado)}
      ),
      health_(around(), std::string(named), identity("agency/northshire-nhs", 1)),
      admin_(around(), identity("admin/ops", 1)), auditor_(around(), identity("auditor/dpo", 1)),
      clerk_(around(), identity("agency/oakfield", 1)) {
    police_.push_back(std::make_unique<stream_desk>(
        around(), std::string(mash), identity("agency/northshire-police", 1)
    ));
    council_.on_notice = [this](const v1::Notice& n) { acknowledge(n); };
}

void scenario::at_some_time(std::function<void()> work) {
    time_.after(random_.between(0s, busy_time), alive_, std::move(work));
}

void scenario::plan_submissions() {
    // In bursts, as after an assembly.
    for (int n = 0; n < notifications;) {
        const int last = std::min(notifications, n + 1 + static_cast<int>(random_.below(8)));
        at_some_time([this, n, last] {
            for (int i = n; i < last; ++i) submit_one(i);
        });
        n = last;
    }
    at_some_time([this] { recall_one(); });
}

// As soon as it is accepted: some of its notices are on their way, others are not yet fetched.
void scenario::recall_at_once(const std::string& key) {
    const submitted& s = seen_.submissions().at(key);
    if (s.refused) return;
    if (!s.accepted) return time_.after(10ms, alive_, [this, key] { recall_at_once(key); });
    seen_.withdrawn_by(s.accepted->concern_id());
    school_.submit(recall(s.accepted->concern_id(), s.accepted->thread(), "recall-of-" + key));
}

void scenario::submit_one(int n) {
    const std::string key = "concern-" + std::to_string(n);
    school_.submit(notification(random_, key));
    if (n % (notifications / recalled_at_once) == 0) recall_at_once(key);
}

// Of one that is not yet settled everywhere, if there is one: the youngest. And the oldest by
// somebody who did not send it: were it withdrawn, the journal would say so.
void scenario::recall_one() {
    const submitted* youngest = nullptr;
    const submitted* oldest = nullptr;
    for (const auto& [key, s] : seen_.submissions()) {
        if (s.agency != "oakfield" || !s.accepted) continue;
        if (youngest == nullptr || s.first_sent > youngest->first_sent) youngest = &s;
        if (oldest == nullptr || s.first_sent < oldest->first_sent) oldest = &s;
    }
    if (youngest == nullptr) return;
    if (oldest != youngest) {
        const auto& other = *oldest->accepted;
        council_.submit(recall(other.concern_id(), other.thread(), "recall-by-another"));
    }
    const auto& a = *youngest->accepted;
    seen_.withdrawn_by(a.concern_id());
    school_.submit(recall(a.concern_id(), a.thread(), "recall-of-one"));
}

void scenario::acknowledge(const v1::Notice& n) {
    if (n.desk() != front_door || n.kind() != v1::CONCERN_KIND_NOTIFICATION) return;
    if (!random_.chance(40)) return;
    const std::string key = "read-" + n.concern_id().substr(0, 24);
    if (seen_.submissions().contains(key)) return;
    seen_.acknowledging(n.concern_id(), key);
    // Somebody reads it a little later.
    time_.after(random_.between(1s, 20s), alive_, [this, n, key] {
        if (!seen_.submissions().contains(key)) council_.submit(acknowledgement(n, key));
    });
    ++acknowledged_;
}

void scenario::plan_trouble() {
    for (int i = 0; i < 14; ++i) at_some_time([this] { net_.cut_any(); });
    for (int i = 0; i < 3; ++i) at_some_time([this] { broker_.crash(); });
    // In the middle of whatever it writes next.
    for (int i = 0; i < 3; ++i) {
        at_some_time([this] { broker_.crash_within(1 + random_.below(12)); });
    }
    at_some_time([this] { school_.crash(); });
    for (int i = 0; i < 2; ++i) at_some_time([this] { council_.crash(); });
    at_some_time([this] { other_school_.crash(); });
    at_some_time([this] {
        net_.delay_max = 400ms;
        net_.refuses = 30;
        time_.after(20s, alive_, [this] {
            net_.delay_max = 8ms;
            net_.refuses = 0;
        });
    });
    at_some_time([this] {
        time_.jump(-20min);
        time_.after(40s, alive_, [this] { time_.jump(20min); });
    });
    for (int i = 0; i < 8; ++i) at_some_time([this] { look_at_head(); });
}

void scenario::apply(v1::ApplyRequest change, std::function<void()> done) {
    admin_.call(
        "/cairn.v1.Admin/Apply",
        change.SerializeAsString(),
        [this, change, done](const session::call_end& how, const std::vector<bytes>&) {
            if (how.grpc_status == 0) return done();
            time_.note("apply fails", std::to_string(how.number));
            time_.after(300ms, alive_, [this, change, done] { apply(change, done); });
        }
    );
}

void scenario::close_desk() {
    v1::ApplyRequest change;
    v1::Desk& d = *change.add_changes()->mutable_desk();
    d.set_id(std::string(other_dsl));
    d.set_closed(true);
    apply(std::move(change), [this] { seen_.closed(std::string(other_dsl)); });
}

// The old certificate goes and a new one comes in one change; whoever holds the old one stays on
// the line.
void scenario::replace_certificate() {
    v1::ApplyRequest change;
    v1::Certificate& old = *change.add_changes()->mutable_certificate();
    old = certificate(police, 1, {mash});
    old.set_revoked(true);
    old.set_revoked_because("key lost");
    *change.add_changes()->mutable_certificate() = certificate(police, 2, {mash});
    apply(std::move(change), [this] {
        seen_.revoked(identity(police, 1).certificate_sha256);
        stream_desk& stolen = *police_.front();
        stolen.fall_into_other_hands();
        time_.after(random_.between(3s, 20s), alive_, [this] {
            police_.push_back(std::make_unique<stream_desk>(
                around(), std::string(mash), identity(police, 2), police_.front()->cursor()
            ));
            police_.back()->start();
        });
    });
}

void scenario::plan_registry() {
    time_.after(random_.between(30s, busy_time / 2), alive_, [this] { close_desk(); });
    time_.after(random_.between(30s, busy_time / 2), alive_, [this] { replace_certificate(); });
}

void scenario::look_at_head() {
    auditor_.call(
        "/cairn.v1.Audit/Checkpoint",
        v1::CheckpointRequest{}.SerializeAsString(),
        [this](const session::call_end& how, const std::vector<bytes>& messages) {
            v1::CheckpointResponse out;
            if (how.grpc_status != 0 || messages.empty()) return;
            if (out.ParseFromString(messages.front())) seen_.checkpoint_seen(out.checkpoint());
        }
    );
}

void scenario::run_until(mono_time when) {
    bool reached = false;
    time_.at(when, alive_, [&reached] { reached = true; });
    while (!reached && !seen_.first_violation() && time_.step()) {
    }
}

// Nothing is under way any more, as far as anybody outside can see.
bool scenario::settled() {
    if (!broker_.up() || !seen_.all_answered()) return false;
    if (!school_.idle() || !other_school_.idle() || !council_.idle()) return false;
    const auto counts = broker_.store().read().counts(to_us(time_.wall_now()));
    if (!counts) return false;
    for (const auto& c : *counts) {
        if (c.pending != 0) return false;
    }
    return true;
}

void scenario::retry_all() {
    for (const auto& [key, s] : seen_.submissions()) {
        if (s.agency != "oakfield" || !s.accepted) continue;
        ++retries_open_;
        retry(key, s.request);
    }
}

void scenario::retry(const std::string& key, const bytes& request) {
    clerk_.call(
        "/cairn.v1.Exchange/Submit",
        request,
        [this, key, request](const session::call_end& how, const std::vector<bytes>& messages) {
            if (how.grpc_status != 0 && (how.retryable || how.grpc_status == 14)) {
                time_.after(200ms, alive_, [this, key, request] { retry(key, request); });
                return;
            }
            --retries_open_;
            v1::SubmitResponse out;
            if (how.grpc_status != 0 || messages.empty() || !out.ParseFromString(messages.front()))
                return seen_.violated(
                    property::receipt, key + " refused with " + std::to_string(how.number)
                );
            seen_.retried(key, out);
        }
    );
}

void scenario::questions() {
    retry_all();
    look_at_head();
    const mono_time until = time_.mono_now() + 2min;
    while (retries_open_ != 0 && time_.mono_now() < until && !seen_.first_violation()) {
        run_until(time_.mono_now() + 100ms);
    }
    if (seen_.first_violation()) return;
    if (retries_open_ != 0) return seen_.violated(property::answered, "a retry");
    std::vector<merkle::verifier_key> keys;
    for (const std::uint32_t year : {2026U, 2027U}) {
        const auto key = merkle::parse_vkey(broker_.store().vkey(year));
        CAIRN_ASSERT(key.has_value(), "the ledger's own key");
        keys.push_back(*key);
    }
    seen_.check_ledger(broker_.store().read(), keys, to_us(time_.wall_now()));
}

outcome scenario::run() {
    broker_.found();
    school_.start();
    other_school_.start();
    council_.start();
    health_.start();
    police_.front()->start();
    plan_submissions();
    plan_trouble();
    plan_registry();
    run_until(time_.mono_now() + busy_time);

    // Quiet: no more trouble; whatever was planned for later was planned within the busy time.
    broker_.crash_no_more();
    const mono_time until = time_.mono_now() + quiet_time;
    run_until(time_.mono_now() + 5s);
    while (!seen_.first_violation() && !settled() && time_.mono_now() < until) {
        run_until(time_.mono_now() + 1s);
    }
    if (!seen_.first_violation() && !broker_.up()) seen_.violated(property::recovers, "not up");
    if (!seen_.first_violation()) questions();
    outcome out;
    out.found = seen_.first_violation();
    out.totals = seen_.totals();
    out.totals["crashes"] = broker_.crashes();
    out.trace = time_.trace();
    out.tail = time_.tail(25);
    return out;
}

} // namespace

outcome run_scenario(std::uint64_t seed, bug planted) {
    return scenario(seed, planted).run();
}

} // namespace cairn::sim
