// Guests as the store has them, and the order they start in (pvecm.md section 17).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pvecm/guests/guest.hpp"
#include "pvecm/separate/findings.hpp"

namespace pvecm::guests {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Guest guest(const std::string& text, long id = 100) {
    std::vector<std::string> warnings;
    return parse_guest(text, id, Kind::machine, warnings);
}

std::vector<long> ids(const std::vector<Guest>& guests) {
    std::vector<long> result;
    for (const Guest& each : guests)
        result.push_back(each.id);
    return result;
}

TEST(Guest, IsWhatItsConfigurationSays) {
    const Guest on =
        guest("# a comment: onboot: 0\nname: web\nonboot: 1\nstartup: order=2,up=30,down=5\nlock: backup\n");
    EXPECT_TRUE(on.onboot);
    EXPECT_EQ(on.order, 2);
    EXPECT_EQ(on.up, 30);
    EXPECT_EQ(on.lock, "backup");
    EXPECT_EQ(guest("startup: 7\n").order, 7) << "the order is the key-less one";
    const Guest snapshot = guest("cores: 1\n\n[before]\nonboot: 1\ntemplate: 1\nlock: backup\n");
    EXPECT_FALSE(snapshot.onboot) << "of a snapshot";
    EXPECT_FALSE(snapshot.is_template);
    EXPECT_EQ(snapshot.lock, "");
}

TEST(Guest, SaysWhatIsWrongWithItsStartup) {
    std::vector<std::string> warnings;
    const Guest wrong = parse_guest("startup: order=first\n", 101, Kind::container, warnings);
    EXPECT_FALSE(wrong.order);
    EXPECT_THAT(warnings, ElementsAre("guest 101: startup 'order=first' is ignored: 'first' is not a number"));
}

TEST(Guest, LosesItsLockAndNothingElse) {
    EXPECT_EQ(without_lock("a: 1\nlock: backup\nb: 2\n[s]\nlock: snapshot\n"), "a: 1\nb: 2\n[s]\nlock: snapshot\n");
}

TEST(StartOrder, IsByOrderAndIdAndLastWithoutOne) {
    const std::vector<Guest> guests = {guest("onboot: 1\n", 100),
                                       guest("onboot: 1\nstartup: order=2\n", 103),
                                       guest("onboot: 1\nstartup: order=2\n", 102),
                                       guest("cores: 1\n", 104),
                                       guest("onboot: 1\nstartup: order=1\n", 110),
                                       guest("onboot: 1\ntemplate: 1\n", 105)};
    EXPECT_THAT(ids(start_order(guests, {}, false)), ElementsAre(110, 102, 103, 100));
    EXPECT_THAT(ids(start_order(guests, {102}, false)), ElementsAre(110, 103, 100)) << "102 is for high availability";
    EXPECT_THAT(ids(start_order(guests, {}, true)), ElementsAre(110, 102, 103, 100, 104));
}

TEST(StartOrder, LeavesOutWhatIsManaged) {
    EXPECT_THAT(managed_ids("vm: 100\n\tgroup a\n\nct: 101\nfencing: x\n"), ElementsAre(100, 101));
    EXPECT_THAT(managed_ids(""), IsEmpty());
}

TEST(SharedStorages, AreThoseThatOthersReachToo) {
    const std::string text =
        "dir: local\n\tpath /var/lib/vz\n\n"
        "nfs: files\n\tserver 10.0.0.9\n\tnodes hp1,hp4\n\n"
        "lvm: san\n\tvgname v\n\tshared 1\n\n"
        "rbd: ceph\n\tdisable\n\n"
        "dir: mine\n\tshared 0\n";
    EXPECT_THAT(separate::shared_storages(text, "hp4"), ElementsAre("files", "san"));
    EXPECT_THAT(separate::shared_storages(text, "hp2"), ElementsAre("san"));
    EXPECT_THAT(separate::shared_storages("", "hp2"), IsEmpty());
}

}  // namespace
}  // namespace pvecm::guests
