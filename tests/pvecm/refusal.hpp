#pragma once

#include <string>

#include "pvecm/error.hpp"

namespace pvecm {

// What it is refused with, or "none".
template <class Body>
std::string refusal(Body body) {
    try {
        body();
        return "none";
    } catch (const Error& error) {
        return error.what();
    }
}

}  // namespace pvecm
