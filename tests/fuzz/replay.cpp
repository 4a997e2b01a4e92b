// usage: fuzz-replay CORPUS          every seed, and every file of CORPUS/<target>, through its
//                                    target; as it is, cut short and with changed bytes
//        fuzz-replay --seeds FOLDER  writes the seeds to FOLDER/<target>
//        fuzz-replay TARGET FILE     one input
//        fuzz-replay --list          the targets' names
//
// An input that ends the process is left in the file replay-failed.
#include "fuzz/targets.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

using namespace cairn;
namespace fs = std::filesystem;

namespace {

// What runs now, for the handler.
bytes_view running;

extern "C" void leave_input(int signal) {
    // The process ends: what is not safe in a handler may at worst end it sooner.
    std::ofstream("replay-failed", std::ios::binary) << running;
    std::cerr << "the input is in replay-failed" << std::endl;
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void run(const fuzz::target& t, bytes_view input) {
    running = input;
    t.run(input);
}

bytes read(const fs::path& p) {
    std::ifstream in(p, std::ios::binary);
    return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

std::vector<bytes> files_of(const fs::path& folder) {
    std::vector<fs::path> paths;
    if (fs::is_directory(folder)) {
        for (const auto& f : fs::directory_iterator(folder)) paths.push_back(f.path());
    }
    std::sort(paths.begin(), paths.end());
    std::vector<bytes> out;
    for (const auto& p : paths) out.push_back(read(p));
    return out;
}

// At most about a hundred variants an input, the same each time.
std::size_t vary(const fuzz::target& t, const bytes& input) {
    const std::size_t step = std::max<std::size_t>(1, input.size() / 50);
    std::size_t ran = 1;
    run(t, input);
    for (std::size_t at = 0; at < input.size(); at += step, ran += 2) {
        run(t, bytes_view(input).substr(0, at));
        bytes changed = input;
        changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
        run(t, changed);
    }
    return ran;
}

void write_seeds(const fs::path& folder) {
    for (const fuzz::target& t : fuzz::targets()) {
        fs::create_directories(folder / t.name);
        int n = 0;
        for (const bytes& seed : t.seeds()) {
            std::ofstream(folder / t.name / ("seed-" + std::to_string(n++)), std::ios::binary)
                << seed;
        }
    }
}

int replay(const fs::path& corpus) {
    for (const fuzz::target& t : fuzz::targets()) {
        std::vector<bytes> inputs = t.seeds();
        fuzz::must(!inputs.empty(), "a target has seeds");
        for (bytes& found : files_of(corpus / t.name)) inputs.push_back(std::move(found));
        std::size_t ran = 0;
        for (const bytes& input : inputs) ran += vary(t, input);
        std::cout << t.name << ": " << inputs.size() << " inputs, " << ran << " runs" << std::endl;
    }
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    std::signal(SIGABRT, leave_input);
    std::signal(SIGSEGV, leave_input);
    if (words.size() == 1 && words[0] == "--list") {
        for (const fuzz::target& t : fuzz::targets()) std::cout << t.name << "\n";
        return 0;
    }
    if (words.size() == 2 && words[0] == "--seeds") return write_seeds(words[1]), 0;
    if (words.size() == 2 && fuzz::find(words[0]) != nullptr) {
        run(*fuzz::find(words[0]), read(words[1]));
        return 0;
    }
    if (words.size() == 1) return replay(words[0]);
    std::cerr << "usage: fuzz-replay CORPUS | TARGET FILE | --seeds FOLDER | --list\n";
    return 64;
}
