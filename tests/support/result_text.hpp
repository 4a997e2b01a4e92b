// Lets Catch print a result<T>: its failure in words, its value not at all. Include it before the
// first assertion on one; without it Catch picks Boost's printer, which needs one for T.
#pragma once

#include "core/result.hpp"

#include <catch2/catch.hpp>

namespace Catch {

template <class T>
struct StringMaker<boost::system::result<T, cairn::failure>> {
    static std::string convert(const boost::system::result<T, cairn::failure>& r) {
        if (r) return "a value";
        const cairn::failure& f = r.error();
        return std::string(cairn::describe(f.code).symbol) + " (" + f.where + ") " + f.detail;
    }
};

} // namespace Catch
