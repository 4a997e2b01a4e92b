// Load for bench/run: one or more publish streams of a school, one receiving client a desk, each
// confirming what it gets. One JSON line of results on standard output.
//
// Latency counts from the moment a concern was due, so that a stall counts in full.
#include "load_parties.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>

namespace {

using namespace cairn;
using namespace cairn::bench;

double percentile(std::vector<double>& v, double p) {
    if (v.empty()) return 0;
    std::sort(v.begin(), v.end());
    return v[std::min(v.size() - 1, static_cast<std::size_t>(p * static_cast<double>(v.size())))];
}

// Runs `work` on the dialer's thread and waits for it.
void on_dialer(transport::dialer& d, const std::function<void()>& work) {
    std::mutex m;
    std::condition_variable ready;
    bool done = false;
    d.post([&] {
        work();
        const std::lock_guard lock(m);
        done = true;
        ready.notify_one();
    });
    std::unique_lock lock(m);
    ready.wait(lock, [&] { return done; });
}

void pause_for(double seconds) {
    // A bench may wait: nothing is decided by it.
    std::mutex m;
    std::condition_variable never;
    std::unique_lock lock(m);
    never.wait_for(lock, std::chrono::duration<double>(seconds), [] { return false; });
}

// Everything of one run; its parts live on the dialer's thread.
struct load {
    explicit load(const settings& o) : s(o), dialer(transport::make_dialer()) {}

    std::shared_ptr<transport::client> dial(const std::string& folder) {
        auto c = transport::connect(*dialer, options_of(s, folder));
        if (!c) throw std::runtime_error(c.error().public_text());
        clients.push_back(*c);
        return *c;
    }

    void start_receivers() {
        for (const auto& r : s.receivers) {
            const auto eq = r.find('=');
            const auto c = dial(r.substr(eq + 1));
            auto made =
                std::make_shared<receiver>(r.substr(0, eq), t, s.rate > 0 ? &seen : nullptr);
            made->complete = [this](std::uint64_t position) { completed[position] = now(); };
            made->confirmed_some = [this] {
                for (const auto& p : publishers) p->on_writable();
            };
            receivers.push_back(made);
            on_dialer(*dialer, [&] { made->begin(c); });
        }
    }

    void start_publishers(const v1::Concern& concern) {
        for (unsigned i = 0; i < s.streams; ++i) {
            const auto c = dial(s.sender);
            auto p = std::make_shared<publisher>(s, t, concern);
            on_dialer(*dialer, [&] {
                // Confirmations of the streams before it come in already, and look at the list.
                publishers.push_back(p);
                p->begin(c->start("/cairn.v1.Exchange/Publish", p, nanoseconds(0)));
            });
        }
    }

    // Positions grow in the order of acceptance, which is the order of sending on one stream.
    void measure_all_received() {
        std::vector<std::pair<std::uint64_t, mono_time>> sorted(completed.begin(), completed.end());
        std::sort(sorted.begin(), sorted.end());
        for (std::size_t i = 0; i < sorted.size() && i < t.accepted; ++i) {
            const auto took = sorted[i].second - publishers.front()->due_of(i);
            t.all_us.push_back(std::chrono::duration<double, std::micro>(took).count());
        }
    }

    // Lets what is under way land, so that the next run starts clean; whether all of it did.
    bool settle() {
        on_dialer(*dialer, [this] {
            for (const auto& p : publishers) p->pause = true;
        });
        const auto open = [this] {
            return t.confirmed < receivers.size() * t.accepted || t.accepted + t.refused < t.sent;
        };
        for (int i = 0; i < 1200 && open(); ++i) pause_for(0.05);
        const bool all = !open() && t.confirmed == receivers.size() * t.accepted;
        for (const auto& r : receivers) r->stopping = true;
        on_dialer(*dialer, [this] {
            for (const auto& p : publishers) p->stop();
            if (s.rate > 0) measure_all_received();
        });
        dialer->stop();
        return all;
    }

    // Notices of one concern that show different things. After settle().
    [[nodiscard]] std::size_t distinct_notices() const {
        std::set<std::string> shown;
        for (const auto& r : receivers) shown.insert(r->content);
        return shown.size();
    }

    const settings& s;
    totals t;
    std::unique_ptr<transport::dialer> dialer;
    std::vector<std::shared_ptr<transport::client>> clients;
    std::unordered_map<std::uint64_t, unsigned> seen;
    std::unordered_map<std::uint64_t, mono_time> completed;
    std::vector<std::shared_ptr<receiver>> receivers;
    std::vector<std::shared_ptr<publisher>> publishers;
};

// Totals at the end of the measured time, before what is under way lands.
struct window {
    double seconds = 0;
    std::uint64_t accepted = 0;
    std::uint64_t delivered = 0;
    std::uint64_t confirmed = 0;
    bool settled = false;
};

window measure(load& l) {
    const mono_time from = now();
    std::unique_ptr<pacer> paced;
    if (l.s.rate > 0) {
        paced = std::make_unique<pacer>(*l.dialer, *l.publishers.front(), l.s.rate, l.s.seconds);
        on_dialer(*l.dialer, [&] { paced->start(); });
        while (!paced->done) pause_for(0.05);
    } else {
        pause_for(l.s.seconds);
    }
    const double seconds = std::chrono::duration<double>(now() - from).count();
    window out{seconds, l.t.accepted, l.t.delivered, l.t.confirmed};
    out.settled = l.settle();
    return out;
}

int run(const settings& s) {
    v1::Concern concern;
    if (!google::protobuf::util::JsonStringToMessage(slurp(s.concern), &concern).ok()) {
        throw std::runtime_error("the concern is no JSON of cairn.v1.Concern");
    }
    load l(s);
    l.start_receivers();
    l.start_publishers(concern);
    const window w = measure(l);
    totals& t = l.t;
    const auto rate = [&w](std::uint64_t n) { return static_cast<double>(n) / w.seconds; };
    fmt::print(
        "{{\"seconds\":{:.3f},\"sent\":{},\"accepted_total\":{},\"refused\":{},"
        "\"delivered_total\":{},\"confirmed_total\":{},\"distinct_notices\":{},",
        w.seconds,
        t.sent.load(),
        t.accepted.load(),
        t.refused.load(),
        t.delivered.load(),
        t.confirmed.load(),
        l.distinct_notices()
    );
    fmt::print(
        "\"concerns_per_s\":{:.0f},\"deliveries_per_s\":{:.0f},\"confirms_per_s\":{:.0f},",
        rate(w.accepted),
        rate(w.delivered),
        rate(w.confirmed)
    );
    fmt::print(
        "\"receipt_p50_us\":{:.0f},\"receipt_p99_us\":{:.0f},\"all_p50_us\":{:.0f},"
        "\"all_p99_us\":{:.0f},\"note\":\"{}\"}}\n",
        percentile(t.receipt_us, 0.5),
        percentile(t.receipt_us, 0.99),
        percentile(t.all_us, 0.5),
        percentile(t.all_us, 0.99),
        t.first_refusal
    );
    if (!w.settled) fmt::print(stderr, "cairn-load: not everything sent was confirmed in 60 s\n");
    return t.refused == 0 && w.settled ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    settings s;
    CLI::App app{
        "Publishes, receives and confirms against a running broker; prints one JSON line."};
    app.add_option("--port", s.port)->required();
    app.add_option("--sender", s.sender, "folder of the school's client files")->required();
    app.add_option("--receiver", s.receivers, "desk=folder, repeat")->required();
    app.add_option("--concern", s.concern, "concern as JSON")->required();
    app.add_option("--seconds", s.seconds)->capture_default_str();
    app.add_option("--rate", s.rate, "concerns a second; 0: saturate")->capture_default_str();
    app.add_option("--streams", s.streams)->capture_default_str();
    app.add_option("--window", s.window, "in flight on each stream")->capture_default_str();
    app.add_option("--backlog", s.backlog, "concerns accepted and not yet confirmed by all")
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        return run(s);
    } catch (const std::exception& e) {
        fmt::print(stderr, "cairn-load: {}\n", e.what());
        return 1;
    }
}
