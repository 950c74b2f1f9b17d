# One function declares a library of the house, its headers and its tests.
#
#   tenon_library(wit
#     HEADERS  parse.h package.h            # public: installed
#     SOURCES  parse.cpp resolve.cpp
#     TESTS    parse_test.cpp               # optional: one gtest binary per room
#     PUBLIC   tenon::component             # rooms and packages that users of the headers need
#     PRIVATE  fmt::fmt-header-only)
function(tenon_library name)
  cmake_parse_arguments(arg "" "" "HEADERS;SOURCES;TESTS;PUBLIC;PRIVATE;TEST_LIBS" ${ARGN})
  set(target tenon_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(tenon::${name} ALIAS ${target})
  target_compile_features(${target} PUBLIC cxx_std_23)
  target_link_libraries(${target} PUBLIC ${arg_PUBLIC})
  foreach(lib IN LISTS arg_PRIVATE)
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:${lib}>)
  endforeach()
  target_compile_options(${target} PRIVATE ${TENON_WARNINGS})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${arg_HEADERS})
  install(TARGETS ${target} EXPORT tenonTargets FILE_SET HEADERS DESTINATION include ARCHIVE DESTINATION lib)
  if(arg_TESTS AND TENON_BUILD_TESTS)
    add_executable(${name}_test ${arg_TESTS})
    target_link_libraries(${name}_test PRIVATE ${target} GTest::gtest GTest::gtest_main ${arg_TEST_LIBS})
    target_compile_options(${name}_test PRIVATE ${TENON_WARNINGS})
    gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60)
  endif()
endfunction()
