#include "cfs/ipc/guest_properties.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cfs/ipc/fake_backend.hpp"

namespace cfs::ipc::test {
namespace {

std::string find_one(std::string_view config, std::string_view name) {
    return std::string(find_properties(config, {&name, 1}).front());
}

TEST(GuestProperties, RestOfTheLineTrimmed) {
    EXPECT_EQ(find_one("cores: 2\nname: web\n", "name"), "web");
    EXPECT_EQ(find_one("name:web", "name"), "web");
    EXPECT_EQ(find_one("name: \t a b: c \r\n", "name"), "a b: c");
    EXPECT_EQ(find_one("net0: virtio=1,bridge=b\n", "net0"), "virtio=1,bridge=b");
}

TEST(GuestProperties, OnlyWholeNamesAtTheBeginningOfALine) {
    EXPECT_EQ(find_one("hostname: x\n name: y\n#name: z\nname : w\nNAME: v\nname\n", "name"), "");
    EXPECT_EQ(find_one("names: x\n", "name"), "");
    EXPECT_EQ(find_one(": x\n", ""), "x");
    EXPECT_EQ(find_one("a:b: x\n", "a:b"), "");
    EXPECT_EQ(find_one("", "name"), "");
    EXPECT_EQ(find_one("\n\n\nname: x", "name"), "x");
}

TEST(GuestProperties, FirstLineCountsAndSectionsDoNot) {
    EXPECT_EQ(find_one("name: a\nname: b\n", "name"), "a");
    EXPECT_EQ(find_one("cores: 1\n[snapshot]\nname: old\n", "name"), "");
    EXPECT_EQ(find_one("[pending]\nname: x\n", "name"), "");
    EXPECT_EQ(find_one("name:  \nname: b\n", "name"), "");
}

TEST(GuestProperties, SeveralInTheOrderAsked) {
    const std::vector<std::string_view> names{"cores", "none", "name"};
    EXPECT_EQ(find_properties("name: a\ncores: 2\n", names), (std::vector<std::string_view>{"2", "", "a"}));
}

TEST(GuestProperties, TextIsJsonWhateverIsInTheConfigurations) {
    FakeBackend backend;
    backend.put("nodes/n1/qemu-server/100.conf", "name: say \"hi\" \\ there\n");
    backend.put("nodes/n1/openvz/102.conf", "name: tab\there \x01\n");
    backend.put("nodes/n1/lxc/103.conf", "hostname: x\n");
    const std::vector<std::string_view> names{"name"};
    const auto text = guest_properties(backend.tree, 0, names);
    ASSERT_TRUE(text);
    EXPECT_EQ(*text,
              "{\n\"100\":{\"name\": \"say \\\"hi\\\" \\\\ there\"},\n"
              "\"102\":{\"name\": \"tab\\u0009here \\u0001\"}\n}\n");
    const auto json = nlohmann::json::parse(*text);
    EXPECT_EQ(json["100"]["name"], "say \"hi\" \\ there");
    EXPECT_EQ(json["102"]["name"], "tab\there \x01");
}

TEST(GuestProperties, GuestsWithoutContent) {
    FakeBackend backend;
    backend.put("nodes/n1/qemu-server/100.conf", "");
    backend.apply(Operation::truncated("nodes/n1/qemu-server/100.conf", 500));  // has a size and no bytes
    const std::vector<std::string_view> names{"name"};
    EXPECT_EQ(guest_properties(backend.tree, 0, names), "{\n\n}\n");
    EXPECT_EQ(guest_properties(backend.tree, 100, names), "{\n\n}\n");
    EXPECT_EQ(guest_properties(backend.tree, 101, names), std::nullopt);
    EXPECT_EQ(guest_properties(Tree{}, 0, names), "{\n\n}\n");
}

}  // namespace
}  // namespace cfs::ipc::test
