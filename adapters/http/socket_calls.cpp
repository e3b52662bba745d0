#include "adapters/http/socket_calls.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>

namespace stemma::http {

std::size_t send_at_once(int socket, std::string_view head, std::string_view body, boost::system::error_code& error) {
    std::array<iovec, 2> parts{{{const_cast<char*>(head.data()), head.size()},    // NOLINT(cppcoreguidelines-pro-type-const-cast):
                                {const_cast<char*>(body.data()), body.size()}}};  // sendmsg() only reads
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = body.empty() ? 1 : 2;
    const ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) error = {errno, boost::system::system_category()};
    return 0;
}

bool has_left(int socket) noexcept {
    pollfd seen{socket, POLLRDHUP, 0};
    return ::poll(&seen, 1, 0) == 1;  // POLLERR and POLLHUP need not be asked for
}

}  // namespace stemma::http
