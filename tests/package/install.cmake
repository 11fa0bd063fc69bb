# cmake -DBUILD=<build folder> -DPREFIX=<folder> -P install.cmake: installs into an empty folder, so that nothing stale is tested.
file(REMOVE_RECURSE ${PREFIX})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${PREFIX} COMMAND_ERROR_IS_FATAL ANY)
