#pragma once
// Abstract socket names belong to the network namespace and queue files to /dev/shm: the test program
// enters namespaces of its own before anything else, so that it never meets a real daemon.

namespace ipc_test {

bool isolated();  // false where the rights are missing: tests that listen are skipped

}  // namespace ipc_test
