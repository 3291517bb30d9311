// Lines of bounded length, of whatever is given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string_view>
#include <vector>

namespace dun::tools {

class Lines {
 public:
  /// `most`: bytes of a line; of a longer one no more is kept than one byte beyond, by which it is known. The input
  /// outlives this.
  Lines(std::istream& input, std::size_t most) : input_(input), buffer_(most + 2) {}

  /// False at the end, and where the input cannot be read on.
  bool next();

  /// Without its end.
  [[nodiscard]] std::string_view line() const { return {buffer_.data(), size_}; }
  [[nodiscard]] std::uint64_t number() const { return number_; }
  /// Whether something of the next line can be read without waiting for whoever writes it.
  [[nodiscard]] bool more_at_once() const { return input_.rdbuf()->in_avail() > 0; }
  /// The input ended because it could not be read on; errno says why.
  [[nodiscard]] bool failed() const { return input_.bad(); }

 private:
  std::istream& input_;
  std::vector<char> buffer_;
  std::size_t size_ = 0;
  std::uint64_t number_ = 0;
};

}  // namespace dun::tools
