// A request's body in memory, within what the bodies of all connections may hold together. Heavy: for .cpp files only.
#pragma once

#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace dun::http {

/// What all bodies of a listener share beyond what each may hold by itself.
class BodyRoom {
 public:
  BodyRoom(std::size_t each, std::size_t shared) : each_(each), left_(shared) {}

  /// One body's part of the room; given back when it ends.
  class Share {
   public:
    explicit Share(BodyRoom& room) : room_(&room) {}
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() { room_->left_ += charged_; }

    /// Whether a body may grow to this size.
    [[nodiscard]] bool grow(std::size_t size) {
      const std::size_t wanted = size > room_->each_ ? size : 0;
      if (wanted <= charged_) return true;
      if (wanted - charged_ > room_->left_) return false;
      room_->left_ -= wanted - charged_;
      charged_ = wanted;
      return true;
    }

   private:
    BodyRoom* room_;
    std::size_t charged_ = 0;
  };

 private:
  std::size_t each_;  ///< bytes that a body takes without asking: small ones are served while large ones fill the room
  std::size_t left_;
};

/// What is charged is what has come, not what a header promises: a promise costs its sender nothing.
struct BoundedBody {
  struct value_type {
    std::string text;
    BodyRoom::Share* share = nullptr;
  };

  static constexpr auto no_room = boost::system::errc::not_enough_memory;

  class reader {
   public:
    template <bool IsRequest, class Fields>
    reader(boost::beast::http::header<IsRequest, Fields>&, value_type& body) : body_(body) {}

    void init(const boost::optional<std::uint64_t>& length, boost::beast::error_code& error) {
      length_ = length ? static_cast<std::size_t>(*length) : 0;
      error = {};
    }

    template <class ConstBuffers>
    std::size_t put(const ConstBuffers& buffers, boost::beast::error_code& error) {
      const std::size_t added = boost::beast::buffer_bytes(buffers);
      const std::size_t size = body_.text.size() + added;
      error = {};
      if (body_.share == nullptr || !body_.share->grow(size)) {
        error = boost::system::errc::make_error_code(no_room);
        return 0;
      }
      if (size > body_.text.capacity()) body_.text.reserve(std::max(size, std::min(length_, 2 * size)));
      for (const auto part : boost::beast::buffers_range_ref(buffers))
        body_.text.append(static_cast<const char*>(part.data()), part.size());
      return added;
    }

    void finish(boost::beast::error_code& error) { error = {}; }

   private:
    value_type& body_;
    std::size_t length_ = 0;
  };
};

}  // namespace dun::http
