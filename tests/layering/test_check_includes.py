"""The check of includes finds what it is there to find, and lets pass what the table allows."""

import unittest

from check_includes import check_file, check_reach

FORBIDDEN = [
    ("domain/money.cpp", '#include "policies/options.hpp"'),
    ("domain/money.hpp", "#include <fmt/format.h>"),
    ("policies/caps.cpp", '#include "messages/catalogue.hpp"'),
    ("policies/caps.cpp", "#include <spdlog/spdlog.h>"),
    ("messages/text.cpp", '#include "scheduler/ports/clock.hpp"'),
    ("scheduler/engine.cpp", '#include "redis/store.hpp"'),
    ("scheduler/flow/bucket.cpp", "#include <boost/asio/awaitable.hpp>"),
    ("redis/store.cpp", '#include "gateways/sender.hpp"'),
    ("redis/store.cpp", '#include "scheduler/options.hpp"'),
    ("gateways/sender.cpp", '  #  include "redis/store.hpp"'),
    ("console/api.cpp", '#include "redis/store.hpp"'),
    ("console/api.hpp", "#include <boost/beast.hpp>"),
    ("redis/link.hpp", "#include <boost/asio/ip/tcp.hpp>"),
    ("tools/up.hpp", "#include <boost/asio.hpp>"),
    ("redis/store.cpp", '#include "store.hpp"'),
    ("redis/link.hpp", '#include "base/async/deadline.hpp"'),
    ("base/async/signal.hpp", "#include <boost/asio/steady_timer.hpp>"),
    ("base/async/signal.cpp", '#include "scheduler/ports/clock.hpp"'),
    ("base/async/signal.cpp", '#include "base/http/server.hpp"'),
    ("base/text/utf8.cpp", '#include "base/async/task_group.hpp"'),
    ("base/text/utf8.cpp", '#include "domain/money.hpp"'),
    ("domain/money.cpp", '#include "base/async/task_group.hpp"'),
    ("operations/explain.cpp", '#include "redis/store.hpp"'),
    ("operations/alerts.hpp", '#include "scheduler/engine.hpp"'),
    ("operations/ports/status_view.hpp", '#include "operations/status.hpp"'),
    ("redis/views.hpp", '#include "operations/status.hpp"'),
    ("config/dun_loader.hpp", '#include "redis/partition_store.hpp"'),
    ("config/gateway_reader.cpp", '#include "scheduler/ports/sender.hpp"'),
]

ALLOWED = [
    ("domain/money.cpp", '#include "domain/money.hpp"'),
    ("domain/time.hpp", "#include <date/date.h>"),
    ("domain/time.hpp", "#include <chrono>"),
    ("policies/caps.cpp", '#include "domain/time.hpp"'),
    ("messages/text.cpp", "#include <unicode/msgfmt.h>"),
    ("scheduler/ports/awaitable.hpp", "#include <boost/asio/awaitable.hpp>"),
    ("redis/store.cpp", '#include "scheduler/ports/store.hpp"'),
    ("redis/store.cpp", "#include <boost/asio.hpp>"),
    ("gateways/sender.cpp", '#include "messages/segmentation.hpp"'),
    ("config/load.cpp", '#include "redis/options.hpp"'),
    ("tools/up.cpp", '#include "gateways/sender.hpp"'),
    ("tests/redis/test_store.cpp", '#include "scheduler/partition_engine.hpp"'),
    ("base/async/deadline.hpp", "#include <boost/asio/steady_timer.hpp>"),
    ("redis/link.cpp", '#include "base/async/deadline.hpp"'),
    ("base/http/server.cpp", '#include "base/async/task_group.hpp"'),
    ("base/text/visible.cpp", '#include "base/text/utf8.hpp"'),
    ("operations/explain.cpp", '#include "policies/calendar.hpp"'),
    ("operations/status.hpp", '#include "operations/ports/status_view.hpp"'),
    ("redis/views.hpp", '#include "operations/ports/status_view.hpp"'),
    ("domain/money.cpp", '// #include "policies/options.hpp"'),
]


class CheckIncludes(unittest.TestCase):
    def test_forbidden_includes_are_found_with_their_line(self):
        for path, line in FORBIDDEN:
            with self.subTest(path=path, line=line):
                self.assertEqual([number for number, _ in check_file(path, ["", line])], [2])

    def test_allowed_includes_pass(self):
        for path, line in ALLOWED:
            with self.subTest(path=path, line=line):
                self.assertEqual(list(check_file(path, [line])), [])

    def test_options_are_light_by_whatever_way(self):
        files = {
            "config/load.cpp": ["", '#include "redis/options.hpp"'],
            "redis/options.hpp": ['#include "redis/address.hpp"', '#include "redis/link.hpp"'],
            "redis/address.hpp": ["#include <string>"],
            "redis/link.hpp": ["#include <boost/asio/awaitable.hpp>"],
        }
        self.assertEqual([(path, number) for path, number, _ in check_reach(files)],
                         [("config/load.cpp", 2), ("redis/options.hpp", 2)])
        files["redis/link.hpp"] = []
        self.assertEqual(list(check_reach(files)), [])


if __name__ == "__main__":
    unittest.main()
