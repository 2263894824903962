#pragma once
// One connection of the listener: a request, its answer, the end.

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/metrics/listener.hpp"

namespace engine::metrics {

using Socket = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol>;

// What sessions have of their listener. `page` is empty when the listener has gone.
struct SessionHost {
    std::function<std::shared_ptr<const std::string>()> page;
    ListenerCounters& counters;
    const ListenerLimits limits;
};

class Session : public std::enable_shared_from_this<Session> {
public:
    // `over` is called once, when the connection has come to its end by itself.
    Session(Socket socket, SessionHost& host, std::function<void(Session*)> over);
    void start();
    void drop();  // at once, and without a word to anybody

private:
    using Stream = boost::beast::basic_stream<boost::asio::generic::stream_protocol>;
    using Request = boost::beast::http::request_parser<boost::beast::http::empty_body>;

    void received(boost::system::error_code error);
    void answer(boost::beast::http::status status, std::shared_ptr<const std::string> body);
    void sent(boost::system::error_code error);
    void wait_for_end();
    void close(bool dropped);

    Stream stream_;
    SessionHost* host_;  // null once closed
    std::function<void(Session*)> over_;
    boost::beast::flat_buffer buffer_;
    Request request_;
    std::shared_ptr<const std::string> body_;
    boost::beast::http::response<boost::beast::http::span_body<const char>> response_;
    std::optional<boost::beast::http::response_serializer<boost::beast::http::span_body<const char>>> serializer_;
    std::size_t discarded_ = 0;
};

}  // namespace engine::metrics
