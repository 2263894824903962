// The input is a configuration database file: it opens and works, or is refused with words; cfs-check saves what it
// can.

#include <cstdio>
#include <fstream>

#include "cfs/check/check.hpp"
#include "cfs/store/store.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/support/temporary_directory.hpp"

namespace {

const std::string& folder() {
    static const totem::test::TemporaryDirectory directory;
    return directory.path();
}

void write(const std::string& file, const std::uint8_t* data, std::size_t size) {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"})
        std::remove((file + suffix).c_str());
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string file = folder() + "/config.db";
    write(file, data, size);
    cfs::Events events;
    auto opened = cfs::store::Store::open({file, cfs::Settings{}, 1000}, events);
    FUZZ_CHECK(opened || !events.empty());
    if (opened) {
        cfs::Outcome outcome = opened->tree.apply(cfs::Operation::create("new"), {1, 2, 3});
        opened->store->submit(std::move(outcome.change), {});
        opened->store->drain();
        (void)opened->tree.index();
        return 0;
    }
    write(file, data, size);
    const std::string saved = folder() + "/saved.db";
    std::remove(saved.c_str());
    const auto result = cfs::check::salvage(file, saved, [](const std::string&) {});
    if (result != cfs::check::Result::good) return 0;
    FUZZ_CHECK(cfs::store::Store::open({saved, cfs::Settings{}, 1000}, events));
    return 0;
}
