#include "apps/verify/files.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace cairn::verify_app {
namespace {

// A full entry bundle: 256 entries of 65535 bytes and their lengths.
constexpr std::uintmax_t file_bytes_max = 256 * (65535 + 2);

result<std::vector<merkle::verifier_key>> keys_of_file(const std::string& path) {
    const auto text = read_file(path);
    if (!text) return text.error();
    std::vector<merkle::verifier_key> out;
    std::istringstream lines(*text);
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (line.empty() || line.front() == '#') continue;
        auto key = merkle::parse_vkey(line);
        if (!key) {
            failure f = key.error();
            f.where += ", " + path + " line " + std::to_string(number);
            return f;
        }
        out.push_back(std::move(*key));
    }
    if (out.empty()) return fail(errc::bad_value, path, "the file holds no verifier key");
    return out;
}

} // namespace

result<bytes> read_file(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
        return fail(errc::file_unreadable, path, error ? error.message() : "not a file");
    }
    if (std::filesystem::file_size(path, error) > file_bytes_max || error) {
        return fail(errc::file_unreadable, path, "larger than any file of this kind");
    }
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    if (!in || (out.fail() && !out.str().empty())) {
        return fail(errc::file_unreadable, path, "cannot be opened");
    }
    return std::move(out).str();
}

merkle::file_reader read_below(std::string folder) {
    return [root = std::filesystem::path(std::move(folder))](std::string_view path) {
        return read_file((root / path).string());
    };
}

result<std::vector<merkle::verifier_key>> read_keys(const std::vector<std::string>& texts) {
    std::vector<merkle::verifier_key> out;
    for (const std::string& text : texts) {
        auto key = merkle::parse_vkey(text);
        if (key) {
            out.push_back(std::move(*key));
            continue;
        }
        std::error_code error;
        // A mistyped key must not be reported as a missing file.
        if (text.find('+') != std::string::npos && !std::filesystem::exists(text, error)) {
            return key.error();
        }
        auto more = keys_of_file(text);
        if (!more) return more.error();
        out.insert(out.end(), more->begin(), more->end());
    }
    return out;
}

result<std::vector<digest>> read_path(const std::string& path) {
    const auto text = read_file(path);
    if (!text) return text.error();
    std::vector<digest> out;
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
        if (line.empty()) continue;
        const auto hash = merkle::hash_from_base64(line);
        if (!hash || out.size() == merkle::path_hashes_max) {
            const std::string number = std::to_string(out.size() + 1);
            return fail(errc::note_malformed, "hash " + number + " of " + path);
        }
        out.push_back(*hash);
    }
    return out;
}

} // namespace cairn::verify_app
