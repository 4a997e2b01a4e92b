#include "agents/core/renewal.hpp"

#include "certs/authority.hpp"
#include "certs/files.hpp"
#include "certs/parse.hpp"
#include "certs/request.hpp"
#include "certs/verify.hpp"
#include "core/crypto.hpp"

#include "cairn/v1/enrolment.pb.h"

namespace cairn::agents {
namespace {

namespace v1 = ::cairn::v1;
namespace fs = std::filesystem;
using certs::existing;
using certs::reach;

constexpr auto patience = std::chrono::seconds(30);

fs::path beside(const fs::path& file, const char* suffix) {
    fs::path out = file;
    out += suffix;
    return out;
}

fs::path request_file(const renewal_files& f) {
    fs::path out = f.key;
    out.replace_extension(".csr.next");
    return out;
}

bool there(const fs::path& file) {
    std::error_code ec;
    return fs::exists(file, ec);
}

status move_to(const fs::path& from, const fs::path& to) {
    std::error_code ec;
    fs::rename(from, to, ec);
    if (ec) return fail(errc::file_unwritable, to.string(), ec.message());
    return {};
}

void forget(const fs::path& file) {
    std::error_code ec;
    fs::remove(file, ec);
}

// One call over a connection of its own, with these two files.
class caller {
public:
    caller(transport::dialer& dialer, transport::dial_options where, const renewal_files& f)
        : dialer_(dialer), where_(std::move(where)), files_(f) {}

    template <class Response>
    result<Response> call(std::string_view path, const google::protobuf::Message& request) {
        auto certificate = certs::read_file(files_.certificate);
        if (!certificate) return certificate.error();
        auto key = certs::read_secret(files_.key);
        if (!key) return key.error();
        transport::dial_options o = where_;
        o.tls.certificate_pem = std::move(*certificate);
        o.tls.key_pem = std::move(*key);
        o.tls.authority_pem = files_.authority_pem;
        auto c = transport::connect(dialer_, std::move(o));
        if (!c) return c.error();
        const auto answer =
            transport::call_unary(dialer_, **c, path, request.SerializeAsString(), patience);
        dialer_.post([client = *c] { client->close(); });
        if (answer.end.grpc_status != 0) return failure_of(answer.end);
        Response out;
        if (answer.messages.size() != 1 || !out.ParseFromString(answer.messages.front())) {
            return fail(errc::malformed, "the broker's answer");
        }
        return out;
    }

private:
    static failure failure_of(const session::call_end& end) {
        for (const error_entry& e : error_table) {
            if (static_cast<std::uint32_t>(e.code) == end.number) return fail(e.code, end.message);
        }
        return fail(errc::unavailable, end.message);
    }

    transport::dialer& dialer_;
    transport::dial_options where_;
    const renewal_files& files_;
};

// Its predecessor's last moment: a record, by the successor's own hand.
status retire_old(caller& by, const renewal_files& f) {
    const fs::path old = beside(f.certificate, ".old");
    const auto pem = certs::read_file(old);
    if (!pem) return {};
    const auto facts = certs::parse_certificate(*pem);
    if (!facts) return facts.error();
    v1::RetireRequest request;
    request.set_certificate_sha256(to_hex(view(facts->fingerprint)));
    const auto done = by.call<v1::RetireResponse>("/cairn.v1.Enrol/Retire", request);
    if (!done) return done.error();
    forget(old);
    return {};
}

// Of spiffe://<partnership>/agency/<id>.
std::string partnership_of(const std::string& uri) {
    constexpr std::size_t scheme = std::string_view("spiffe://").size();
    return uri.size() <= scheme ? std::string()
                                : uri.substr(scheme, uri.find('/', scheme) - scheme);
}

result<std::string> request_of(const renewal_files& f, const certs::certificate_facts& mine) {
    const fs::path csr = request_file(f);
    const fs::path next = beside(f.key, ".next");
    if (there(next)) {
        if (auto before = certs::read_file(csr)) return before;
    }
    if (mine.uris.size() != 1) return fail(errc::certificate_identity);
    const std::string partnership = partnership_of(mine.uris.front());
    const auto who = certs::identity_of(mine, partnership);
    if (!who) return who.error();
    const auto made = certs::make_request(*who, partnership);
    if (!made) return made.error();
    CAIRN_TRY(certs::write_file(next, made->key_pem, reach::secret, existing::replace));
    CAIRN_TRY(certs::write_file(csr, made->request_pem, reach::open, existing::replace));
    return made->request_pem;
}

// The broker is not believed: of the new key, under the old name, by the authority.
status check_successor(
    const renewal_files& f,
    const std::string& pem,
    const std::string& request,
    const certs::certificate_facts& mine,
    wall_time now
) {
    const auto facts = certs::parse_certificate(pem);
    if (!facts) return facts.error();
    const auto same = certs::same_key(pem, request);
    if (!same) return same.error();
    if (!*same || facts->uris != mine.uris) {
        return fail(errc::rights_differ, "the successor: of another key or name");
    }
    certs::chain_question question;
    question.certificate_pem = pem;
    question.authority_pem = f.authority_pem;
    question.at = now;
    return certs::verify_chain(question);
}

status change_over(const renewal_files& f, const std::string& pem) {
    const auto old = certs::read_file(f.certificate);
    if (!old) return old.error();
    CAIRN_TRY(certs::write_file(beside(f.certificate, ".old"), *old, reach::open, existing::replace)
    );
    CAIRN_TRY(certs::write_file(beside(f.certificate, ".next"), pem, reach::open, existing::replace)
    );
    return finish_change(f);
}

} // namespace

wall_time renewal_due(wall_time from, wall_time until) {
    return from + (until - from) / 3 * 2;
}

status finish_change(const renewal_files& f) {
    const fs::path certificate = beside(f.certificate, ".next");
    if (!there(certificate)) return {};
    const fs::path key = beside(f.key, ".next");
    if (there(key)) CAIRN_TRY(move_to(key, f.key));
    CAIRN_TRY(move_to(certificate, f.certificate));
    forget(request_file(f));
    return {};
}

result<renewal_state> renew(
    transport::dialer& dialer,
    transport::dial_options connection,
    const renewal_files& files,
    wall_time now,
    bool now_anyway
) {
    CAIRN_TRY(finish_change(files));
    caller by(dialer, std::move(connection), files);
    CAIRN_TRY(retire_old(by, files));
    const auto pem = certs::read_file(files.certificate);
    if (!pem) return pem.error();
    const auto mine = certs::parse_certificate(*pem);
    if (!mine) return mine.error();
    renewal_state out;
    out.due = renewal_due(mine->not_before, mine->not_after);
    out.ends = mine->not_after;
    const bool asked = there(beside(files.key, ".next"));
    if (now < out.due && !now_anyway && !asked) return out;
    const auto request = request_of(files, *mine);
    if (!request) return request.error();
    const auto key = certs::read_secret(files.key);
    if (!key) return key.error();
    const auto signature = certs::sign_text(*key, certs::renewal_text(*request));
    if (!signature) return signature.error();
    v1::RenewRequest ask;
    ask.set_request_pem(*request);
    ask.set_signature(*signature);
    const auto answer = by.call<v1::RenewState>("/cairn.v1.Enrol/Renew", ask);
    if (!answer) return answer.error();
    if (!answer->refused_because().empty()) {
        out.step = renewal_step::refused;
        out.why = answer->refused_because();
        return out;
    }
    out.step = renewal_step::waits;
    out.asked = from_us(answer->asked_us());
    if (answer->successor_pem().empty()) return out;
    CAIRN_TRY(check_successor(files, answer->successor_pem(), *request, *mine, now));
    CAIRN_TRY(change_over(files, answer->successor_pem()));
    out.step = renewal_step::changed;
    // In use from now on; where this fails the next step does it.
    CAIRN_TRY(retire_old(by, files));
    return out;
}

} // namespace cairn::agents
