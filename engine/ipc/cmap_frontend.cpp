#include "engine/ipc/cmap_frontend.hpp"

#include <array>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "engine/ipc/cmap_messages.hpp"
#include "engine/ipc/raw.hpp"

namespace engine::ipc {

using namespace cmap_wire;
using cmap::Statistics;
using cmap::Status;
using cmap::Value;

namespace {

// Per connection, together: upstream knows no limit, and no tool needs more than a few.
constexpr std::size_t kMaxHandles = 4096;
constexpr std::string_view kClear = "stats.clear.";

constexpr std::array<RequestRule, kRequestCount> kRules = [] {
    std::array<RequestRule, kRequestCount> rules{};
    rules[kSet] = {.min_size = sizeof(SetRequest)};
    rules[kDelete] = {.min_size = sizeof(KeyRequest)};
    rules[kGet] = {.min_size = sizeof(GetRequest)};
    rules[kAdjust] = {.min_size = sizeof(AdjustRequest)};
    rules[kIterationInitialize] = {.min_size = sizeof(KeyRequest)};
    rules[kIterationNext] = {.min_size = sizeof(HandleRequest)};
    rules[kIterationFinalize] = {.min_size = sizeof(HandleRequest)};
    rules[kTrackAdd] = {.min_size = sizeof(TrackAddRequest)};
    rules[kTrackDelete] = {.min_size = sizeof(HandleRequest)};
    rules[kSetCurrentMap] = {.min_size = sizeof(SetCurrentMapRequest)};
    return rules;
}();

Bytes text_bytes(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

CsError as_error(Status status) {
    return static_cast<CsError>(status);
}

// Of a change that is neither a set nor a get.
CsError refusal_of_statistics(std::string_view key) {
    return key.starts_with(kClear) ? kCsNotSupported : kCsAccess;
}

KeyName name_of(std::string_view key) {
    KeyName name;
    name.length = static_cast<std::uint16_t>(std::min(key.size(), name.value.size() - 1));
    std::memcpy(name.value.data(), key.data(), name.length);
    return name;
}

struct Iterator {
    std::string prefix, last;                // of the default map: live
    std::vector<Statistics::Entry> entries;  // of the statistics: what there was
    std::size_t next = 0;
};

struct Tracker {
    std::string key;
    unsigned events = 0;
    bool prefix = false;
    std::uint64_t instance = 0;
    cmap::Map::TrackerId id = 0;  // of the default map
    std::optional<Value> last;    // of a single statistic
};

struct Client {
    explicit Client(Connection& to) : connection(to) {}

    Connection& connection;
    bool statistics = false;  // the map it talks to
    std::unordered_map<std::uint64_t, Iterator> iterators;
    std::unordered_map<std::uint64_t, Tracker> trackers;
    std::uint64_t next_handle = 1;
    bool full() const { return iterators.size() + trackers.size() >= kMaxHandles; }
};

void send_notify(Connection& to, std::uint64_t instance, const cmap::Change& change) {
    NotifyEvent event{};
    event.instance = instance;
    event.key = name_of(change.key);
    event.event = static_cast<std::int32_t>(change.event);
    std::string now, before;
    if (change.now != nullptr) {
        now = change.now->bytes();
        event.new_type = static_cast<std::uint8_t>(change.now->type());
    }
    if (change.before != nullptr) {
        before = change.before->bytes();
        event.old_type = static_cast<std::uint8_t>(change.before->type());
    }
    event.new_length = now.size();
    event.old_length = before.size();
    event.header = {.id = kNotify, .size = static_cast<std::int32_t>(sizeof event + now.size() + before.size())};
    const std::array<Bytes, 3> chunks{bytes_of(event), text_bytes(now), text_bytes(before)};
    to.event(chunks);
}

}  // namespace

struct CmapFrontend::Impl {
    cmap::Map& map;
    Statistics* statistics;
    std::unordered_map<ConnectionId, Client> clients;

    Handled set(Client& client, Bytes message);
    Handled erase(Client& client, Bytes message);
    Handled get(Client& client, Bytes message);
    Handled adjust(Client& client, Bytes message);
    Handled iteration_initialize(Client& client, Bytes message);
    Handled iteration_next(Client& client, Bytes message);
    Handled iteration_finalize(Client& client, Bytes message);
    Handled track_add(Client& client, Bytes message);
    Handled track_delete(Client& client, Bytes message);
    Handled set_current_map(Client& client, Bytes message);

    bool advance(Iterator& iterator, IterationNextResponse& response) const;
    CsError start_tracking(Client& client, Tracker& tracker);
    std::optional<Value> value(const Client& client, std::string_view key) const;
};

// --- values ---

std::optional<Value> CmapFrontend::Impl::value(const Client& client, std::string_view key) const {
    if (client.statistics) return statistics->get(key);
    const Value* found = map.get(key);
    return found ? std::optional<Value>(*found) : std::nullopt;
}

Handled CmapFrontend::Impl::set(Client& client, Bytes message) {
    const auto request = load<SetRequest>(message);
    const Bytes payload = message.subspan(sizeof(SetRequest));
    if (request.length > payload.size()) return Handled::invalid;
    const std::string_view key = request.key.text();
    CsError result = kCsAccess;
    if (client.statistics) {
        if (key.starts_with(kClear)) result = statistics->clear(key) ? kCsOk : kCsNotSupported;
    } else if (!map.is_read_only(key)) {  // which comes before all other errors
        auto value = Value::from_bytes(request.type, {reinterpret_cast<const char*>(payload.data()), request.length});
        result = value ? as_error(map.set(key, std::move(*value), cmap::Writer::client)) : kCsInvalidParam;
    }
    client.connection.respond_error(kSet, result);
    return Handled::done;
}

Handled CmapFrontend::Impl::erase(Client& client, Bytes message) {
    const auto request = load<KeyRequest>(message);
    const std::string_view key = request.key.text();
    const CsError result =
        client.statistics ? refusal_of_statistics(key) : as_error(map.erase(key, cmap::Writer::client));
    client.connection.respond_error(kDelete, result);
    return Handled::done;
}

Handled CmapFrontend::Impl::adjust(Client& client, Bytes message) {
    const auto request = load<AdjustRequest>(message);
    const std::string_view key = request.key.text();
    const CsError result =
        client.statistics ? refusal_of_statistics(key) : as_error(map.adjust(key, request.step, cmap::Writer::client));
    client.connection.respond_error(kAdjust, result);
    return Handled::done;
}

Handled CmapFrontend::Impl::get(Client& client, Bytes message) {
    const auto request = load<GetRequest>(message);
    const auto found = value(client, request.key.text());
    GetResponse response{.header = {.id = kGet}};
    if (!found || (request.room != 0 && request.room < found->length())) {
        response.header.error = found ? kCsInvalidParam : kCsNotExist;
        client.connection.respond_message(response);
        return Handled::done;
    }
    response.length = found->length();
    response.type = static_cast<std::uint8_t>(found->type());
    const std::string bytes = request.room == 0 ? std::string() : found->bytes();
    client.connection.respond_message(response, text_bytes(bytes));
    return Handled::done;
}

// --- iteration ---

Handled CmapFrontend::Impl::iteration_initialize(Client& client, Bytes message) {
    const auto request = load<KeyRequest>(message);
    HandleResponse response{.header = {.id = kIterationInitialize}};
    if (client.full()) {
        response.header.error = kCsNoMemory;
    } else {
        response.handle = client.next_handle++;
        Iterator& iterator = client.iterators[response.handle];
        iterator.prefix = request.key.text();
        if (client.statistics) iterator.entries = statistics->list(iterator.prefix);
    }
    client.connection.respond_message(response);
    return Handled::done;
}

// False at the end.
bool CmapFrontend::Impl::advance(Iterator& iterator, IterationNextResponse& response) const {
    if (iterator.next < iterator.entries.size()) {
        const Statistics::Entry& entry = iterator.entries[iterator.next++];
        response.key = name_of(entry.key);
        response.length = entry.length;
        response.type = static_cast<std::uint8_t>(entry.type);
        return true;
    }
    if (!iterator.entries.empty()) return false;
    auto key = map.next_key(iterator.prefix, iterator.last);
    if (!key) return false;
    const Value* value = map.get(*key);
    response.key = name_of(*key);
    response.length = value->length();
    response.type = static_cast<std::uint8_t>(value->type());
    iterator.last = std::move(*key);
    return true;
}

Handled CmapFrontend::Impl::iteration_next(Client& client, Bytes message) {
    IterationNextResponse response{.header = {.id = kIterationNext}};
    const auto found = client.iterators.find(load<HandleRequest>(message).handle);
    if (found == client.iterators.end()) {
        response.header.error = kCsBadHandle;
    } else if ((client.statistics && found->second.entries.empty()) || !advance(found->second, response)) {
        response.header.error = kCsNoSections;
    }
    client.connection.respond_message(response);
    return Handled::done;
}

Handled CmapFrontend::Impl::iteration_finalize(Client& client, Bytes message) {
    const bool known = client.iterators.erase(load<HandleRequest>(message).handle) != 0;
    client.connection.respond_error(kIterationFinalize, known ? kCsOk : kCsBadHandle);
    return Handled::done;
}

// --- tracking ---

CsError CmapFrontend::Impl::start_tracking(Client& client, Tracker& tracker) {
    if (client.statistics) {
        // Keys come and go by connection, so who watches a prefix must want both (section 9.7).
        constexpr unsigned both = cmap::track::kAdd | cmap::track::kDelete;
        if (tracker.prefix && (tracker.events & both) != both) return kCsNotSupported;
        if (!tracker.prefix) tracker.last = statistics->get(tracker.key);
        return kCsOk;
    }
    const auto scope = tracker.prefix ? cmap::Scope::prefix : cmap::Scope::exact;
    auto tell = [&to = client.connection, instance = tracker.instance](const cmap::Change& change) {
        send_notify(to, instance, change);
    };
    tracker.id = map.track(tracker.key, scope, tracker.events, std::move(tell));
    return kCsOk;
}

Handled CmapFrontend::Impl::track_add(Client& client, Bytes message) {
    const auto request = load<TrackAddRequest>(message);
    constexpr auto known = static_cast<std::uint32_t>(cmap::track::kAll) | std::uint32_t{kTrackPrefix};
    const auto bits = static_cast<std::uint32_t>(request.events);
    HandleResponse response{.header = {.id = kTrackAdd}};
    if (!client.statistics && (bits & ~known) != 0) {
        response.header.error = kCsInvalidParam;
    } else if (client.full()) {
        response.header.error = kCsNoMemory;
    } else {
        Tracker tracker;
        tracker.key = request.key.text();
        tracker.events = bits & cmap::track::kAll;
        tracker.prefix = (bits & kTrackPrefix) != 0;
        tracker.instance = request.instance;
        response.header.error = start_tracking(client, tracker);
        if (response.header.error == kCsOk) {
            response.handle = client.next_handle++;
            client.trackers.emplace(response.handle, std::move(tracker));
        }
    }
    client.connection.respond_message(response);
    return Handled::done;
}

Handled CmapFrontend::Impl::track_delete(Client& client, Bytes message) {
    HandleResponse response{.header = {.id = kTrackDelete}};
    const auto found = client.trackers.find(load<HandleRequest>(message).handle);
    if (found == client.trackers.end()) {
        response.header.error = kCsBadHandle;
    } else {
        response.handle = found->second.instance;
        if (!client.statistics) map.untrack(found->second.id);
        client.trackers.erase(found);
    }
    client.connection.respond_message(response);
    return Handled::done;
}

Handled CmapFrontend::Impl::set_current_map(Client& client, Bytes message) {
    const std::int32_t wanted = load<SetCurrentMapRequest>(message).map;
    CsError result = kCsOk;
    if (!client.iterators.empty() || !client.trackers.empty()) {
        result = kCsBusy;
    } else if (wanted == kDefaultMap || (wanted == kStatsMap && statistics != nullptr)) {
        client.statistics = wanted == kStatsMap;
    } else {
        result = kCsNotExist;
    }
    client.connection.respond_error(kSetCurrentMapResponse, result);
    return Handled::done;
}

// --- the frontend ---

CmapFrontend::CmapFrontend(cmap::Map& map, Statistics* statistics)
    : impl_(std::make_unique<Impl>(Impl{map, statistics, {}})) {}

CmapFrontend::~CmapFrontend() = default;

std::span<const RequestRule> CmapFrontend::rules() const {
    return kRules;
}

void CmapFrontend::connected(Connection& connection) {
    impl_->clients.try_emplace(connection.id(), connection);
}

void CmapFrontend::disconnected(Connection& connection) {
    const auto found = impl_->clients.find(connection.id());
    if (found == impl_->clients.end()) return;
    if (!found->second.statistics) {
        for (const auto& [handle, tracker] : found->second.trackers)
            impl_->map.untrack(tracker.id);
    }
    impl_->clients.erase(found);
}

void CmapFrontend::statistics_changed(unsigned event, std::span<const Statistics::Entry> entries) {
    const bool added = event == cmap::track::kAdd;
    for (auto& [id, client] : impl_->clients) {
        if (!client.statistics) continue;
        for (const auto& [handle, tracker] : client.trackers) {
            if (!tracker.prefix) continue;
            for (const Statistics::Entry& entry : entries) {
                if (!entry.key.starts_with(tracker.key)) continue;
                const auto now = added ? impl_->statistics->get(entry.key) : std::nullopt;
                send_notify(client.connection, tracker.instance, {event, entry.key, now ? &*now : nullptr, nullptr});
            }
        }
    }
}

void CmapFrontend::check_statistics() {
    for (auto& [id, client] : impl_->clients) {
        if (!client.statistics) continue;
        for (auto& [handle, tracker] : client.trackers) {
            if (tracker.prefix) continue;
            auto now = impl_->statistics->get(tracker.key);
            if (now == tracker.last) continue;
            const unsigned event = !tracker.last ? cmap::track::kAdd
                                   : !now        ? cmap::track::kDelete
                                                 : cmap::track::kModify;
            const auto before = std::exchange(tracker.last, now);
            if ((tracker.events & event) == 0) continue;
            send_notify(client.connection, tracker.instance,
                        {event, tracker.key, now ? &*now : nullptr, before ? &*before : nullptr});
        }
    }
}

Handled CmapFrontend::request(Connection& connection, std::uint32_t id, Bytes message) {
    const auto found = impl_->clients.find(connection.id());
    if (found == impl_->clients.end()) return Handled::invalid;
    Client& client = found->second;
    switch (id) {
        case kSet:
            return impl_->set(client, message);
        case kDelete:
            return impl_->erase(client, message);
        case kGet:
            return impl_->get(client, message);
        case kAdjust:
            return impl_->adjust(client, message);
        case kIterationInitialize:
            return impl_->iteration_initialize(client, message);
        case kIterationNext:
            return impl_->iteration_next(client, message);
        case kIterationFinalize:
            return impl_->iteration_finalize(client, message);
        case kTrackAdd:
            return impl_->track_add(client, message);
        case kTrackDelete:
            return impl_->track_delete(client, message);
        case kSetCurrentMap:
            return impl_->set_current_map(client, message);
    }
    return Handled::invalid;
}

}  // namespace engine::ipc
