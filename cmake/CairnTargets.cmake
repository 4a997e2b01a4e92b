# One function per kind of target. Sources are listed, never globbed: a file nobody names is not
# part of the product.

# cairn_library(NAME SOURCES a.cpp … DEPS cairn::core …): static library cairn_NAME, alias
# cairn::NAME. Include arrows are checked by tools/layers.py.
function(cairn_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  add_library(cairn_${name} STATIC ${arg_SOURCES})
  add_library(cairn::${name} ALIAS cairn_${name})
  target_include_directories(
    cairn_${name} PUBLIC ${PROJECT_SOURCE_DIR}/broker ${PROJECT_SOURCE_DIR}
  )
  target_link_libraries(cairn_${name} PUBLIC ${arg_DEPS} PRIVATE cairn_warnings)
endfunction()

# cairn_test(NAME [HAS_SLOW] LABELS unit SOURCES x_test.cpp … DEPS …): one Catch2 executable,
# discovered case by case; every case carries the labels. HAS_SLOW: those tagged [slow], tests of
# tests most of them, or of many seeds, carry that label, too. With ASan all cases of an executable
# are one test in one process: to start one and to read a policy in it costs more than most cases.
function(cairn_test name)
  cmake_parse_arguments(arg "HAS_SLOW" "" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(test_${name} ${arg_SOURCES})
  target_link_libraries(test_${name} PRIVATE ${arg_DEPS} cairn_test_main cairn_warnings)
  target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  # Catch's script takes a list apart into properties, and all but the first label were lost; one
  # label of both words is found by either, ctest -L being a search.
  list(JOIN arg_LABELS "-" labels)
  if(arg_HAS_SLOW)
    discover_cases(${name} ${labels} "~[slow]")
    discover_cases(${name} ${labels}-slow "[slow]")
  else()
    discover_cases(${name} ${labels} "")
  endif()
endfunction()

function(discover_cases name labels which)
  if(CAIRN_SANITIZE MATCHES "address")
    string(REGEX MATCH "slow$" slow ${labels})
    set(test "${name}: every ${slow} case in one process")
    string(REPLACE "  " " " test ${test})
    add_test(NAME "${test}" COMMAND test_${name} -w NoTests ${which})
    set_tests_properties("${test}" PROPERTIES LABELS "${labels}" TIMEOUT 600 COST 100)
    return()
  endif()
  catch_discover_tests(
    test_${name}
    TEST_SPEC ${which}
    TEST_PREFIX "${name}: "
    TEST_LIST test_${name}_${labels}
    # A name that selects nothing is a failure.
    EXTRA_ARGS -w NoTests
    # CAIRN_SKIP (tests/support/skip.hpp) says this: ctest counts the test as skipped, not passed.
    PROPERTIES LABELS "${labels}" SKIP_REGULAR_EXPRESSION "\\(this test is skipped\\)"
  )
endfunction()

# cairn_program(NAME SOURCES … DEPS …): an executable people run; lands in build/<preset>/bin.
function(cairn_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} cairn_warnings)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
endfunction()
