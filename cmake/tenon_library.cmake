# fmt's headers; its functions are in tenon::base (base/format.cpp).
add_library(tenon_fmt INTERFACE)
add_library(tenon::fmt ALIAS tenon_fmt)
target_include_directories(tenon_fmt SYSTEM INTERFACE $<TARGET_PROPERTY:fmt::fmt-header-only,INTERFACE_INCLUDE_DIRECTORIES>)

# The headers that most files read, precompiled: `tenon_pch` has those of others alone, `tenon_test_pch` is the
# same for tests. `tenon_component_pch` and `tenon_runtime_pch` add the headers of tenon's own that nearly every
# file of the upper rooms reads: whoever changes one of them builds these rooms again with or without it.
if(TENON_PCH AND CMAKE_CXX_COMPILER_ID MATCHES Clang)
  file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/empty.cpp CONTENT "")
  set(headers <algorithm> <array> <bit> <cassert> <charconv> <cstdint> <cstring> <deque> <expected>
    <functional> <map> <memory> <optional> <set> <span> <string> <string_view> <unordered_map> <unordered_set>
    <utility> <variant> <vector> <fmt/format.h>)
  add_library(tenon_pch OBJECT EXCLUDE_FROM_ALL ${PROJECT_BINARY_DIR}/empty.cpp)
  target_link_libraries(tenon_pch PRIVATE tenon::fmt)
  target_precompile_headers(tenon_pch PRIVATE ${headers})
  set(component_headers tenon/base/bytes.h tenon/base/error.h tenon/base/rules.h tenon/base/source.h
    tenon/component/component.h tenon/component/info.h tenon/core/module.h)
  set(runtime_headers tenon/embed.h tenon/runtime/bindings.h)
  list(TRANSFORM component_headers PREPEND ${PROJECT_SOURCE_DIR}/)
  list(TRANSFORM runtime_headers PREPEND ${PROJECT_SOURCE_DIR}/)
  set(pch_targets tenon_pch tenon_component_pch tenon_runtime_pch)
  foreach(target IN ITEMS tenon_component_pch tenon_runtime_pch)
    add_library(${target} OBJECT EXCLUDE_FROM_ALL ${PROJECT_BINARY_DIR}/empty.cpp)
    target_link_libraries(${target} PRIVATE tenon::fmt)
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  endforeach()
  target_precompile_headers(tenon_component_pch PRIVATE ${headers} ${component_headers})
  target_precompile_headers(tenon_runtime_pch PRIVATE ${headers} ${component_headers} ${runtime_headers})
  if(TENON_BUILD_TESTS)
    add_library(tenon_test_pch OBJECT EXCLUDE_FROM_ALL ${PROJECT_BINARY_DIR}/empty.cpp)
    target_link_libraries(tenon_test_pch PRIVATE tenon::fmt GTest::gtest Threads::Threads)
    target_precompile_headers(tenon_test_pch PRIVATE ${headers} <fstream> <sstream> <gtest/gtest.h>)
    # Compiled as programs are.
    set_target_properties(tenon_test_pch PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(tenon_test_pch PRIVATE -fPIE)
    list(APPEND pch_targets tenon_test_pch)
  endif()
  foreach(target IN LISTS pch_targets)
    target_compile_features(${target} PRIVATE cxx_std_23)
    # The time of a header is no part of what is compiled: ccache compares contents.
    target_compile_options(${target} PRIVATE -Xclang -fno-pch-timestamp)
  endforeach()
endif()

# Lets `target` read the precompiled headers of `pch`, where there are any.
function(tenon_use_pch target pch)
  if(TARGET ${pch})
    target_precompile_headers(${target} REUSE_FROM ${pch})
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-Xclang$<SEMICOLON>-fno-pch-timestamp>)
  endif()
endfunction()

# One function declares a library of the house, its headers and its tests.
#
#   tenon_library(wit
#     HEADERS  parse.h package.h            # public: installed
#     SHARED_HEADERS markdown.h             # optional: for other rooms of tenon, not installed
#     SOURCES  parse.cpp resolve.cpp
#     TESTS    parse_test.cpp               # optional: one gtest binary per room
#     PCH      tenon_component_pch          # optional: other precompiled headers than tenon_pch
#     PUBLIC   tenon::component             # rooms and packages that users of the headers need
#     PRIVATE  tenon::fmt)
function(tenon_library name)
  cmake_parse_arguments(arg "" "PCH" "HEADERS;SHARED_HEADERS;SOURCES;TESTS;PUBLIC;PRIVATE;TEST_LIBS" ${ARGN})
  set(target tenon_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(tenon::${name} ALIAS ${target})
  target_compile_features(${target} PUBLIC cxx_std_23)
  target_link_libraries(${target} PUBLIC ${arg_PUBLIC})
  foreach(lib IN LISTS arg_PRIVATE)
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:${lib}>)
  endforeach()
  target_compile_options(${target} PRIVATE ${TENON_WARNINGS})
  if(NOT arg_PCH)
    set(arg_PCH tenon_pch)
  endif()
  tenon_use_pch(${target} ${arg_PCH})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${arg_HEADERS})
  install(TARGETS ${target} EXPORT tenonTargets FILE_SET HEADERS DESTINATION include ARCHIVE DESTINATION lib)
  if(arg_TESTS AND TENON_BUILD_TESTS)
    add_executable(${name}_test ${arg_TESTS})
    target_link_libraries(${name}_test PRIVATE ${target} GTest::gtest GTest::gtest_main ${arg_TEST_LIBS})
    target_compile_options(${name}_test PRIVATE ${TENON_WARNINGS})
    tenon_use_pch(${name}_test tenon_test_pch)
    gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60)
  endif()
endfunction()
