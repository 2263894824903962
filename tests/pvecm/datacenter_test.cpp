// Settings of the cluster and of a node (pvecm.md sections 17 and 18.1).
#include "pvecm/config/datacenter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvecm::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string begin = "parse error in '/etc/pve/datacenter.cfg' - ";

TEST(Datacenter, HasANetworkForMigration) {
    const auto both = read_datacenter("# a comment: 1\n\nmigration: secure,network=10.1.2.0/24\nmax_workers: 4\n");
    ASSERT_TRUE(both.migration);
    EXPECT_EQ(both.migration->type, "secure");
    EXPECT_EQ(both.migration->network, "10.1.2.0/24");
    EXPECT_EQ(both.max_workers, 4);
    EXPECT_THAT(both.wrong, IsEmpty());
    EXPECT_THAT(both.unknown, IsEmpty());
    EXPECT_EQ(read_datacenter("migration: network=fd00::/64,type=insecure\r\n").migration->type, "insecure");
    EXPECT_EQ(read_datacenter("replication: insecure,network=10.1.2.0/24\n").replication->network, "10.1.2.0/24");
    EXPECT_FALSE(read_datacenter("").migration);
}

TEST(Datacenter, DropsASettingThatIsWrong) {
    const auto wrong = [](const std::string& line) {
        const auto read = read_datacenter(line + "max_workers: 2\n");
        EXPECT_FALSE(read.migration) << line;
        EXPECT_EQ(read.max_workers, 2) << "the rest stays in force";
        return read.wrong.empty() ? "" : read.wrong.front();
    };
    const std::string about = begin + "'migration': invalid format - ";
    EXPECT_EQ(wrong("migration: network=10.1.2.0/24\n"),
              about + "format error\nmigration.type: property is missing and it is not optional");
    EXPECT_EQ(wrong("migration: bogus\n"),
              about +
                  "format error\nmigration.type: value 'bogus' does not have a value in the enumeration 'secure, "
                  "insecure'");
    EXPECT_EQ(
        wrong("migration: secure,network=10.1.2.0\n"),
        about + "format error\nmigration.network: invalid format - value does not look like a valid CIDR network");
    EXPECT_EQ(wrong("migration: secure,type=secure\n"), about + "duplicate key in comma-separated list property: type");
}

TEST(Datacenter, ChecksEverySettingItKnows) {
    const auto wrong = [](const std::string& line) { return read_datacenter(line).wrong; };
    EXPECT_THAT(wrong("max_workers: 0\n"), ElementsAre(begin + "'max_workers': value must have a minimum value of 1"));
    EXPECT_THAT(wrong("max_workers: many\n"),
                ElementsAre(begin + "'max_workers': type check ('integer') failed - got 'many'"));
    EXPECT_THAT(wrong("migration_unsecure: perhaps\n"),
                ElementsAre(begin + "'migration_unsecure': type check ('boolean') failed - got 'perhaps'"));
    EXPECT_THAT(
        wrong("replication: bogus\n"),
        ElementsAre(begin + "'replication': invalid format - format error\nreplication.type: value 'bogus' does not "
                            "have a value in the enumeration 'secure, insecure'"));
    EXPECT_THAT(wrong("nonsense\nmax_workers: 2\n"), ElementsAre("ignore config line: nonsense"));
    const auto twice = read_datacenter("max_workers: 2\nmax_workers: 3\n");
    EXPECT_THAT(twice.wrong, ElementsAre(begin + "'max_workers': is set more than once, the last one counts"));
    EXPECT_EQ(twice.max_workers, 3);
}

TEST(Datacenter, SaysWhatItDoesNotCheck) {
    const auto read = read_datacenter("keyboard: en-us\nmigration: secure\n");
    EXPECT_THAT(read.unknown,
                ElementsAre("'/etc/pve/datacenter.cfg' - 'keyboard': not checked, it is no setting of pvecm"));
    EXPECT_THAT(read.wrong, IsEmpty());
    EXPECT_TRUE(read.migration);
}

TEST(Datacenter, TakesTheDeprecatedSettingAlone) {
    EXPECT_EQ(read_datacenter("migration_unsecure: 1\n").migration->type, "insecure");
    EXPECT_EQ(read_datacenter("migration_unsecure: no\n").migration->type, "secure");
    const auto both = read_datacenter("migration_unsecure: 1\nmigration: secure\n");
    EXPECT_EQ(both.migration->type, "secure");
    EXPECT_THAT(both.wrong, ElementsAre("deprecated setting 'migration_unsecure' and new 'migration: type' set at "
                                        "same time! Ignore 'migration_unsecure'"));
}

TEST(NodeConfig, DelaysTheStartOfGuests) {
    std::vector<std::string> warnings;
    EXPECT_EQ(start_delay("# of the node\nwakeonlan: 00:11:22:33:44:55\nstartall-onboot-delay: 30\n", warnings), 30);
    EXPECT_EQ(start_delay("", warnings), 0);
    EXPECT_THAT(warnings, IsEmpty());
    EXPECT_EQ(start_delay("startall-onboot-delay: -1\n", warnings), 0);
    EXPECT_THAT(warnings, ElementsAre("configuration of the node - 'startall-onboot-delay': value must have a minimum "
                                      "value of 0"));
}

}  // namespace
}  // namespace pvecm::config
