#include "merkle/seed.hpp"

#include <algorithm>

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
    const char first = static_cast<char>(u);
    bytes number;
    put_u32(number, i);
    return sha256({bytes_view{&first, 1}, view(seed), number});
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
