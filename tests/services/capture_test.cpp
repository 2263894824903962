// What real nodes sent, through assembly and the services' decoders: nothing is malformed, and the
// messages are the ones the specification describes.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "engine/services/cfg/cfg_service.hpp"
#include "engine/services/cmap/cmap_message.hpp"
#include "engine/services/cpg/messages.hpp"
#include "tests/support/captures.hpp"
#include "totem/pg/process_groups.hpp"
#include "totem/sync/messages.hpp"
#include "totem/wire/codec.hpp"
#include "votequorum/messages.hpp"

namespace totem::test {
namespace {

class NoPort final : public pg::RingPort {
public:
    FrameRef frame_for_payload(std::size_t size) override { return pool_.allocate(size); }
    std::size_t payload_offset() const override { return 0; }
    bool submit(FrameRef) override { return false; }
    std::size_t room() const override { return 0; }
    std::size_t capacity() const override { return 1; }
    void request_token() override {}

private:
    FramePool pool_;
};

class NoListener final : public pg::Listener {
public:
    void configuration(const srp::Configuration&) override {}
    void token_sent() override {}
};

// Decodes each message as its service would, and counts by "service.function".
class ExecReader final : public pg::GroupReceiver {
public:
    void on_message(NodeId, ByteOrder order, Bytes message) override {
        Reader in(message, order);
        const std::uint32_t word = in.u32();
        in.skip(4);
        const std::uint32_t size = in.u32();
        EXPECT_EQ(size, message.size());
        const std::string name = std::to_string(word >> 16) + "." + std::to_string(word & 0xffff);
        ++count[name];
        EXPECT_TRUE(decodes(word >> 16, word & 0xffff, order, message)) << name;
    }
    std::map<std::string, int> count;

private:
    static bool decodes(std::uint32_t service, std::uint32_t function, ByteOrder order, Bytes message) {
        using namespace engine;
        if (service == kCmapService) {
            cmap::VersionMessage out;
            return cmap::decode_version(message, order, out) && out.reason == 0;
        }
        if (service == kVotequorumService) {
            vote::Message out;
            if (message.size() != 32 || !vote::decode(function, message.subspan(16), order, out)) return false;
            const auto* info = std::get_if<vote::NodeInfo>(&out);
            return info != nullptr && info->votes == (info->node ? 1u : 0u);
        }
        if (service != kCpgService) return false;
        cpg::ProcessMessage process;
        cpg::McastMessage mcast;
        switch (function) {
            case cpg::kProcJoin:
            case cpg::kProcLeave:
                return message.size() == 168 && cpg::decode(message, order, process) && !process.group.empty();
            case cpg::kJoinList:
                return cpg::decode_joinlist(message, order, [](std::uint32_t, std::string_view) {});
            case cpg::kMcast:
                return cpg::decode(message, order, mcast) && mcast.data.size() + 184 == message.size();
            case cpg::kDownList:
                return message.size() == 1568;
            default:
                return false;
        }
    }
};

class SyncReader final : public pg::GroupReceiver {
public:
    explicit SyncReader(Dialect dialect) : dialect_(dialect) {}
    void on_message(NodeId, ByteOrder order, Bytes message) override {
        sync::Head head;
        ASSERT_TRUE(sync::decode_head(dialect_, message, order, head));
        EXPECT_EQ(message.size(), sync::message_size(dialect_, head.id));
        if (head.ring != ring) ++leftovers;  // of an abandoned ring (section 9.2)
        if (head.id == sync::MessageId::barrier) {
            ++barriers;
            return;
        }
        ++builds;
        sync::ServiceList list;
        ASSERT_TRUE(sync::decode_service_list(dialect_, message, order, list));
        const std::vector<std::uint32_t> ids(list.ids.begin(),
                                             list.ids.begin() + static_cast<std::ptrdiff_t>(list.count));
        EXPECT_EQ(ids, dialect_ == Dialect::v2 ? (std::vector<std::uint32_t>{0, 2, 5})
                                               : (std::vector<std::uint32_t>{0, 2, 3, 5}));
        // What we would have sent is what they sent.
        std::array<std::uint8_t, sync::kMaxMessageSize> ours;
        const std::size_t size = sync::encode_service_build(dialect_, head.ring, ids, order, ours);
        const std::size_t fixed = sync::message_size(dialect_, sync::MessageId::barrier) + 8 + 4 * ids.size();
        if (dialect_ == Dialect::v3) {  // 2.x leaves garbage in the padding
            EXPECT_TRUE(std::equal(ours.begin(), ours.begin() + static_cast<std::ptrdiff_t>(fixed), message.begin()));
        }
        EXPECT_EQ(size, message.size());
    }
    RingId ring;  // the one being replayed
    int builds = 0, barriers = 0, leftovers = 0;

private:
    const Dialect dialect_;
};

struct Packet {
    NodeId originator = 0;
    ByteOrder order = kNativeOrder;
    std::vector<std::uint8_t> payload;
};

// Ordered messages of each ring in order of sequence number.
std::map<std::pair<std::uint64_t, NodeId>, std::pair<RingId, std::map<std::uint32_t, Packet>>> rings(
    const Capture& capture) {
    std::map<std::pair<std::uint64_t, NodeId>, std::pair<RingId, std::map<std::uint32_t, Packet>>> out;
    const wire::Codec codec(capture.dialect);
    for (const Datagram& datagram : capture.datagrams()) {
        Bytes packet(datagram.payload);
        if (capture.dialect == Dialect::v2) packet = packet.subspan(std::min<std::size_t>(4, packet.size()));
        wire::Mcast mcast;
        if (codec.decode(packet, mcast) != wire::Drop::none || mcast.header.encapsulated == 1) continue;
        auto& [ring, packets] = out[{mcast.ring.seq, mcast.ring.rep.nodeid}];
        ring = mcast.ring;
        packets.try_emplace(
            mcast.seq,
            Packet{mcast.system_from.nodeid, mcast.header.order, {mcast.payload.begin(), mcast.payload.end()}});
    }
    return out;
}

TEST(Captures, EveryServiceMessageDecodes) {
    int files = 0, builds = 0, barriers = 0, leftovers = 0;
    std::map<std::string, int> total;
    for (const Capture& capture : plain_captures()) {
        SCOPED_TRACE(capture.name);
        ++files;
        for (const auto& [key, content] : rings(capture)) {
            NoPort port;
            NoListener listener;
            pg::ProcessGroups groups({capture.dialect, kNativeOrder, 1410}, listener);
            groups.attach(port);
            ExecReader exec;
            SyncReader sync(capture.dialect);
            sync.ring = content.first;
            groups.join("a", exec);
            groups.join("sync", sync);
            for (const auto& [seq, packet] : content.second) {
                srp::Message message;
                message.originator = packet.originator;
                message.order = packet.order;
                message.seq = seq;
                message.payload = packet.payload;
                groups.deliver(message);
            }
            EXPECT_EQ(groups.statistics().dropped_malformed, 0u);
            builds += sync.builds;
            barriers += sync.barriers;
            leftovers += sync.leftovers;
            for (const auto& [name, n] : exec.count)
                total[name] += n;
        }
    }
    EXPECT_GT(files, 20);
    EXPECT_GT(builds, 100);
    EXPECT_GT(barriers, 300);
    EXPECT_LT(leftovers * 20, builds + barriers);
    for (const char* name : {"0.0", "2.0", "2.1", "2.3", "2.5", "5.0"})
        EXPECT_GT(total[name], 10) << name;
}

}  // namespace
}  // namespace totem::test
