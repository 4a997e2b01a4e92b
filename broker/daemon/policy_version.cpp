#include "daemon/policy_version.hpp"

#include "daemon/runtime.hpp"
#include "policy/proof/load.hpp"
#include "routing/route.hpp"
#include "signing/statement.hpp"

namespace cairn::daemon {
namespace {

failure in_file(failure f, const std::string& path) {
    f.where = f.where.empty() ? path : path + ", " + f.where;
    return f;
}

result<std::vector<signing::signer>>
signers_of(const policy_files& files, const v1::Policy& text, const admission& by) {
    if (!merkle::is_note_line(text.version()))
        return fail(errc::policy_invalid, "line 1, column 1: version must be one line of text");
    auto out = signing::check_signatures(
        files.note, {by.partnership, text.version(), sha256(files.text)}, by.trusted
    );
    if (!out) return in_file(out.error(), note_path(files.path));
    return out;
}

status check_first_day(const v1::Policy& policy, const std::string& today) {
    if (policy.valid_from().empty() || policy.valid_from() <= today) return {};
    return fail(errc::policy_not_yet, "valid_from: " + policy.valid_from());
}

result<policy_version> checked(
    const std::string& text, std::int64_t now_us, const known_proof& known, std::string signed_by
) {
    const std::string today = policy_day(now_us);
    policy_version out;
    out.text = text;
    if (known && known(sha256(text))) {
        auto rules = policy::table::compile(text, today, std::move(signed_by));
        if (!rules) return rules.error();
        out.rules = std::move(*rules);
    } else {
        auto made = policy::prove_text(text, today, std::move(signed_by));
        if (!made) return made.error();
        out.rules = std::move(made->rules);
        out.proved = {made->points, made->semantic};
    }
    CAIRN_TRY(check_first_day(out.rules->source(), today));
    CAIRN_TRY(routing::prove_routing(*out.rules));
    return out;
}

} // namespace

std::string note_path(const std::string& policy_path) {
    return policy_path + ".sig";
}

result<policy_files> read_policy_files(const config& c) {
    policy_files out;
    out.path = c.policy_file;
    auto text = read_file(c.policy_file);
    if (!text) return fail(errc::policy_missing, c.policy_file);
    out.text = std::move(*text);
    auto note = read_file(note_path(c.policy_file));
    if (!note)
        return fail(errc::policy_unsigned, note_path(c.policy_file) + ": there is no such file");
    out.note = std::move(*note);
    return out;
}

result<std::vector<signing::trusted_key>> read_signers(const config& c) {
    auto text = read_file(c.policy_signers_file);
    if (!text) return text.error();
    auto out = signing::signers_of_file(*text);
    if (!out) return in_file(out.error(), c.policy_signers_file);
    return out;
}

// The text first: who has something to mend in it has to have it signed again anyway.
result<policy_version> admit_policy(const policy_files& files, const admission& by) {
    auto out = checked(files.text, by.now_us, by.known, {});
    if (!out) return in_file(out.error(), files.path);
    auto signers = signers_of(files, out->rules->source(), by);
    if (!signers) return signers.error();
    // Whoever is told of a rule is told who signed it.
    auto named = policy::table::compile(files.text, policy_day(by.now_us), names_of(*signers));
    if (!named) return in_file(named.error(), files.path);
    out->rules = std::move(*named);
    out->note = files.note;
    out->signers = std::move(*signers);
    return out;
}

result<policy_version> prove_policy(
    const std::string& text, std::int64_t now_us, std::string signed_by, const known_proof& known
) {
    return checked(text, now_us, known, std::move(signed_by));
}

judged_policy judge_configured(const config& c, std::int64_t now_us, known_proof known) {
    judged_policy out{{}, read_signers(c), fail(errc::policy_missing)};
    const auto files = read_policy_files(c);
    // A text without its note is one all the same, and a record names it.
    const auto text = files ? result<std::string>(files->text) : read_file(c.policy_file);
    if (text) out.digest_hex = to_hex(view(sha256(*text)));
    if (!out.trusted)
        out.version = out.trusted.error();
    else if (!files)
        out.version = files.error();
    else
        out.version = admit_policy(*files, {c.partnership, *out.trusted, now_us, std::move(known)});
    return out;
}

std::string names_of(const std::vector<signing::signer>& signers) {
    std::string out;
    for (std::size_t i = 0; i < signers.size(); ++i) {
        const bool last = i + 1 == signers.size();
        if (i != 0) out += last ? " and " : ", ";
        out += signers[i].name;
    }
    return out;
}

std::string prover_name() {
    return std::to_string(policy::prover_version);
}

} // namespace cairn::daemon
