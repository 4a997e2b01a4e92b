#include "apps/cairn/health_page.hpp"

#include <boost/asio/ip/tcp.hpp>

namespace cairn::cli {
namespace {

struct page {
    int status = 0;
    std::vector<std::string> lines;
};

constexpr std::size_t lines_max = 20000;

result<page> get(const std::string& address, const std::string& path) {
    const auto colon = address.rfind(':');
    if (colon == std::string::npos) return fail(errc::usage, "--health: HOST:PORT");
    boost::asio::ip::tcp::iostream in;
    in.expires_after(std::chrono::seconds(10));
    in.connect(address.substr(0, colon), address.substr(colon + 1));
    if (!in) return fail(errc::connect_failed, address, in.error().message());
    in << "GET " << path << " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
       << std::flush;
    page out;
    std::string version;
    in >> version >> out.status;
    std::string line;
    while (std::getline(in, line) && line != "\r") {
    }
    while (out.lines.size() < lines_max && std::getline(in, line)) {
        if (!line.empty()) out.lines.push_back(line);
    }
    return out;
}

} // namespace

result<std::vector<std::string>> failing_by_page(const std::string& address) {
    auto answer = get(address, "/readyz");
    if (!answer) return answer.error();
    if (answer->status == 200) return std::vector<std::string>();
    if (answer->status != 503 || answer->lines.empty())
        return fail(errc::malformed, address + "/readyz");
    constexpr std::size_t told = 100;
    if (answer->lines.size() > told) answer->lines.resize(told);
    return std::move(answer->lines);
}

std::map<std::string, double> samples_of(const std::vector<std::string>& lines) {
    std::map<std::string, double> out;
    for (const std::string& line : lines) {
        const auto space = line.rfind(' ');
        if (line.starts_with('#') || space == std::string::npos) continue;
        char* end = nullptr;
        const double value = std::strtod(line.c_str() + space + 1, &end);
        if (end != line.c_str() + space + 1) out[line.substr(0, space)] = value;
    }
    return out;
}

result<std::map<std::string, double>> metrics_by_page(const std::string& address) {
    auto answer = get(address, "/metrics");
    if (!answer) return answer.error();
    if (answer->status != 200) return fail(errc::malformed, address + "/metrics");
    return samples_of(answer->lines);
}

} // namespace cairn::cli
