// What a support bundle is made of, as far as the broker itself can tell it.
#include "daemon/operations.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <filesystem>
#include <regex>
#include <thread>

namespace cairn::daemon {
namespace {

// A folder's name may be a person's: only the last part of a path is told.
std::string last_part(const std::string& path) {
    return std::filesystem::path(path).filename().string();
}

bool is_secret(const std::string& key) {
    return key == "tls.key" || key.rfind("keys.", 0) == 0;
}

// From where a path may begin to where it must end everything up to the last '/' goes: folders may
// have spaces in their names. A method's name, which begins "/cairn.v1.", is no path.
std::string without_folders(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const bool begins =
            i == 0 || std::string_view(" \t\n\"'(=,:").find(text[i - 1]) != std::string_view::npos;
        if (text[i] == '/' && begins && text.substr(i).rfind("/cairn.v1.", 0) != 0) {
            const auto end = std::min(text.find_first_of("\"'():\n", i), text.size());
            const std::size_t last = i + text.substr(i, end - i).rfind('/');
            if (last != i) {
                out += "…/";
                i = last + 1;
                continue;
            }
        }
        out.push_back(text[i++]);
    }
    return out;
}

std::string verdict_of(const std::string& key, const std::string& path) {
    if (path.empty()) return "not set";
    struct stat st {};
    if (::stat(path.c_str(), &st) != 0) return "not there";
    if (::access(path.c_str(), R_OK) != 0) return "not readable";
    if (is_secret(key) && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0) return "readable by others";
    return S_ISDIR(st.st_mode) ? "good, a folder"
                               : fmt::format("good, mode {:04o}", st.st_mode & 07777U);
}

} // namespace

void diagnose_settings(const loaded_config& config, v1::DiagnoseResponse& out) {
    for (const effective& e : config.settings) {
        auto& row = *out.add_settings();
        row.set_key(e.key);
        row.set_source(e.source);
        row.set_value(e.is_path ? last_part(e.value) : e.value);
        if (e.is_path) row.set_verdict(verdict_of(e.key, e.value));
    }
}

std::string scrubbed(std::string text) {
    static const std::regex v4(R"(\b(\d{1,3}\.){3}\d{1,3}(:\d{1,5})?\b)");
    static const std::regex v6(R"(([0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(%\w+)?:\d{1,5}\b)");
    text = std::regex_replace(text, v4, "[address]");
    text = std::regex_replace(text, v6, "[address]");
    return without_folders(text);
}

void diagnose_log(const std::vector<std::string>& lines, v1::DiagnoseResponse& out) {
    for (const auto& line : lines) out.add_log(scrubbed(line));
}

void diagnose_machine(v1::DiagnoseResponse& out) {
    const auto fact = [&out](std::string_view name, std::string value) {
        auto& f = *out.add_facts();
        f.set_name(std::string(name));
        f.set_value(std::move(value));
    };
    utsname system{};
    // Not the machine's name.
    if (::uname(&system) == 0) {
        fact("system", fmt::format("{} {} {}", system.sysname, system.release, system.machine));
    }
    fact("processors", std::to_string(std::thread::hardware_concurrency()));
    const auto pages = ::sysconf(_SC_PHYS_PAGES);
    const auto page = ::sysconf(_SC_PAGE_SIZE);
    fact("memory MiB", std::to_string(pages / 1024 * page / 1024));
    rusage used{};
    if (::getrusage(RUSAGE_SELF, &used) == 0) {
        fact("broker's largest memory MiB", std::to_string(used.ru_maxrss / 1024));
        fact("broker's CPU seconds", std::to_string(used.ru_utime.tv_sec + used.ru_stime.tv_sec));
    }
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        fact("open files allowed", std::to_string(files.rlim_cur));
    }
    fact("runs as root", ::geteuid() == 0 ? "yes" : "no");
}

} // namespace cairn::daemon
