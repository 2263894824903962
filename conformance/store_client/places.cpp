#include "conformance/store_client/places.hpp"

#include <fmt/format.h>

namespace store_client {

std::string directory_of(const WriterId& writer) {
    return fmt::format("{}/{}", top_directory, to_string(writer));
}

std::string guest_directory(unsigned place) {
    return fmt::format("nodes/node{}/qemu-server", place + 1);
}

std::string path_of(const WriterId& writer, const std::string& slot, unsigned place) {
    switch (kind_of(slot)) {
        case SlotKind::guest:
            return fmt::format("{}/{}.conf", guest_directory(place), 1000 * writer.node + 100 + writer.thread);
        case SlotKind::lock:
            return "priv/lock/" + slot;
        case SlotKind::file:
        case SlotKind::directory:
            break;
    }
    return fmt::format("{}/{}{}", directory_of(writer), slot, place == 0 ? "" : ".tmp");
}

std::string counter_of(const std::string& lock) {
    return fmt::format("{}/counters/{}", top_directory, lock);
}

}  // namespace store_client
