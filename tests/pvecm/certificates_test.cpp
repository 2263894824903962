// Certificates as OpenSSL's own program sees them (pvecm.md section 13.6).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pvecm/certificates/openssl.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/host/process.hpp"
#include "tests/support/temporary_directory.hpp"

namespace pvecm::certificates {
namespace {

using testing::HasSubstr;

class Certificates : public testing::Test {
protected:
    std::string file(const std::string& name, const std::string& text) {
        write_file(folder.path() + "/" + name, text);
        return folder.path() + "/" + name;
    }
    static std::string openssl(Words words) {
        words.insert(words.begin(), "openssl");
        const Finished done = run_captured(words);
        return done.out + done.err;
    }

    totem::test::TemporaryDirectory folder;
    const Authority authority = [] {
        const std::string key = make_rsa_key(2048);
        return Authority{.key = key, .certificate = make_authority(key, "some-uuid", 3650)};
    }();
};

TEST_F(Certificates, OfANodeIsSignedByTheAuthority) {
    const std::string node = sign({.key = make_rsa_key(2048),
                                   .organization = "Proxmox Virtual Environment",
                                   .unit = "PVE Cluster Node",
                                   .common_name = "hp1.example.org",
                                   .names = "IP:127.0.0.1,IP:::1,DNS:localhost,IP:10.0.0.1,DNS:hp1,DNS:hp1.example.org",
                                   .serial = 7,
                                   .days = 3650},
                                  authority);
    const std::string root_file = file("root.pem", authority.certificate), node_file = file("node.pem", node);
    EXPECT_THAT(openssl({"verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", root_file, node_file}),
                HasSubstr(": OK"));
    const std::string text = openssl({"x509", "-in", node_file, "-noout", "-text", "-nameopt", "compat"});
    EXPECT_THAT(text, HasSubstr("Subject: OU=PVE Cluster Node, O=Proxmox Virtual Environment, CN=hp1.example.org"));
    EXPECT_THAT(text, HasSubstr("Serial Number: 7 "));
    EXPECT_THAT(text, HasSubstr("IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:localhost, IP Address:10.0.0.1, "
                                "DNS:hp1, DNS:hp1.example.org"));
    EXPECT_THAT(openssl({"x509", "-in", node_file, "-noout", "-fingerprint", "-sha256"}), HasSubstr(fingerprint(node)));
}

TEST_F(Certificates, OfTheAuthorityNamesIt) {
    const std::string text =
        openssl({"x509", "-in", file("root.pem", authority.certificate), "-noout", "-text", "-nameopt", "compat"});
    EXPECT_THAT(text, HasSubstr("Subject: CN=Proxmox Virtual Environment, OU=some-uuid, O=PVE Cluster Manager CA"));
    EXPECT_THAT(text, HasSubstr("CA:TRUE"));
    EXPECT_THAT(text, HasSubstr("Certificate Sign, CRL Sign"));
}

TEST_F(Certificates, AreNotMadeOfAnythingElse) {
    EXPECT_THROW(make_authority("no key", "u", 1), Error);
    EXPECT_THROW(sign({.key = "no key", .organization = {}, .unit = {}, .common_name = {}, .names = {}}, authority),
                 Error);
}

}  // namespace
}  // namespace pvecm::certificates
