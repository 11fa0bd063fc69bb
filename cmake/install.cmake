# What `cmake --install` leaves behind: library, headers, package configuration, program and graphs.
include(CMakePackageConfigHelpers)

set(fcngraph_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/fcngraph)

install(TARGETS fcngraph EXPORT fcngraphTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
# Backends that are opened at run time lie beside the library.
get_property(modules GLOBAL PROPERTY FCNGRAPH_MODULES)
foreach(module IN LISTS modules)
  install(TARGETS ${module} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endforeach()
install(DIRECTORY engine/include/fcngraph DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
# Headers that the configuration writes (version.h) lie in the build's runtime/include.
foreach(dir IN ITEMS ${CMAKE_CURRENT_SOURCE_DIR}/runtime/include ${CMAKE_CURRENT_BINARY_DIR}/runtime/include)
  install(DIRECTORY ${dir}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} OPTIONAL FILES_MATCHING PATTERN "*.h")
endforeach()
install(DIRECTORY graphs DESTINATION ${CMAKE_INSTALL_DATADIR}/fcngraph OPTIONAL)

if(TARGET fcngraph-cli)
  file(RELATIVE_PATH lib_from_bin ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
  set_target_properties(fcngraph-cli PROPERTIES INSTALL_RPATH $ORIGIN/${lib_from_bin})
  install(TARGETS fcngraph-cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

# Backends that this build holds, by name, for `find_package(fcngraph COMPONENTS onednn)`.
get_property(fcngraph_backends GLOBAL PROPERTY FCNGRAPH_BACKENDS)

install(EXPORT fcngraphTargets NAMESPACE fcngraph:: DESTINATION ${fcngraph_cmake_dir})
configure_package_config_file(cmake/fcngraphConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/cmake/fcngraphConfig.cmake
  INSTALL_DESTINATION ${fcngraph_cmake_dir}
  PATH_VARS CMAKE_INSTALL_DATADIR)
# Until 1.0 a minor version may break its users.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/cmake/fcngraphConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/cmake/fcngraphConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/cmake/fcngraphConfigVersion.cmake
  DESTINATION ${fcngraph_cmake_dir})
