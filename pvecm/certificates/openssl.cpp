#include "pvecm/certificates/openssl.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>

#include "pvecm/error.hpp"

namespace pvecm::certificates {
namespace {

constexpr long kDay = 24L * 60 * 60;
constexpr long kVersion3 = 2;  // how X.509 counts

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* pointer) const {
        Free(pointer);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<&EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<&X509_free>>;
using Bio = std::unique_ptr<BIO, Deleter<&BIO_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<&X509_EXTENSION_free>>;

[[noreturn]] void fail() {
    std::array<char, 256> text{};
    ERR_error_string_n(ERR_get_error(), text.data(), text.size());
    throw Error(text.data());
}

template <class T>
T* require(T* pointer) {
    if (pointer == nullptr) fail();
    return pointer;
}

void require(int result) {
    if (result <= 0) fail();
}

Bio reader(const std::string& text) {
    return Bio(require(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))));
}

template <class Write>
std::string written(Write write) {
    const Bio out(require(BIO_new(BIO_s_mem())));
    require(write(out.get()));
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

Key read_key(const std::string& text) {
    return Key(require(PEM_read_bio_PrivateKey(reader(text).get(), nullptr, nullptr, nullptr)));
}

Certificate read_certificate(const std::string& text) {
    return Certificate(require(PEM_read_bio_X509(reader(text).get(), nullptr, nullptr, nullptr)));
}

void add_name(X509_NAME* name, const char* field, const std::string& value) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(value.data());
    require(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, bytes, static_cast<int>(value.size()), -1, 0));
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Extension extension(require(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())));
    require(X509_add_ext(certificate, extension.get(), -1));
}

Certificate blank(EVP_PKEY* key, long serial, int days) {
    Certificate certificate(require(X509_new()));
    require(X509_set_version(certificate.get(), kVersion3));
    require(ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial));
    // From yesterday on: the clocks of the nodes may differ.
    require(X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDay));
    require(X509_gmtime_adj(X509_getm_notAfter(certificate.get()), (days - 1) * kDay));
    require(X509_set_pubkey(certificate.get(), key));
    return certificate;
}

std::string signed_text(X509* certificate, EVP_PKEY* key) {
    require(X509_sign(certificate, key, EVP_sha256()));
    return written([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

}  // namespace

std::string make_rsa_key(unsigned bits) {
    const Key key(require(EVP_RSA_gen(bits)));
    return written(
        [&](BIO* out) { return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}

std::string public_key(const std::string& text) {
    const Key key = read_key(text);
    return written([&](BIO* out) { return PEM_write_bio_PUBKEY(out, key.get()); });
}

std::string make_authority(const std::string& text, const std::string& unit, int days) {
    const Key key = read_key(text);
    const Certificate certificate = blank(key.get(), 1, days);
    X509_NAME* const name = X509_get_subject_name(certificate.get());
    add_name(name, "CN", "Proxmox Virtual Environment");
    add_name(name, "OU", unit);
    add_name(name, "O", "PVE Cluster Manager CA");
    require(X509_set_issuer_name(certificate.get(), name));
    X509* const self = certificate.get();
    add_extension(self, self, NID_subject_key_identifier, "hash");
    add_extension(self, self, NID_authority_key_identifier, "keyid:always");
    add_extension(self, self, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(self, self, NID_key_usage, "critical,keyCertSign,cRLSign");
    return signed_text(self, key.get());
}

std::string sign(const Request& request, const Authority& authority) {
    const Key key = read_key(request.key), authority_key = read_key(authority.key);
    const Certificate issuer = read_certificate(authority.certificate);
    const Certificate certificate = blank(key.get(), request.serial, request.days);
    X509_NAME* const name = X509_get_subject_name(certificate.get());
    add_name(name, "OU", request.unit);
    add_name(name, "O", request.organization);
    add_name(name, "CN", request.common_name);
    require(X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer.get())));
    X509* const own = certificate.get();
    add_extension(own, issuer.get(), NID_basic_constraints, "CA:FALSE");
    add_extension(own, issuer.get(), NID_ext_key_usage, "serverAuth");
    add_extension(own, issuer.get(), NID_subject_key_identifier, "hash");
    add_extension(own, issuer.get(), NID_authority_key_identifier, "keyid");
    add_extension(own, issuer.get(), NID_subject_alt_name, request.names);
    return signed_text(own, authority_key.get());
}

std::string fingerprint(const std::string& text) {
    const Certificate certificate = read_certificate(text);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    require(X509_digest(certificate.get(), EVP_sha256(), digest.data(), &size));
    std::string result;
    for (unsigned i = 0; i < size; ++i)
        result += fmt::format("{}{:02X}", i == 0 ? "" : ":", digest[i]);
    return result;
}

}  // namespace pvecm::certificates
