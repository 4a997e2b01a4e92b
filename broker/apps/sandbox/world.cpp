#include "apps/sandbox/world.hpp"

#include "apps/sandbox/partner.hpp"
#include "core/log_line.hpp"
#include "core/toml.hpp"
#include "daemon/broker.hpp"
#include "daemon/control.hpp"
#include "daemon/control_answers.hpp"
#include "daemon/files.hpp"
#include "obligations/calendar.hpp"

#include <arpa/inet.h>
#include <condition_variable>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <mutex>
#include <sys/socket.h>
#include <unistd.h>

namespace cairn::sandbox {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* partnership = "sandbox.example";
constexpr const char* own_name = "your-agency";
// Says that a folder is a sandbox's, and where its time is.
constexpr const char* mark = "sandbox.shift";
constexpr const char* example_name = "concern.json";
constexpr auto advance_patience = 30s;
constexpr long look_every_ns = 200'000'000;

constexpr const char* example = R"({
  "purpose": "PURPOSE_S47",
  "bases": ["LAWFUL_BASIS_6C", "LAWFUL_BASIS_S1P18"],
  "urgency": "URGENCY_SAME_DAY",
  "acting": {"role": "integrator", "staffId": "sandbox-0", "authenticatedBy": "sandbox"},
  "familyInformed": {"answer": "ANSWER_NO_UNSAFE"},
  "persons": [
    {
      "ref": "child-1",
      "role": "SUBJECT_CHILD",
      "names": [{"use": "USE_USUAL", "given": "Sandy", "family": "Boxwell"}],
      "birth": {"born": {"year": 2017, "month": 3, "day": 9}},
      "voice": {"seen": "ANSWER_YES"}
    }
  ],
  "risk": {"level": "RISK_LEVEL_SIGNIFICANT_HARM"},
  "notification": {
    "incident": "INCIDENT_INJURY",
    "happenedAt": "2026-01-21T15:10:00Z",
    "summary": "Bruise seen at school; the child is afraid to go home"
  }
}
)";

// The desk an agency of this kind has.
const char* desk_of(const std::string& kind) {
    if (kind == "police") return "mash";
    if (kind == "health") return "named";
    if (kind == "social_care") return "front_door";
    return "dsl";
}

// One the system has free now; somebody may take it before it is used, and the start says so.
std::uint16_t free_port() {
    const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    auto* name = reinterpret_cast<sockaddr*>(&at);
    const bool ok = ::bind(s, name, size) == 0 && ::getsockname(s, name, &size) == 0;
    ::close(s);
    return ok ? ntohs(at.sin_port) : std::uint16_t{0};
}

class world {
public:
    world(const world_order& o, const clock& machine, random_source& random)
        : o_(o), time_(machine), random_(random), log_(time_),
          days_(obligations::calendar::parse(obligations::shipped_calendar()).value()) {}

    ~world() {
        control_.reset();
        for (auto& p : partners_) p->stop();
        if (dialer_ != nullptr) dialer_->stop();
        partners_.clear();
        if (broker_ != nullptr) broker_->stop();
    }

    status bring_up() {
        const bool fresh = !fs::exists(o_.folder / mark);
        if (fresh)
            CAIRN_TRY(make_folder());
        else
            CAIRN_TRY(load_shift());
        CAIRN_TRY(start_broker());
        if (fresh) CAIRN_TRY(enrol());
        CAIRN_TRY(start_partners());
        auto ear = daemon::control::listen(o_.folder.string(), [this](std::string_view line) {
            return answer(line);
        });
        if (!ear) return ear.error();
        control_ = std::move(*ear);
        return {};
    }

    [[nodiscard]] world_facts facts() const {
        world_facts out;
        out.endpoint = "https://localhost:" + std::to_string(broker_->port());
        out.health = "http://127.0.0.1:" + std::to_string(broker_->health_port());
        out.context = o_.folder / own_name / "context.toml";
        out.admin_context = o_.folder / "admin" / "context.toml";
        out.example = o_.folder / example_name;
        out.desk = own_desk_;
        return out;
    }
    [[nodiscard]] wall_time now() const { return time_.wall_now(); }

    // Until told to stop. An advance is done here, on the thread that ticks the broker.
    status serve() {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGTERM);
        auto ticked = time_.mono_now();
        while (true) {
            const timespec wait{0, look_every_ns};
            const int got = ::sigtimedwait(&set, nullptr, &wait);
            if (got == SIGINT || got == SIGTERM) return {};
            if (broker_->poisoned()) return fail(errc::storage_failed, "ledger");
            const bool moved = take_advance();
            if (!moved && time_.mono_now() - ticked < 1s) continue;
            ticked = time_.mono_now();
            broker_->tick();
            for (auto& p : partners_) p->look();
            if (moved) finish_advance();
        }
    }

private:
    status cairn(std::vector<std::string> words) const {
        if (o_.cairn(words) == 0) return {};
        return fail(errc::internal, "cairn " + words[words[0] == "--context" ? 2 : 0]);
    }
    status as_admin(std::vector<std::string> words) const {
        words.insert(words.begin(), {"--context", (o_.folder / "admin" / "context.toml").string()});
        return cairn(std::move(words));
    }

    status make_folder() {
        std::error_code ec;
        if (fs::exists(o_.folder, ec) && !fs::is_empty(o_.folder, ec))
            return fail(errc::file_exists, o_.folder.string(), "it is no sandbox's");
        const auto port = o_.port == 0 ? free_port() : o_.port;
        const auto health = o_.health_port == 0 ? free_port() : o_.health_port;
        CAIRN_TRY(cairn(
            {"init",
             o_.folder.string(),
             "--partnership",
             partnership,
             "--port",
             std::to_string(port),
             "--health-port",
             std::to_string(health)}
        ));
        std::ofstream(o_.folder / example_name) << example;
        return save_shift();
    }

    status load_shift() {
        std::int64_t us = -1;
        std::ifstream(o_.folder / mark) >> us;
        if (us < 0) return fail(errc::config_bad_value, (o_.folder / mark).string());
        time_.set_shift(us);
        return {};
    }
    status save_shift() const {
        const fs::path draft = o_.folder / (std::string(mark) + ".part");
        std::ofstream(draft) << time_.shift_us() << '\n';
        std::error_code ec;
        fs::rename(draft, o_.folder / mark, ec);
        return ec ? fail(errc::file_unwritable, draft.string()) : status{};
    }

    status start_broker() {
        auto loaded = daemon::load_config((o_.folder / "broker" / "cairnd.toml").string());
        if (!loaded) return loaded.error();
        auto started = daemon::broker::start(std::move(*loaded), time_, random_, log_);
        if (!started) return started.error();
        broker_ = std::move(*started);
        return {};
    }

    status add_agency(
        const std::string& id, const std::string& kind, const std::string& name, const char* role
    ) {
        const std::string desk = id + "/" + role;
        CAIRN_TRY(as_admin({"agency", "add", id, "--kind", kind, "--name", name}));
        CAIRN_TRY(as_admin({"desk", "add", desk, "--ask", name + " of the sandbox, 01632 960999"}));
        std::vector<std::string> issue = {
            "cert", "issue", "agency/" + id, "--make", (o_.folder / id).string(), "--desk", desk};
        for (const char* kind_of_concern :
             {"notification",
              "information_request",
              "answer",
              "outcome",
              "feedback",
              "challenge",
              "correction",
              "recall",
              "acknowledgement",
              "link",
              "status"}) {
            issue.insert(issue.end(), {"--kind", kind_of_concern});
        }
        for (const char* purpose :
             {"s47", "cin17", "early_help", "encompass", "missing", "allegation", "feedback"}) {
            issue.insert(issue.end(), {"--purpose", purpose});
        }
        return as_admin(std::move(issue));
    }

    status enrol() {
        for (const role& r : cast()) CAIRN_TRY(add_agency(r.agency, r.kind, r.name, r.desk));
        CAIRN_TRY(add_agency(own_name, o_.kind, "Your agency", desk_of(o_.kind)));
        return as_admin({"cert", "issue", "auditor/you", "--make", (o_.folder / "auditor").string()}
        );
    }

    result<transport::dial_options> dial_of(const std::string& agency) const {
        const fs::path folder = o_.folder / agency;
        transport::dial_options out;
        out.host = "127.0.0.1";
        out.port = broker_->port();
        out.expect_name = "localhost";
        auto certificate = daemon::read_file((folder / "client.pem").string());
        if (!certificate) return certificate.error();
        auto key = daemon::read_file((folder / "client.key").string(), true);
        if (!key) return key.error();
        auto authority = daemon::read_file((folder / "authority.pem").string());
        if (!authority) return authority.error();
        out.tls.certificate_pem = std::move(*certificate);
        out.tls.key_pem = std::move(*key);
        out.tls.authority_pem = std::move(*authority);
        return out;
    }

    status start_partners() {
        dialer_ = transport::make_dialer();
        for (const role& r : cast()) {
            const auto dial = dial_of(r.agency);
            if (!dial) return dial.error();
            auto made = make_partner(r, *dial, {*dialer_, time_, random_, days_});
            if (!made) return made.error();
            if (*made != nullptr) partners_.push_back(std::move(*made));
        }
        const fs::path own = o_.folder / own_name / "context.toml";
        for (const char* kind : {"school", "police", "health", "social_care"}) {
            const std::string desk = std::string(own_name) + "/" + desk_of(kind);
            if (o_.kind == kind) own_desk_ = desk;
        }
        return fs::exists(own) ? status{} : fail(errc::file_unreadable, own.string());
    }

    // Control thread: hands the step to the thread that ticks, and waits until it is done.
    std::string answer(std::string_view line) {
        constexpr std::string_view word = "advance ";
        if (line.substr(0, word.size()) != word) return "failed 1002 ";
        const auto to = after_step(time_.wall_now(), line.substr(word.size()), days_);
        if (!to) return "failed 1604 " + to.error().where;
        std::unique_lock hold(mutex_);
        wanted_ = *to;
        done_ = false;
        const bool in_time =
            moved_.wait_for(hold, advance_patience, [this] { return done_ || over_; });
        return in_time ? "ok " + rfc3339(time_.wall_now()).substr(0, 19) + "Z" : "failed 1006 ";
    }

    bool take_advance() {
        const std::lock_guard hold(mutex_);
        if (!wanted_) return false;
        const auto by = *wanted_ - time_.wall_now();
        time_.set_shift(time_.shift_us() + by.count());
        wanted_.reset();
        (void) save_shift();
        return true;
    }
    void finish_advance() {
        {
            const std::lock_guard hold(mutex_);
            done_ = true;
        }
        moved_.notify_all();
    }

    const world_order& o_;
    shifted_clock time_;
    random_source& random_;
    daemon::json_log log_;
    obligations::calendar days_;
    std::unique_ptr<daemon::broker> broker_;
    std::unique_ptr<transport::dialer> dialer_;
    std::vector<std::unique_ptr<partner>> partners_;
    std::unique_ptr<daemon::control> control_;
    std::string own_desk_;

    std::mutex mutex_;
    std::condition_variable moved_;
    std::optional<wall_time> wanted_;
    bool done_ = false;
    bool over_ = false;
};

} // namespace

status run_world(
    const world_order& order,
    const clock& machine,
    random_source& random,
    const std::function<void(const world_facts&, wall_time)>& ready
) {
    world w(order, machine, random);
    CAIRN_TRY(w.bring_up());
    ready(w.facts(), w.now());
    return w.serve();
}

result<std::string> advance_world(const fs::path& folder, const std::string& step) {
    auto said = daemon::ask_control(folder.string(), "advance " + step, advance_patience);
    if (!said) return said.error();
    if (said->rfind("ok ", 0) == 0) return said->substr(3);
    return daemon::status_of_answer(*said).error();
}

} // namespace cairn::sandbox
