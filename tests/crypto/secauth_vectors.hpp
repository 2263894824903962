#pragma once
// tests/data/vectors/secauth.json.

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/captures.hpp"

namespace totem::crypto {

inline const nlohmann::json& vectors() {
    static const nlohmann::json read =
        nlohmann::json::parse(std::ifstream(test::data_directory() / "vectors/secauth.json"));
    return read;
}

}  // namespace totem::crypto
