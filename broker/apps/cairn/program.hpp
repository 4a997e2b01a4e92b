// What every command of `cairn` shares: where the broker is, how to call it, how to print.
#pragma once

#include "core/result.hpp"
#include "session/codec.hpp"
#include "transport/client.hpp"

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cairn::cli {

// sysexits, and two of our own.
enum exit_code : int {
    ok = 0,
    usage = 64,
    bad_data = 65,
    no_input = 66,
    unavailable = 69,
    internal = 70,
    try_later = 75,
    not_permitted = 77,
    bad_config = 78,
    refused_by_policy = 80,
    evidence_broken = 81,
};

// A context file: broker, name, certificate, key, authority; written by `cairn init` and
// `cairn cert issue`.
struct context {
    std::string folder;
    std::string host;
    std::uint16_t port = 0;
    std::string name;
    transport::tls_files tls;
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
    // A command's last word.
    int code = exit_code::ok;

    result<context> load_context() const;
    // Connects on first use.
    result<std::vector<bytes>>
    call_raw(std::string_view path, const google::protobuf::Message& request);
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

    // Says what, where and what next on standard error, and sets the exit code.
    void stop_with(const failure& f);
    void print_json(const google::protobuf::Message& m) const;
    ~program();

private:
    std::unique_ptr<transport::dialer> dialer_;
    std::shared_ptr<transport::client> client_;
};

// Columns as wide as their longest cell.
void print_table(
    const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows
);
// Local time is nobody's: UTC, to the second; "-" for zero.
std::string time_text(std::int64_t us);
std::string day_text(std::int64_t us);

// Whole file or standard input for "-"; errc::file_unreadable.
result<std::string> read_input(const std::string& path);

// Downloads and re-hashes the log against the keys written down in the context.
void verify_log(program& p);

void add_init(CLI::App& app, program& p);
void add_registry(CLI::App& app, program& p);
void add_certificates(CLI::App& app, program& p);
void add_exchange(CLI::App& app, program& p);
void add_answers(CLI::App& app, program& p);
void add_audit(CLI::App& app, program& p);
void add_check(CLI::App& app, program& p);

} // namespace cairn::cli
