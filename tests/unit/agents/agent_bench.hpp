// A plain agent over folders of its own, with a broker in the same thread.
#pragma once

#include "agents/apps/plain_agent.hpp"
#include "fake_broker.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace agents_test {

using namespace cairn::agents;
using namespace cairn::agents::apps;
namespace fs = std::filesystem;

inline constexpr const char* good_json =
    R"({"desks":["northshire-council/front_door"],"notification":{"incident":"INCIDENT_NEGLECT"}})";

inline std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> out;
    for (const auto& e : fs::directory_iterator(folder)) out.push_back(e.path().filename());
    std::sort(out.begin(), out.end());
    return out;
}

struct bench {
    explicit bench(
        std::vector<std::string> desks = {"oakfield/dsl"},
        const fs::path& in = fs::temp_directory_path()
    )
        : folder(in), broker(time) {
        config.folder = (folder.path() / "agent").string();
        config.desks = std::move(desks);
        config.defaults.set_purpose(v1::PURPOSE_S47);
        config.defaults.add_bases(v1::LAWFUL_BASIS_6E);
        config.defaults.mutable_acting()->set_role("dsl");
        auto made = make_folders(config.folder);
        REQUIRE_OK(made);
        where = *made;
        store = make_memory_outbox();
        auto opened = open_notice_book(where.notices.string());
        REQUIRE_OK(opened);
        book = std::move(*opened);
    }
    ~bench() {
        if (agent) agent->stop();
        broker.stop();
    }

    void start(end_options end = {}) {
        agent_parts parts{
            broker,
            *store,
            *book,
            time,
            *numbers,
            [this](log_level level, std::string_view event, std::string_view detail) {
                log += std::string(event) + " " + std::string(detail) + "\n";
                lines += log_line("cairn-agent", {time.wall_now(), level, event, detail}) + "\n";
            },
            [this](bool ok) { ended = ok ? 1 : 2; }};
        parts.make_hook = hooks;
        auto made = make_plain_agent(config, {}, where, std::move(parts), end);
        REQUIRE_OK(made);
        agent = *made;
        agent->start();
    }
    void drop(const std::string& name, std::string_view content) {
        write_file(where.outbox / name, content);
    }
    void run(int seconds = 5) { broker.run_for(std::chrono::seconds(seconds)); }

    // The one answer to a file that was there before.
    [[nodiscard]] std::string duplicate_answer() const {
        std::string found;
        for (const auto& name : names_in(where.sent))
            if (name.find(".duplicate.txt") != name.npos) found += read_file(where.sent / name);
        return found;
    }

    // The one folder under rejected/.
    [[nodiscard]] fs::path rejected() const {
        const auto all = names_in(where.rejected);
        REQUIRE(all.size() == 1);
        return where.rejected / all[0];
    }

    counting_random random;
    // A big file draws on a thread of its own: give it numbers that may be drawn anywhere.
    random_source* numbers = &random;
    manual_clock time;
    scratch_folder folder;
    fake_broker broker;
    agent_config config;
    folders where;
    std::unique_ptr<outbox_store> store;
    std::unique_ptr<notice_book> book;
    std::function<result<std::unique_ptr<hook>>(hook_options, hook::done_function)> hooks =
        make_hook;
    std::shared_ptr<plain_agent> agent;
    std::string log;
    // The same as the program writes it.
    std::string lines;
    int ended = 0;
};

} // namespace agents_test
