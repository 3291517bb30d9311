#include "tools/lines.hpp"

#include <limits>

namespace dun::tools {

bool Lines::next() {
  ++number_;
  input_.getline(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  size_ = static_cast<std::size_t>(input_.gcount());
  if (input_.fail() && !input_.eof() && !input_.bad()) {  // the buffer is full, and the line goes on
    input_.clear();
    input_.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    return true;
  }
  if (input_.good()) --size_;  // the line end counts as read
  return !input_.fail();
}

}  // namespace dun::tools
