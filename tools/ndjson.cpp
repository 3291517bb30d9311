#include "tools/ndjson.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace dun::tools {
namespace {

using Json = nlohmann::json;

/// Takes the parser's events in, so that no number passes through binary floating point and no tree is built.
class FlatObject : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return flat() && (fields_.pop_back(), true); }
  bool boolean(bool value) override { return set(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return set(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return set(std::to_string(value)); }
  bool number_float(number_float_t, const string_t& written) override { return set(written); }
  bool string(string_t& value) override { return set(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override {
    if (depth_++ == 0) return true;
    return nested();
  }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return depth_ == 0 ? refuse("expected a JSON object") : nested(); }
  bool end_array() override { return true; }
  bool key(string_t& name) override {
    fields_.emplace_back(std::move(name), std::string());
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    return refuse(fmt::format("not JSON from byte {} on", position));
  }

  Fields take_fields() { return std::move(fields_); }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  bool flat() { return depth_ > 0 || refuse("expected a JSON object"); }
  bool set(std::string value) {
    if (!flat()) return false;
    fields_.back().second = std::move(value);
    return true;
  }
  bool nested() {
    return refuse(fmt::format("field {}: expected a string, a number or a boolean",
                              fields_.empty() ? "?" : fields_.back().first));
  }
  bool refuse(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
    return false;
  }

  int depth_ = 0;
  Fields fields_;
  std::string problem_;
};

}  // namespace

std::expected<Fields, std::string> parse_ndjson_line(std::string_view line) {
  FlatObject object;
  if (!Json::sax_parse(line, &object)) return std::unexpected(object.problem().empty() ? "not JSON" : object.problem());
  return object.take_fields();
}

}  // namespace dun::tools
