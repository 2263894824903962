#pragma once
// The one version of libfuse's interface that all of the mount is written to.

#define FUSE_USE_VERSION 314
#include <fuse3/fuse_lowlevel.h>
