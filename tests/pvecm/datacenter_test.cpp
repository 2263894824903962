// The migration settings of datacenter.cfg (pvecm.md section 18.1).
#include "pvecm/config/datacenter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvecm::config {
namespace {

TEST(Datacenter, HasANetworkForMigration) {
    std::vector<std::string> warnings;
    const auto migration = migration_of("keyboard: de\nmigration: secure,network=10.1.2.0/24\n", warnings);
    ASSERT_TRUE(migration);
    EXPECT_EQ(migration->type, "secure");
    EXPECT_EQ(migration->network, "10.1.2.0/24");
    EXPECT_EQ(migration_of("migration: network=fd00::/64,type=insecure\n", warnings)->type, "insecure");
    EXPECT_FALSE(migration_of("keyboard: de\n", warnings));
    EXPECT_THAT(warnings, testing::IsEmpty());
}

TEST(Datacenter, DropsASettingThatIsWrong) {
    const auto warning = [](const std::string& line) {
        std::vector<std::string> warnings;
        EXPECT_FALSE(migration_of(line, warnings)) << line;
        return warnings.empty() ? "" : warnings.front();
    };
    const std::string begin = "parse error in '/etc/pve/datacenter.cfg' - 'migration': invalid format - ";
    EXPECT_EQ(warning("migration: network=10.1.2.0/24\n"),
              begin + "format error\nmigration.type: property is missing and it is not optional");
    EXPECT_EQ(warning("migration: bogus\n"),
              begin +
                  "format error\nmigration.type: value 'bogus' does not have a value in the enumeration 'secure, "
                  "insecure'");
    EXPECT_EQ(
        warning("migration: secure,network=10.1.2.0\n"),
        begin + "format error\nmigration.network: invalid format - value does not look like a valid CIDR network");
    EXPECT_EQ(warning("migration: secure,type=secure\n"),
              begin + "duplicate key in comma-separated list property: type");
}

}  // namespace
}  // namespace pvecm::config
