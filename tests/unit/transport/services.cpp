#include "services.hpp"

#include "session/codec.hpp"

#include <stdexcept>

#include <google/protobuf/source_context.pb.h>

namespace cairn::test {
namespace {

using google::protobuf::SourceContext;
using session::call;

bytes encoded(const call& c, bytes_view request) {
    SourceContext m;
    return session::decode(request, c.how(), m) ? m.SerializeAsString() : message("undecoded");
}

class echo final : public session::handler {
public:
    void on_message(call& c, bytes_view request) override {
        c.send(encoded(c, request));
        c.finish();
    }
};

class later final : public session::handler {
public:
    explicit later(services& s) : s_(s) {}
    void on_message(call& c, bytes_view request) override {
        const unsigned here = s_.current_thread();
        s_.pending.change([&](auto& all) {
            all.push_back({c.weak_from_this(), here, encoded(c, request)});
        });
    }
    void on_closed(call&) override {
        s_.seen.change([](auto& seen) { ++seen.ended; });
    }

private:
    services& s_;
};

class watch final : public session::handler {
public:
    explicit watch(services& s) : s_(s) {}
    void on_message(call& c, bytes_view request) override {
        c.send(encoded(c, request));
        s_.seen.change([](auto& seen) { ++seen.watching; });
    }
    void on_closed(call&) override {
        s_.seen.change([](auto& seen) {
            --seen.watching;
            ++seen.ended;
        });
    }

private:
    services& s_;
};

class thrower final : public session::handler {
public:
    explicit thrower(services& s) : s_(s) {}
    void on_message(call&, bytes_view) override { throw std::runtime_error("planted"); }
    void on_closed(call&) override {
        s_.seen.change([](auto& seen) { ++seen.ended; });
    }

private:
    services& s_;
};

} // namespace

services::services() {
    const auto add = [this](const char* path, session::method_kind kind, auto make) {
        session::method m;
        m.path = path;
        m.kind = kind;
        m.input = m.output = SourceContext::descriptor();
        m.make = [this, make](call& c) -> std::unique_ptr<session::handler> {
            seen.change([&](auto& s) {
                s.peers.push_back(c.who());
                s.opened_on.push_back(current_thread());
            });
            return make();
        };
        routes.add(m);
    };
    add("/t.T/Echo", session::method_kind::unary, [] { return std::make_unique<echo>(); });
    add("/t.T/Later", session::method_kind::unary, [this] { return std::make_unique<later>(*this); }
    );
    add("/t.T/Watch", session::method_kind::server_stream, [this] {
        return std::make_unique<watch>(*this);
    });
    add("/t.T/Throw", session::method_kind::unary, [this] {
        return std::make_unique<thrower>(*this);
    });
    routes.add_page("/big", [](const session::peer&) {
        return session::page{200, "text/plain", std::string(32'000'000, 'b')};
    });
    routes.add_page("/page", [](const session::peer& who) {
        return session::page{200, "text/plain", "hello " + (who.uris.empty() ? "" : who.uris[0])};
    });
    health.add_page("/livez", [](const session::peer&) {
        return session::page{200, "text/plain", "ok\n"};
    });
}

void services::release() {
    std::vector<waiting> all;
    pending.change([&](auto& w) { all.swap(w); });
    for (auto& w : all) {
        post(w.thread, [this, w] {
            const unsigned here = current_thread();
            seen.change([&](auto& s) { s.answered_on.push_back(here); });
            if (const auto c = w.call.lock()) {
                c->send(w.answer);
                c->finish();
            }
        });
    }
}

bytes message(const std::string& text) {
    SourceContext m;
    m.set_file_name(text);
    return m.SerializeAsString();
}

std::string text_of(bytes_view encoded) {
    SourceContext m;
    return m.ParseFromArray(encoded.data(), static_cast<int>(encoded.size())) ? m.file_name()
                                                                              : "unparsed";
}

} // namespace cairn::test
