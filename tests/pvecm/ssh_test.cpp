// ssh's files (pvecm.md section 13).
#include <gtest/gtest.h>

#include <filesystem>

#include "pvecm/host/files.hpp"
#include "pvecm/ssh/forget.hpp"
#include "pvecm/ssh/keys.hpp"
#include "pvecm/ssh/known_hosts.hpp"
#include "tests/pvecm/refusal.hpp"
#include "tests/support/temporary_directory.hpp"

namespace pvecm::ssh {
namespace {

TEST(Ssh, LetsRootIn) {
    EXPECT_EQ(with_root_login("Port 22\nPermitRootLogin yes\n"), "Port 22\nPermitRootLogin yes\n");
    EXPECT_EQ(with_root_login("#PermitRootLogin prohibit-password\nPort 22\n"), "PermitRootLogin yes\nPort 22\n");
    EXPECT_EQ(with_root_login("PermitRootLogin no\n#PermitRootLogin x\n"), "PermitRootLogin yes\n#PermitRootLogin x\n");
    EXPECT_EQ(with_root_login("Port 22"), "Port 22\nPermitRootLogin yes\n");
}

TEST(Ssh, KeepsEveryKeyOnce) {
    EXPECT_EQ(without_repeated_keys("# mine\nssh-rsa AAAA1 root@a\n\nssh-rsa AAAA2 root@b\nssh-rsa AAAA1 again\n"
                                    "from=\"10.0.0.1\" ssh-ed25519 AAAA2 same body\nwhatever\n# mine\n"),
              "# mine\nssh-rsa AAAA1 root@a\n\nssh-rsa AAAA2 root@b\nwhatever\n# mine\n");
}

const HostIdentity own{.name = "hp1", .address = "10.0.0.1", .key = "ssh-rsa AAAAnew"};

TEST(KnownHosts, GetsTheOwnKeys) {
    EXPECT_EQ(merged_known_hosts("", own), "hp1 ssh-rsa AAAAnew\n10.0.0.1 ssh-rsa AAAAnew\n");
    EXPECT_EQ(merged_known_hosts("hp1 ssh-rsa AAAAnew\n# x\n\nhp2 ssh-rsa AAAA2\nhp2 ssh-rsa AAAA3\n", own),
              "hp1 ssh-rsa AAAAnew\nhp2 ssh-rsa AAAA2\n10.0.0.1 ssh-rsa AAAAnew\n");
}

TEST(KnownHosts, LosesKeysOfThisHostBeforeItWasInstalledAnew) {
    EXPECT_EQ(merged_known_hosts("HP1 ssh-rsa AAAAold\n10.0.0.1 ssh-rsa AAAAold\nhp1 ssh-ed25519 AAAAother\n", own),
              "hp1 ssh-ed25519 AAAAother\nhp1 ssh-rsa AAAAnew\n10.0.0.1 ssh-rsa AAAAnew\n");
}

TEST(KnownHosts, KnowsHashedNames) {
    // HMAC-SHA1 of "hp1" with the salt 0123456789abcdefghij, as ssh-keygen -H writes it.
    const std::string hashed = "|1|MDEyMzQ1Njc4OWFiY2RlZmdoaWo=|h/tlH0oTvKf1KdJmwF3hVI/zX/U=";
    EXPECT_EQ(merged_known_hosts(hashed + " ssh-rsa AAAAold\n", own),
              "hp1 ssh-rsa AAAAnew\n10.0.0.1 ssh-rsa AAAAnew\n");
    EXPECT_EQ(merged_known_hosts(hashed + " ssh-rsa AAAAnew\n", own),
              hashed + " ssh-rsa AAAAnew\n10.0.0.1 ssh-rsa AAAAnew\n");
    EXPECT_EQ(merged_known_hosts("|1|bad\n|1|a|b ssh-rsa AAAA\n", own),
              "|1|bad\n|1|a|b ssh-rsa AAAA\nhp1 ssh-rsa AAAAnew\n10.0.0.1 ssh-rsa AAAAnew\n")
        << "what can't be read may be anybody's";
}

TEST(Forget, TakesOutWhatIsOfAHost) {
    const std::vector<Host> hosts = {{.name = "hp4", .addresses = {"10.0.0.4", "10.1.0.4"}}};
    EXPECT_EQ(without_keys_of("ssh-rsa AAAA1 root@hp1\nssh-rsa AAAA4 root@hp4\nssh-rsa AAAA5 root@hp4.example.org\n"
                              "ssh-rsa AAAA6 admin@hp4\nssh-rsa AAAA7 root@hp41\n# hp4\n",
                              hosts),
              "ssh-rsa AAAA1 root@hp1\nssh-rsa AAAA6 admin@hp4\nssh-rsa AAAA7 root@hp41\n# hp4\n");
    EXPECT_EQ(without_hosts("hp1 ssh-rsa A\nhp4 ssh-rsa B\nhp4,10.0.0.4 ssh-rsa B\n10.1.0.4 ssh-rsa B\n"
                            "10.0.0.41 ssh-rsa C\n",
                            hosts),
              "hp1 ssh-rsa A\n10.0.0.41 ssh-rsa C\n");
}

TEST(KnownHosts, NeedAKeyOfThisHost) {
    const totem::test::TemporaryDirectory folder;
    const Paths paths{.root = folder.path()};
    const std::string file = paths.system_ssh("ssh_host_rsa_key.pub");
    EXPECT_EQ(refusal([&] { require_host_key(paths); }),
              "can't parse " + file + ": there is no such file - 'ssh-keygen -A' makes the keys of this host");
    std::filesystem::create_directories(paths.system_ssh(""));
    write_file(file, "ssh-ed25519 AAAA root@x\n");
    EXPECT_EQ(refusal([&] { require_host_key(paths); }), "can't parse " + file + ": it has no ssh-rsa key");
    write_file(file, "ssh-rsa AAAA root@x\n");
    EXPECT_EQ(refusal([&] { require_host_key(paths); }), "none");
}

}  // namespace
}  // namespace pvecm::ssh
