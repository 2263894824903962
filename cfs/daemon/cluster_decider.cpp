#include "cfs/daemon/cluster_decider.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <cerrno>

namespace cfs::daemon {
namespace {

constexpr const char* kDataGroup = "pve_dcdb_v1";
constexpr const char* kStatusGroup = "pve_kvstore_v1";
constexpr const char* kClusterConfig = "corosync.conf";
constexpr std::chrono::milliseconds kLook{50};
constexpr std::chrono::seconds kLeave{2};  // a corosync that does not answer is not waited for longer

}  // namespace

ClusterDecider::ClusterDecider(SharedTree& tree, SharedStatus& status, ConfigExport& exporter)
    : tree_(tree),
      status_(status),
      exporter_(exporter),
      work_(loop_.get_executor()),
      leaving_clock_(loop_),
      owner_(tree),
      data_(owner_, *this),
      status_in_group_(status),
      data_reports_(Domain::dcdb,
                    [this](std::uint64_t count, bool processed, int result) { completed(count, processed, result); }),
      status_reports_(Domain::status),
      quorum_reports_(Domain::quorum),
      map_reports_(Domain::confdb),
      quorum_(loop_, quorum_reports_, [this](bool quorate) { set_quorate(quorate); }),
      map_(loop_, map_reports_,
           [this](replica::ClusterInfo info) {
               status_.with([&](replica::Status& all) { all.set_cluster(std::move(info)); });
           }),
      data_member_(loop_, kDataGroup, replica::Data::settings(), data_, data_reports_, [this] { quorum_.dispatch(); }),
      status_member_(loop_, kStatusGroup, replica::Status::engine_settings(), status_in_group_, status_reports_, [] {}),
      status_sender_(*this),
      patience_(kPatience, [](const std::string& path) {
          log(Severity::warning, Domain::dcdb,
              fmt::format("no answer from the cluster within {} s, the change may still happen: '{}'",
                          kPatience.count(), path));
      }) {}

void ClusterDecider::start(Changed changed) {
    changed_ = std::move(changed);
    export_cluster_config(true);
    boost::asio::post(loop_, [this] {
        quorum_.start();
        map_.start();
        data_member_.start();
        status_member_.start();
    });
    thread_ = std::thread([this] {
        loop_.run();
        ended_.set_value();
    });
}

bool ClusterDecider::stop() {
    if (stopped_.exchange(true) || !thread_.joinable()) return true;
    boost::asio::post(loop_, [this] {
        leaving_until_ = cluster::now().instant + kLeave;
        data_member_.stop();
        status_member_.stop();
        map_.stop();
        quorum_.stop();
        look_whether_left();
    });
    if (ended_.get_future().wait_for(2 * kLeave) != std::future_status::ready) return false;
    thread_.join();
    // Completions of the store come here no more.
    tree_.drain();
    finish();
    return true;
}

void ClusterDecider::look_whether_left() {
    const bool left = data_member_.idle() && status_member_.idle() && unstored_.empty();
    if (left || cluster::now().instant >= *leaving_until_) return loop_.stop();
    leaving_clock_.expires_after(kLook);
    leaving_clock_.async_wait([this](const boost::system::error_code& error) {
        if (!error) look_whether_left();
    });
}

void ClusterDecider::finish() {
    for (auto& [count, done] : waiting_)
        done(-EACCES);
    waiting_.clear();
    for (auto& unstored : unstored_)
        unstored.done(-EIO);
    unstored_.clear();
}

// --- changes ----------------------------------------------------------------------------------------------------

void ClusterDecider::submit(Operation operation, Done done) {
    if (!quorate_ || stopped_) return done(-EACCES);
    Done watched = patience_.watch(operation.path, std::move(done));
    boost::asio::post(loop_, [this, operation = std::move(operation), done = std::move(watched)]() mutable {
        decide(std::move(operation), done);
    });
}

void ClusterDecider::decide(Operation operation, const Done& done) {
    const auto submitted = data_member_.act(
        [&](replica::Engine& engine) { return data_.submit(engine, cluster::now(), std::move(operation)); });
    if (!submitted.count) return done(submitted.result);
    waiting_.emplace(*submitted.count, done);
}

void ClusterDecider::completed(std::uint64_t count, bool processed, int result) {
    const auto waiting = waiting_.extract(count);
    if (waiting.empty()) return;
    const Done& done = waiting.mapped();
    if (!processed) return done(-EACCES);
    if (store_failed_) return done(-EIO);
    if (result < 0 || stored_ == made_) return done(result);
    unstored_.push_back({made_, done, result});
}

void ClusterDecider::changed(const Change& change) {
    const std::uint64_t number = ++made_;
    tree_.store(change, [this, number](const Failure* failure) {
        boost::asio::post(
            loop_, [this, number, copy = failure ? std::optional(*failure) : std::nullopt] { stored(number, copy); });
    });
    changed_(change);
}

void ClusterDecider::stored(std::uint64_t change, const std::optional<Failure>& failure) {
    stored_ = change;
    if (failure && !store_failed_) {
        store_failed_ = true;
        log(Severity::critical, Domain::database, failure->text);
        data_.fail();
    }
    while (!unstored_.empty() && unstored_.front().change <= stored_) {
        const Unstored next = std::move(unstored_.front());
        unstored_.pop_front();
        next.done(store_failed_ ? -EIO : next.result);
    }
}

void ClusterDecider::export_cluster_config(bool allow_reload) {
    std::string text;
    if (const Entry* const file = tree_.unguarded().find(kClusterConfig)) {
        const auto bytes = file->data();
        text.assign(bytes.begin(), bytes.end());
    }
    exporter_.submit(std::move(text), allow_reload);
}

// --- status -----------------------------------------------------------------------------------------------------

void ClusterDecider::StatusSender::send(replica::Now now, std::uint16_t subtype, Bytes payload) {
    if (under_way_ >= kMost) {
        if (!behind_.exchange(true))
            log(Severity::warning, Domain::status, "too many updates at once, some are not sent to other nodes");
        return;
    }
    ++under_way_;
    boost::asio::post(cluster_.loop_, [this, now, subtype, bytes = replica::Buffer(payload.begin(), payload.end())] {
        if (--under_way_ == 0) behind_ = false;
        cluster_.status_member_.act([&](replica::Engine& engine) { engine.send(now, subtype, bytes); });
    });
}

// --- quorum -----------------------------------------------------------------------------------------------------

// Lost at once. Back only behind what the group delivered before: those messages were not for a quorate node.
void ClusterDecider::set_quorate(bool quorate) {
    if (quorate) data_member_.drain();
    data_.set_quorate(quorate);
    status_.with([&](replica::Status& status) { status.set_quorate(quorate); });
    quorate_ = quorate;
}

}  // namespace cfs::daemon
