#pragma once
// What a server on libqb has to look after itself because libqb does not.

#include <qb/qbipcs.h>

#include <cstddef>

namespace engine::ipc {

// Above nine tenths of the descriptors clients have to be refused: a daemon must not run out of them for its own files.
bool low_on_descriptors();

// How many bytes of the request at `data`, as libqb hands it over, are really there on a connection over shared memory.
// The size libqb passes is what the client wrote into the header.
std::size_t received_in_ring(qb_ipcs_connection_t* connection, const void* data);

}  // namespace engine::ipc
