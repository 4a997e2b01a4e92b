#include "daemon/control_answers.hpp"

#include "daemon/start.hpp"
#include "ledger/key_copier.hpp"

#include <algorithm>
#include <charconv>

namespace cairn::daemon {
namespace {

constexpr std::string_view copy_keys = "copy keys";
constexpr std::string_view backed_up = "backed up ";
constexpr std::string_view good = "ok";
constexpr std::string_view bad = "failed ";

std::string answer_of(const status& s) {
    if (s) return std::string(good);
    const auto number = static_cast<unsigned>(s.error().code);
    return std::string(bad) + std::to_string(number) + " " + s.error().detail;
}

bool printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

} // namespace

std::string backup_folder(const std::string& data_folder) {
    return data_folder + "/backup";
}

std::string answer_control(runtime& rt, std::string_view line) {
    if (line == copy_keys) {
        auto* keys = dynamic_cast<ledger::key_copier*>(&rt.store());
        if (keys == nullptr) return answer_of(fail(errc::unimplemented));
        const status done = keys->copy_keys(backup_folder(rt.data_folder) + "/keys.db");
        if (!done) rt.alarm("backup_failed", "keys.db was not copied");
        return answer_of(done);
    }
    if (line.substr(0, backed_up.size()) == backed_up && printable(line)) {
        queue_note(rt, "backup", line.substr(backed_up.size()));
        rt.log("backup", line.substr(backed_up.size()));
        return std::string(good);
    }
    return answer_of(fail(errc::unimplemented));
}

status status_of_answer(std::string_view answer) {
    if (answer == good) return {};
    failure out = fail(errc::internal, "control socket");
    if (answer.substr(0, bad.size()) != bad) return out;
    answer.remove_prefix(bad.size());
    unsigned number = 0;
    const auto end = std::from_chars(answer.data(), answer.data() + answer.size(), number);
    for (const error_entry& e : error_table) {
        if (static_cast<unsigned>(e.code) == number) out.code = e.code;
    }
    out.detail = std::string(end.ptr, answer.data() + answer.size());
    return out;
}

} // namespace cairn::daemon
