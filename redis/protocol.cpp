#include "redis/protocol.hpp"

#include "domain/assert.hpp"

#include <hiredis/hiredis.h>

namespace dun::redis {
namespace {

/// Where the value that hiredis is about to hand over belongs: a new root, or the next element of its array. Growing
/// an array moves only elements that are complete, so that the pointers hiredis keeps to open arrays stay good.
Value* place(const redisReadTask* task) {
  if (task->parent == nullptr) return new Value();
  return &static_cast<Value*>(task->parent->obj)->items.emplace_back();
}

void* create_string(const redisReadTask* task, char* text, std::size_t size) {
  Value* value = place(task);
  value->type = task->type == REDIS_REPLY_ERROR ? Value::Type::error : Value::Type::text;
  value->text.assign(text, size);
  return value;
}

void* create_array(const redisReadTask* task, int) {
  Value* value = place(task);
  value->type = Value::Type::array;
  return value;
}

void* create_integer(const redisReadTask* task, long long number) {
  Value* value = place(task);
  value->type = Value::Type::integer;
  value->number = number;
  return value;
}

void* create_nil(const redisReadTask* task) {
  return place(task);
}

void free_object(void* root) {
  delete static_cast<Value*>(root);
}

redisReplyObjectFunctions functions = {create_string, create_array, create_integer, create_nil, free_object};

}  // namespace

void append_command(std::string& out, const Command& command) {
  std::vector<const char*> arguments;
  std::vector<std::size_t> sizes;
  arguments.reserve(command.size());
  sizes.reserve(command.size());
  for (const std::string& argument : command) {
    arguments.push_back(argument.data());
    sizes.push_back(argument.size());
  }
  sds formatted = nullptr;
  const int size =
      redisFormatSdsCommandArgv(&formatted, static_cast<int>(arguments.size()), arguments.data(), sizes.data());
  DUN_ASSERT(size > 0);
  out.append(formatted, static_cast<std::size_t>(size));
  redisFreeSdsCommand(formatted);
}

ReplyReader::ReplyReader() : reader_(redisReaderCreateWithFunctions(&functions)) {
  DUN_ASSERT(reader_ != nullptr);
}

void ReplyReader::Free::operator()(redisReader* reader) const {
  redisReaderFree(reader);
}

void ReplyReader::feed(std::string_view bytes) {
  redisReaderFeed(reader_.get(), bytes.data(), bytes.size());
}

std::expected<std::optional<Value>, std::string> ReplyReader::next() {
  void* reply = nullptr;
  if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK) return std::unexpected<std::string>(reader_->errstr);
  if (reply == nullptr) return std::optional<Value>();
  const std::unique_ptr<Value> value(static_cast<Value*>(reply));
  return std::move(*value);
}

}  // namespace dun::redis
