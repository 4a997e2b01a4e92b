#include "apps/cairn/health_page.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <sstream>

namespace cairn::cli {

result<std::vector<std::string>> failing_by_page(const std::string& address) {
    const auto colon = address.rfind(':');
    if (colon == std::string::npos) return fail(errc::usage, "--health: HOST:PORT");
    boost::asio::ip::tcp::iostream page;
    page.expires_after(std::chrono::seconds(10));
    page.connect(address.substr(0, colon), address.substr(colon + 1));
    if (!page) return fail(errc::connect_failed, address, page.error().message());
    page << "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" << std::flush;
    std::string version;
    int status = 0;
    page >> version >> status;
    std::string line;
    while (std::getline(page, line) && line != "\r") {
    }
    if (status == 200) return std::vector<std::string>();
    std::vector<std::string> out;
    while (out.size() < 100 && std::getline(page, line)) {
        if (!line.empty()) out.push_back(line);
    }
    if (status != 503 || out.empty()) return fail(errc::malformed, address + "/readyz");
    return out;
}

} // namespace cairn::cli
