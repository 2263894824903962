// Messages of a real three-node cluster, in tests/data/cfs/pmxcfs-wire.json: decoded to the listed fields, encoded back
// to the same bytes.

#include <gtest/gtest.h>

#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cfs/replica/messages/data.hpp"
#include "cfs/replica/messages/status.hpp"
#include "cfs/tree/index.hpp"
#include "tests/support/captures.hpp"
#include "tests/support/hex.hpp"

namespace cfs::replica {
namespace {

using nlohmann::json;
using totem::test::from_hex, totem::test::to_hex;

std::vector<json> vectors() {
    std::ifstream in(totem::test::data_directory() / "cfs" / "pmxcfs-wire.json");
    return json::parse(in).get<std::vector<json>>();
}

void expect_header(const Header& header, const json& fields) {
    EXPECT_EQ(header.type, fields.at("type"));
    EXPECT_EQ(header.subtype, fields.at("subtype"));
    EXPECT_EQ(header.protocol_version, fields.at("protocol_version"));
    EXPECT_EQ(header.time, fields.at("time"));
    EXPECT_EQ(header.reserved, fields.at("reserved"));
}

void expect_file(const NormalMessage& message, const json& fields) {
    const auto file = decode_file(message.payload);
    ASSERT_TRUE(file) << file.problem();
    EXPECT_EQ(file->data.size(), fields.at("size"));
    EXPECT_EQ(file->offset, fields.at("offset"));
    EXPECT_EQ(file->path.size() + 1, fields.at("pathlen"));
    EXPECT_EQ(file->to ? file->to->size() + 1 : 0, fields.at("tolen"));
    EXPECT_EQ(file->flags, fields.at("flags"));
    EXPECT_EQ(file->path, fields.at("path"));
    EXPECT_EQ(file->to ? json(*file->to) : json(), fields.at("to"));
    EXPECT_EQ(to_hex(file->data), fields.at("data_hex"));
    EXPECT_EQ(to_hex(encode(*file)), to_hex(message.payload));
}

void expect_unlock(const NormalMessage& message, const json& fields) {
    const auto unlock = decode_unlock(message.payload);
    ASSERT_TRUE(unlock) << unlock.problem();
    EXPECT_EQ(to_hex(unlock->checksum), fields.at("csum"));
    EXPECT_EQ(unlock->path, fields.at("path"));
    EXPECT_EQ(to_hex(encode(*unlock)), to_hex(message.payload));
}

void expect_key(const NormalMessage& message, const json& fields) {
    const auto key = decode_key(message.payload);
    ASSERT_TRUE(key) << key.problem();
    EXPECT_EQ(key->key, fields.at("key"));
    EXPECT_EQ(std::string(key->value.begin(), key->value.end()), fields.at("data"));
    EXPECT_EQ(to_hex(encode(*key)), to_hex(message.payload));
}

void expect_log(const NormalMessage& message, const json& fields) {
    const auto log = decode_log(message.payload);
    ASSERT_TRUE(log) << log.problem();
    EXPECT_EQ(log->previous, fields.at("prev"));
    EXPECT_EQ(log->next, fields.at("next"));
    EXPECT_EQ(log->uid, fields.at("uid"));
    EXPECT_EQ(log->time, fields.at("entry_time"));
    EXPECT_EQ(fmt::format("{:016x}", log->node_digest), fields.at("node_digest"));
    EXPECT_EQ(fmt::format("{:016x}", log->ident_digest), fields.at("ident_digest"));
    EXPECT_EQ(log->priority, fields.at("priority"));
    EXPECT_EQ(log->pid, fields.at("pid"));
    EXPECT_EQ(log->node, fields.at("node"));
    EXPECT_EQ(log->ident, fields.at("ident"));
    EXPECT_EQ(log->tag, fields.at("tag"));
    EXPECT_EQ(log->message, fields.at("msg"));
    EXPECT_EQ(log->node_digest, text_digest(log->node));
    EXPECT_EQ(log->ident_digest, text_digest(log->ident));
    EXPECT_EQ(to_hex(encode(*log)), to_hex(message.payload));
}

void expect_update(const StateMessage& message, const json& fields) {
    const auto update = decode_update(message.payload);
    ASSERT_TRUE(update) << update.problem();
    EXPECT_EQ(update->parent, fields.at("parent"));
    EXPECT_EQ(update->inode, fields.at("inode"));
    EXPECT_EQ(update->version, fields.at("version"));
    EXPECT_EQ(update->writer, fields.at("writer"));
    EXPECT_EQ(update->mtime, fields.at("mtime"));
    EXPECT_EQ(update->data.size(), fields.at("size"));
    EXPECT_EQ(update->name.size() + 1, fields.at("namelen"));
    EXPECT_EQ(update->type, fields.at("inode_type"));
    EXPECT_EQ(update->name, fields.at("name"));
    EXPECT_EQ(to_hex(update->data), fields.at("data_hex"));
    EXPECT_EQ(to_hex(encode(*update)), to_hex(message.payload));
}

void expect_verify(const StateMessage& message, const json& fields) {
    if (is(message.header, MessageType::verify_request)) {
        const auto id = decode_verify_request(message.payload);
        ASSERT_TRUE(id);
        EXPECT_EQ(*id, fields.at("csum_id"));
        EXPECT_EQ(to_hex(encode_verify_request(*id)), to_hex(message.payload));
        return;
    }
    const auto verify = decode_verify(message.payload);
    ASSERT_TRUE(verify);
    EXPECT_EQ(verify->id, fields.at("csum_id"));
    EXPECT_EQ(to_hex(verify->checksum), fields.at("csum"));
    EXPECT_EQ(to_hex(encode(*verify)), to_hex(message.payload));
}

void expect_index(const StateMessage& message, const json& fields) {
    const auto index = Index::decode(message.payload);
    ASSERT_TRUE(index) << index.text();
    EXPECT_EQ(index->version, fields.at("version"));
    EXPECT_EQ(index->last_inode, fields.at("last_inode"));
    EXPECT_EQ(index->writer, fields.at("writer"));
    EXPECT_EQ(index->mtime, fields.at("mtime"));
    EXPECT_EQ(index->items.size(), fields.at("size"));
    EXPECT_EQ(message.payload.size(), fields.at("bytes"));
    for (std::size_t i = 0; i < index->items.size(); ++i) {
        EXPECT_EQ(index->items[i].inode, fields.at("entries").at(i).at("inode"));
        EXPECT_EQ(to_hex(index->items[i].digest), fields.at("entries").at(i).at("digest"));
    }
    EXPECT_EQ(to_hex(index->encode()), to_hex(message.payload));
}

void expect_normal(const Buffer& bytes, const json& vector) {
    const json& fields = vector.at("decoded");
    const auto message = decode_normal(bytes);
    ASSERT_TRUE(message) << message.problem();
    expect_header(message->header, fields);
    EXPECT_EQ(message->count, fields.at("count"));
    EXPECT_EQ(to_hex(encode(*message)), to_hex(bytes));
    if (vector.at("group") == "pve_kvstore_v1")
        return message->header.subtype == 1 ? expect_key(*message, fields) : expect_log(*message, fields);
    return message->header.subtype >= 7 ? expect_unlock(*message, fields) : expect_file(*message, fields);
}

void expect_state(const Buffer& bytes, const json& fields) {
    const auto message = decode_state(bytes);
    ASSERT_TRUE(message) << message.problem();
    expect_header(message->header, fields);
    EXPECT_EQ(message->epoch.epoch, fields.at("epoch").at("epoch"));
    EXPECT_EQ(message->epoch.time, fields.at("epoch").at("time"));
    EXPECT_EQ(message->epoch.nodeid, fields.at("epoch").at("nodeid"));
    EXPECT_EQ(message->epoch.pid, fields.at("epoch").at("pid"));
    EXPECT_EQ(to_hex(encode(*message)), to_hex(bytes));
    if (is(message->header, MessageType::update)) expect_update(*message, fields);
    if (is(message->header, MessageType::state)) expect_index(*message, fields.at("index"));
    if (fields.contains("csum_id")) expect_verify(*message, fields);
}

TEST(WireVectors, DecodeToTheirFieldsAndEncodeBack) {
    const auto all = vectors();
    ASSERT_EQ(all.size(), 21u);
    for (const json& vector : all) {
        const std::string hex = vector.at("hex");
        SCOPED_TRACE(hex.substr(0, 64));
        const Buffer bytes = from_hex(hex);
        EXPECT_EQ(bytes.size(), vector.at("length"));
        if (vector.at("decoded").at("type") == 0)
            expect_normal(bytes, vector);
        else
            expect_state(bytes, vector.at("decoded"));
    }
}

}  // namespace
}  // namespace cfs::replica
