#pragma once
// The cluster-wide settings, datacenter.cfg. Spec pvecm.md section 18.1.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pvecm::config {

struct Migration {
    std::string type;  // secure or insecure
    std::optional<std::string> network;
};

// The setting "migration"; nothing if there is none or it is wrong, and then `warnings` say why.
std::optional<Migration> migration_of(std::string_view datacenter_cfg, std::vector<std::string>& warnings);

}  // namespace pvecm::config
