# CAIRN_SANITIZE=address,undefined | thread; CAIRN_HARDEN adds what a distribution would.
set(CAIRN_SANITIZE "" CACHE STRING "sanitizers, as for -fsanitize")
option(CAIRN_HARDEN "hardening flags for released binaries" OFF)
option(CAIRN_FUZZ "build libFuzzer targets (clang)" OFF)

if(CAIRN_SANITIZE)
  add_compile_options(-fsanitize=${CAIRN_SANITIZE} -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${CAIRN_SANITIZE})
  if(CAIRN_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  # As quick to compile as without, half as large: tests start programs by the hundred.
  add_compile_options(-Og)
endif()
if(CAIRN_SANITIZE MATCHES "undefined" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # The two checks that are of every pointer made most of each program. A null pointer used ends an
  # ASan program anyway; what is misaligned the fuzz preset sees.
  add_compile_options(-fno-sanitize=null,alignment)
  # Without relocations a program starts in half the time.
  add_link_options(-no-pie)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug" AND NOT CAIRN_SANITIZE)
  # -g1: line numbers in a backtrace, and small objects.
  add_compile_options(-g1)
  # As a release has it: glibc marks the calls whose result must not be dropped.
  add_compile_options(-D_FORTIFY_SOURCE=2)
endif()
if(CAIRN_FUZZ)
  # Everything is watched; libFuzzer's main is linked into its program alone.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(CAIRN_HARDEN)
  add_compile_options(-D_GLIBCXX_ASSERTIONS -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE)
  add_link_options(-pie -Wl,-z,relro,-z,now)
endif()
