// A test that cannot run here says so, and ctest shows it as skipped (cmake/CairnTargets.cmake).
#pragma once

#include <catch2/catch.hpp>

#include <iostream>

// Leaves the test case.
#define CAIRN_SKIP(why)                                                                            \
    do {                                                                                           \
        std::cout << (why) << " (this test is skipped)" << std::endl;                              \
        return;                                                                                    \
    } while (false)
