// libFuzzer's entry. CAIRN_FUZZ_TARGET names the target.
#include "fuzz/targets.hpp"

#include <cstddef>
#include <cstdlib>

namespace {
const cairn::fuzz::target* chosen = nullptr;
} // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    const char* name = std::getenv("CAIRN_FUZZ_TARGET");
    chosen = name == nullptr ? nullptr : cairn::fuzz::find(name);
    cairn::fuzz::must(chosen != nullptr, "CAIRN_FUZZ_TARGET names a target");
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    chosen->run({reinterpret_cast<const char*>(data), size});
    return 0;
}
