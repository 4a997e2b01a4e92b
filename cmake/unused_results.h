// glibc marks the calls whose result must not be dropped only where it optimises, so that a build
// for development would not see what ends a release build. Force-included there; before any other
// header, so that the mark is what each of them reads.
#include <features.h>

#include <sys/cdefs.h>

#undef __wur
#define __wur __attribute_warn_unused_result__
