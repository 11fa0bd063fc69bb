# The shared library that others link: every component whole, behind the headers of runtime/ and engine/. What the components
# are made with (toml++, oneDNN, libpng, ...) is linked privately, so that consumers need none of it.
get_property(components GLOBAL PROPERTY FCNGRAPH_COMPONENTS)

# Made of the components' objects: of an archive, the linker would take only what it thinks is needed. The archives are linked
# too, for the libraries that they need; they find every name defined already.
add_library(fcngraph SHARED)
add_library(fcngraph::fcngraph ALIAS fcngraph)
foreach(component IN LISTS components)
  target_sources(fcngraph PRIVATE $<TARGET_OBJECTS:${component}>)
endforeach()
target_link_libraries(fcngraph PRIVATE fcngraph_flags ${components})
target_compile_features(fcngraph PUBLIC cxx_std_20)
target_include_directories(fcngraph PUBLIC
  $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/runtime/include>
  $<BUILD_INTERFACE:${CMAKE_CURRENT_BINARY_DIR}/runtime/include>
  $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/engine/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
set_target_properties(fcngraph PROPERTIES
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
  LINKER_LANGUAGE CXX
  LINK_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/cmake/exports.map)
# Templates of the standard library are instantiated with default visibility: the map keeps them to ourselves.
target_link_options(fcngraph PRIVATE -Wl,--version-script=${CMAKE_CURRENT_SOURCE_DIR}/cmake/exports.map)
# What no component defines is found here, not by the first program that links us; sanitizers define theirs in the program.
if(NOT FCNGRAPH_SANITIZE)
  target_link_options(fcngraph PRIVATE -Wl,--no-undefined)
endif()
