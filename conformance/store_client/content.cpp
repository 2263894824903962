#include "conformance/store_client/content.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace store_client {
namespace {

constexpr std::size_t line_length = 64;

std::string filling(std::uint64_t key, std::size_t size) {
    std::string text(size, '\n');
    std::uint64_t state = key;
    for (std::size_t i = 0; i + 1 < size; ++i) {
        state = state * 6364136223846793005 + 1442695040888963407;
        if (i % line_length != line_length - 1) text[i] = static_cast<char>('a' + (state >> 33) % 26);
    }
    return text;
}

std::string first_line(const WriterId& writer, std::uint64_t operation, std::size_t size, std::uint64_t sum) {
    return fmt::format("writer {} operation {} size {:06} sum {:016x}\n", to_string(writer), operation, size, sum);
}

}  // namespace

std::string to_string(const WriterId& writer) {
    return fmt::format("{}.{}", writer.node, writer.thread);
}

std::uint64_t checksum(std::string_view text) {
    std::uint64_t sum = 0xcbf29ce484222325;  // FNV-1a
    for (const char character : text) {
        sum ^= static_cast<unsigned char>(character);
        sum *= 0x100000001b3;
    }
    return sum;
}

std::string make_content(const WriterId& writer, std::uint64_t operation, std::size_t size) {
    size = std::max(size, smallest_content);
    const std::size_t taken = first_line(writer, operation, size, 0).size();
    const std::uint64_t key = (std::uint64_t{writer.node} << 48) ^ (std::uint64_t{writer.thread} << 40) ^ operation;
    const std::string rest = filling(key, size - taken);
    return first_line(writer, operation, size, checksum(rest)) + rest;
}

std::string describe(std::string_view content) {
    if (content.empty()) return "empty";
    unsigned node = 0, thread = 0;
    unsigned long long operation = 0, sum = 0;
    std::size_t size = 0;
    const std::string line(content.substr(0, content.find('\n')));
    if (std::sscanf(line.c_str(), "writer %u.%u operation %llu size %zu sum %llx", &node, &thread, &operation, &size,
                    &sum) != 5)
        return fmt::format("{} bytes of nobody", content.size());
    const std::string_view rest = content.substr(std::min(line.size() + 1, content.size()));
    const bool whole = content.size() == size && checksum(rest) == sum;
    return fmt::format("{} bytes of writer {}.{}, operation {}{}", content.size(), node, thread, operation,
                       whole ? "" : " and others");
}

}  // namespace store_client
