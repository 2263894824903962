#include "tools/keygen/keygen.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/support/temporary_directory.hpp"

namespace tools::keygen {
namespace {

class KeyFile : public testing::Test {
protected:
    void SetUp() override {
        request_.file = directory_ / "key";
        request_.json = true;  // little output
    }

    std::string content() const {
        std::ifstream file(request_.file, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    const totem::test::TemporaryDirectory temporary_;
    const std::filesystem::path directory_ = temporary_.path();
    Request request_;
};

TEST_F(KeyFile, IsReadableByItsOwnerOnlyAndFresh) {
    ASSERT_EQ(generate("keygen", request_), 0);
    struct stat state {};
    ASSERT_EQ(::stat(request_.file.c_str(), &state), 0);
    EXPECT_EQ(state.st_mode & 07777, 0400U);
    const std::string first = content();
    EXPECT_EQ(first.size(), 256U);
    ASSERT_EQ(generate("keygen", request_), 0);
    EXPECT_NE(content(), first);
}

TEST_F(KeyFile, OldKeySurvivesASourceThatFails) {
    std::ofstream(request_.file) << "old";
    request_.source = "/nonexistent";
    EXPECT_EQ(generate("keygen", request_), 1);
    request_.source = "/dev/null";
    EXPECT_EQ(generate("keygen", request_), 1);
    EXPECT_EQ(content(), "old");
}

TEST_F(KeyFile, TheNextKeyOverwritesNothing) {
    request_.fresh = true;
    ASSERT_EQ(generate("keygen", request_), 0);
    const std::string first = content();
    EXPECT_EQ(first.size(), 256U);
    EXPECT_EQ(generate("keygen", request_), 2);
    EXPECT_EQ(content(), first);
}

TEST_F(KeyFile, HasCodesForFailures) {
    request_.file = directory_ / "missing" / "key";
    EXPECT_EQ(generate("keygen", request_), 2);
}

}  // namespace
}  // namespace tools::keygen
