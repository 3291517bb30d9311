// The router's copies in a cluster, where the partitions are on other servers than the front door.
#pragma once

#include "redis/keys.hpp"
#include "redis/links.hpp"
#include "redis/replication.hpp"
#include "redis/stream.hpp"

#include <cstdint>
#include <vector>

namespace dun::redis {

/// On one server an entry's copy and the router's cursor are one transaction; over several there is none. So each
/// partition keeps a mark beside its stream: up to where the front door has been copied into it, written in the
/// transaction that copies. A partition whose server fails over and loses its last writes loses the mark with them, and
/// the entries are copied again; one whose server is away is not copied to twice. An entry may still be copied again
/// when a router dies between copying and moving its cursor, which event ids make harmless. Owner: the router, which
/// calls close().
class Copies {
 public:
  Copies(Executor executor, Site site, LinkOptions link_options, Keyspace keys, int partitions,
         Replication replication);

  /// Reads the marks. Up to `cursor` the router has copied; the result is up to where surely every partition has got.
  /// A mark beyond the cursor counts for nothing: the front door may have lost its end since, and its ids come again.
  Awaitable<StoreResult<StreamId>> begin(StreamId cursor);

  /// Copies each entry that is behind its partition's mark, in order. Any failure, also a connection that was made anew
  /// meanwhile: begin() again.
  Awaitable<StoreResult<void>> copy(std::vector<StreamEntry> entries);

  /// Nothing is left to be copied: sets the marks that lie behind to `cursor`, so that begin() need not read far back,
  /// and sees whether the others are what they were.
  Awaitable<StoreResult<void>> settle(StreamId cursor);

  Awaitable<void> close();

 private:
  struct Partition {
    PartitionKeys keys;
    Link* link;
    std::uint64_t connection = 0;
    StreamId mark;
    Operation operation;  ///< of the present call
    Link::Started started;
    bool writes = false;  ///< the operation copies, it does not only look at the mark
  };
  Awaitable<StoreResult<void>> perform();

  Links links_;
  Replication replication_;
  std::vector<Partition> partitions_;
};

}  // namespace dun::redis
