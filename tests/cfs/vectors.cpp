#include "tests/cfs/vectors.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tests/support/hex.hpp"

namespace cfs::test {

namespace {

Digest digest(const nlohmann::json& value) {
    const auto bytes = totem::test::from_hex(value.get<std::string>());
    Digest out{};
    if (bytes.size() != out.size()) throw std::runtime_error("a digest has another length");
    std::ranges::copy(bytes, out.begin());
    return out;
}

VectorRow row(const nlohmann::json& value) {
    VectorRow out;
    out.row.inode = value.at("inode");
    out.row.parent = value.at("parent");
    out.row.version = value.at("version");
    out.row.writer = value.at("writer");
    out.row.mtime = value.at("mtime");
    out.row.type = value.at("type");
    out.row.name = value.at("name");
    if (!value.at("data_hex").is_null()) {
        out.row.content = make_content(totem::test::from_hex(value.at("data_hex").get<std::string>()));
    }
    out.index_digest = digest(value.at("index_digest"));
    out.checksum = digest(value.at("entry_csum_with_inode"));
    return out;
}

VectorDatabase read_vectors() {
    const std::string folder = CFS_TEST_DATA;
    std::ifstream file(folder + "/config.db.json");
    const auto json = nlohmann::json::parse(file);
    VectorDatabase out;
    out.file = folder + "/config.db";
    for (const auto& value : json.at("rows"))
        out.rows.push_back(row(value));
    out.state = totem::test::from_hex(json.at("index_state_hex").get<std::string>());
    out.verify = digest(json.at("verify_checksum"));
    return out;
}

}  // namespace

const VectorDatabase& vector_database() {
    static const VectorDatabase database = read_vectors();
    return database;
}

Tree vector_tree(const Settings& settings, std::uint64_t local_time) {
    Loader loader(settings);
    for (const VectorRow& item : vector_database().rows) {
        if (const auto failure = loader.add(item.row)) throw std::runtime_error(failure->text);
    }
    auto loaded = loader.finish(local_time);
    if (!loaded) throw std::runtime_error(loaded.text());
    return std::move(loaded->tree);
}

}  // namespace cfs::test
