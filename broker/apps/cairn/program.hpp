// What every command of `cairn` shares: where the broker is, how to call it, how to print.
#pragma once

#include "apps/exit_codes.hpp"
#include "core/result.hpp"
#include "session/codec.hpp"
#include "transport/client.hpp"

#include <google/protobuf/message.h>
#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cairn::cli {

using apps::exit_code;

// A context file: broker, name, certificate, key, authority; written by `cairn init` and
// `cairn cert issue`. By hand: proxy, proxy_auth_file.
struct context {
    std::string folder;
    std::string host;
    std::uint16_t port = 0;
    std::string name;
    transport::tls_files tls;
    transport::proxy_options proxy;
    // Where they were read.
    std::string certificate_file;
    std::string key_file;
    std::string partnership;
    // Folder of the authority, in an admin's context only.
    std::string authority_folder;
    // Verifier keys of the log, one a line.
    std::string vkey_file;
};

class program {
public:
    std::string context_path;
    bool json = false;
    // How long to try while no broker answers at the address.
    int patience_s = 0;
    // A command's last word.
    int code = exit_code::ok;
    // Where set, what a check says goes here and not to standard output.
    std::string* into = nullptr;

    result<context> load_context() const;
    // Connects on first use.
    result<std::vector<bytes>> call_raw(
        std::string_view path,
        const google::protobuf::Message& request,
        std::chrono::seconds most = std::chrono::seconds(60)
    );
    template <class Response>
    result<Response> call(std::string_view path, const google::protobuf::Message& request) {
        auto messages = call_raw(path, request);
        if (!messages) return messages.error();
        Response out;
        if (messages->size() != 1 || !out.ParseFromString(messages->front())) {
            return fail(errc::malformed, "the broker's answer");
        }
        return out;
    }
    result<std::shared_ptr<transport::client>> connection();
    transport::dialer& dial();

    // Says what, where, why and what next on standard error (as one JSON object where JSON was
    // asked for), and sets the exit code.
    void stop_with(const failure& f);
    void print_json(const google::protobuf::Message& m) const;
    void print_json(const nlohmann::ordered_json& value) const;
    ~program();

private:
    std::unique_ptr<transport::dialer> dialer_;
    std::shared_ptr<transport::client> client_;
};

// Asks on the terminal; anything but y or yes is no.
bool says_yes(const std::string& question);

// Columns as wide as their longest cell.
void print_table(
    const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows
);
// Local time is nobody's: UTC, to the second; "-" for zero.
std::string time_text(std::int64_t us);
std::string day_text(std::int64_t us);
// "3 d 4 h", "12 min", "40 s": two units at most.
std::string span_text(std::int64_t us);

// "2026-11-22" (its first moment) or "2026-11-22T09:30:00Z", in microseconds since 1970.
// errc::usage names `what`.
result<std::int64_t> time_from(const std::string& text, const std::string& what);

// "90s", "10m", "4h" or "30d"; errc::usage names `what`.
result<std::chrono::seconds> duration_from(const std::string& text, const std::string& what);

// Whole file or standard input for "-"; errc::file_unreadable.
result<std::string> read_input(const std::string& path);

// What `cairn audit verify` found good.
struct log_verdict {
    std::string origin;
    std::uint64_t size = 0;
    std::string root; // base64
    // Size of the head this context verified before; none the first time.
    std::optional<std::uint64_t> older;
};
// Re-hashes the log of a year (0: the current one) against its signed head and the keys of the
// context, and proves that it holds the head verified last time unchanged. Remembers the new head
// beside the context. errc::log_damaged where the log shrank, forked or does not fit its head.
result<log_verdict> verify_log(program& p, std::uint32_t year);

void add_init(CLI::App& app, program& p);
void add_registry(CLI::App& app, program& p);
void add_certificates(CLI::App& app, program& p);
void add_exchange(CLI::App& app, program& p);
void add_directory(CLI::App& app, program& p);
void add_answers(CLI::App& app, program& p);
void add_audit(CLI::App& app, program& p);
// Under `cairn audit`.
void add_log(CLI::App& audit, program& p);
void add_mandates(CLI::App& app, program& p);
void add_policy(CLI::App& app, program& p);
void add_check(CLI::App& app, program& p);
void add_status(CLI::App& app, program& p);
void add_admin(CLI::App& app, program& p);
void add_support(CLI::App& app, program& p);
// Under `cairn agency`.
void add_invite(CLI::App& agency, program& p);
void add_enrol(CLI::App& app, program& p);
void add_approve(CLI::App& app, program& p);
void add_conform(CLI::App& app, program& p);
void add_renewals(CLI::App& app, program& p);
void add_renew(CLI::App& app, program& p);

} // namespace cairn::cli
