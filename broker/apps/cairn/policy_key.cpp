#include "apps/cairn/policy_key.hpp"

#include "certs/files.hpp"
#include "core/system.hpp"

namespace cairn::cli {

using certs::existing;
using certs::reach;

result<merkle::note_signer>
make_policy_key(const std::filesystem::path& path, const std::string& name) {
    ed25519_private key;
    system_random().fill(key.seed);
    std::string text = signing::print_private_key(name, key);
    if (path.has_parent_path()) CAIRN_TRY(certs::make_private_folder(path.parent_path()));
    const status written = certs::write_file(path, text, reach::secret, existing::keep);
    wipe(text.data(), text.size());
    merkle::note_signer out(name, key, merkle::key_type::ed25519);
    wipe(key.seed.data(), key.seed.size());
    CAIRN_TRY(written);
    return out;
}

result<merkle::note_signer> read_policy_key(const std::string& path) {
    auto text = certs::read_secret(path);
    if (!text) return text.error();
    auto out = signing::parse_private_key(*text);
    wipe(text->data(), text->size());
    if (!out) return fail(out.error().code, path + ", " + out.error().where);
    return out;
}

} // namespace cairn::cli
