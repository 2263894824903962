#include "pvecm/commands/options.hpp"

#include <fmt/format.h>

#include "pvecm/error.hpp"

namespace pvecm::commands {
namespace {

constexpr unsigned kLinks = 8, kRings = 2;

std::string ring_option(unsigned number) {
    return fmt::format("ring{}_addr", number);
}

std::string link_option(unsigned number) {
    return fmt::format("link{}", number);
}

config::Link parse_link(const std::string& text) {
    const auto keys = parse_properties(text, "address");
    config::Link link{.address = keys.at("address")};
    if (const auto priority = keys.find("priority"); priority != keys.end())
        link.priority = static_cast<unsigned>(parse_integer(priority->second).value_or(0));
    return link;
}

}  // namespace

std::vector<Option> link_options() {
    std::vector<Option> options;
    for (unsigned number = 0; number < kRings; ++number) {
        options.push_back({.name = ring_option(number),
                           .format = Format::address,
                           .help = fmt::format("Address of this node on ring {}, as --link{}.", number, number)});
    }
    for (unsigned number = 0; number < kLinks; ++number) {
        options.push_back({.name = link_option(number),
                           .format = Format::link,
                           .help = fmt::format("Address of this node on link {}. A priority is for knet.", number)});
    }
    return options;
}

std::vector<Option> identity_options(long least_votes) {
    return {{.name = "nodeid", .type = Type::integer, .least = 1, .help = "Node id for this node."},
            {.name = "votes", .type = Type::integer, .least = least_votes, .help = "Number of votes for this node."}};
}

std::vector<Option> joining_options() {
    std::vector<Option> options = identity_options(0);
    options.push_back({.name = "force", .type = Type::boolean, .help = "Do not throw error if node already exists."});
    for (Option& option : link_options())
        options.push_back(std::move(option));
    return options;
}

Option json_option() {
    return {.name = "json", .type = Type::boolean, .help = "Print JSON instead of text.", .addition = true};
}

std::map<unsigned, config::Link> links_of(const Arguments& arguments) {
    std::map<unsigned, config::Link> links;
    for (unsigned number = 0; number < kLinks; ++number) {
        if (const auto text = arguments.get(link_option(number))) links[number] = parse_link(*text);
    }
    for (unsigned number = 0; number < kRings; ++number) {
        const auto address = arguments.get(ring_option(number));
        if (!address) continue;
        if (links.count(number) > 0)
            throw Error(
                fmt::format("'{}' and '{}' are the same, give one of them", ring_option(number), link_option(number)));
        links[number] = {.address = *address};
    }
    return links;
}

void warn_about_priorities(const std::map<unsigned, config::Link>& links) {
    for (const auto& [number, link] : links) {
        if (link.priority != 0)
            fmt::print(stderr, "warning: link{}: the priority is ignored, the cluster has its own\n", number);
    }
}

std::string link_name(const Arguments& arguments, unsigned number) {
    return arguments.has(ring_option(number)) ? fmt::format("ring{}", number) : link_option(number);
}

}  // namespace pvecm::commands
