#include "cfs/tree/digest.hpp"

#include <openssl/evp.h>

#include <stdexcept>

namespace cfs {

namespace {

void require(int result) {
    if (result != 1) throw std::runtime_error("OpenSSL gives no SHA-256");
}

}  // namespace

struct Sha256::State {
    State() : context(EVP_MD_CTX_new()) {
        if (!context) throw std::bad_alloc();
    }
    ~State() { EVP_MD_CTX_free(context); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    EVP_MD_CTX* context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    require(EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr));
}

Sha256::~Sha256() = default;

void Sha256::add(Bytes bytes) {
    require(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()));
}

void Sha256::add_entry(const Entry& entry) {
    std::array<std::uint8_t, 29> fields{};
    totem::Writer writer(fields, totem::ByteOrder::little);
    writer.u64(entry.version);
    writer.u32(entry.writer);
    writer.u32(entry.mtime);
    writer.u32(entry.size);
    writer.u8(static_cast<std::uint8_t>(entry.kind));
    writer.u64(entry.parent);
    add(fields);
    add({reinterpret_cast<const std::uint8_t*>(entry.name.data()), entry.name.size()});
    if (entry.is_file()) add(entry.data());
}

void Sha256::add_entry_with_inode(const Entry& entry) {
    std::array<std::uint8_t, 8> inode{};
    totem::Writer(inode, totem::ByteOrder::little).u64(entry.inode);
    add(inode);
    add_entry(entry);
}

Digest Sha256::finish() {
    Digest digest{};
    require(EVP_DigestFinal_ex(state_->context, digest.data(), nullptr));
    require(EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr));
    return digest;
}

Digest index_digest(const Entry& entry) {
    Sha256 hash;
    hash.add_entry(entry);
    return hash.finish();
}

Digest entry_checksum(const Entry& entry) {
    Sha256 hash;
    hash.add_entry_with_inode(entry);
    return hash.finish();
}

}  // namespace cfs
