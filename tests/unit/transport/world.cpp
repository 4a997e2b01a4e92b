#include "world.hpp"

#include "core/system.hpp"

namespace cairn::test {

certificate_set& certificates() {
    static certificate_set set("riverbank", system_clock().wall_now(), system_random());
    return set;
}

const issued& agency() {
    static const issued one =
        certificates().issue({certs::identity_kind::agency, "northshire-police"});
    return one;
}

const issued& another() {
    static const issued one = certificates().issue({certs::identity_kind::agency, "oakfield"});
    return one;
}

transport::tls_files files_of(const issued& who) {
    transport::tls_files files;
    files.certificate_pem = who.certificate_pem;
    files.key_pem = who.key_pem;
    files.authority_pem = certificates().authority().certificate_pem();
    return files;
}

world::world(transport::server_options options) {
    if (options.tls.certificate_pem.empty()) {
        const bool allow = options.tls.allow_tls12;
        options.tls = files_of(certificates().server());
        options.tls.crl_pem = certificates().crl_pem();
        options.tls.allow_tls12 = allow;
    }
    server = transport::make_server(
        service.routes,
        service.health,
        options,
        [this](auto event, auto detail) {
            log.change([&](auto& lines) {
                lines.push_back(std::string(event) + " " + std::string(detail));
            });
        }
    );
    service.current_thread = [this] { return server->current_thread(); };
    service.post = [this](unsigned i, std::function<void()> w) { server->post(i, std::move(w)); };
    const auto started = server->start();
    INFO((started ? std::string() : started.error().where + started.error().detail));
    REQUIRE(started.has_value());
}

world::~world() {
    dialer->stop();
    server->stop();
}

transport::dial_options world::as(const issued& who) const {
    transport::dial_options options;
    options.host = "127.0.0.1";
    options.port = server->port();
    options.tls = files_of(who);
    options.timeout = patience;
    return options;
}

raw_options world::by_hand(const issued& who, const std::string& alpn) const {
    raw_options raw;
    raw.port = server->port();
    raw.identity = &who;
    raw.alpn = alpn;
    return raw;
}

bool world::logged(const std::string& event, const std::string& words) {
    return log.wait([&](const auto& lines) {
        for (const auto& line : lines) {
            if (line.rfind(event, 0) == 0 && line.find(words) != line.npos) return true;
        }
        return false;
    });
}

std::shared_ptr<stream_observer> begin(
    transport::dialer& d,
    std::shared_ptr<transport::client> c,
    const std::string& path,
    const std::string& text
) {
    auto observer = std::make_shared<stream_observer>();
    d.post([c, observer, path, text] {
        const auto call = c->start(path, observer, {});
        if (!call) return observer->on_end({14, "no connection", 0, true, 0});
        call->send(message(text));
        call->half_close();
    });
    return observer;
}

} // namespace cairn::test
