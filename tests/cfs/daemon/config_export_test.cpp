// What is exported as corosync's configuration, and what is not.
#include "cfs/daemon/config_export.hpp"

#include <gtest/gtest.h>

#include "cfs/daemon/files.hpp"
#include "tests/support/temporary_directory.hpp"

namespace cfs::daemon {
namespace {

TEST(ConfigVersion, IsTheFirstOneInTheText) {
    EXPECT_EQ(config_version("totem {\n  config_version: 4\n}\n"), 4u);
    EXPECT_EQ(config_version("config_version:12\nconfig_version: 5"), 12u);
    EXPECT_EQ(config_version("config_version \t:\n 7"), 7u);
    EXPECT_EQ(config_version(""), 0u);
    EXPECT_EQ(config_version("config_version: x\n"), 0u);
    EXPECT_EQ(config_version("totem { version: 2 }"), 0u);
}

class Export : public testing::Test {
protected:
    static std::string config(unsigned version, const std::string& rest = "") {
        return "totem {\n  config_version: " + std::to_string(version) + "\n}\n" + rest;
    }
    void exported(const std::string& text) const {
        ConfigExport exporter(path);
        exporter.submit(text, false);
    }
    std::string file() const { return read_file(path).value_or("nothing"); }

    totem::test::TemporaryDirectory folder;
    const std::string path = folder.path() + "/corosync.conf";
};

TEST_F(Export, WritesWhatIsNotOlder) {
    exported(config(3));
    EXPECT_EQ(file(), config(3));
    exported(config(4));
    EXPECT_EQ(file(), config(4));
    exported(config(4, "# changed\n"));
    EXPECT_EQ(file(), config(4, "# changed\n")) << "the same version with another content too";
    exported(config(3));
    EXPECT_EQ(file(), config(4, "# changed\n")) << "the local one is newer";
}

TEST_F(Export, WritesNothingWithoutAVersion) {
    exported("totem {\n}\n");
    EXPECT_EQ(file(), "nothing");
    exported("");
    EXPECT_EQ(file(), "nothing");
}

TEST_F(Export, KeepsTheOrder) {
    {
        ConfigExport exporter(path);
        for (unsigned version = 1; version <= 50; ++version)
            exporter.submit(config(version), false);
    }
    EXPECT_EQ(file(), config(50));
}

}  // namespace
}  // namespace cfs::daemon
