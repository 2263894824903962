#pragma once
// Keys and certificates as PEM text. Errors are Error with OpenSSL's own reason.

#include <string>
#include <vector>

namespace pvecm::certificates {

std::string make_rsa_key(unsigned bits);
std::string public_key(const std::string& key);

struct Authority {
    std::string key, certificate;
};

// Self-signed, from yesterday on.
std::string make_authority(const std::string& key, const std::string& unit, int days);

struct Request {
    std::string key;
    std::string organization, unit, common_name;
    std::string names;  // subjectAltName as OpenSSL has it, "IP:...,DNS:..."
    long serial = 1;
    int days = 0;
};
std::string sign(const Request& request, const Authority& authority);

// SHA-256 as "AA:BB:...".
std::string fingerprint(const std::string& certificate);

}  // namespace pvecm::certificates
