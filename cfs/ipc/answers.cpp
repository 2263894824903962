#include "cfs/ipc/answers.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "cfs/tree/paths.hpp"

namespace cfs::ipc {

namespace {

constexpr std::size_t kNameSize = 256;
constexpr std::uint8_t kLastPriority = 7;
constexpr std::uint32_t kFirstGuest = 100;
constexpr std::string_view kTokenFile = "priv/token.cfg";

Answer refused(int error) {
    return {.error = -error};
}

// Reads a message from the front; what is asked for and not there is nothing.
class Fields {
public:
    explicit Fields(Bytes message) : rest_(reinterpret_cast<const char*>(message.data()), message.size()) {}

    std::string_view rest() const { return rest_; }

    // The callers know that it is there.
    template <typename Number>
    Number number() {
        Number value;
        std::memcpy(&value, rest_.data(), sizeof value);
        rest_.remove_prefix(sizeof value);
        return value;
    }
    // The text in a place of fixed size.
    std::optional<std::string_view> text(std::size_t size) {
        if (rest_.size() < size) return std::nullopt;
        const std::string_view place = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return in(place);
    }
    // The text up to the next NUL, and no further.
    std::optional<std::string_view> next_text() {
        const auto text = in(rest_);
        if (text) rest_.remove_prefix(text->size() + 1);
        return text;
    }
    // A text that is the last in the message: what is behind its NUL, if anything, does not count.
    std::optional<std::string_view> last_text() const { return in(rest_); }

private:
    // pmxcfs ends texts by a NUL behind or instead of the last byte; here a text has to bring its own.
    static std::optional<std::string_view> in(std::string_view place) {
        const auto end = place.find('\0');
        return end == std::string_view::npos ? std::nullopt : std::optional(place.substr(0, end));
    }

    std::string_view rest_;
};

class Desk {
public:
    Desk(Backend& backend, const Caller& caller, Bytes body) : backend_(backend), caller_(caller), body_(body) {}

    Answer serve(std::int32_t id, Era era) {
        switch (id) {
            case kGetVersion:
                return plain([this] { return backend_.version_text(); });
            case kGetMembers:
                return plain([this] { return backend_.members_text(); });
            case kGetGuests:
                return plain([this] { return backend_.guests_text(); });
            case kSetStatus:
                return set_status();
            case kGetStatus:
                return get_status();
            case kGetConfig:
                return get_config();
            case kLog:
                return log();
            case kGetClusterLog:
                return get_cluster_log();
            case kGetRrd:
                // One NUL more, so that the answer is never empty (11.5).
                return plain([this] { return backend_.rrd_text() + '\0'; });
            default:
                return era == Era::p9 ? serve_p9(id) : refused(ECHRNG);
        }
    }

private:
    Answer serve_p9(std::int32_t id) {
        switch (id) {
            case kGetGuestProperty:
                return get_guest_property();
            case kVerifyToken:
                return verify_token();
            case kGetGuestProperties:
                return get_guest_properties();
            default:
                return refused(ECHRNG);
        }
    }

    template <typename Text>
    Answer plain(Text text) {
        return body_.rest().empty() ? Answer{.data = text()} : refused(EINVAL);
    }

    Answer set_status() {
        if (caller_.read_only) return refused(EPERM);
        const auto key = body_.text(kNameSize);
        if (!key) return refused(EINVAL);
        const std::string_view value = body_.rest();
        return {.error = backend_.set_status(std::string(*key),
                                             {reinterpret_cast<const std::uint8_t*>(value.data()), value.size()})};
    }

    Answer get_status() {
        const auto key = body_.text(kNameSize);
        const auto node = body_.text(kNameSize);
        if (!key || !node) return refused(EINVAL);
        return found(backend_.status(*node, *key));
    }

    Answer get_config() {
        const auto path = body_.last_text();
        if (!path) return refused(EINVAL);
        if (caller_.read_only && is_private_path(*path)) return refused(EPERM);
        return found(backend_.file(*path));
    }

    Answer log() {
        if (caller_.read_only) return refused(EPERM);
        if (body_.rest().size() < 3) return refused(EINVAL);
        const auto priority = body_.number<std::uint8_t>();
        const auto ident_size = body_.number<std::uint8_t>();
        const auto tag_size = body_.number<std::uint8_t>();
        const auto ident = text_of(ident_size), tag = text_of(tag_size);
        const auto message = body_.last_text();
        if (!ident || !tag || !message) return refused(EINVAL);
        if (priority <= kLastPriority) backend_.log({priority, caller_.pid, *ident, *tag, *message});
        return {};
    }
    // The NUL that a length counts has to be its last byte.
    std::optional<std::string_view> text_of(std::size_t size) {
        const std::string_view rest = body_.rest();
        if (size == 0 || size > rest.size() || rest[size - 1] != '\0') return std::nullopt;
        return body_.text(size);
    }

    Answer get_cluster_log() {
        if (body_.rest().size() < 4 * sizeof(std::uint32_t)) return refused(EINVAL);
        const auto most = body_.number<std::uint32_t>();
        for (int reserved = 0; reserved < 3; ++reserved)
            (void)body_.number<std::uint32_t>();
        const auto user = body_.last_text();
        return user ? Answer{.data = backend_.cluster_log_text(most, *user)} : refused(EINVAL);
    }

    Answer get_guest_property() {
        if (body_.rest().size() < sizeof(std::uint32_t)) return refused(EINVAL);
        const auto guest = body_.number<std::uint32_t>();
        const auto name = body_.last_text();
        if (!name) return refused(EINVAL);
        return properties(guest, {&*name, 1});
    }

    Answer get_guest_properties() {
        if (body_.rest().size() < sizeof(std::uint32_t) + 1) return refused(EINVAL);
        const auto guest = body_.number<std::uint32_t>();
        std::vector<std::string_view> names(body_.number<std::uint8_t>());
        for (std::string_view& name : names) {
            const auto text = body_.next_text();
            if (!text || text->empty() || text->front() < 'a' || text->front() > 'z') return refused(EINVAL);
            name = *text;
        }
        if (names.empty() || !body_.rest().empty()) return refused(EINVAL);
        return properties(guest, names);
    }

    Answer properties(std::uint32_t guest, std::span<const std::string_view> names) {
        if (guest != 0 && guest < kFirstGuest) return refused(EINVAL);
        return found(backend_.guest_properties(guest, names));
    }

    // Read-only clients may: who can name a token does not learn it here.
    Answer verify_token() {
        const auto token = body_.next_text();
        if (!token || token->empty() || token->find('\n') != std::string_view::npos || !body_.rest().empty())
            return refused(EINVAL);
        const auto file = backend_.file(kTokenFile);
        return file && has_line(*file, *token) ? Answer{} : refused(ENOENT);
    }
    static bool has_line(std::string_view text, std::string_view wanted) {
        while (!text.empty()) {
            const auto end = std::min(text.find('\n'), text.size());
            if (text.substr(0, end) == wanted) return true;
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        return false;
    }

    static Answer found(std::optional<std::string> data) {
        return data ? Answer{.data = std::move(*data)} : refused(ENOENT);
    }

    Backend& backend_;
    const Caller caller_;
    Fields body_;
};

}  // namespace

Answer answer(Backend& backend, Era era, const Caller& caller, Bytes message) {
    if (message.size() < sizeof(RequestHeader)) return refused(EINVAL);
    std::int32_t id = 0;
    std::memcpy(&id, message.data(), sizeof id);
    return Desk(backend, caller, message.subspan(sizeof(RequestHeader))).serve(id, era);
}

}  // namespace cfs::ipc
