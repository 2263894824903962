#pragma once
// Intel's Multi-Buffer Crypto for IPsec library, which is there for x86-64 only. Internal to totem/crypto.

#include <intel-ipsec-mb.h>

#include <new>

#include "totem/crypto/secret.hpp"

namespace totem::crypto {

// The calling thread's manager, which has no jobs between two calls of ours; made once, as the library tests itself
// first. Null if the processor lacks the instructions that make the library worth its while, or if that test fails.
IMB_MGR* mb_manager();

// A structure of keys in guarded memory, zero bytes at first.
template <typename T>
class SecretStruct {
public:
    T* operator->() { return value_; }
    T* get() { return value_; }

private:
    Secret memory_{sizeof(T)};  // aligned, as its size is a multiple of what T asks for
    T* value_ = new (memory_.bytes().data()) T;
};

}  // namespace totem::crypto
