#include "session/refusal.hpp"

#include "session/http2_engine.hpp"
#include "session/wire.hpp"

namespace cairn::session {
namespace {

// RFC 9113 section 4.1.
bytes frame(std::uint8_t type, bytes_view payload) {
    bytes out;
    put_u32(out, static_cast<std::uint32_t>(payload.size()));
    out.erase(0, 1);
    out.push_back(static_cast<char>(type));
    out.push_back('\0'); // flags
    put_u32(out, 0);     // the connection's own stream
    out += payload;
    return out;
}

bytes http2_words(const failure& why) {
    constexpr std::uint8_t settings = 4;
    constexpr std::uint8_t goaway = 7;
    bytes farewell;
    put_u32(farewell, 0); // no stream was or will be taken up
    put_u32(farewell, h2_error::enhance_your_calm);
    farewell += sentence(why);
    return frame(settings, {}) + frame(goaway, farewell);
}

bytes http1_words(const failure& why) {
    const std::string body = error_json(why);
    return "HTTP/1.1 " + std::to_string(http_status(why)) +
           " Refused\r\ncontent-type: application/json\r\ncontent-length: " +
           std::to_string(body.size()) +
           "\r\ncache-control: no-store\r\nconnection: close\r\n\r\n" + body;
}

class refusal final : public server_connection {
public:
    explicit refusal(bytes words) : words_(std::move(words)) {}
    void receive(bytes_view, mono_time) override {}
    void closed() override { words_.clear(); }
    bytes_view output() override { return bytes_view(words_).substr(at_); }
    void sent(std::size_t n, mono_time) override { at_ += n; }
    [[nodiscard]] bool wants_read() const override { return false; }
    [[nodiscard]] bool finished() const override { return at_ >= words_.size(); }
    [[nodiscard]] std::optional<mono_time> next_deadline() const override { return std::nullopt; }
    void tick(mono_time) override {}
    void shut_down(mono_time) override {}
    void on_output(std::function<void()>) override {}
    [[nodiscard]] const session_counters& counters() const override { return counters_; }

private:
    bytes words_;
    std::size_t at_ = 0;
    session_counters counters_;
};

} // namespace

std::unique_ptr<server_connection> make_refusal(bool http2, const failure& why) {
    return std::make_unique<refusal>(http2 ? http2_words(why) : http1_words(why));
}

} // namespace cairn::session
