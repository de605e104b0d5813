# Headers, CMake package and pkg-config file. Nothing here depends on the processor, so all of it goes below share/.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_directory "${CMAKE_INSTALL_DATADIR}/cmake/sseg")
install(TARGETS sseg EXPORT sseg-targets FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT sseg-targets NAMESPACE sseg:: DESTINATION "${package_directory}" FILE ssegTargets.cmake)

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/ssegConfig.cmake.in"
                              "${PROJECT_BINARY_DIR}/package/ssegConfig.cmake" INSTALL_DESTINATION "${package_directory}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/package/ssegConfigVersion.cmake" COMPATIBILITY SameMinorVersion
                                 ARCH_INDEPENDENT)
install(FILES "${PROJECT_BINARY_DIR}/package/ssegConfig.cmake" "${PROJECT_BINARY_DIR}/package/ssegConfigVersion.cmake"
              "${PROJECT_SOURCE_DIR}/cmake/SsegParts.cmake" "${PROJECT_SOURCE_DIR}/cmake/FindcuDNN.cmake"
              "${PROJECT_SOURCE_DIR}/cmake/FindNCCL.cmake" DESTINATION "${package_directory}")

configure_file("${PROJECT_SOURCE_DIR}/cmake/sseg.pc.in" "${PROJECT_BINARY_DIR}/package/sseg.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/package/sseg.pc" DESTINATION "${CMAKE_INSTALL_DATADIR}/pkgconfig")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
