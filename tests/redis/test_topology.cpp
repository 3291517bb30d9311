#include "redis/topology.hpp"

#include <gmock/gmock.h>

namespace dun::redis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(SlotOf, IsThatOfTheSpecification) {
  EXPECT_EQ(slot_of("123456789"), 0x31C3);
  EXPECT_EQ(slot_of("foo"), 12'182);
  EXPECT_EQ(slot_of(""), 0);
  EXPECT_EQ(slot_of("{user1000}.following"), slot_of("{user1000}.followers"));
  EXPECT_EQ(slot_of("{user1000}.following"), slot_of("user1000"));
  EXPECT_EQ(slot_of("foo{{bar}}zap"), slot_of("{bar"));
  EXPECT_EQ(slot_of("foo{bar}{zap}"), slot_of("bar"));
  // An empty tag is none, and neither is one that is not closed.
  EXPECT_NE(slot_of("foo{}{bar}"), slot_of("bar"));
  EXPECT_NE(slot_of("foo{bar"), slot_of("bar"));
}

Value node(std::string host, int port) {
  return array_value({host.empty() ? Value() : text_value(std::move(host)), integer_value(port), text_value("id")});
}

TEST(ReadSlots, TheFirstNodeOfARangeIsItsMaster) {
  const Value reply =
      array_value({array_value({integer_value(0), integer_value(99), node("a", 1), node("b", 2)}),
                   array_value({integer_value(100), integer_value(16'383), node("b", 2), node("", 3)})});
  const Endpoint asked{.host = "seed", .port = 9};
  EXPECT_EQ(read_slots(reply, 99, asked)->master, (Endpoint{"a", 1}));
  EXPECT_EQ(read_slots(reply, 100, asked)->master, (Endpoint{"b", 2}));
  // A node that does not know its own host has the one that it was asked at.
  EXPECT_THAT(read_slots(reply, 0, asked)->nodes, ElementsAre(Endpoint{"a", 1}, Endpoint{"b", 2}, Endpoint{"seed", 3}));
}

TEST(ReadSlots, WhatIsNotThereIsSaid) {
  const Endpoint asked{.host = "seed", .port = 9};
  const Value gap = array_value({array_value({integer_value(0), integer_value(99), node("a", 1)})});
  EXPECT_THAT(read_slots(gap, 100, asked).error().message, HasSubstr("slot 100"));
  EXPECT_THAT(read_slots(error_value("NOPERM no"), 0, asked).error().message, HasSubstr("NOPERM"));
  // Any shape is survived.
  const std::vector<Value> odd = {Value(), integer_value(1), array_value({text_value("x")}),
                                  array_value({array_value({integer_value(0), integer_value(9), text_value("x")})}),
                                  array_value({array_value({integer_value(0), integer_value(9), node("a", 70'000)})})};
  for (const Value& reply : odd) EXPECT_FALSE(read_slots(reply, 0, asked).has_value());
}

}  // namespace
}  // namespace dun::redis
