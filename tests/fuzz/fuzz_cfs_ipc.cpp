// The input is requests to the local IPC server of the configuration file system: raw bytes, or a known request with
// bent lengths. What a request asks for is never more than its sender may see.

#include <cerrno>
#include <cstring>
#include <vector>

#include "cfs/ipc/answers.hpp"
#include "cfs/ipc/guest_properties.hpp"
#include "cfs/tree/paths.hpp"
#include "tests/fuzz/input.hpp"

using namespace cfs::ipc;
using namespace totem::fuzz;

namespace {

void touch_text(std::string_view text) {
    touch({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

class Node final : public Backend {
public:
    Node(bool read_only, cfs::Tree& tree) : read_only_(read_only), tree_(tree) {}

    std::string version_text() override { return "v"; }
    std::string members_text() override { return "m"; }
    std::string guests_text() override { return "g"; }
    std::string rrd_text() override { return ""; }
    std::string cluster_log_text(std::uint32_t, std::string_view user) override { return seen(user); }
    int set_status(const std::string& key, cfs::Bytes value) override {
        FUZZ_CHECK(!read_only_ && key.size() < 256);
        seen(key);
        touch(value);
        return value.size() > 100 ? -EFBIG : 0;
    }
    std::optional<std::string> status(std::string_view node, std::string_view key) override {
        FUZZ_CHECK(node.size() < 256);
        seen(node);
        return key.empty() ? std::nullopt : std::optional(seen(key));
    }
    std::optional<std::string> file(std::string_view path) override {
        FUZZ_CHECK(!read_only_ || verifying || !cfs::is_private_path(path));
        const cfs::Entry* entry = tree_.find(seen(path));
        if (entry == nullptr || !entry->is_file()) return std::nullopt;
        const auto bytes = read(*entry, 0, entry->size);
        return std::string(bytes.begin(), bytes.end());
    }
    void log(const cfs::replica::ClusterLog::Text& text) override {
        FUZZ_CHECK(!read_only_ && text.priority <= 7);
        seen(text.ident);
        seen(text.tag);
        seen(text.message);
    }
    std::optional<std::string> guest_properties(std::uint32_t guest, std::span<const std::string_view> names) override {
        FUZZ_CHECK((guest == 0 || guest >= 100) && !names.empty() && names.size() < 256);
        for (const auto name : names)
            seen(name);
        return cfs::ipc::guest_properties(tree_, guest, names);
    }

    bool verifying = false;

private:
    // Texts end before their NUL.
    static std::string seen(std::string_view text) {
        FUZZ_CHECK(text.find('\0') == std::string_view::npos);
        touch_text(text);
        return std::string(text);
    }

    const bool read_only_;
    cfs::Tree& tree_;
};

void apply(cfs::Tree& tree, const cfs::Operation& operation) {
    FUZZ_CHECK(tree.apply(operation, {1, 1, 1}).ok());
}

void put(cfs::Tree& tree, const char* path, cfs::Bytes content) {
    apply(tree, cfs::Operation::create(path));
    if (!content.empty()) apply(tree, cfs::Operation::write(path, {content.begin(), content.end()}));
}

std::vector<std::uint8_t> message(Input& in) {
    const cfs::Bytes body = in.bytes();
    std::vector<std::uint8_t> out(16);
    if (in.flag()) return {body.begin(), body.end()};
    out[0] = static_cast<std::uint8_t>(in.below(16));
    // Requests 4 and 5 begin with places of a fixed size, which a fuzzer would have to find by chance.
    if (in.flag()) {
        out.resize(out.size() + 256);
        out[16] = in.u8();
    }
    if (in.flag()) out.resize(out.size() + 256);
    out.insert(out.end(), body.begin(), body.end());
    if (in.flag()) out.push_back(0);
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input in(data, size);
    const bool read_only = in.flag();
    const auto era = in.flag() ? cfs::Era::p9 : cfs::Era::p5;
    cfs::Tree tree(cfs::Settings::of(era));
    for (const char* folder : {"priv", "nodes", "nodes/n", "nodes/n/lxc"})
        apply(tree, cfs::Operation::make_directory(folder));
    put(tree, "priv/token.cfg", in.bytes());
    put(tree, "nodes/n/lxc/100.conf", in.bytes());
    Node node(read_only, tree);
    while (!in.done()) {
        // Exactly as long as it is, so that a sanitizer sees every byte read behind it.
        const std::vector<std::uint8_t> request = message(in);
        node.verifying = request.size() >= 16 && request[0] == kVerifyToken;
        const Answer got = answer(node, era, {.read_only = read_only, .pid = 1}, request);
        FUZZ_CHECK(got.error <= 0 && (got.error == 0 || got.data.empty()));
        FUZZ_CHECK(request.size() >= 16 || got.error == -EINVAL);
        touch_text(got.data);
    }
    return 0;
}
