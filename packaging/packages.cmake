# The Debian packages, one a component: what install() gives to which, names, relations and scripts.
set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL totemd totem-tools totem-cfs totem-pvecm libtotemd-dev)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_PACKAGE_NAME totemd)
set(CPACK_PACKAGE_VENDOR totemd)
# There is no address yet: names under .example belong to nobody (RFC 2606). Who distributes packages puts his own.
set(CPACK_PACKAGE_CONTACT "The totemd authors <maintainers@totemd.example>")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_SOURCE_DIR}/build/packages)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON)  # files outside the prefix
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
                                                WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

# package(NAME SECTION SUMMARY TEXT KEY VALUE...): keys as CPack's, without CPACK_DEBIAN_<component>_PACKAGE_.
macro(package name section summary text)
  string(TOUPPER ${name} key)
  set(CPACK_DEBIAN_${key}_PACKAGE_NAME ${name})
  set(CPACK_DEBIAN_${key}_PACKAGE_SECTION ${section})
  set(CPACK_DEBIAN_${key}_DESCRIPTION "${summary}\n${text}")
  set(pairs ${ARGN})
  while(pairs)
    list(POP_FRONT pairs property value)
    set(CPACK_DEBIAN_${key}_PACKAGE_${property} "${value}")
  endwhile()
endmacro()

set(version "${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}")

# Programs that need corosync need this interface, whoever has it: the version is that of the corosync whose it is.
package(totemd admin "Cluster engine that speaks corosync's Totem protocol"
"totemd is a member of rings of corosync 2 and 3 over multicast and unicast
UDP, and serves libcpg, libquorum, libvotequorum, libcmap and libcfg, so that
programs made for corosync, as pacemaker, run with it unchanged. It takes the
place of the package corosync and goes on with its configuration."
  DEPENDS "totem-tools (= ${version}), init-system-helpers (>= 1.54~)"
  SUGGESTS "pacemaker, totem-pvecm"
  PROVIDES "corosync (= 3.1.7)"
  CONFLICTS corosync
  REPLACES corosync)
package(totem-tools admin "Administration tools of a Totem cluster"
"Status, configuration map, groups, quorum and keys of a cluster of totemd or
corosync nodes, why its membership changed (totem-why), and whether a network
carries one (omping)."
  SUGGESTS "totemd | corosync"
  CONFLICTS omping
  REPLACES omping)
# It takes the place of pve-cluster and does not provide it: who depends on that needs Proxmox' Perl modules with it.
package(totem-cfs admin "Replicated configuration file system of a cluster"
"cfsd shows a small tree of files on /etc/pve that is the same on all nodes of
a cluster and can be written while the cluster has quorum, in the formats and
with the messages of Proxmox' pmxcfs. cfs-check looks after its database."
  DEPENDS "fuse3, init-system-helpers (>= 1.54~)"
  RECOMMENDS "totemd | corosync, totem-pvecm"
  CONFLICTS pve-cluster
  REPLACES pve-cluster)
package(totem-pvecm admin "Cluster administration: create, join, remove, status"
"pvecm makes clusters of nodes with totemd or corosync and a configuration
store, adds nodes over ssh and removes them, with the commands and files of
Proxmox' tool."
  DEPENDS "openssh-client, openssh-server, init-system-helpers (>= 1.54~)"
  RECOMMENDS "totem-cfs, totemd | corosync"
  SUGGESTS "corosync-qdevice"
  CONFLICTS "pve-cluster"
  REPLACES "pve-cluster")
if(IPSEC_MB)
  set(vector_dependency " libipsec-mb-dev,")
endif()
package(libtotemd-dev libdevel "Totem protocol as a C++ library"
"The protocol machines of totemd: single ring, redundant networks, process
groups, synchronisation, packet protection, transport, and the machine that
counts votes. Static library and headers."
  DEPENDS "libfmt-dev,${vector_dependency} libsodium-dev, libssl-dev, libboost-dev, pkg-config"
  SHLIBDEPS OFF)
