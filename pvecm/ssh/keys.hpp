#pragma once
// Root's ssh key and the keys the cluster shares. Spec pvecm.md section 13.1 to 13.4.

#include <string>

#include "pvecm/host/context.hpp"

namespace pvecm::ssh {

// 13.1: sshd lets root in; it is told so if that is new.
void permit_root_login(const Context& context);
std::string with_root_login(const std::string& sshd_config);  // the same text if it says so already

// 13.2: root has a key and a client configuration.
void make_root_key(const Paths& paths);

// 13.3: root's authorized_keys is the store's. What can't be done is a warning on standard error.
void share_authorized_keys(const Paths& paths);

// 13.4: the store's authorized_keys with the own key, every key once.
void merge_authorized_keys(const Paths& paths);
std::string without_repeated_keys(const std::string& text);

}  // namespace pvecm::ssh
