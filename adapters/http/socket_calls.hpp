// The system calls that the listener makes on a connection beside Asio. None of them waits.
#pragma once

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <string_view>

namespace stemma::http {

/// Sends what the kernel takes at once: most answers, whole. How many bytes; an error ends the connection.
[[nodiscard]] std::size_t send_at_once(int socket, std::string_view head, std::string_view body, boost::system::error_code& error);

/// The peer has closed its side of the connection, or the connection broke; whatever of what it sent is still to be read.
[[nodiscard]] bool has_left(int socket) noexcept;

}  // namespace stemma::http
