# What is heavy and never changes is parsed once: one precompiled header for what is built, one for tests (ADR 0019).
#
# It saves time and nothing else. Every file includes what it uses, and tests/layering builds each without it.
# -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON does without.

# A header that was changed and changed back is the same one, for ccache and for clang.
add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
# As options of the driver, whose paths ccache takes relative to the checkout; CMake's own go past it (-Xclang PATH).
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  set(CMAKE_CXX_COMPILE_OPTIONS_USE_PCH -include-pch <PCH_FILE>)
endif()

# CLI11 is not here, though heavy: with a list that held it, <regex> and <random>, a rule took longer to compile than with
# no precompiled header at all; its global objects are the likely cause (ADR 0019).
set(DUN_PRECOMPILED
    <algorithm> <array> <charconv> <chrono> <cmath> <compare> <cstdint> <deque> <expected> <filesystem> <fstream>
    <functional> <limits> <map> <memory> <mutex> <optional> <set> <span> <sstream> <string> <string_view> <thread>
    <tuple> <unordered_map> <unordered_set> <utility> <variant> <vector>
    <boost/asio/any_io_executor.hpp> <boost/asio/as_tuple.hpp> <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp>
    <boost/asio/experimental/awaitable_operators.hpp> <boost/asio/io_context.hpp> <boost/asio/ip/tcp.hpp>
    <boost/asio/post.hpp> <boost/asio/signal_set.hpp> <boost/asio/steady_timer.hpp> <boost/asio/use_awaitable.hpp>
    <date/date.h> <date/tz.h> <fmt/format.h> <fmt/ranges.h> <nlohmann/json.hpp> <spdlog/spdlog.h>
    <unicode/uchar.h> <unicode/unistr.h>)
set(DUN_PRECOMPILED_USES
    Boost::headers ICU::uc date::date-tz fmt::fmt nlohmann_json::nlohmann_json spdlog::spdlog Threads::Threads)

# dun_precompiled(NAME HEADERS <a> ... USES other ...): a target that holds nothing but a precompiled header.
function(dun_precompiled name)
  cmake_parse_arguments(ARG "" "" "HEADERS;USES" ${ARGN})
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "// Of ${name} only the header is used.\n")
  add_library(${name} OBJECT ${source})
  target_link_libraries(${name} PRIVATE ${ARG_USES})
  target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
endfunction()

dun_precompiled(dun_precompiled HEADERS ${DUN_PRECOMPILED} USES ${DUN_PRECOMPILED_USES})
