# Warnings for our own code only. Errors come from the presets (CMAKE_COMPILE_WARNING_AS_ERROR), so
# that a distribution's newer compiler does not break a build.
add_library(cairn_warnings INTERFACE)
target_compile_options(
  cairn_warnings
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wshadow
            -Wconversion
            -Wsign-conversion
            -Wold-style-cast
            -Wnon-virtual-dtor
            -Woverloaded-virtual
            # False alarms on std::string's operator+ under -O2 (GCC bug 105651, fixed in 13).
            $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
            # The template policy is one literal.
            $<$<CXX_COMPILER_ID:Clang>:-Wno-overlength-strings>
)
