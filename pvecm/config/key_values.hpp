#pragma once
// The lines "key: value" of datacenter.cfg, the configuration of a node, and that of a guest.

#include <string>
#include <string_view>
#include <vector>

namespace pvecm::config {

struct KeyValue {
    std::string key, value;
};

struct KeyValues {
    std::vector<KeyValue> settings;      // as they stand there, also those that repeat
    std::vector<std::string> odd_lines;  // neither setting nor comment
};

KeyValues key_values(std::string_view text);

bool is_on(const std::string& value);
bool is_off(const std::string& value);  // said so

}  // namespace pvecm::config
