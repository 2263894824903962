#include "tools/why/cluster.hpp"

#include <charconv>
#include <vector>

#include "engine/config/dialect.hpp"
#include "engine/config/grammar.hpp"

namespace tools::why {
namespace {

class Reader final : public engine::config::Handler {
public:
    explicit Reader(Cluster& out) : out_(out) {}

    void section_start(const std::string& path, const std::string&) override {
        if (path == "nodelist.node") name_ = id_ = address_ = "";
    }
    void item(const std::string& path, const std::string& key, const std::string& value) override {
        if (path == "system" && key == "state_dir") out_.state_directory = value;
        if (path != "nodelist.node") return;
        if (key == "name") name_ = value;
        if (key == "nodeid") id_ = value;
        if (key == "ring0_addr") address_ = value;
    }
    void section_end(const std::string& path) override {
        if (path != "nodelist.node") return;
        engine::why::NodeId id = 0;
        const auto [end, error] = std::from_chars(id_.data(), id_.data() + id_.size(), id);
        if (error != std::errc() || end != id_.data() + id_.size()) return;
        if (const std::string& name = name_.empty() ? address_ : name_; !name.empty()) out_.names[id] = name;
    }

private:
    Cluster& out_;
    std::string name_, id_, address_;
};

}  // namespace

engine::why::Names Cluster::naming() const {
    return [this](engine::why::NodeId node) {
        const auto found = names.find(node);
        return found == names.end() ? engine::why::by_number(node) : "node " + found->second;
    };
}

Cluster read_cluster(const std::string& path) {
    Cluster out;
    try {
        std::vector<std::string> ignored;
        const std::string text = engine::config::read_file(path, totem::Dialect::v2);
        Reader reader(out);
        engine::config::parse(text, path, engine::config::choose_dialect(text).dialect, reader, ignored);
    } catch (const std::exception&) {
        // Ids do as well; that the file is wrong, the engine says.
    }
    return out;
}

}  // namespace tools::why
