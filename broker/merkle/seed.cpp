#include "merkle/seed.hpp"

#include <algorithm>
#include <array>

namespace cairn::merkle {
namespace {

enum class use : char {
    commitment = 0x02,
    entry_salt = 0x03,
    padding = 0x04,
    randomness = 0x05,
    field_salt = 0x06,
};

digest derive(use u, const record_seed& seed, std::uint32_t i) {
    std::array<char, 37> in{static_cast<char>(u)};
    std::copy(seed.begin(), seed.end(), in.begin() + 1);
    for (int byte = 0; byte < 4; ++byte) {
        in[static_cast<std::size_t>(33 + byte)] = static_cast<char>(i >> (24 - 8 * byte));
    }
    const digest out = sha256(bytes_view{in.data(), in.size()});
    wipe(in.data(), in.size());
    return out;
}

salt128 first_half(const digest& d) {
    salt128 out{};
    std::copy_n(d.begin(), out.size(), out.begin());
    return out;
}

} // namespace

salt128 entry_salt(const record_seed& seed, std::uint32_t i) {
    return first_half(derive(use::entry_salt, seed, i));
}

digest commitment_randomness(const record_seed& seed, std::uint32_t i) {
    return derive(use::randomness, seed, i);
}

digest padding_leaf(const record_seed& seed, std::uint32_t i) {
    return derive(use::padding, seed, i);
}

salt128 field_salt(const record_seed& seed, std::uint32_t i) {
    return first_half(derive(use::field_salt, seed, i));
}

digest commit(const digest& randomness, bytes_view exact) {
    const char first = static_cast<char>(use::commitment);
    return sha256({bytes_view{&first, 1}, view(randomness), exact});
}

} // namespace cairn::merkle
