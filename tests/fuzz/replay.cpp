// Runs a fuzz target over files and directories of inputs, once each, where libFuzzer is not linked.

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

bool run(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
    if (!in.good() && !in.eof()) {
        std::cerr << "can't read " << file << '\n';
        return false;
    }
    // A copy of exactly this size, so that a sanitizer sees a read past its end.
    const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
    LLVMFuzzerTestOneInput(input.data(), input.size());
    return true;
}

}  // namespace

// Options, which libFuzzer would take, start with a dash and are skipped.
int main(int argc, char** argv) {
    std::size_t inputs = 0;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        if (argument.starts_with("-")) continue;
        if (!fs::is_directory(argument)) {
            if (!run(argument)) return EXIT_FAILURE;
            ++inputs;
            continue;
        }
        for (const auto& entry : fs::recursive_directory_iterator(argument)) {
            if (!entry.is_regular_file()) continue;
            if (!run(entry.path())) return EXIT_FAILURE;
            ++inputs;
        }
    }
    std::cout << inputs << " inputs\n";
    return inputs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
