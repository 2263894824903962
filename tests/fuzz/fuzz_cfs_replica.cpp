// The input is a sequence of messages, membership changes, clients' operations and passing time for one replica of the
// configuration file system and one of the status store. Messages are raw bytes, or well-formed with a bent part.

#include <vector>

#include "cfs/replica/data/data.hpp"
#include "cfs/replica/messages/status.hpp"
#include "cfs/replica/status/status.hpp"
#include "tests/fuzz/input.hpp"

using namespace cfs::replica;
using namespace totem::fuzz;

namespace {

constexpr std::size_t kMaxEvents = 300;
constexpr MemberId kSelf{2, 20};

Buffer copy(totem::Bytes bytes) {
    return {bytes.begin(), bytes.end()};
}

// Decoded messages encode to bytes that decode to the same.
template <typename Decode>
void check_decoder(totem::Bytes payload, Decode decode) {
    const auto first = decode(payload);
    if (!first) return;
    const Buffer bytes = encode(*first);
    const auto second = decode(bytes);
    FUZZ_CHECK(second);
    FUZZ_CHECK(encode(*second) == bytes);
}

void check_decoders(totem::Bytes payload) {
    check_decoder(payload, decode_normal);
    check_decoder(payload, decode_state);
    check_decoder(payload, decode_file);
    check_decoder(payload, decode_unlock);
    check_decoder(payload, decode_update);
    check_decoder(payload, decode_key);
    check_decoder(payload, decode_log);
    if (const auto ring = LogRing::of(payload)) touch(ring->bytes());
}

// One member of a group whose messages it gets back when the input says so.
class Member final : public Channel, public EngineObserver, public DataObserver, public StatusObserver {
public:
    explicit Member(bool data) {
        if (data) {
            data_.emplace(tree_, *this);
            data_->set_quorate(true);
            engine_.emplace(Data::settings(), *data_, *this, *this);
        } else {
            status_.emplace(Status::Identity{"node2", "10.77.0.2"}, cfs::Settings{}, *this);
            status_->set_cluster({"fuzz", 1, {{1, "node1"}, {2, "node2"}, {3, "node3"}}});
            engine_.emplace(Status::engine_settings(), *status_, *this, *this);
        }
        engine_->start(now_);
        engine_->connected(kSelf);
    }

    void run(Input& in) {
        for (std::size_t i = 0; i < kMaxEvents && !in.done(); ++i)
            event(in);
        engine_->stop();
        FUZZ_CHECK(waiting_ == 0);
        if (data_) FUZZ_CHECK(data_->tree().index() == cfs::Index(*cfs::Index::decode(data_->tree().index().encode())));
        if (status_) touch_text(status_->cluster_log().json() + status_->members_text() + status_->rrd_text(now_));
    }

private:
    void event(Input& in) {
        switch (in.below(10)) {
            case 0:
                return engine_->delivered(now_, sender(in), in.bytes());
            case 1:
            case 2:
                return normal(in);
            case 3:
            case 4:
                return state(in);
            case 5:
                return membership(in);
            case 6:
                return echo();
            case 7:
                return pass(in);
            case 8:
                return submit(in);
            default:
                return trouble(in);
        }
    }

    static MemberId sender(Input& in) {
        static constexpr MemberId kMembers[] = {{1, 10}, kSelf, {3, 30}, {9, 90}};
        return kMembers[in.below(4)];
    }
    std::uint32_t version() const { return data_ ? 1 : 0; }

    void normal(Input& in) {
        const MemberId from = sender(in);
        const std::uint16_t subtype = in.below(10);
        const std::uint64_t count = in.u8();
        const Buffer payload = data_ ? file_payload(in, subtype) : copy(in.bytes());
        engine_->delivered(now_, from, encode(NormalMessage{{0, subtype, version(), now_.seconds, 0}, count, payload}));
    }
    static Buffer file_payload(Input& in, std::uint16_t subtype) {
        static const char* const kPaths[] = {"a",
                                             "b",
                                             "a/b",
                                             "priv",
                                             "priv/lock",
                                             "priv/lock/L",
                                             "corosync.conf",
                                             "",
                                             "nodes",
                                             "nodes/n1",
                                             "nodes/n1/qemu-server",
                                             "nodes/n1/qemu-server/100.conf"};
        const std::string path = kPaths[in.below(12)];
        if (subtype >= 7) {
            UnlockMessage message{{}, path};
            return encode(message);
        }
        FileMessage message{in.u16(), in.u8() & 1u, path, {}, {}};
        if (subtype == 4) message.to = kPaths[in.below(12)];
        message.data = in.bytes();
        return encode(message);
    }

    void state(Input& in) {
        const MemberId from = sender(in);
        const auto type = static_cast<std::uint16_t>(in.below(8));
        Buffer payload = copy(in.bytes());
        if (in.flag() && type == 2 && data_) payload = data_->tree().index().encode();
        if (in.flag() && type == 2 && status_) payload = status_->cluster_log().ring().bytes();
        if (!payload.empty() && in.flag()) payload[in.u16() % payload.size()] = in.u8();
        const Epoch epoch{in.below(2), 1, 1, 1};
        engine_->delivered(now_, from, encode(StateMessage{{type, 0, version(), now_.seconds, 0}, epoch, payload}));
    }

    void membership(Input& in) {
        static constexpr MemberId kMembers[] = {{1, 10}, kSelf, {3, 30}};
        const std::uint8_t mask = in.u8();
        std::vector<MemberId> members, joined;
        for (std::size_t i = 0; i < 3; ++i) {
            if ((mask >> i & 1) != 0) members.push_back(kMembers[i]);
            if ((mask >> (i + 3) & 1) != 0) joined.push_back(kMembers[i]);
        }
        engine_->configuration(now_, members, {}, joined);
    }

    void echo() {
        for (const Outgoing& message : std::exchange(sent_, {}))
            engine_->delivered(now_, kSelf, message.bytes);
    }

    void pass(Input& in) {
        const std::uint8_t seconds = in.u8();
        now_.seconds += seconds;
        now_.instant += std::chrono::seconds(seconds) * 30;
        engine_->tick(now_);
    }

    void submit(Input& in) {
        if (data_) {
            static const char* const kPaths[] = {"a", "b", "a/b", "priv/lock/L"};
            const std::string path = kPaths[in.below(4)];
            const auto operation = in.flag()   ? cfs::Operation::make_directory(path)
                                   : in.flag() ? cfs::Operation::set_mtime(path, in.u8() & 1u)
                                               : cfs::Operation::write(path, copy(in.bytes()));
            waiting_ += data_->submit(*engine_, now_, operation).count.has_value();
        } else if (in.flag()) {
            (void)status_->set(&*engine_, now_, in.flag() ? "nodeip" : in.flag() ? "rrd/x" : "k", in.bytes());
        } else {
            const Buffer text = copy(in.bytes());
            status_->log(&*engine_, now_,
                         {in.u8(), 1, "root", "tag", {reinterpret_cast<const char*>(text.data()), text.size()}});
        }
    }

    void trouble(Input& in) {
        switch (in.below(4)) {
            case 0:
                return engine_->lost(now_);
            case 1:
                return engine_->send_failed(now_, static_cast<Purpose>(in.below(8)), in.u8());
            case 2:
                if (data_) data_->set_quorate(in.flag());
                return;
            default:
                return engine_->connected(kSelf);
        }
    }

    static void touch_text(const std::string& text) {
        touch({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    }

    // Channel
    void join() override {}
    void leave() override { sent_.clear(); }
    void send(Outgoing message) override {
        if (sent_.size() < 1000) sent_.push_back(std::move(message));
    }
    void drop_sync_messages() override {
        std::erase_if(sent_, [](const Outgoing& message) { return belongs_to_sync(message.purpose); });
    }
    // observers
    void report(cfs::Severity, std::string_view text) override { FUZZ_CHECK(!text.empty()); }
    void completed(std::uint64_t, bool, int) override {
        FUZZ_CHECK(waiting_ > 0);
        --waiting_;
    }
    void changed(const cfs::Change& change) override { FUZZ_CHECK(!change.empty()); }
    void export_cluster_config(bool) override {}

    Now now_{1000, totem::Instant{}};
    std::vector<Outgoing> sent_;
    std::size_t waiting_ = 0;
    OwnTree tree_{cfs::Tree{}};
    std::optional<Data> data_;
    std::optional<Status> status_;
    std::optional<Engine> engine_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check_decoders({data, size});
    Input in(data, size);
    Member(in.flag()).run(in);
    return 0;
}
