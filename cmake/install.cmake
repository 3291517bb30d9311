# `cmake --install`, and `cpack` for a Debian package: the program, the shipped configuration, the documents.
include(GNUInstallDirs)
install(TARGETS dun)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/config/ DESTINATION ${CMAKE_INSTALL_FULL_SYSCONFDIR}/dun FILES_MATCHING PATTERN "*.toml")
install(FILES README.md ARCHITECTURE.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CPACK_GENERATOR DEB)
set(CPACK_SET_DESTDIR ON)  # the configuration is not below the prefix
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_CONTACT "the developers of Dun <dun@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "arrears notices and dunning by SMS, with quiet hours, from Redis")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS tzdata)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS redis-server)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
file(GLOB_RECURSE shipped RELATIVE ${PROJECT_SOURCE_DIR}/config CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/config/*.toml)
list(TRANSFORM shipped PREPEND ${CMAKE_INSTALL_FULL_SYSCONFDIR}/dun/)
list(JOIN shipped "\n" conffiles)
# What an operator has changed stays at an upgrade.
file(WRITE ${PROJECT_BINARY_DIR}/debian/conffiles "${conffiles}\n")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/debian/conffiles)
include(CPack)
