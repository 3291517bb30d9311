# Options, warnings and the helper that makes one library a folder.
option(DUN_TESTS "Build the tests" ON)
option(DUN_WERROR "Warnings are errors: the presets say so, for whoever works on Dun" OFF)
option(DUN_HARDEN "What Debian hardens its own packages with; not beside sanitizers" OFF)
option(DUN_BENCH "Build the microbenchmarks (Google Benchmark)" OFF)
option(DUN_FUZZ "Build the fuzz targets (libFuzzer)" OFF)
set(DUN_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize, for example address,undefined")

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${PROJECT_SOURCE_DIR}/cmake/cached ${PROJECT_SOURCE_DIR} ${CCACHE})
endif()

# One way of compiling for all, or one precompiled header does not fit all: there are no shared libraries, and RE2 wants
# -pthread where it is used.
add_compile_options(-fPIE -pthread)
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
                    -Woverloaded-virtual -Wimplicit-fallthrough -Wno-missing-designated-field-initializers)
if(DUN_WERROR)
  add_compile_options(-Werror)
endif()
# Boost 1.81 and clang 19 disagree on one deprecation inside Boost's own headers.
add_compile_definitions(BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_HAS_STD_INVOKE_RESULT BOOST_ALLOW_DEPRECATED_HEADERS)
if(DUN_SANITIZE)
  add_compile_options(-fsanitize=${DUN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${DUN_SANITIZE})
endif()
if(DUN_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(DUN_HARDEN)
  add_compile_options(-D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection)
  add_link_options(-pie -Wl,-z,relro,-z,now)
endif()
add_link_options(-fuse-ld=lld)

# dun_library(NAME SOURCES a.cpp ... USES other ...): the library target of the folder it is called in.
function(dun_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
  add_library(dun_${name} STATIC ${ARG_SOURCES})
  target_include_directories(dun_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(dun_${name} PUBLIC ${ARG_USES})
  target_precompile_headers(dun_${name} REUSE_FROM dun_precompiled)
endfunction()
