# The shared library that others link: every component whole, behind the headers of runtime/ and engine/. What the components
# are made with (toml++, oneDNN, libpng, ...) is linked privately, so that consumers need none of it.
get_property(components GLOBAL PROPERTY FCNGRAPH_COMPONENTS)

file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/cmake/library.cpp CONTENT "// A library needs one source of its own.\n")
add_library(fcngraph SHARED ${CMAKE_CURRENT_BINARY_DIR}/cmake/library.cpp)
add_library(fcngraph::fcngraph ALIAS fcngraph)

string(REPLACE ";" "," component_list "${components}")
target_link_libraries(fcngraph PRIVATE fcngraph_flags $<LINK_LIBRARY:WHOLE_ARCHIVE,${component_list}>)
# Components also link each other, without the feature: here it wins.
set_property(TARGET fcngraph PROPERTY LINK_LIBRARY_OVERRIDE WHOLE_ARCHIVE,${component_list})
target_compile_features(fcngraph PUBLIC cxx_std_20)
target_include_directories(fcngraph PUBLIC
  $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/runtime/include>
  $<BUILD_INTERFACE:${CMAKE_CURRENT_BINARY_DIR}/runtime/include>
  $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/engine/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
set_target_properties(fcngraph PROPERTIES
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
  CXX_VISIBILITY_PRESET hidden
  VISIBILITY_INLINES_HIDDEN ON
  LINK_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/cmake/exports.map)
# Templates of the standard library are instantiated with default visibility: the map keeps them to ourselves.
target_link_options(fcngraph PRIVATE -Wl,--version-script=${CMAKE_CURRENT_SOURCE_DIR}/cmake/exports.map)
