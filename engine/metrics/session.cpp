#include "engine/metrics/session.hpp"

#include "engine/metrics/exposition.hpp"

namespace engine::metrics {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

namespace {

// Of what a client sends on behind its request.
constexpr std::size_t kMostDiscarded = 65536;

std::string_view path_of(std::string_view target) {
    return target.substr(0, target.find('?'));
}

}  // namespace

Session::Session(Socket socket, SessionHost& host, std::function<void(Session*)> over)
    : stream_(std::move(socket)), host_(&host), over_(std::move(over)), buffer_(host.limits.request_bytes) {
    request_.header_limit(static_cast<std::uint32_t>(host.limits.request_bytes));
}

void Session::start() {
    stream_.expires_after(host_->limits.patience);
    http::async_read_header(stream_, buffer_, request_,
                            [self = shared_from_this()](error_code error, std::size_t) { self->received(error); });
}

void Session::received(error_code error) {
    if (host_ == nullptr) return;
    const auto text = [](std::string_view line) { return std::make_shared<const std::string>(line); };
    if (error == beast::error::timeout || error == http::error::end_of_stream) return close(true);
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        return answer(http::status::request_header_fields_too_large, text("The request is too large.\n"));
    }
    if (error && error.category() == make_error_code(http::error::bad_method).category()) {
        return answer(http::status::bad_request, text("This is no HTTP request.\n"));
    }
    if (error) return close(true);
    const auto& request = request_.get();
    const std::string_view path = path_of({request.target().data(), request.target().size()});
    if (path != "/" && path != "/metrics") return answer(http::status::not_found, text("There is only /metrics.\n"));
    if (request.method() != http::verb::get && request.method() != http::verb::head) {
        response_.set(http::field::allow, "GET, HEAD");
        return answer(http::status::method_not_allowed, text("Only GET and HEAD.\n"));
    }
    answer(http::status::ok, host_->page());
}

void Session::answer(http::status status, std::shared_ptr<const std::string> body) {
    ++(status == http::status::ok ? host_->counters.served : host_->counters.refused);
    const bool text = status == http::status::ok;
    body_ = std::move(body);
    response_.result(status);
    response_.version(11);
    response_.keep_alive(false);
    response_.set(http::field::server, "totemd");
    const std::string_view type = text ? kContentType : "text/plain; charset=utf-8";
    response_.set(http::field::content_type, beast::string_view(type.data(), type.size()));
    response_.content_length(body_->size());
    const bool head_only = request_.is_header_done() && request_.get().method() == http::verb::head;
    if (!head_only) response_.body() = {body_->data(), body_->size()};
    serializer_.emplace(response_);
    stream_.expires_after(host_->limits.patience);
    const auto done = [self = shared_from_this()](error_code error, std::size_t) { self->sent(error); };
    head_only ? http::async_write_header(stream_, *serializer_, done) : http::async_write(stream_, *serializer_, done);
}

void Session::sent(error_code error) {
    if (host_ == nullptr) return;
    if (error) return close(true);
    // Closing while something of the client's is unread would reset the connection and take the answer back.
    stream_.socket().shutdown(Socket::shutdown_send, error);
    stream_.expires_after(host_->limits.patience);
    wait_for_end();
}

void Session::wait_for_end() {
    buffer_.clear();
    const auto read = [self = shared_from_this()](error_code error, std::size_t size) {
        if (self->host_ == nullptr) return;
        self->discarded_ += size;
        if (error || self->discarded_ > kMostDiscarded) return self->close(false);
        self->wait_for_end();
    };
    stream_.async_read_some(buffer_.prepare(buffer_.max_size()), read);
}

void Session::close(bool dropped) {
    if (dropped) ++host_->counters.dropped;
    drop();
    over_(this);
}

void Session::drop() {
    host_ = nullptr;
    stream_.close();
}

}  // namespace engine::metrics
