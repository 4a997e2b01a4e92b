// A person's key for signing policies, in a file of mode 0600.
#pragma once

#include "signing/private_key.hpp"

#include <filesystem>

namespace cairn::cli {

// Makes one and writes it, its folder too. `name`: signing::is_signer_name(). errc::file_exists
// where the file is there.
result<merkle::note_signer>
make_policy_key(const std::filesystem::path& path, const std::string& name);

// errc::file_unreadable, file_permissions where others can read it, bad_value; each names the file.
result<merkle::note_signer> read_policy_key(const std::string& path);

} // namespace cairn::cli
